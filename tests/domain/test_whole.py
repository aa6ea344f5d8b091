"""The maximum of an assessment whose one problem stands for all of it, and what follows a new one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment, GradingType, Problem
from app.domain.assessments.problems import create_problem, update_problem
from app.domain.assessments.service import update_assessment
from app.domain.attempts.attempting import create_attempt
from app.domain.attempts.models import AssessmentInstance, AttemptStatus
from app.domain.grades.attempts import grade_attempt
from app.domain.grades.models import ColumnGrade, GradeChange
from app.domain.grades.overrides import override_grade
from app.errors import UserErrorCode
from tests.domain.proof import key_of, only_row, refused
from tests.factories import University, coursework

pytestmark = pytest.mark.anyio

OF_GRADE = (ColumnGrade.points, ColumnGrade.max_points, ColumnGrade.score_perc, ColumnGrade.change_index)


async def essay(world: University) -> int:
    """An assessment of 10 points, of which sam has 8 and sue 5 by hand."""
    key = (await coursework(world, "essay", {}, max_points=10.0)).assessment_id
    attempt = await create_attempt(world.student, assessment_id=key)
    await grade_attempt(world.assistant, submission_id=attempt, points=8, status=AttemptStatus.COMPLETED)
    await override_grade(world.instructor, assessment_id=key, user_id=world.second_student_id, points=5)
    return key


async def grades(ctx: Context, key: int) -> list[tuple[float | None, ...]]:
    """(points, maximum, percentage, change index) of all grades, by entry."""
    own = ColumnGrade
    statement = select(*OF_GRADE).where(own.assessment_id == key).order_by(own.id)
    return [tuple(row) for row in await ctx.db.fetch(statement)]


async def test_the_whole_and_all_grades_follow_a_new_maximum(ctx: Context, world: University) -> None:
    key = await essay(world)
    assert await grades(ctx, key) == [(8.0, 10.0, 80.0, 1), (5.0, 10.0, 50.0, 2)]
    await update_assessment(world.instructor, assessment_id=key, max_points=20)
    assert await grades(ctx, key) == [(8.0, 20.0, 40.0, 3), (5.0, 20.0, 25.0, 4)]
    row = await only_row(ctx, Problem, await key_of(ctx, Problem, assessment_id=key))
    assert (row.name, row.max_points, row.max_auto_points, row.max_manual_points) == ("Whole", 20.0, 20.0, 0.0)
    sitting = await only_row(ctx, AssessmentInstance, await key_of(ctx, AssessmentInstance, assessment_id=key))
    assert (sitting.points, sitting.max_points, sitting.score_perc) == (8.0, 20.0, 40.0)
    kinds = await ctx.db.fetch(select(GradeChange.kind).order_by(GradeChange.change_index))
    assert [row[0] for row in kinds] == ["SCORED", "OVERRIDDEN", "SCORED", "SCORED"]


async def test_what_people_award_of_the_whole_is_at_most_all_of_it(ctx: Context, world: University) -> None:
    key = await essay(world)
    problem = await key_of(ctx, Problem, assessment_id=key)
    await update_problem(world.instructor, problem_id=problem, max_manual_points=9)
    await update_assessment(world.instructor, assessment_id=key, max_points=8)
    row = await only_row(ctx, Problem, problem)
    assert (row.max_points, row.max_auto_points, row.max_manual_points) == (8.0, 0.0, 8.0)


async def test_real_problems_add_up_to_the_maximum(ctx: Context, world: University) -> None:
    key = await essay(world)
    await update_problem(world.instructor, problem_id=await key_of(ctx, Problem, assessment_id=key), name="Essay")
    change = update_assessment(world.instructor, assessment_id=key, max_points=20)
    await refused(ctx, change, UserErrorCode.INVALID, "maxPoints")
    other = await essay_with_two_problems(world)
    change = update_assessment(world.instructor, assessment_id=other, max_points=20)
    await refused(ctx, change, UserErrorCode.INVALID, "maxPoints")
    assert (await only_row(ctx, Assessment, other)).max_points == 15.0


async def essay_with_two_problems(world: University) -> int:
    key = (await coursework(world, "second", {}, max_points=10.0)).assessment_id
    for name, points in {"Whole": 10.0, "Style": 5.0}.items():
        await create_problem(world.instructor, assessment_id=key, name=name, max_points=points)
    return key


async def test_grades_by_hand_follow_the_maximum_of_their_column(ctx: Context, world: University) -> None:
    details = {"grading_type": GradingType.MANUAL, "max_points": 50.0}
    key = (await coursework(world, "talk", {}, **details)).assessment_id
    await override_grade(world.instructor, assessment_id=key, user_id=world.student_id, points=40)
    await update_assessment(world.instructor, assessment_id=key, max_points=80, title="Talk")
    assert await grades(ctx, key) == [(40.0, 80.0, 50.0, 2)]
    await update_assessment(world.instructor, assessment_id=key, max_points=80)
    assert await grades(ctx, key) == [(40.0, 80.0, 50.0, 2)]
