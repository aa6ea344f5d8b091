"""Who marks an open response: one grader at a time, who claims it for eight hours (contracts/edx-core.md §15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import case, or_, select, true, update

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, Problem
from app.domain.attempts.models import InstanceQuestion, Submission
from app.domain.enrollment.policy import may_teach, taught
from app.domain.identity.policy import may_write
from app.domain.rows import is_key, visible_row
from app.errors import RuleBroken, UserErrorCode

LOCK_LIFE = timedelta(hours=8)
FREE: dict[str, None] = {"locked_by_id": None, "locked_until": None}


class LockStatus(StrEnum):
    """Who may mark a submission now: whoever locks it, somebody else, or the caller."""

    UNLOCKED = "UNLOCKED"
    LOCKED = "LOCKED"
    OWN = "OWN"


async def lock_submission(ctx: Context, *, submission_id: int) -> int:
    """Claim a submission for marking, for eight hours from now, or again; its id.

    Course assistants, instructors, administrators. Raises NotFound, Forbidden; RuleBroken LOCKED at `submissionId` as
    long as somebody else's claim holds.
    """
    await _write(ctx, submission_id, {"locked_by_id": ctx.user_id, "locked_until": ctx.now + LOCK_LIFE})
    return submission_id


async def unlock_submission(ctx: Context, *, submission_id: int) -> int:
    """Give up one's claim of a submission, if there is one; its id. Raises like `lock_submission`."""
    await _write(ctx, submission_id, FREE)
    return submission_id


async def unlock_submissions(ctx: Context, *, problem_id: int, submission_ids: Sequence[int]) -> int:
    """Give up one's claims of submissions to a problem; others' stay, and what is no such submission; its id.

    Course assistants, instructors, administrators. Raises NotFound, Forbidden.
    """
    may_write(ctx)
    problem = await visible_row(ctx, Problem, problem_id, Problem.assessment_id)
    place = await ctx.db.scalar(select(Assessment.course_instance_id).where(Assessment.id == problem.assessment_id))
    await may_teach(ctx, place, assistants=True)
    own, asked = Submission, InstanceQuestion
    to_it = select(asked.assessment_instance_id).where(asked.problem_id == problem_id)
    mine = (own.locked_by_id == ctx.user_id, own.assessment_instance_id.in_(to_it))
    await ctx.db.execute(update(own).where(member_of(own.id, filter(is_key, submission_ids)), *mine).values(FREE))
    return problem_id


async def _write(ctx: Context, submission_id: int, values: Mapping[str, Any]) -> None:
    """Write a lock, or none, unless somebody else's holds: of two graders at the same moment one does."""
    may_write(ctx)
    found = await visible_row(ctx, Submission, submission_id, Submission.course_instance_id)
    await may_teach(ctx, found.course_instance_id, assistants=True)
    own = Submission
    is_free = or_(own.locked_by_id.is_(None), own.locked_by_id == ctx.user_id, own.locked_until <= ctx.now)
    statement = update(own).where(own.id == submission_id, is_free).values(**values).returning(own.id)
    if not await ctx.db.fetch(statement):
        raise RuleBroken(UserErrorCode.LOCKED, "somebody else is marking it", "submissionId")


async def require_lock(ctx: Context, submission_id: int) -> None:
    """Raise LOCKED at `submissionId` unless the caller's claim of a submission holds; it stays until the end."""
    own = Submission
    mine = (own.locked_by_id == ctx.user_id, own.locked_until > ctx.now)
    statement = select(own.id).where(own.id == submission_id, *mine).with_for_update(key_share=True)
    if not await ctx.db.fetch(statement):
        raise RuleBroken(UserErrorCode.LOCKED, "claim it first: it is not yours to mark", "submissionId")


async def give_up(ctx: Context, submission_id: int) -> None:
    """End the claim of a submission, whosever it is. No permissions."""
    await ctx.db.execute(update(Submission).where(Submission.id == submission_id).values(FREE))


async def lock_statuses(ctx: Context, keys: Sequence[int]) -> list[LockStatus | None]:
    """For each submission id who may mark it now; None to those who may not know. One statement."""
    own = Submission
    holder = case((own.locked_until > ctx.now, own.locked_by_id))
    taught_here = true() if ctx.principal.is_admin else own.course_instance_id.in_(taught(ctx.viewing))
    statement = select(own.id, holder).where(member_of(own.id, keys), ctx.visible(own), taught_here)
    found = {row[0]: _status(row[1], ctx.principal.user_id) for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]


def _status(holder: int | None, caller: int | None) -> LockStatus:
    if holder is None:
        return LockStatus.UNLOCKED
    return LockStatus.OWN if holder == caller else LockStatus.LOCKED
