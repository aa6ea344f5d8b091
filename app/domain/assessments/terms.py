"""On which terms one person may work on an assessment at this moment: dates, extension, access rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentAccessRule, AssessmentExtension
from app.domain.identity.models import User
from app.errors import RuleBroken, UserErrorCode

PUBLIC = (None, "Public")


@dataclass(frozen=True, slots=True)
class Terms:
    """`due_at` and `end_at` are with the extension. Credit is in percent; None where no access rules say anything.

    `is_admitted` is false when there are access rules and none in force gives credit.
    """

    start_at: datetime | None
    due_at: datetime | None
    end_at: datetime | None
    credit: int | None
    time_limit_minutes: int | None
    is_admitted: bool


async def terms_for(ctx: Context, assessment_id: int, user_id: int, *, password: str | None) -> Terms:
    """The terms of an assessment that is there. `password` None stands for one that was entered before."""
    extended = and_(AssessmentExtension.assessment_id == Assessment.id, AssessmentExtension.user_id == User.id)
    statement = (
        select(
            User.uid,
            Assessment.start_at,
            Assessment.due_at,
            Assessment.end_at,
            Assessment.time_limit_minutes,
            AssessmentExtension.id.label("extension_id"),
            AssessmentExtension.due_at.label("extended_due_at"),
            AssessmentExtension.end_at.label("extended_end_at"),
        )
        .select_from(Assessment)
        .join(User, User.id == user_id)
        .join(AssessmentExtension, extended, isouter=True)
        .where(Assessment.id == assessment_id)
    )
    found = (await ctx.db.fetch(statement))[0]
    rules = await ctx.db.fetch(
        select(AssessmentAccessRule.__table__).where(AssessmentAccessRule.assessment_id == assessment_id)
    )
    in_force = [rule for rule in rules if _is_in_force(rule, found.uid, ctx.now, password)]
    best = max(in_force, key=lambda rule: rule.credit or 0, default=None)
    credit = None if best is None else best.credit
    own_limit = None if best is None else best.time_limit_minutes
    due_at, end_at = _extended(found)
    return Terms(
        start_at=found.start_at,
        due_at=due_at,
        end_at=end_at,
        credit=credit,
        time_limit_minutes=found.time_limit_minutes if own_limit is None else own_limit,
        is_admitted=not rules or bool(credit),
    )


def require_open(ctx: Context, terms: Terms, field: str) -> None:
    """Raise RuleBroken at `field` unless the terms let a learner work now: NOT_RELEASED, NOT_OPEN, PAST_DEADLINE."""
    if terms.start_at is not None and terms.start_at >= ctx.now:
        raise RuleBroken(UserErrorCode.NOT_RELEASED, "the assessment does not accept work yet", field)
    if terms.end_at is not None and terms.end_at < ctx.now:
        raise RuleBroken(UserErrorCode.PAST_DEADLINE, "it is past the deadline", field)
    if not terms.is_admitted:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "no access rule lets you work on the assessment now", field)


def _extended(found: Any) -> tuple[datetime | None, datetime | None]:
    """The due date and the end. A later due date moves an earlier end along."""
    if found.extension_id is None:
        return found.due_at, found.end_at
    if found.extended_due_at is None and found.extended_end_at is None:
        return None, None
    due_at = found.extended_due_at or found.due_at
    end_at = found.extended_end_at or found.end_at
    if end_at is not None and due_at is not None:
        end_at = max(end_at, due_at)
    return due_at, end_at


def _is_in_force(rule: Any, uid: str, now: datetime, password: str | None) -> bool:
    """Whether a rule holds for a person now. What only an exam room can check holds for nobody here."""
    return (
        (rule.uids is None or uid.lower() in {each.lower() for each in rule.uids})
        and (rule.start_at is None or rule.start_at <= now)
        and (rule.end_at is None or now <= rule.end_at)
        and rule.mode in PUBLIC
        and rule.exam_uuid is None
        and (rule.password is None or password is None or rule.password == password)
    )
