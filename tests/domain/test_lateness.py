"""Days late, grace days and penalties, as tables (contracts/autolab.md §5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.assessments.lateness import (
    Penalty,
    after_penalties,
    cost,
    days_late,
    effective_penalty,
    surplus_versions,
    usable_grace_days,
)
from app.domain.catalog.models import PenaltyUnit

DUE = datetime(2024, 9, 16, 3, 59, tzinfo=UTC)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("late_by", "slack", "days"),
    [
        (-DAY, 0, 0),
        (timedelta(0), 0, 0),
        (timedelta(microseconds=1), 0, 1),
        (SECOND, 0, 1),
        (SECOND, 1, 0),
        (60 * SECOND, 60, 0),
        (60 * SECOND + timedelta(microseconds=1), 60, 1),
        (DAY - SECOND, 60, 1),
        (DAY, 0, 0),
        (DAY, 60, 0),
        (DAY + SECOND, 0, 2),
        (DAY + SECOND, 60, 1),
        (DAY + 60 * SECOND, 60, 1),
        (DAY + 61 * SECOND, 60, 2),
        (2.5 * DAY, 300, 3),
        (3 * DAY + 12 * HOUR, 12 * 3600, 3),
        (40 * DAY, 0, 39),
        (DAY - SECOND, 86_400, 0),
        (2 * DAY + SECOND, 10**9, 2),
    ],
)
def test_days_late(late_by: timedelta, slack: int, days: int) -> None:
    assert days_late(DUE + late_by, DUE, slack, "UTC") == days


def test_without_a_due_date_nothing_is_late() -> None:
    assert days_late(DUE + 100 * DAY, None, 0, "UTC") == 0


@pytest.mark.parametrize(
    ("due", "submitted", "zone", "days"),
    [
        # The clock is put back on 2024-11-03 and forward on 2024-03-10 in New York.
        ("2024-11-02T12:00:00-04:00", "2024-11-03T11:59:59-05:00", NEW_YORK, 1),
        ("2024-11-02T12:00:00-04:00", "2024-11-03T11:59:59-05:00", "UTC", 2),
        ("2024-11-02T12:00:00-04:00", "2024-11-03T12:00:01-05:00", NEW_YORK, 2),
        ("2024-11-03T01:30:00-04:00", "2024-11-03T01:15:00-05:00", NEW_YORK, 0),
        ("2024-03-09T12:00:00-05:00", "2024-03-10T12:00:01-04:00", NEW_YORK, 2),
        ("2024-03-09T12:00:00-05:00", "2024-03-10T12:00:01-04:00", "UTC", 1),
        ("2024-03-10T01:30:00-05:00", "2024-03-10T03:00:00-04:00", NEW_YORK, 1),
    ],
)
def test_the_clock_on_the_wall_counts(due: str, submitted: str, zone: str, days: int) -> None:
    assert days_late(datetime.fromisoformat(submitted), datetime.fromisoformat(due), 0, zone) == days


@given(st.timedeltas(timedelta(0), 400 * DAY), st.integers(0, 86_399))
def test_slack_saves_at_most_a_day(late_by: timedelta, slack: int) -> None:
    strict, kind = days_late(DUE + late_by, DUE, 0, "UTC"), days_late(DUE + late_by, DUE, slack, "UTC")
    assert 0 <= strict - kind <= 1
    assert late_by / DAY - 1 <= strict < late_by / DAY + 1


@given(st.timedeltas(timedelta(0), 400 * DAY), st.integers(0, 86_399), st.integers(1, 30))
def test_a_day_more_is_a_day_more(late_by: timedelta, slack: int, more: int) -> None:
    later = days_late(DUE + late_by + more * DAY, DUE, slack, "UTC")
    assert later == days_late(DUE + late_by, DUE, slack, "UTC") + more - (late_by == timedelta(0))


@pytest.mark.parametrize(
    ("grace_days", "used", "most", "usable"),
    [(0, 0, None, 0), (3, 0, None, 3), (3, 1, None, 2), (3, 1, 1, 1), (3, 0, 5, 3), (3, 0, 0, 0), (3, 4, None, 0)],
)
def test_grace_days(grace_days: int, used: int, most: int | None, usable: int) -> None:
    assert usable_grace_days(grace_days, used, most) == usable


@pytest.mark.parametrize(("number", "limit", "surplus"), [(7, None, 0), (7, -1, 0), (7, 0, 7), (7, 7, 0), (8, 7, 1)])
def test_versions_too_many(number: int, limit: int | None, surplus: int) -> None:
    assert surplus_versions(number, limit) == surplus


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, None, Penalty(10.0, "PERCENT")),
        (None, "POINTS", Penalty(10.0, "PERCENT")),
        (0.0, "PERCENT", Penalty(0.0, "PERCENT")),
        (5.0, "POINTS", Penalty(5.0, "POINTS")),
        (5.0, None, Penalty(5.0, "POINTS")),
    ],
)
def test_an_assessments_own_penalty_comes_first(value: float | None, unit: str | None, expected: Penalty) -> None:
    assert effective_penalty(value, unit, Penalty(10.0, PenaltyUnit.PERCENT)) == expected


@pytest.mark.parametrize(
    ("unit", "raw", "count", "expected"),
    [
        ("POINTS", 80.0, 0, 0.0),
        ("POINTS", 80.0, 2, 50.0),
        ("POINTS", 0.0, 4, 100.0),
        ("PERCENT", 80.0, 2, 40.0),
        ("PERCENT", 80.0, 5, 100.0),
        ("PERCENT", 0.0, 5, 0.0),
    ],
)
def test_what_days_and_versions_cost(unit: str, raw: float, count: int, expected: float) -> None:
    assert cost(Penalty(25.0, unit), raw, count) == expected


@pytest.mark.parametrize(
    ("raw", "late", "version", "left"),
    [(100, 25, 20, 55), (100, 0, 0, 100), (10, 15, 0, 0), (10, 15, 3, 0), (10, 4, 15, 0), (0, 0, 0, 0)],
)
def test_what_is_left(raw: float, late: float, version: float, left: float) -> None:
    assert after_penalties(raw, late, version) == left


POINTS = st.floats(0, 1e6, allow_nan=False)


@given(POINTS, POINTS, POINTS, POINTS)
def test_penalties_never_give_points_and_never_take_below_nothing(
    raw: float, late: float, version: float, more: float
) -> None:
    left = after_penalties(raw, late, version)
    assert 0 <= after_penalties(raw, late + more, version) <= left <= raw
