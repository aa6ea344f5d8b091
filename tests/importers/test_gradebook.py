"""Gradebooks' files: real ones, whole; who and what they are about; there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, update

from app.context import Context
from app.domain.assessments.models import Assessment, GradingType
from app.domain.assessments.service import create_assessment, create_category
from app.domain.catalog.models import CourseInstance
from app.domain.grades.models import ChangeKind, ColumnGrade, CourseGrade, GradeChange
from app.domain.identity.models import User
from app.importers.failure import ImportFailure
from app.importers.gradebook.export import export_gradebook
from app.importers.summary import Count
from tests.importers.folders import contents, values
from tests.importers.gradebooks import CANVAS, COURSE, ada_and_alan, give, grades, offering, take, take_text

pytestmark = pytest.mark.anyio
REAL = [  # file, people, columns, grades
    ("gradelib/canvas.csv", 4, 3, 12),
    ("gradelib/demo-canvas.csv", 4, 3, 12),
    ("gradelib/gradescope.csv", 4, 18, 72),
    ("gradelib/gradescope-with-5m-late.csv", 4, 18, 72),
    ("gradelib/gradescope-not-linked-with-canvas.csv", 21, 2, 3),
    ("blackboard-upload/01.tsv", 5, 1, 5),
    ("blackboard-upload/02.tsv", 5, 1, 5),
    ("blackboard-upload/03.tsv", 9, 1, 9),
    ("oulad-aaa-2013J-canvas-gradebook.csv", 383, 6, 1_631),
    ("oulad-aaa-2013J-blackboard-gradecentre.xls", 383, 6, 1_631),
]


@pytest.mark.parametrize(("file", "people", "columns", "cells"), REAL)
async def test_real_files_arrive_whole_and_only_once(
    ctx: Context, shared: Path, tmp_path: Path, file: str, people: int, columns: int, cells: int
) -> None:
    """The counts of the data's README; exported in every form they come back without a difference."""
    await offering(ctx)
    path = shared / "gradebooks" / file
    summary = await take(ctx, path, create=True)
    assert summary.counts == {
        "columns": Count(created=columns),
        "users": Count(created=people),
        "enrollments": Count(created=people),
        "grades": Count(created=cells),
    }
    counts = await contents(ctx)
    for again in (path, *[await give(ctx, tmp_path, form) for form in ("canvas", "blackboard", "csv")]):
        assert (await take(ctx, again)).counts == {"grades": Count(unchanged=cells)}
    assert await contents(ctx) == counts


async def test_the_same_people_in_canvas_and_gradescope(ctx: Context, shared: Path) -> None:
    """`a10000000` and `A10000000` are one; points above the maximum stay; what has no place is told."""
    await offering(ctx)
    await take(ctx, shared / "gradebooks/gradelib/canvas.csv", create=True)
    gradescope = shared / "gradebooks/gradelib/gradescope.csv"
    with pytest.raises(ImportFailure, match=r"1 of 4 do not take part in cs101-f26: row 5 .*a87654321"):
        await take(ctx, gradescope)
    summary = await take(ctx, gradescope, create=True)
    assert summary.counts["users"] == Count(created=1)
    assert summary.counts["columns"] == Count(created=17)  # Lab 01 is there
    assert summary.notes == [
        "gradescope.csv: submission times, not taken: 72",
        "gradescope.csv: latenesses of more than nothing, not taken: 10",
    ]
    assert {("obama", "Homework 02"), ("obama", "homework 02")} & set(await grades(ctx)) == {("obama", "homework 02")}


async def test_a_small_file(ctx: Context, tmp_path: Path) -> None:
    """By the number in any capitals, by the address; totals, posting and the test student are passed over."""
    ada, _ = await ada_and_alan(ctx)
    text = CANVAS.replace("A2,alan", ",alan@EXAMPLE.edu")
    assert (await take_text(ctx, tmp_path, text, dry_run=True)).differences == [
        ("Essay (77)", "lovelace", "", "18.50"),
    ]
    assert await grades(ctx) == {}
    summary = await take_text(ctx, tmp_path, text)
    assert summary.notes == [
        "grades.csv: columns that are only read in Canvas, not taken: 1",
        "grades.csv: rows of Canvas' test student, not taken: 1",
        "grades.csv: sections, not taken",
    ]
    columns = (Assessment.title, Assessment.external_id, Assessment.max_points, Assessment.grading_type)
    assert await values(ctx, *columns, by=Assessment.id) == [("Essay", "77", 20.0, GradingType.MANUAL)]
    own = (ColumnGrade.user_id, ColumnGrade.points, ColumnGrade.override_points, ColumnGrade.score_perc)
    assert await values(ctx, *own, by=ColumnGrade.id) == [(ada, 18.5, 18.5, 92.5)]
    await take_text(ctx, tmp_path, text.replace("18.5", "21").replace("(77)", "(78)"))
    history = (GradeChange.kind, GradeChange.points_before, GradeChange.points_after)
    assert await values(ctx, *history, by=GradeChange.change_index) == [
        (ChangeKind.IMPORTED, None, 18.5),
        (ChangeKind.IMPORTED, 18.5, 21.0),
    ]


async def test_exempt_in_canvas(ctx: Context, tmp_path: Path) -> None:
    await ada_and_alan(ctx)
    text = CANVAS.replace("A2,alan", ",alan@example.edu")
    for cell, exempt in (("EX", True), ("EX", True), ("18.5", False)):
        await take_text(ctx, tmp_path, text.replace("18.5", cell))
        assert await values(ctx, ColumnGrade.is_exempt, by=ColumnGrade.id) == [exempt]
    kinds = await values(ctx, GradeChange.points_after, by=GradeChange.change_index)
    assert kinds == [None, 18.5]


async def test_ids_of_another_system(ctx: Context, tmp_path: Path) -> None:
    """Canvas' own number finds people only in a file of which nobody is found by the other names."""
    ada, alan = await ada_and_alan(ctx)
    await ctx.db.execute(update(User).where(User.id == alan).values(uin="2"))
    with pytest.raises(ImportFailure, match=r"1 of 2 do not take part in cs101-f26: row 5 Alan Turing \(A2, alan, 2\)"):
        await take_text(ctx, tmp_path, CANVAS)
    await ctx.db.execute(update(User).where(User.id == ada).values(uin="1"))
    assert (await take_text(ctx, tmp_path, CANVAS)).counts["grades"] == Count(created=1)


async def test_the_registrars_grades(ctx: Context, tmp_path: Path) -> None:
    """A row may stop early; what is blank says nothing."""
    await ada_and_alan(ctx)
    text = "Last Name\tFirst Name\tStudent ID\tFinal_Assigned_Egrade\nLovelace\tAda\tA1\tB+\nTuring\tAlan\tturing\n"
    assert (await take_text(ctx, tmp_path, text, dry_run=True)).differences == [
        ("Course grade", "lovelace", "", "B+"),
    ]
    for count in (Count(created=1), None):
        assert (await take_text(ctx, tmp_path, text)).counts.get("course grades") == count
    assert await values(ctx, CourseGrade.result, by=CourseGrade.id) == ["B+"]


@pytest.mark.parametrize("form", ["canvas", "blackboard", "csv"])
async def test_awkward_names_come_back(ctx: Context, tmp_path: Path, form: str) -> None:
    """Equal titles, titles like keys, like formulas, like other columns; points of many digits."""
    ada, _ = await ada_and_alan(ctx)
    here = (await values(ctx, CourseInstance.id, by=CourseInstance.id))[0]
    category_id = await create_category(ctx, course_instance_id=here, name="C", abbreviation="C")
    titles = ["Same", "Same", "same", "Odd (12)", "Odd", "=1+1", "'=1+1", 'Say "a, b"', "A |5", "Total", "ID", "EX"]
    for number, title in enumerate(titles):
        await create_assessment(
            ctx,
            course_instance_id=here,
            category_id=category_id,
            name=str(number),
            title=title,
            external_id="12" if number == 4 else None,
            max_points=12.5,
        )
    await ctx.db.execute(update(User).where(User.id == ada).values(name="=cmd()", given_name="-Ada", family_name="@L"))
    ids = await values(ctx, Assessment.id, by=Assessment.id)
    headings = [f"x{id_} |{uuid}" for id_, uuid in zip(ids, await uuids(ctx), strict=True)]
    cells = [f"{id_}.000000001" for id_ in ids]
    blackboard = "\n".join("\t".join(line) for line in (["Username", *headings], ["lovelace", *cells]))
    assert (await take_text(ctx, tmp_path, blackboard)).counts == {"grades": Count(created=len(ids))}
    again = await give(ctx, tmp_path, form)
    assert (await take(ctx, again, form=form)).counts == {"grades": Count(unchanged=len(ids))}
    text = again.read_bytes().decode("utf-16" if form == "blackboard" else "utf-8")
    assert not any(f"{mark}{risky}" in text for mark in ',\t"' for risky in ("=", "-Ada", "@L"))


async def uuids(ctx: Context) -> list[str]:
    """The uuids of the assessments."""
    return await values(ctx, Assessment.uuid, by=Assessment.id)


async def test_released_grades_only(ctx: Context, tmp_path: Path) -> None:
    await ada_and_alan(ctx)
    await take_text(ctx, tmp_path, CANVAS.replace("A2,alan", ",alan@example.edu"))
    await ctx.db.execute(update(ColumnGrade).values(released_points=None))
    told = "Last Name,First Name,Username,Student ID,Email,Essay [Total Pts: 20 Score] |77"
    for released, points in ((False, "18.50"), (True, "")):
        lines = (await export_gradebook(ctx, COURSE, "csv", released=released)).decode().splitlines()
        assert (lines[0], lines[1].rpartition(",")[2]) == (told, points)


async def test_many_cells_take_no_more_statements(ctx: Context, shared: Path) -> None:
    """1,631 grades, new in columns that are there, then unchanged."""
    await offering(ctx)
    path = shared / "gradebooks/oulad-aaa-2013J-canvas-gradebook.csv"
    await take(ctx, path, create=True)
    for model in (GradeChange, ColumnGrade):
        await ctx.db.execute(delete(model))
    counted = []
    for count in (Count(created=1_631), Count(unchanged=1_631)):
        before = ctx.db.statements
        assert (await take(ctx, path)).counts == {"grades": count}
        counted.append(ctx.db.statements - before)
    assert counted == [17, 10]
