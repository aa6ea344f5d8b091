"""What lateness and many versions cost (contracts/autolab.md §5): pure functions of days, versions and points."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.domain.catalog.models import PenaltyUnit

DAY = timedelta(days=1)
ON_TIME = timedelta(0)


class Penalty(NamedTuple):
    """What each day or each version costs, in points or in percent of the raw points."""

    value: float
    unit: str


def effective_penalty(value: float | None, unit: str | None, course: Penalty) -> Penalty:
    """An assessment's own penalty, else its course's. Without a unit the value is in points."""
    return course if value is None else Penalty(value, unit or PenaltyUnit.POINTS)


def days_late(submitted_at: datetime, due_at: datetime | None, slack_seconds: int, time_zone: str) -> int:
    """Days past the due date, rounded up; one less when the part beyond the last whole day is within the slack.

    Read from the clock on the wall of the time zone: a night in which it is put back is no hour longer. So exactly n
    days late are n - 1, as in the source.
    """
    if due_at is None or submitted_at <= due_at:
        return 0
    zone = ZoneInfo(time_zone)
    late_by = submitted_at.astimezone(zone).replace(tzinfo=None) - due_at.astimezone(zone).replace(tzinfo=None)
    if late_by <= ON_TIME:
        return 0
    rounded_up = -(-late_by // DAY)
    return rounded_up - (late_by % DAY <= timedelta(seconds=slack_seconds))


def usable_grace_days(grace_days: int, used_before: int, max_grace_days: int | None) -> int:
    """Of a course's grace days those that a learner may use on an assessment, after those used on earlier ones."""
    left = max(grace_days - used_before, 0)
    return left if max_grace_days is None else min(left, max_grace_days)


def surplus_versions(number: int, limit: int | None) -> int:
    """How many of `number` versions are above the limit; 0 without one (None, -1)."""
    return 0 if limit is None or limit < 0 else max(number - limit, 0)


def cost(penalty: Penalty, raw_points: float, count: int) -> float:
    """What so many days or versions cost, in points, even above those there are. A percentage is of the raw points."""
    each = raw_points * penalty.value / 100 if penalty.unit == PenaltyUnit.PERCENT else penalty.value
    return each * count


def after_penalties(raw_points: float, late: float, version: float) -> float:
    """What is left of raw points, at least 0 after each penalty."""
    return max(max(raw_points - late, 0.0) - version, 0.0)
