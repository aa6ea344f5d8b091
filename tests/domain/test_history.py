from __future__ import annotations

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.attempts.models import AssessmentInstance
from app.domain.grades.models import ColumnGrade, Counter, GradeChange
from app.domain.rows import insert_row
from tests.clock import NOW
from tests.domain.proof import key_of, only_row
from tests.factories import University, coursework, handed_in, scored

pytestmark = pytest.mark.anyio


async def test_change_indices_increase_and_name_every_change(ctx: Context, world: University) -> None:
    first, second = await coursework(world), await coursework(world, "lab2")
    for work in (first, second, first):
        for learner in (world.student, world.second_student):
            await scored(world.assistant, await handed_in(learner, work), work, Part_A=10 + await drawn(ctx))
    lines = await ctx.db.fetch(select(GradeChange.change_index).order_by(GradeChange.id))
    assert [row[0] for row in lines] == [1, 2, 3, 4, 5, 6]
    last = await ctx.db.fetch(select(ColumnGrade.change_index).order_by(ColumnGrade.id))
    assert [row[0] for row in last] == [5, 6, 3, 4]
    assert await drawn(ctx) == 6


async def drawn(ctx: Context) -> int:
    """How many change indices were drawn."""
    value = await ctx.db.scalar(select(Counter.value).where(Counter.name == "change_index"))
    return 0 if value is None else int(value)


async def test_the_first_index_is_above_those_of_imported_grades(ctx: Context, world: University) -> None:
    work = await coursework(world)
    imported = {"course_instance_id": world.course_instance_id, "assessment_id": work.assessment_id}
    owner = {"user_id": world.student_id, "max_points": 1.0, "change_index": 41, "is_exempt": False}
    await insert_row(ctx, ColumnGrade, imported | owner)
    await scored(world.assistant, await handed_in(world.student, work), work, Part_A=1)
    grade = await only_row(ctx, ColumnGrade, await key_of(ctx, ColumnGrade, user_id=world.student_id))
    assert grade.change_index == 42


async def test_the_history_tells_before_and_after(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, Part_A=11)
    await scored(world.instructor, submission, work, Part_A=22)
    rows = await ctx.db.fetch(select(GradeChange.__table__).order_by(GradeChange.id))
    grade = await key_of(ctx, ColumnGrade, user_id=world.student_id)
    assert [(row.column_grade_id, row.kind, row.changed_by_id, row.changed_at) for row in rows] == [
        (grade, "SCORED", world.assistant_id, NOW),
        (grade, "SCORED", world.instructor_id, NOW),
    ]
    assert [(row.points_before, row.points_after) for row in rows] == [(None, 11.0), (11.0, 22.0)]
    sitting = await key_of(ctx, AssessmentInstance, user_id=world.student_id)
    after = {
        "points": 11.0,
        "released_points": None,
        "max_points": 110.0,
        "score_perc": 10.0,
        "released_score_perc": None,
        "override_points": None,
        "override_text": None,
        "override_max_points": None,
        "override_all_points": None,
        "override_all_max_points": None,
        "override_reason": None,
        "override_source": None,
        "grade_notation_id": None,
        "is_exempt": False,
        "feedback": None,
        "notes": None,
        "assessment_instance_id": sitting,
    }
    assert (rows[0].before, rows[0].after) == (None, after)
    assert (rows[1].before, rows[1].after) == (after, after | {"points": 22.0, "score_perc": 20.0})
