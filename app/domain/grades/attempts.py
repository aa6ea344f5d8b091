"""Attempts marked as a whole, and what waits to be marked (contracts/blackboard.md §4.6, §4.7, §5.8)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import case, exists, func, or_, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, Problem
from app.domain.assessments.whole import make_whole
from app.domain.attempts.models import WAITING, AssessmentInstance, AttemptStatus, Submission
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.policy import may_teach
from app.domain.grades.flow import lock_columns, propagate
from app.domain.grades.models import ChangeKind, ColumnGrade, Score
from app.domain.grades.service import MARKED, NewScore, write_scores
from app.domain.groups.models import GroupMembership
from app.domain.groups.policy import is_current
from app.domain.identity.policy import may_write
from app.domain.rows import update_row, visible_row
from app.domain.rules import fitted, number
from app.errors import RuleBroken, UserErrorCode


class GradeStatus(StrEnum):
    """Whether something of a grade waits for a mark."""

    GRADED = "GRADED"
    NEEDS_GRADING = "NEEDS_GRADING"


async def grade_attempt(
    ctx: Context,
    *,
    submission_id: int,
    points: Change[float | None] = UNSET,
    status: Change[AttemptStatus] = UNSET,
    feedback: Change[str | None] = UNSET,
    notes: Change[str | None] = UNSET,
    is_exempt: Change[bool] = UNSET,
) -> int:
    """Mark an attempt as a whole, say how far it has come, remark on it, or leave it out of account; its id.

    COMPLETED shows its marks to the learner; the grade follows by the scoring model. An assessment without problems
    gets one that is worth all of it. Course assistants, instructors, administrators. Raises NotFound, Forbidden;
    RuleBroken: INVALID at `points` where there are several problems, or that are no number; OUT_OF_RANGE.
    """
    may_write(ctx)
    submission = await visible_row(ctx, Submission, submission_id, *MARKED, Submission.is_exempt)
    await may_teach(ctx, submission.course_instance_id, assistants=True)
    own = AssessmentInstance
    assessment_id = await ctx.db.scalar(select(own.assessment_id).where(own.id == submission.assessment_instance_id))
    await lock_columns(ctx, [assessment_id])
    marks = [] if points is UNSET else [await _mark(ctx, assessment_id, points)]
    values = fitted(Submission, given(feedback=feedback, notes=notes, status=status, is_exempt=is_exempt))
    await update_row(ctx, Submission, submission_id, values)
    is_posted = status is not UNSET and status == AttemptStatus.COMPLETED
    if marks:
        grader = ctx.principal.user_id
        await write_scores(ctx, {submission_id: submission}, marks, release=is_posted, grader_id=grader)
    elif is_posted:
        await ctx.db.execute(update(Score).where(Score.submission_id == submission_id).values(is_released=True))
        await propagate(ctx, [submission.assessment_instance_id], ChangeKind.RELEASED)
    if values.get("is_exempt", submission.is_exempt) != submission.is_exempt:
        await propagate(ctx, [submission.assessment_instance_id], ChangeKind.SCORED)
    return submission_id


async def _mark(ctx: Context, assessment_id: int, points: float | None) -> NewScore:
    """The mark of an assessment's one problem, which is made if there is none."""
    statement = select(Assessment.max_points, Assessment.max_bonus_points, Problem.id, Problem.max_points)
    joined = statement.outerjoin(Problem, Problem.assessment_id == Assessment.id).where(Assessment.id == assessment_id)
    rows = await ctx.db.fetch(joined.limit(2))
    if len(rows) > 1:
        raise RuleBroken(UserErrorCode.INVALID, "the assessment has several problems to be marked", "points")
    total, bonus, problem_id, worth = rows[0]
    worth = total if problem_id is None else worth
    if points is not None:
        points = number(points, "points", minimum=0, maximum=worth + bonus if worth > 0 else None)
    if problem_id is None:
        problem_id = await make_whole(ctx, assessment_id, total)
    return NewScore(problem_id, points)


def _unmarked() -> Any:
    """Whether a submission has no mark with a value."""
    return ~exists().where(Score.submission_id == Submission.id, Score.value.is_not(None))


async def attempt_statuses(ctx: Context, keys: Sequence[int]) -> list[AttemptStatus]:
    """For each submission id what was said of it, else whether it has a mark. One statement."""
    derived = case((_unmarked(), AttemptStatus.NEEDS_GRADING.value), else_=AttemptStatus.COMPLETED.value)
    statement = select(Submission.id, func.coalesce(Submission.status, derived)).where(member_of(Submission.id, keys))
    found = {row[0]: AttemptStatus(row[1]) for row in await ctx.db.fetch(statement)}
    return [found[key] for key in keys]


async def points_of_attempts(ctx: Context, keys: Sequence[int]) -> list[float | None]:
    """For each submission id the sum of the marks that the caller sees; None without any. One statement."""
    value = ctx.readable(Score.value)
    statement = select(Score.submission_id, func.sum(value)).where(member_of(Score.submission_id, keys))
    found = dict(map(tuple, await ctx.db.fetch(statement.where(ctx.visible(Score)).group_by(Score.submission_id))))
    return [found.get(key) for key in keys]


async def grade_statuses(ctx: Context, keys: Sequence[int]) -> list[GradeStatus | None]:
    """For each column grade id whether something handed in has no mark; None where there is neither work nor points.

    An override settles it; what is exempt, or not handed in yet, waits for nothing. One statement.
    """
    own, sat, member = ColumnGrade, AssessmentInstance, GroupMembership
    handed_in = or_(Submission.status.is_(None), Submission.status.in_(WAITING))
    waiting_work = (
        *(sat.assessment_id == own.assessment_id, Submission.assessment_instance_id == sat.id),
        *(Submission.is_exempt.is_(False), handed_in, _unmarked()),
    )
    in_group = (member.group_id == sat.group_id, member.user_id == own.user_id, is_current())
    waits = or_(exists().where(sat.user_id == own.user_id, *waiting_work), exists().where(*in_group, *waiting_work))
    graded, waiting = GradeStatus.GRADED.value, GradeStatus.NEEDS_GRADING.value
    readable = ctx.readable(own.points)
    is_overridden = or_(own.override_points.is_not(None), own.override_text.is_not(None))
    status = case((is_overridden, graded), (waits, waiting), (readable.is_not(None), graded))
    found = dict(map(tuple, await ctx.db.fetch(select(own.id, status).where(member_of(own.id, keys)))))
    return [None if found.get(key) is None else GradeStatus(found[key]) for key in keys]
