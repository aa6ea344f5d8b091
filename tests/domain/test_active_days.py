"""Days on which people were at work: in their own time zones, counted from Monday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.models import ActiveDay
from app.domain.blocks.service import create_block
from app.domain.blocks.visits import visit_block
from app.domain.identity.institution import update_profile
from app.domain.progress.models import LearnerRecord
from app.domain.progress.queries import active_days_this_week
from app.domain.progress.service import record_activity
from app.errors import UserErrorCode
from tests.domain.proof import CALLERS, context_of, key_of, refused
from tests.factories import University, at, university

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
EVENING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
"""Of a Sunday in UTC, of a Monday in Oslo."""
DAY = timedelta(days=1)


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def work(world: University, *moments: datetime) -> None:
    """The student says that they are at work."""
    for moment in moments:
        await record_activity(at(world.student, moment), course_instance_id=world.course_instance_id)


async def days(world: University) -> list[date]:
    """The days that are kept."""
    rows = await world.admin.db.fetch(select(ActiveDay.day, ActiveDay.user_id).order_by(ActiveDay.day))
    assert {row[1] for row in rows} <= {world.student_id}
    return [row[0] for row in rows]


async def counted(world: University, moment: datetime, caller: str = "student") -> list[int]:
    """How many of the week at a moment somebody is told of the student."""
    record_id = await key_of(world.admin, LearnerRecord, user_id=world.student_id)
    return await active_days_this_week(at(context_of(world, caller), moment), [record_id])


async def test_a_day_counts_once(world: University) -> None:
    await work(world, MONDAY, MONDAY + timedelta(hours=3), MONDAY + DAY)
    assert await days(world) == [date(2026, 11, 23), date(2026, 11, 24)]
    assert await counted(world, MONDAY + 2 * DAY) == [2]


@pytest.mark.parametrize(
    ("zone", "day", "count"), [(None, 22, 0), ("Europe/Oslo", 23, 1), ("America/Chicago", 22, 0), ("UTC", 22, 0)]
)
async def test_days_begin_where_one_is(world: University, zone: str | None, day: int, count: int) -> None:
    await update_profile(world.student, user_id=world.student_id, time_zone=zone)
    await work(world, EVENING)
    assert await days(world) == [date(2026, 11, day)]
    assert await counted(world, MONDAY) == [count]


async def test_a_week_begins_on_monday(world: University) -> None:
    await work(world, *(MONDAY + number * DAY for number in range(-8, 7)))
    for number in range(7):
        assert await counted(world, MONDAY + number * DAY) == [number + 1]
    assert await counted(world, MONDAY + 7 * DAY) == [0]


async def test_visits_and_completions_are_work(world: University) -> None:
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    root_id = await create_block(world.admin, **place, kind="course")
    text_id = await create_block(world.admin, **place, kind="html", parent_id=root_id)
    await visit_block(at(world.student, MONDAY), block_id=text_id)
    done = [NewCompletion(text_id, 1.0)]
    await record_completion(at(world.student, MONDAY + DAY), **place, completions=done)
    assert await days(world) == [date(2026, 11, 23), date(2026, 11, 24)]
    later = at(world.admin, MONDAY + 2 * DAY)
    await record_completion(later, **place, completions=done, user_id=world.student_id)
    await record_completion(at(world.student, MONDAY + 2 * DAY), **place, completions=[])
    assert len(await days(world)) == 2


@pytest.mark.parametrize("caller", CALLERS)
async def test_who_is_told(world: University, caller: str) -> None:
    await work(world, MONDAY)
    sees = caller in ("student", "assistant", "instructor", "admin")
    assert await counted(world, MONDAY, caller) == [int(sees)]
    ctx = context_of(world, caller)
    assert len(await ctx.db.fetch(select(ActiveDay.id).where(ctx.visible(ActiveDay)))) == sees


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", " ", "../etc/passwd", "x" * 70, "UTC\0", "/UTC"])
async def test_time_zones_that_are_none(world: University, zone: str) -> None:
    write = update_profile(world.student, user_id=world.student_id, time_zone=zone)
    if not zone.strip():
        await write
        return
    reason = UserErrorCode.TOO_LONG if len(zone) > 64 else UserErrorCode.INVALID
    await refused(world.student, write, reason, "timeZone")
