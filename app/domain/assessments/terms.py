"""On which terms one person may work on an assessment at this moment: dates, extension, access rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.deadlines import extended, is_released, is_taken, last_moment
from app.domain.assessments.models import Assessment, AssessmentAccessRule, AssessmentExtension
from app.domain.blocks.closing import behind_gate
from app.domain.blocks.hiding import hides
from app.domain.catalog.models import CourseInstance
from app.domain.identity.models import User
from app.errors import RuleBroken, UserErrorCode

PUBLIC = (None, "Public")


@dataclass(frozen=True, slots=True)
class Terms:
    """`due_at` and `end_at` are with the extension. Credit is in percent; None where no access rules say anything.

    `is_admitted` is false when there are access rules and none in force gives credit. After the end work is taken for
    `slack_seconds` more. `is_gated` says that the caller has yet to pass its block's gate, `is_hidden` that its block
    hides what is asked since it has been due.
    """

    start_at: datetime | None
    due_at: datetime | None
    end_at: datetime | None
    credit: int | None
    time_limit_minutes: int | None
    is_admitted: bool
    slack_seconds: int = 0
    is_gated: bool = False
    is_hidden: bool = False


async def terms_for(ctx: Context, assessment_id: int, user_id: int, *, password: str | None) -> Terms:
    """The terms of an assessment that is there. `password` None stands for one that was entered before."""
    return (await terms_of(ctx, assessment_id, [user_id], password))[user_id]


async def terms_of(
    ctx: Context, assessment_id: int, user_ids: Collection[int], password: str | None
) -> dict[int, Terms]:
    """Like `terms_for` for several people at once, by user id."""
    extended_to = and_(AssessmentExtension.assessment_id == Assessment.id, AssessmentExtension.user_id == User.id)
    statement = (
        select(
            User.id,
            User.uid,
            Assessment.start_at,
            Assessment.due_at,
            Assessment.end_at,
            Assessment.time_limit_minutes,
            CourseInstance.late_slack_seconds,
            AssessmentExtension.id.label("extension_id"),
            AssessmentExtension.due_at.label("extended_due_at"),
            AssessmentExtension.end_at.label("extended_end_at"),
            behind_gate(Assessment.block_id, ctx.viewing).label("is_gated"),
            hides(Assessment.block_id, ctx.viewing).label("is_hidden"),
        )
        .select_from(Assessment)
        .join(CourseInstance, CourseInstance.id == Assessment.course_instance_id)
        .join(User, member_of(User.id, user_ids))
        .join(AssessmentExtension, extended_to, isouter=True)
        .where(Assessment.id == assessment_id)
    )
    people = await ctx.db.fetch(statement)
    rules = await ctx.db.fetch(
        select(AssessmentAccessRule.__table__).where(AssessmentAccessRule.assessment_id == assessment_id)
    )
    return {found.id: _terms(ctx, found, rules, password) for found in people}


def _terms(ctx: Context, found: Any, rules: Sequence[Any], password: str | None) -> Terms:
    in_force = [rule for rule in rules if _is_in_force(rule, found.uid, ctx.now, password)]
    best = max(in_force, key=lambda rule: rule.credit or 0, default=None)
    credit = None if best is None else best.credit
    own_limit = None if best is None else best.time_limit_minutes
    extension = None if found.extension_id is None else (found.extended_due_at, found.extended_end_at)
    due_at, end_at = extended(found.due_at, found.end_at, extension)
    return Terms(
        start_at=found.start_at,
        due_at=due_at,
        end_at=end_at,
        credit=credit,
        time_limit_minutes=found.time_limit_minutes if own_limit is None else own_limit,
        is_admitted=not rules or bool(credit),
        slack_seconds=found.late_slack_seconds,
        is_gated=found.is_gated,
        is_hidden=found.is_hidden,
    )


def require_open(ctx: Context, terms: Terms, field: str) -> None:
    """Raise RuleBroken at `field` unless the terms let a learner work now: NOT_RELEASED, NOT_OPEN, PAST_DEADLINE."""
    if not is_released(terms.start_at, ctx.now):
        raise RuleBroken(UserErrorCode.NOT_RELEASED, "the assessment does not accept work yet", field)
    if terms.is_gated:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "another part of the course is to be done first", field)
    if terms.is_hidden or not is_taken(last_moment(terms.end_at, terms.slack_seconds), ctx.now):
        raise RuleBroken(UserErrorCode.PAST_DEADLINE, "it is past the deadline", field)
    if not terms.is_admitted:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "no access rule lets you work on the assessment now", field)


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
