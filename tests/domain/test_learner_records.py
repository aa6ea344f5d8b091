"""Learner records: goals, celebrations, signatures, mails, schedules; about oneself, and written once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment
from app.domain.progress.models import LearnerRecord
from app.domain.progress.service import (
    Celebrated,
    dismiss_welcome_message,
    record_activity,
    reset_deadlines,
    set_celebrations,
    set_course_email,
    set_course_goal,
    sign_integrity,
    stop_goal_reminders,
)
from app.errors import NotFound, Unauthenticated, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, refused
from tests.factories import University, at, university

pytestmark = pytest.mark.anyio
LATER = NOW.replace(microsecond=1)
OWN = LearnerRecord
COLUMNS = ("goal_days_per_week", "has_goal_reminders", "celebrates_first_section", "celebrates_weekly_goal")


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def said(world: University, *names: str, whose: int | None = None) -> tuple[Any, ...]:
    """Columns of somebody's record, the student's when nobody is named."""
    user_id = world.student_id if whose is None else whose
    here = (OWN.course_instance_id == world.course_instance_id, OWN.user_id == user_id)
    (row,) = await world.admin.db.fetch(select(*(getattr(OWN, name) for name in names)).where(*here))
    return tuple(row)


async def records(world: University) -> int:
    """How many records there are."""
    return len(await world.admin.db.fetch(select(OWN.id)))


async def test_a_goal_and_its_reminders(world: University) -> None:
    student = world.student
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    first = await set_course_goal(student, **here, has_goal_reminders=False, goal_days_per_week=3)
    assert await said(world, *COLUMNS[:2]) == (3, False)
    (token,) = await said(world, "reminder_token")
    for days in (None, 0):
        assert await set_course_goal(student, **here, has_goal_reminders=True, goal_days_per_week=days) == first
        assert await said(world, *COLUMNS[:2], "reminder_token") == (3, True, token)
    await set_course_goal(world.second_student, **here, has_goal_reminders=True)
    assert await said(world, *COLUMNS[:2], whose=world.second_student_id) == (0, True)
    for ctx in (world.loner, world.loner, world.admin):
        assert await stop_goal_reminders(ctx, token=token) == world.course_instance_id
        assert await said(world, *COLUMNS[:2]) == (3, False)
    assert await said(world, *COLUMNS[:2], whose=world.second_student_id) == (0, True)


@pytest.mark.parametrize("days", [-1, 8, 2**70])
async def test_a_week_has_seven_days(world: University, days: int) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "has_goal_reminders": True}
    write = set_course_goal(world.student, **here, goal_days_per_week=days)
    await refused(world.student, write, UserErrorCode.OUT_OF_RANGE, "goalDaysPerWeek")


@pytest.mark.parametrize("token", ["", "x", "f" * 32, "é" * 32, "\0" * 32, "f" * 5000])
async def test_a_token_that_nobody_was_sent(world: University, token: str) -> None:
    await set_course_goal(world.student, course_instance_id=world.course_instance_id, has_goal_reminders=True)
    await denied(world.loner, stop_goal_reminders(world.loner, token=token), NotFound)


async def test_celebrations_say_whether_anything_had_been_said(world: University) -> None:
    student = world.student
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    record_id = await sign_integrity(student, **here)
    assert await set_celebrations(student, **here) == Celebrated(record_id, False)
    assert await said(world, *COLUMNS[2:]) == (None, None)
    assert await set_celebrations(student, **here, celebrates_first_section=False) == Celebrated(record_id, True)
    assert await set_celebrations(student, **here, celebrates_weekly_goal=True) == Celebrated(record_id, False)
    assert await said(world, *COLUMNS[2:]) == (False, True)


async def test_the_first_signature_counts(world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    for ctx in (world.student, at(world.student, LATER)):
        await sign_integrity(ctx, **here)
        assert await said(world, "signed_at") == (NOW,)
    assert await records(world) == 1


async def test_mails_are_wanted_until_one_says_otherwise(world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await record_activity(world.student, **here)
    assert await said(world, "receives_email", "last_active_at") == (True, NOW)
    for wanted in (False, False, True):
        await set_course_email(world.student, **here, receives_email=wanted)
        assert await said(world, "receives_email") == (wanted,)


async def test_the_welcome_is_dismissed_for_an_update(world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    for name in ("1", "2"):
        await dismiss_welcome_message(world.student, **here, dismissed_update=name)
        assert await said(world, "dismissed_update") == (name,)
    for name, code in ((" ", "REQUIRED"), ("x" * 65, "TOO_LONG"), ("a\0", "INVALID")):
        write = dismiss_welcome_message(world.student, **here, dismissed_update=name)
        await refused(world.student, write, UserErrorCode[code], "dismissedUpdate")


async def test_one_begins_anew(world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    for ctx, moment in ((world.student, NOW), (at(world.student, LATER), LATER)):
        await reset_deadlines(ctx, **here)
        assert await said(world, "schedule_start_at") == (moment,)


async def test_who_left_says_nothing_more(world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    key = await key_of(world.admin, Enrollment, user_id=world.student_id, **here)
    await drop_enrollment(world.admin, enrollment_id=key)
    for write in (
        set_course_goal(world.student, **here, has_goal_reminders=True),
        set_celebrations(world.student, **here, celebrates_weekly_goal=True),
        record_activity(world.student, **here),
    ):
        await refused(world.student, write, UserErrorCode.DROPPED, "courseInstanceId")
    await set_course_email(world.student, **here, receives_email=False)
    assert await said(world, "receives_email") == (False,)


async def test_the_program_has_no_record(ctx: Context, world: University) -> None:
    await denied(ctx, sign_integrity(ctx, course_instance_id=world.course_instance_id), Unauthenticated)
    for key in (0, -1, 2**70):
        await denied(world.student, sign_integrity(world.student, course_instance_id=key), NotFound)
