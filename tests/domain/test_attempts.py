"""Attempts at a whole assessment, marked as a whole (contracts/blackboard.md §4.7, §5.8)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import GradingType, Problem
from app.domain.attempts.attempting import create_attempt
from app.domain.attempts.models import AttemptStatus, Submission
from app.domain.grades.attempts import (
    GradeStatus,
    attempt_statuses,
    grade_attempt,
    grade_statuses,
    points_of_attempts,
)
from app.domain.grades.models import ColumnGrade, GradeChange
from app.domain.grades.overrides import override_grade
from app.domain.groups.service import create_group
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University, coursework, team

pytestmark = pytest.mark.anyio

CODES = UserErrorCode
DONE = AttemptStatus.COMPLETED


async def column(world: University, **details: Any) -> int:
    """An assessment without problems, worth 10 points."""
    values = {"max_points": 10.0, "scoring_model": "LAST", **details}
    return (await coursework(world, "essay", {}, **values)).assessment_id


async def points(ctx: Context, user_id: int) -> tuple[float | None, float | None]:
    """(points, released points) of a learner's only grade."""
    own = ColumnGrade
    rows = await ctx.db.fetch(select(own.points, own.released_points).where(own.user_id == user_id))
    return (rows[0][0], rows[0][1])


async def test_an_attempt_is_made_by_the_learner_or_for_them(ctx: Context, world: University) -> None:
    key = await column(world)
    mine = await create_attempt(world.student, assessment_id=key, text=" So it is. ", comments="late")
    row = await only_row(ctx, Submission, mine)
    assert (row.text, row.comments, row.status, row.number) == ("So it is.", "late", None, 1)
    assert row.submitted_by_id == world.student_id
    begun = AttemptStatus.IN_PROGRESS
    theirs = await create_attempt(world.admin, assessment_id=key, user_id=world.student_id, status=begun)
    assert (await only_row(ctx, Submission, theirs)).number == 2
    assert await attempt_statuses(world.student, [theirs, mine]) == [begun, AttemptStatus.NEEDS_GRADING]
    assert await points_of_attempts(world.student, [mine]) == [None]


async def test_nobody_attempts_more_often_than_allowed(ctx: Context, world: University) -> None:
    key = await column(world, max_submissions=1)
    await create_attempt(world.student, assessment_id=key)
    for caller, whose in ((world.student, None), (world.admin, world.student_id), (world.instructor, world.student_id)):
        await refused(
            ctx, create_attempt(caller, assessment_id=key, user_id=whose), CODES.LIMIT_REACHED, "assessmentId"
        )
    await create_attempt(world.admin, assessment_id=key, user_id=world.second_student_id)


async def test_other_columns_take_no_attempts(ctx: Context, world: University) -> None:
    key = await column(world, grading_type=GradingType.MANUAL)
    await refused(ctx, create_attempt(world.student, assessment_id=key), CODES.NOT_OPEN, "assessmentId")
    await refused(
        ctx, create_attempt(world.student, assessment_id=await another(world), status=DONE), CODES.INVALID, "status"
    )


async def another(world: University) -> int:
    return (await coursework(world, "other", {}, max_points=10.0)).assessment_id


async def test_a_completed_attempt_makes_the_grade(ctx: Context, world: University) -> None:
    key = await column(world)
    first = await create_attempt(world.student, assessment_id=key)
    await grade_attempt(world.assistant, submission_id=first, points=4)
    assert await points(ctx, world.student_id) == (4.0, None)
    await grade_attempt(world.assistant, submission_id=first, status=DONE, feedback="Good.", notes="Hm.")
    assert await points(ctx, world.student_id) == (4.0, 4.0)
    row = await only_row(ctx, Submission, first)
    assert (row.feedback, row.notes, row.status) == ("Good.", "Hm.", "COMPLETED")
    (problem,) = await ctx.db.fetch(select(Problem.name, Problem.max_points).where(Problem.assessment_id == key))
    assert tuple(problem) == ("Whole", 10.0)
    second = await create_attempt(world.student, assessment_id=key)
    await grade_attempt(world.assistant, submission_id=second, points=3, status=DONE)
    assert await points(ctx, world.student_id) == (3.0, 3.0)
    assert await points_of_attempts(world.student, [first, second]) == [4.0, 3.0]
    kinds = await ctx.db.fetch(select(GradeChange.kind).order_by(GradeChange.change_index))
    assert [row[0] for row in kinds] == ["SCORED", "RELEASED", "SCORED"]


@pytest.mark.parametrize(("model", "expected"), [("HIGHEST", 8.0), ("LAST", 2.0), ("FIRST", 4.0), ("AVERAGE", 14 / 3)])
async def test_the_scoring_model_says_which_counts(world: University, model: str, expected: float) -> None:
    key = await column(world, scoring_model=model)
    for value in (4.0, 8.0, 2.0):
        made = await create_attempt(world.student, assessment_id=key)
        await grade_attempt(world.instructor, submission_id=made, points=value, status=DONE)
    assert await points(world.admin, world.student_id) == (expected, expected)


async def test_an_exempt_attempt_does_not_count(ctx: Context, world: University) -> None:
    key = await column(world)
    first, second = [await create_attempt(world.student, assessment_id=key) for _ in range(2)]
    for made, value in ((first, 4), (second, 3)):
        await grade_attempt(world.instructor, submission_id=made, points=value, status=DONE)
    await grade_attempt(world.instructor, submission_id=second, is_exempt=True)
    assert await points(ctx, world.student_id) == (4.0, 4.0)
    await grade_attempt(world.instructor, submission_id=second, is_exempt=False)
    assert await points(ctx, world.student_id) == (3.0, 3.0)
    await grade_attempt(world.instructor, submission_id=second, points=None)
    assert await points(ctx, world.student_id) == (4.0, 4.0)


async def test_a_group_attempts_together(ctx: Context, world: University) -> None:
    pairs = await team(world)
    key = await column(world, group_set_id=pairs.group_set_id)
    made = await create_attempt(world.student, assessment_id=key, text="ours")
    await grade_attempt(world.instructor, submission_id=made, points=7, status=DONE)
    for user_id in (world.student_id, world.second_student_id):
        assert await points(ctx, user_id) == (7.0, 7.0)


async def test_what_no_mark_can_be(ctx: Context, world: University) -> None:
    key = await column(world)
    made = await create_attempt(world.student, assessment_id=key)
    for value, code in ((11, CODES.OUT_OF_RANGE), (-1, CODES.OUT_OF_RANGE), (float("nan"), CODES.INVALID)):
        await refused(ctx, grade_attempt(world.instructor, submission_id=made, points=value), code, "points")
    work = await coursework(world)
    several = await create_attempt(world.student, assessment_id=work.assessment_id)
    await refused(ctx, grade_attempt(world.instructor, submission_id=several, points=1), CODES.INVALID, "points")
    await denied(ctx, grade_attempt(world.instructor, submission_id=2**70, points=1), NotFound)
    await denied(ctx, grade_attempt(world.student, submission_id=made, points=10), Forbidden)


async def test_a_remark_changes_no_grade(ctx: Context, world: University) -> None:
    key = await column(world)
    made = await create_attempt(world.student, assessment_id=key)
    await grade_attempt(world.instructor, submission_id=made, points=4, status=DONE)
    async with nothing_changes(ctx):
        await grade_attempt(world.instructor, submission_id=made, points=4, status=DONE)


async def test_a_grade_waits_for_what_has_no_mark(ctx: Context, world: University) -> None:
    key = await column(world)
    here: dict[str, Any] = {"assessment_id": key, "user_id": world.student_id}
    await override_grade(world.instructor, **here, notes="no work")
    grade = await key_of(ctx, ColumnGrade, user_id=world.student_id)
    assert await grade_statuses(world.instructor, [grade]) == [None]
    await create_attempt(world.student, assessment_id=key, status=AttemptStatus.IN_PROGRESS)
    assert await grade_statuses(world.instructor, [grade]) == [None]
    made = await create_attempt(world.student, assessment_id=key)
    assert await grade_statuses(world.instructor, [grade]) == [GradeStatus.NEEDS_GRADING]
    await override_grade(world.instructor, **here, points=5)
    assert await grade_statuses(world.instructor, [grade]) == [GradeStatus.GRADED]
    await override_grade(world.instructor, **here, points=None)
    await grade_attempt(world.instructor, submission_id=made, points=4)
    assert await grade_statuses(world.instructor, [grade]) == [GradeStatus.GRADED]
    assert await grade_statuses(world.student, [grade]) == [None]


async def test_only_its_members_wait_for_a_group(ctx: Context, world: University) -> None:
    sets = (await team(world, [world.second_student_id])).group_set_id
    await create_group(world.admin, group_set_id=sets, name="g2", user_ids=[world.student_id])
    key = await column(world, group_set_id=sets)
    theirs = await create_attempt(world.second_student, assessment_id=key)
    mine = await create_attempt(world.student, assessment_id=key)
    await grade_attempt(world.instructor, submission_id=mine, points=4)
    await override_grade(world.instructor, assessment_id=key, user_id=world.second_student_id, notes="soon")
    grades = [await key_of(ctx, ColumnGrade, user_id=each) for each in (world.student_id, world.second_student_id)]
    assert await grade_statuses(world.instructor, grades) == [GradeStatus.GRADED, GradeStatus.NEEDS_GRADING]
    await grade_attempt(world.instructor, submission_id=theirs, points=5)
    assert await grade_statuses(world.instructor, grades) == [GradeStatus.GRADED, GradeStatus.GRADED]
