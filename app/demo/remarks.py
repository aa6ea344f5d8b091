"""Points and remarks set by hand, for many learners at once, as `override_grade` sets them one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.context import Context
from app.domain.grades.flow import lock_columns
from app.domain.grades.models import ChangeKind
from app.domain.grades.overrides import amend


class Remark(NamedTuple):
    """Points, with a word to the learner and one among graders."""

    points: float
    feedback: str | None = None
    notes: str | None = None


async def note(ctx: Context, assessment_id: int, remarks: Mapping[int, Remark]) -> None:
    """Set the grades of learners (by user id) in a column."""
    by = {"overridden_at": ctx.now, "overridden_by_id": ctx.user_id}
    edits = {
        (assessment_id, user_id): {
            "override_points": remark.points,
            "feedback": remark.feedback,
            "notes": remark.notes,
            **by,
        }
        for user_id, remark in remarks.items()
    }
    await amend(ctx, await lock_columns(ctx, [assessment_id]), edits, ChangeKind.OVERRIDDEN)
