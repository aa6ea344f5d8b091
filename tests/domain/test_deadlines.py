"""When work is taken (contracts/autolab.md §5), case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.assessments.deadlines import extended, is_on_time, is_released, is_taken, is_used_up, last_moment

DUE = datetime(2024, 9, 16, 23, 59, tzinfo=UTC)
END = DUE + timedelta(days=2)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
FOREVER = datetime.max.replace(tzinfo=UTC)
Dates = tuple[datetime | None, datetime | None]


@pytest.mark.parametrize(
    ("dates", "extension", "expected"),
    [
        ((DUE, END), None, (DUE, END)),
        ((None, None), None, (None, None)),
        ((DUE, END), (None, None), (None, None)),
        ((DUE, END), (DUE + DAY, None), (DUE + DAY, END)),
        ((DUE, END), (DUE + 3 * DAY, None), (DUE + 3 * DAY, DUE + 3 * DAY)),
        ((DUE, END), (None, END + DAY), (DUE, END + DAY)),
        ((DUE, END), (DUE + DAY, END + DAY), (DUE + DAY, END + DAY)),
        ((DUE, None), (DUE + DAY, None), (DUE + DAY, None)),
        ((None, END), (None, END + DAY), (None, END + DAY)),
        ((None, None), (DUE, END), (DUE, END)),
    ],
)
def test_an_extension(dates: Dates, extension: Dates | None, expected: Dates) -> None:
    assert extended(*dates, extension) == expected


@pytest.mark.parametrize(
    ("end_at", "slack", "expected"),
    [
        (END, 0, END),
        (END, 60, END + timedelta(minutes=1)),
        (None, 60, None),
        (FOREVER, 0, FOREVER),
        (FOREVER, 1, None),
    ],
)
def test_the_last_moment(end_at: datetime | None, slack: int, expected: datetime | None) -> None:
    assert last_moment(end_at, slack) == expected


@pytest.mark.parametrize(
    ("moment", "released", "taken", "on_time"),
    [(END - TICK, False, True, True), (END, False, True, True), (END + TICK, True, False, False)],
)
def test_around_a_date(moment: datetime, released: bool, taken: bool, on_time: bool) -> None:
    assert (is_released(END, moment), is_taken(END, moment), is_on_time(END, moment)) == (released, taken, on_time)
    assert (is_released(None, moment), is_taken(None, moment), is_on_time(None, moment)) == (True, True, True)


@pytest.mark.parametrize(
    ("count", "limit", "expected"), [(0, None, False), (99, None, False), (1, 2, False), (2, 2, True), (3, 2, True)]
)
def test_a_limit(count: int, limit: int | None, expected: bool) -> None:
    assert is_used_up(count, limit) is expected
