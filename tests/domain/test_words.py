"""Grades that graders say in words: numbers, symbols, texts, and notations that stand for a grade."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import GradingType
from app.domain.gradebook.models import GradeNotation, ScaleType
from app.domain.gradebook.scales import DisplayGrade, Symbol
from app.domain.gradebook.service import create_grade_notation, create_grade_schema, delete_grade_notation
from app.domain.grades.attempts import GradeStatus, grade_statuses
from app.domain.grades.display import display_grades
from app.domain.grades.flow import lock_columns
from app.domain.grades.models import ChangeKind, ColumnGrade, GradeChange
from app.domain.grades.overrides import amend, override_grade
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.proof import nothing_changes, only_row, refused
from tests.factories import University, coursework, handed_in, scored

pytestmark = pytest.mark.anyio

CODES = UserErrorCode
LETTERS = (Symbol("A", 90, 100, 95), Symbol("B", 0, 90, 80))


async def column(world: University, scale: ScaleType | None, name: str = "lab1") -> Any:
    """An assessment of 110 points whose grades are shown on a scale."""
    key = None
    if scale is not None:
        symbols = LETTERS if scale == ScaleType.TABULAR else ()
        here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "title": name}
        key = await create_grade_schema(world.instructor, **here, scale_type=scale, symbols=symbols)
    return await coursework(world, name, grade_schema_id=key)


async def said(world: University, work: Any, **words: Any) -> int:
    """The grade of sam's, of which the instructor says something."""
    here = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    made = await override_grade(world.instructor, **here, **words)
    assert made is not None
    return made


async def override(ctx: Context, key: int) -> tuple[Any, ...]:
    """(points, released points, percentage, override's points, its text, when) of a grade."""
    row = await only_row(ctx, ColumnGrade, key)
    return (
        *(row.points, row.released_points, row.score_perc),
        *(row.override_points, row.override_text, row.overridden_at),
    )


@pytest.mark.parametrize("scale", [None, *ScaleType])
async def test_a_number_is_a_number_on_every_scale(ctx: Context, world: University, scale: ScaleType | None) -> None:
    key = await said(world, await column(world, scale), text=" 55 ")
    assert await override(ctx, key) == (55.0, 55.0, 50.0, 55.0, None, NOW)


async def test_a_symbol_is_worth_points(ctx: Context, world: University) -> None:
    work = await column(world, ScaleType.TABULAR)
    key = await said(world, work, text="B")
    assert await override(ctx, key) == (88.0, 88.0, 80.0, 88.0, "B", NOW)
    assert await display_grades(world.student, [key]) == [DisplayGrade("TABULAR", 88.0, 110.0, "B")]
    await said(world, work, points=109)
    assert await override(ctx, key) == (109.0, 109.0, 100 * 109 / 110, 109.0, None, NOW)
    assert await display_grades(world.student, [key]) == [DisplayGrade("TABULAR", 109.0, 110.0, "A")]


async def test_a_text_stands_in_the_place_of_points(ctx: Context, world: University) -> None:
    work = await column(world, ScaleType.TEXT)
    await scored(world.assistant, await handed_in(world.student, work), work, release=True, Part_A=11)
    key = await said(world, work, text="Well done")
    assert await override(ctx, key) == (None, None, None, None, "Well done", NOW)
    assert await display_grades(world.student, [key]) == [DisplayGrade("TEXT", None, 110.0, "Well done")]
    assert await grade_statuses(world.student, [key]) == [GradeStatus.GRADED]
    async with nothing_changes(ctx):
        await said(world, work, text="Well done")
    for nothing in ("-", "", None):
        await said(world, work, text=nothing)
        assert await override(ctx, key) == (11.0, 11.0, 10.0, None, None, None)
        await said(world, work, text="Well done", points=None)
        assert await override(ctx, key) == (11.0, 11.0, 10.0, None, None, None)
        await said(world, work, text="Well done")
    kinds = [row[0] for row in await ctx.db.fetch(select(GradeChange.kind).order_by(GradeChange.change_index))]
    assert kinds == ["SCORED", *(["OVERRIDDEN", "CLEARED"] * 3), "OVERRIDDEN"]


@pytest.mark.parametrize(
    ("scale", "text", "reason"),
    [
        (None, "A", CODES.INVALID),
        (ScaleType.SCORE, "A", CODES.INVALID),
        (ScaleType.COMPLETE, "Complete", CODES.INVALID),
        (ScaleType.TABULAR, "C", CODES.INVALID),
        (ScaleType.TEXT, "-3", CODES.OUT_OF_RANGE),
        (ScaleType.TEXT, "x" * 256, CODES.TOO_LONG),
    ],
)
async def test_words_that_are_refused(
    ctx: Context, world: University, scale: ScaleType | None, text: str, reason: UserErrorCode
) -> None:
    work = await column(world, scale)
    here = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    await refused(ctx, override_grade(world.instructor, **here, text=text), reason, "text")


async def test_points_that_are_imported_take_the_place_of_a_text(ctx: Context, world: University) -> None:
    work = await column(world, ScaleType.TEXT)
    key = await said(world, work, text="Well done")
    pair = (work.assessment_id, world.student_id)
    edits = {pair: {"override_points": 5.0}}
    await amend(ctx, await lock_columns(ctx, [work.assessment_id]), edits, ChangeKind.IMPORTED)
    assert (await override(ctx, key))[3:5] == (5.0, None)


async def test_a_calculated_grade_as_a_text(ctx: Context, world: University) -> None:
    schema: dict[str, Any] = {"course_instance_id": world.course_instance_id, "title": "Words"}
    key = await create_grade_schema(world.instructor, **schema, scale_type=ScaleType.TEXT)
    details = {"grading_type": GradingType.CALCULATED, "max_points": 100.0, "grade_schema_id": key}
    work = await coursework(world, "total", {}, **details)
    grade = await said(world, work, text="Passed")
    row = await only_row(ctx, ColumnGrade, grade)
    assert (row.points, row.override_text, row.max_points, row.change_index) == (None, "Passed", 100.0, 0)
    assert await display_grades(world.student, [grade]) == [DisplayGrade("TEXT", None, 100.0, "Passed")]


async def test_a_notation_is_shown_and_changes_no_points(ctx: Context, world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    ill = await create_grade_notation(world.instructor, **here, code="ILL", description="Was ill")
    short = await create_grade_notation(world.instructor, **here, code="W")
    work = await column(world, None)
    key = await said(world, work, grade_notation_id=ill)
    assert await display_grades(world.student, [key]) == [DisplayGrade("SCORE", None, 110.0, "Was ill")]
    assert await grade_statuses(world.student, [key]) == [None]
    await said(world, work, points=55)
    assert await display_grades(world.student, [key]) == [DisplayGrade("SCORE", 55.0, 110.0, "Was ill")]
    await said(world, work, grade_notation_id=short)
    assert await display_grades(world.student, [key]) == [DisplayGrade("SCORE", 55.0, 110.0, "W")]
    deletion = delete_grade_notation(world.instructor, grade_notation_id=short)
    await refused(ctx, deletion, CODES.IN_USE, "gradeNotationId")
    await said(world, work, grade_notation_id=None)
    assert await display_grades(world.student, [key]) == [DisplayGrade("SCORE", 55.0, 110.0, None)]
    kinds = [row[0] for row in await ctx.db.fetch(select(GradeChange.kind).order_by(GradeChange.change_index))]
    assert kinds == ["ANNOTATED", "OVERRIDDEN", "ANNOTATED", "ANNOTATED"]
    (line,) = await ctx.db.fetch(select(GradeChange.before, GradeChange.after).where(GradeChange.change_index == 3))
    assert (line.before["grade_notation_id"], line.after["grade_notation_id"]) == (ill, short)


async def test_a_notation_of_another_course_instance(ctx: Context, world: University) -> None:
    other: dict[str, Any] = {"course_instance_id": world.other_course_instance_id, "code": "ILL"}
    key = await create_grade_notation(world.admin, **other)
    work = await column(world, None)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    for caller, notation in ((world.admin, key), (world.instructor, key), (world.admin, 2**40)):
        write = override_grade(caller, **here, grade_notation_id=notation)
        await refused(ctx, write, CODES.NOT_FOUND if notation == key else CODES.OUT_OF_RANGE, "gradeNotationId")
    assert (await only_row(ctx, GradeNotation, key)).code == "ILL"
