"""Gradebooks' files that cannot be taken: the file, the place and the reason are told, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.context import Context
from app.domain.cells import guarded, unguarded
from app.errors import ConfigurationError
from app.importers.failure import ImportFailure
from app.importers.gradebook.forms import read_sheet
from app.importers.gradebook.sheet import POINTS, written
from tests.importers.folders import contents
from tests.importers.gradebooks import CANVAS, ada_and_alan, take, take_text

pytestmark = pytest.mark.anyio
KNOWN = CANVAS.replace("A2,alan", ",alan@example.edu")
BLACKBOARD = "Username\tQuiz [Total Pts: 10 Score] |5\nlovelace\t3\n"
BROKEN = [
    ("", "grades.csv: is empty"),
    ("a,b\n1,2\n", "grades.csv row 1: is the header of no gradebook known: name its form with --format"),
    (KNOWN.replace(",92.5", ""), "grades.csv row 4: has 6 fields, not 7"),
    (KNOWN.replace("18.5", "A-"), "grades.csv row 4: 'Essay (77)' is 'A-', not a number"),
    (KNOWN.replace("18.5", "1e400"), "grades.csv row 4: 'Essay (77)' is '1e400', not a number"),
    (KNOWN.replace("18.5", "9999999999"), "not between -1000000000 and 1000000000"),
    (KNOWN.replace("20.00", "many"), "grades.csv row 3: 'Essay (77)' is 'many', not a number"),
    (KNOWN.replace("20.00", ""), "grades.csv row 1: the column 'Essay (77)' is new here, and has no maximum"),
    (KNOWN.replace("Total", "Essay (77)"), "grades.csv row 1: has the column 'Essay (77)' twice"),
    (KNOWN.replace("Total", "Test (77)").replace("(read only)", "3"), "has several columns with the id 77"),
    (KNOWN.replace(",alan@example.edu", "A1,x"), "grades.csv row 5: is about the same person as row 4"),
    (
        KNOWN.replace("alan@example.edu", "nobody"),
        "1 of 2 do not take part in cs101-f26: row 5 Alan Turing (nobody, 2)",
    ),
    (KNOWN.replace("Alan", "\0"), "grades.csv row 5: has a null character"),
    (BLACKBOARD.replace("Score", "Percentage"), "holds percentages, not points"),
    (
        BLACKBOARD.replace("10", "1.1.1"),
        "grades.csv row 1: the column 'Quiz [Total Pts: 1.1.1 Score] |5': not a number",
    ),
    (BLACKBOARD.replace("Username", "Nickname"), "has neither a column 'Username' nor 'Student ID'"),
    (BLACKBOARD.partition("\n")[0], "grades.csv: lists nobody"),
    ("Username\nlovelace\n", "grades.csv row 1: has no column of grades"),
    (
        KNOWN.replace("Essay", "Es\x02say"),
        "row 1: the column 'Es\\x02say (77)': the text has characters that cannot be",
    ),
    (b"\xff\xfe" + BLACKBOARD.encode("utf-16-le")[:-1], "grades.csv row 2: is not UTF-16"),
    (b"Student\xff", "grades.csv row 1: is not UTF-8"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN)
async def test_broken_files(ctx: Context, tmp_path: Path, text: str | bytes, reason: str) -> None:
    await ada_and_alan(ctx)
    before = await contents(ctx)
    with pytest.raises(ImportFailure) as caught:
        await take_text(ctx, tmp_path, text)
    assert reason in str(caught.value)
    assert await contents(ctx) == before


async def test_the_malformed_sample(ctx: Context, shared: Path) -> None:
    await ada_and_alan(ctx)
    with pytest.raises(ImportFailure, match=r"^demo-gradescope-malformed\.csv row 2: has 85 fields, not 86$"):
        await take(ctx, shared / "gradebooks/gradelib/demo-gradescope-malformed.csv", create=True)


async def test_an_unknown_form(ctx: Context, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="unknown form 'xls': use gradescope or canvas or"):
        await take_text(ctx, tmp_path, KNOWN, form="xls")


async def test_names_that_two_people_have(ctx: Context, tmp_path: Path) -> None:
    """New people may not share a name either."""
    await ada_and_alan(ctx)
    strange = BLACKBOARD.replace("lovelace", "new\x02")
    with pytest.raises(
        ImportFailure, match=r"^grades\.csv row 2: username: the text has characters that cannot be printed"
    ):
        await take_text(ctx, tmp_path, strange, create=True)
    twice = BLACKBOARD.replace("lovelace\t3", "new\t3\nNEW\t4")
    with pytest.raises(ImportFailure, match=r"^grades\.csv row 3: is about the same person as row 2$"):
        await take_text(ctx, tmp_path, twice, create=True)


PIECES = [KNOWN, BLACKBOARD, "First Name,SID,A,A - Max Points\nx,1,2,3\n", "Student ID\tFinal_Assigned_Egrade\n1\tA\n"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary() | st.tuples(st.sampled_from(PIECES), st.integers(0, 200), st.text(max_size=5)),
    is_wide=st.booleans(),
)
@example(content=(PIECES[0], 0, '"'), is_wide=False)
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes | tuple[str, int, str], is_wide: bool) -> None:
    """A sheet whose points are numbers, or a clear refusal; never another error."""
    if isinstance(content, tuple):
        whole, place, piece = content
        text = whole[:place] + piece + whole[place:]
        content = text.encode("utf-16" if is_wide else "utf-8", "surrogatepass")
    path = tmp_path / "grades.csv"
    path.write_bytes(content)
    try:
        sheet = read_sheet(path, None)
    except ImportFailure as failure:
        assert str(failure).startswith("grades.csv")
    else:
        assert all(isinstance(each, float | None) for row in sheet.rows for each in row.points.values())


@given(st.text())
def test_no_text_is_a_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.floats(-1e9, 1e9, allow_subnormal=False))
def test_points_come_back(points: float) -> None:
    assert POINTS(written(points)) == points
