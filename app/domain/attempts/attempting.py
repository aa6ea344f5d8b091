"""Attempts at a whole assessment, with what the learner writes (contracts/blackboard.md §5.8)."""

from __future__ import annotations

from app.context import Context
from app.domain.attempts.models import AttemptStatus, Submission
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Work, submit_for_all
from app.domain.identity.policy import may_write
from app.domain.rules import fitted
from app.errors import RuleBroken, UserErrorCode

BEGUN = (AttemptStatus.NEEDS_GRADING, AttemptStatus.IN_PROGRESS)


async def create_attempt(
    ctx: Context,
    *,
    assessment_id: int,
    user_id: int | None = None,
    status: AttemptStatus = AttemptStatus.NEEDS_GRADING,
    text: str | None = None,
    comments: str | None = None,
) -> int:
    """An attempt at a whole assessment for oneself or, by the staff, for a learner; the submission's id.

    In the open sitting, or a new one. `max_submissions` binds the staff, too. Raises like `start_assessment_instance`
    and `submit`, at `assessmentId`; RuleBroken: INVALID at `status`, and at `text`, `comments`.
    """
    may_write(ctx)
    if status not in BEGUN:
        raise RuleBroken(UserErrorCode.INVALID, "an attempt begins in progress or needs grading", "status")
    details = fitted(Submission, {"text": text, "comments": comments})
    details["status"] = status if status is AttemptStatus.IN_PROGRESS else None
    sitting = await start_assessment_instance(ctx, assessment_id=assessment_id, user_id=user_id)
    return (await submit_for_all(ctx, sitting, Work(details=details), "assessmentId"))[0]
