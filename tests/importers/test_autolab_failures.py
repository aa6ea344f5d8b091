"""Autolab's files that cannot be taken: each says which file and place, and leaves nothing behind."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from app.context import Context
from app.domain.identity.service import create_user
from app.importers.failure import ImportFailure
from tests.importers.exports import (
    ADA,
    ALAN,
    COURSE,
    EXPORT,
    HEADER,
    LAB,
    NAME,
    ROSTER,
    SHEET,
    take,
    take_course,
    write_rows,
    write_tar,
    write_text,
)
from tests.importers.folders import contents

pytestmark = pytest.mark.anyio


async def refuse(ctx: Context, path: Path, message: str, **options: str) -> None:
    """The import fails with this message and changes nothing."""
    before = await contents(ctx)
    with pytest.raises(ImportFailure) as caught:
        await take(ctx, path, **options)
    assert str(caught.value) == message
    assert await contents(ctx) == before


def link(kind: bytes, name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


YAML: list[tuple[str, str]] = [
    ("general:\n  name: [a\n", "lab.yml line 3: is not YAML: expected ',' or ']', but got '<stream end>'"),
    ("general: &a\n  name: *a\n", "lab.yml line 2: is not YAML: aliases are not taken"),
    ("problems:\n- !!python/object:os.system {}\n", "lab.yml line 2: is not YAML: tags are not taken"),
    ("problems: []\nproblems: []\n", "lab.yml line 2: is not YAML: the key problems is repeated"),
    ("problems: []\n7: []\n", "lab.yml line 2: is not YAML: the key is not a text"),
    ('problems: []\nx: "a\\0"\n', "lab.yml line 2: is not YAML: the text has a character that cannot be stored"),
    ('problems: []\nx: "\\ud800"\n', "lab.yml line 2: is not YAML: the text has a character that cannot be stored"),
    ('problems: []\nx: "\\UFFFFFFFF"\n', "lab.yml: is not YAML: an escape or a number out of bounds"),
    ("problems: []\nx: \x01\n", "lab.yml line 2: is not YAML: a control character"),
    (f"problems: []\nx: {'9' * 5000}\n", "lab.yml line 2: is not YAML: the number is too large"),
    (f"problems: []\nx: {'[' * 30}{']' * 30}\n", "lab.yml line 2: is not YAML: nested deeper than 20 levels"),
    ("--- {}\n--- {}\n", "lab.yml line 2: is not YAML: but found another document"),
    ("", "lab.yml line 1: is not a mapping of keys to values"),
    ("- 1\n", "lab.yml line 1: is not a mapping of keys to values"),
    ("general: {}\n", "lab.yml: is neither a course nor an assessment"),
    ("problems: []\n", "lab.yml line 1: general is missing"),
    (LAB.replace("  category_name: Labs\n", ""), "lab.yml line 2: general.category_name is missing"),
    (
        LAB.replace("max_submissions: 10", "max_submissions: ten"),
        'lab.yml line 6: general.max_submissions is "ten", not a number',
    ),
    (
        LAB.replace("max_submissions: 10", "max_submissions: -2"),
        "lab.yml line 6: general.max_submissions is -2, not between -1 and 2147483647",
    ),
    (
        LAB.replace("max_grace_days: 2", f"max_grace_days: {2**62}"),
        f"lab.yml line 7: general.max_grace_days is {2**62}, not between 0 and 2147483647",
    ),
    (
        LAB.replace("'2023-09-01 00:00:00 -0400'", "2023-13-01"),
        "lab.yml line 11: dates.start_at is '2023-13-01', not a date and time",
    ),
    (LAB.replace("max_score: 60", "max_score: high"), 'lab.yml line 15: problems[0].max_score is "high", not a number'),
    (
        LAB.replace("max_score: 60", "max_score: .nan"),
        "lab.yml line 15: problems[0].max_score is nan, not between 0 and 2147483647",
    ),
    (
        LAB.replace("name: Style/Comments", "name: Correctness"),
        "lab.yml line 16: problems[1].name is 'Correctness' for the second time",
    ),
    (LAB.replace(", max_score: 60", ""), "lab.yml line 15: problems[0].max_score is missing"),
    (
        f"{LAB}late_penalty: {{kind: 2, value: 1.0}}\n",
        "lab.yml line 17: late_penalty.kind is 2, neither 0 (points) nor 1 (percent)",
    ),
]


@pytest.mark.parametrize(("text", "message"), YAML)
async def test_an_assessment_that_cannot_be_taken(ctx: Context, tmp_path: Path, text: str, message: str) -> None:
    await take_course(ctx, tmp_path)
    await refuse(ctx, write_text(tmp_path / "lab.yml", text), message, course=NAME)


async def test_bytes_that_are_no_text(ctx: Context, tmp_path: Path) -> None:
    path = tmp_path / "lab.yml"
    path.write_bytes(b"problems: []\nx: \xff\n")
    await refuse(ctx, path, "lab.yml line 2: is not UTF-8", course=NAME)


async def test_a_huge_file(ctx: Context, tmp_path: Path) -> None:
    path = write_text(tmp_path / "lab.yml", " " * (2**20 + 1))
    await refuse(ctx, path, "lab.yml: has more than 1,048,576 bytes", course=NAME)


async def test_a_name_that_is_none(ctx: Context, tmp_path: Path) -> None:
    message = "my lab.yml: 'my lab' is not a name of letters, digits, dots, underscores and hyphens"
    await refuse(ctx, write_text(tmp_path / "my lab.yml", LAB), message, course=NAME)


async def test_a_bad_course(ctx: Context, tmp_path: Path) -> None:
    text = COURSE.replace("late_slack: 60", "late_slack: soon")
    await refuse(ctx, write_text(tmp_path / "c.yml", text), 'c.yml line 7: general.late_slack is "soon", not a number')
    text = COURSE.replace("2023-08-28", "yesterday")
    await refuse(
        ctx,
        write_text(tmp_path / "c.yml", text),
        "c.yml line 5: general.start_date is 'yesterday', not a date and time",
    )


async def test_the_course_has_to_be_told_and_to_exist(ctx: Context, tmp_path: Path) -> None:
    lab = write_text(tmp_path / "lab.yml", LAB)
    roster = write_rows(tmp_path / "roster.csv", ROSTER)
    for path in (lab, roster):
        told = f"{path.name}: does not tell its course: name the course instance with --course NAME"
        await refuse(ctx, path, told)
        await refuse(ctx, path, f"{path.name}: there is no course instance 'nowhere' to take it", course="nowhere")
    course = write_text(tmp_path / "c.yml", COURSE)
    await refuse(ctx, course, "c.yml: is the course '15213-f23', not 'other'", course="other")


async def test_other_files(ctx: Context, tmp_path: Path) -> None:
    await refuse(ctx, write_text(tmp_path / "a.txt", "x"), "a.txt: is not a .tar, .yml or .csv file")
    await refuse(ctx, tmp_path, f"{tmp_path.name}: is not a .tar, .yml or .csv file")
    await refuse(ctx, write_text(tmp_path / "a.csv", ""), "a.csv: is empty")


NOWHERE = "a.tar: has no folder with a .yml file of the same name at its top"
TARS: list[tuple[dict[str, str | bytes | tarfile.TarInfo], str]] = [
    ({}, NOWHERE),
    ({"lab.yml": LAB}, NOWHERE),
    ({"a/a.yml": LAB, "b/b.yml": LAB}, "a.tar: has more than one such folder at its top"),
    ({**EXPORT, "../evil.yml": "x"}, "a.tar: '../evil.yml' leads out of the archive"),
    ({**EXPORT, "/etc/passwd": "x"}, "a.tar: '/etc/passwd' leads out of the archive"),
    ({**EXPORT, "x": link(tarfile.SYMTYPE, "x", "/etc/passwd")}, "a.tar: 'x' is neither a file nor a folder"),
    ({"x": link(tarfile.LNKTYPE, "lab/lab.yml", "x")}, "a.tar: 'lab/lab.yml' is neither a file nor a folder"),
    ({"x": link(tarfile.FIFOTYPE, "pipe", "")}, "a.tar: 'pipe' is neither a file nor a folder"),
    (
        {"l\udcff/l\udcff.yml": LAB},
        "a.tar: 'l\\udcff/l\\udcff.yml' is not a path of letters, digits, dots, _ and -",
    ),
    ({"lab/lab.yml": b" " * (2**20 + 1)}, "a.tar: 'lab/lab.yml' has more than 1,048,576 bytes"),
    ({**EXPORT, "15213-f23/x/x.yml": COURSE}, "15213-f23/x/x.yml: is a course within a course"),
    (
        {**EXPORT, "15213-f23/x/x.yml": "problems: [\n"},
        "15213-f23/x/x.yml line 2: is not YAML: expected the node content, but found '<stream end>'",
    ),
]


@pytest.mark.parametrize(("files", "message"), TARS)
async def test_an_archive_that_cannot_be_taken(
    ctx: Context, tmp_path: Path, files: dict[str, str | bytes | tarfile.TarInfo], message: str
) -> None:
    await refuse(ctx, write_tar(tmp_path / "a.tar", files), message)


async def test_what_is_no_archive(ctx: Context, tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.tar", "no archive" * 100)
    await refuse(ctx, path, "a.tar: is not a tar archive: invalid header")
    whole = write_tar(tmp_path / "b.tar", {"lab/lab.yml": LAB * 9}).read_bytes()
    path.write_bytes(whole[:1000])
    await refuse(ctx, path, "a.tar: is not a tar archive: unexpected end of data")


def changed(row: tuple[str, ...], column: int, value: str) -> tuple[str, ...]:
    return (*row[:column], value, *row[column + 1 :])


ROSTERS: list[tuple[list[tuple[str, ...]], str]] = [
    ([*ROSTER, ROSTER[0][:5]], "roster.csv row 3: has 5 fields, not 11"),
    ([*ROSTER, changed(ROSTER[0], 1, "ADA@EXAMPLE.EDU")], "roster.csv row 3: repeats email ada@example.edu of row 1"),
    ([changed(ROSTER[0], 1, "ada")], "roster.csv row 1: email is 'ada', not an e-mail address"),
    ([changed(ROSTER[0], 1, "")], "roster.csv row 1: email is '', not an e-mail address"),
    ([changed(ROSTER[0], 6, "x" * 33)], "roster.csv row 1: year has 33 characters, more than 32"),
    ([changed(ROSTER[0], 4, "a\0b")], "roster.csv row 1: has a null character"),
    ([("a", "b")], "roster.csv row 1: is no gradesheet, and as a roster has 2 columns, not 11, 29, 32 or 34"),
    ([("Semester", *[""] * 28)], "roster.csv: lists nobody"),
]


@pytest.mark.parametrize(("rows", "message"), ROSTERS)
async def test_a_roster_that_cannot_be_taken(
    ctx: Context, tmp_path: Path, rows: list[tuple[str, ...]], message: str
) -> None:
    await take(ctx, write_text(tmp_path / "c.yml", COURSE))
    await refuse(ctx, write_rows(tmp_path / "roster.csv", rows), message, course=NAME)


async def test_a_username_that_another_person_has(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, write_text(tmp_path / "c.yml", COURSE))
    await create_user(ctx, username="ada@example.edu", email="other@example.edu")
    before = await contents(ctx)
    with pytest.raises(ImportFailure, match=r"^roster\.csv: clashes with what the database holds"):
        await take(ctx, write_rows(tmp_path / "roster.csv", ROSTER), course=NAME)
    assert await contents(ctx) == before


SHEETS: list[tuple[list[tuple[str, ...]], str]] = [
    ([changed(HEADER, 3, "Speed"), ADA], "row 1: datalab has no problem 'Speed'"),
    ([changed(HEADER, 3, HEADER[4]), ADA], "row 1: has the column 'Style/Comments' twice"),
    (
        [changed(HEADER, 8, "Seat"), ADA],
        "row 1: does not begin with Submission Time, Email, Total and end with First name, Last name, Section, Lecture",
    ),
    ([HEADER, ADA, changed(ALAN, 1, "eve@example.edu")], "row 3: eve@example.edu does not take part in 15213-f23"),
    ([HEADER, ADA, ADA], "row 3: repeats email ada@example.edu of row 2"),
    ([HEADER, ADA, changed(ALAN, 0, "noon")], "row 3: Submission Time is 'noon', not a date and time"),
    ([HEADER, changed(ADA, 2, "lost")], "row 2: Total is 'lost', not a number"),
    ([HEADER, changed(ADA, 4, "6,5")], "row 2: Style/Comments is '6,5', not a number"),
    (
        [HEADER, changed(ADA, 4, "9999999999")],
        "row 2: Style/Comments is '9999999999', not between -1000000000 and 1000000000",
    ),
    ([HEADER, changed(ADA, 0, "")], "row 2: has marks and no Submission Time"),
    ([HEADER, changed(ADA, 2, "not_submitted")], "row 2: has a Submission Time and the Total not_submitted"),
]


@pytest.mark.parametrize(("rows", "message"), SHEETS)
async def test_a_gradesheet_that_cannot_be_taken(
    ctx: Context, tmp_path: Path, rows: list[tuple[str, ...]], message: str
) -> None:
    await take_course(ctx, tmp_path)
    await refuse(ctx, write_rows(tmp_path / SHEET, rows), f"{SHEET} {message}", course=NAME)


async def test_the_assessment_of_a_gradesheet(ctx: Context, tmp_path: Path) -> None:
    await take_course(ctx, tmp_path)
    path = write_rows(tmp_path / "download.csv", [HEADER, ADA])
    expected = f"is not called {NAME}-<assessment>-gradesheet.csv: name the assessment with --assessment NAME"
    await refuse(ctx, path, f"download.csv: {expected}", course=NAME)
    message = f"download.csv: there is no assessment 'lab9' in {NAME}"
    await refuse(ctx, path, message, course=NAME, assessment="lab9")
