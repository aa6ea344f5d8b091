"""The sittings of learners and groups: found, begun, and closed when their time is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.deadlines import is_used_up
from app.domain.assessments.models import Assessment
from app.domain.assessments.terms import Terms, require_open
from app.domain.attempts.drawing import draw_questions
from app.domain.attempts.models import AssessmentInstance, Event, EventKind
from app.domain.rows import update_rows
from app.errors import RuleBroken, UserErrorCode

Own = AssessmentInstance
Owner = Mapping[str, int]
"""`user_id` or `group_id`."""
RULES = (
    *(Assessment.id, Assessment.course_instance_id, Assessment.group_set_id, Assessment.has_group_sittings),
    *(Assessment.grading_type, Assessment.max_instances, Assessment.max_points, Assessment.max_bonus_points),
    *(Assessment.max_submissions, Assessment.max_size_mb, Assessment.are_handins_disabled),
    Assessment.is_embedded_quiz,
)
"""What is asked of an assessment that is worked on."""


async def sittings_of(
    ctx: Context, assessment_id: int, user_ids: Collection[int], group_id: int | None
) -> Sequence[Any]:
    """The sittings of a group or, without one, of people, locked in one order; the latest first."""
    whose = member_of(Own.user_id, user_ids) if group_id is None else Own.group_id == group_id
    statement = (
        select(Own.id, Own.user_id, Own.number, Own.is_open, Own.closes_at, Own.mode)
        .where(Own.assessment_id == assessment_id, whose)
        .order_by(Own.id)
        .with_for_update(key_share=True)
    )
    return sorted(await ctx.db.fetch(statement), key=lambda each: -each.number)


def open_one(ctx: Context, sittings: Sequence[Any]) -> int | None:
    """The id of the sitting that is open now, if one is."""
    for each in sittings:
        if each.is_open and (each.closes_at is None or each.closes_at > ctx.now):
            return int(each.id)
    return None


@dataclass(frozen=True, slots=True)
class Start:
    """A sitting to begin: whose, after which earlier ones, on whose terms."""

    owner: Owner
    earlier: Sequence[Any]
    terms: Terms

    def row(self, now: datetime) -> dict[str, Any]:
        """What is its own of the row."""
        minutes = self.terms.time_limit_minutes
        return {
            "user_id": self.owner.get("user_id"),
            "group_id": self.owner.get("group_id"),
            "number": max((each.number for each in self.earlier), default=0) + 1,
            "started_at": now,
            "modified_at": now,
            "closes_at": None if minutes is None else now + timedelta(minutes=minutes),
        }


async def begin(ctx: Context, assessment: Any, starts: Sequence[Start], *, as_staff: bool, field: str) -> list[int]:
    """New sittings of people who have none open; their ids, in no order.

    Raises RuleBroken at `field` for learners: NOT_RELEASED, NOT_OPEN, PAST_DEADLINE, LIMIT_REACHED.
    """
    if not starts:
        return []
    for each in starts if not as_staff else ():
        require_open(ctx, each.terms, field)
        if is_used_up(len(each.earlier), assessment.max_instances):
            raise RuleBroken(UserErrorCode.LIMIT_REACHED, "started as often as allowed", field)
    await _close_expired(ctx, [old for each in starts for old in each.earlier if old.is_open])
    same = {
        "assessment_id": assessment.id,
        "course_instance_id": assessment.course_instance_id,
        "max_points": assessment.max_points,
        "max_bonus_points": assessment.max_bonus_points,
    }
    rows = await ctx.db.fetch(insert(Own).returning(Own.id), [{**same, **each.row(ctx.now)} for each in starts])
    made = [row[0] for row in rows]
    worth = await draw_questions(ctx, assessment.id, made)
    changed = {key: points for key, points in worth.items() if points != assessment.max_points}
    await update_rows(ctx, Own, [{"id": key, "max_points": points} for key, points in changed.items()])
    return made


async def _close_expired(ctx: Context, sittings: Sequence[Any]) -> None:
    """Close sittings whose time is over, as of then."""
    if sittings:
        closed = [{"id": each.id, "is_open": False, "closed_at": each.closes_at} for each in sittings]
        await update_rows(ctx, Own, closed)
        events = [
            {"assessment_instance_id": each.id, "kind": EventKind.CLOSE, "happened_at": each.closes_at}
            for each in sittings
        ]
        await ctx.db.execute(insert(Event), events)
