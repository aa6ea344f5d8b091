"""The one problem that stands for all of an assessment: made when one without problems is first marked as a whole."""

from __future__ import annotations

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Problem
from app.domain.rows import insert_row, update_row
from app.errors import RuleBroken, UserErrorCode

WHOLE = "Whole"
"""Its name."""


async def make_whole(ctx: Context, assessment_id: int, max_points: float) -> int:
    """The id of a new problem that is worth all of an assessment without problems."""
    named = {"assessment_id": assessment_id, "name": WHOLE, "number": 1}
    return await insert_row(ctx, Problem, {**named, "max_points": max_points, "max_auto_points": max_points})


async def revalue_whole(ctx: Context, assessment_id: int, max_points: float) -> None:
    """Let the problem that stands for all of an assessment, if there is one, be worth so many points.

    Raises RuleBroken INVALID at `maxPoints` where there are others: the maximum is their sum.
    """
    own = Problem
    columns = (own.id, own.name, own.question_id, own.zone_id, own.max_manual_points)
    problems = await ctx.db.fetch(select(*columns).where(own.assessment_id == assessment_id).limit(2))
    if not problems:
        return
    whole = problems[0]
    if len(problems) > 1 or (whole.name, whole.question_id, whole.zone_id) != (WHOLE, None, None):
        raise RuleBroken(UserErrorCode.INVALID, "the maximum is the sum of the problems", "maxPoints")
    manual = min(whole.max_manual_points, max_points)
    parts = {"max_manual_points": manual, "max_auto_points": max_points - manual}
    await update_row(ctx, own, whole.id, {"max_points": max_points, **parts})
