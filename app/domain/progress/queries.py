"""Reads of learner records that are more than a relation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, timedelta

from sqlalchemy import ColumnElement, and_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.models import ActiveDay
from app.domain.blocks.visits import day_of
from app.domain.identity.models import UserProfile
from app.domain.progress.models import LearnerRecord
from app.reading.statements import ANYBODY

LONGEST = timedelta(days=8)
"""A week, and what a time zone may add."""


def is_own() -> ColumnElement[bool]:
    """Records of the person who reads."""
    mine: ColumnElement[bool] = LearnerRecord.user_id == ANYBODY
    return mine


async def active_days_this_week(ctx: Context, keys: Sequence[int]) -> list[int]:
    """For each record on how many days since Monday, in the person's own time zone, they were at work.

    One statement.
    """
    own, active, profile = LearnerRecord, ActiveDay, UserProfile
    same = and_(active.course_instance_id == own.course_instance_id, active.user_id == own.user_id)
    statement = (
        select(own.id, profile.time_zone, active.day)
        .join(active, same)
        .join(profile, profile.user_id == own.user_id, isouter=True)
        .where(member_of(own.id, keys), ctx.visible(own), active.day >= (ctx.now.astimezone(UTC) - LONGEST).date())
    )
    found: Counter[int] = Counter()
    for key, zone, day in await ctx.db.fetch(statement):
        today = day_of(ctx.now, zone)
        found[key] += today - timedelta(days=today.weekday()) <= day <= today
    return [found[key] for key in keys]
