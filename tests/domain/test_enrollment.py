from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.queries import find_person
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University, at

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
LATER = NOW + DAY


async def enrolled(ctx: Context, world: University, user_id: int) -> int:
    return await key_of(ctx, Enrollment, course_instance_id=world.course_instance_id, user_id=user_id)


async def test_a_person_is_enrolled_now_as_a_student(ctx: Context, world: University) -> None:
    made = await enroll(world.instructor, course_instance_id=world.course_instance_id, user_id=world.loner_id)
    row = await only_row(ctx, Enrollment, made)
    assert (row.user_id, row.course_instance_id) == (world.loner_id, world.course_instance_id)
    assert (row.role, row.status, row.enrolled_at, row.ended_at) == ("STUDENT", "ACTIVE", NOW, None)
    assert (row.attributes, row.child_course_instance_id) == ({}, None)


async def test_a_person_is_enrolled_as_of_another_day_with_attributes(ctx: Context, world: University) -> None:
    made = await enroll(
        world.instructor,
        course_instance_id=world.course_instance_id,
        user_id=world.loner_id,
        role=Role.COURSE_ASSISTANT,
        enrolled_at=NOW - DAY,
        attributes={"section": "A"},
    )
    row = await only_row(ctx, Enrollment, made)
    assert (row.role, row.enrolled_at, row.attributes) == ("COURSE_ASSISTANT", NOW - DAY, {"section": "A"})


async def test_a_person_is_enrolled_once(ctx: Context, world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.student_id}
    await refused(ctx, enroll(world.instructor, **here), UserErrorCode.ALREADY_ENROLLED, "userId")
    key = await enrolled(ctx, world, world.student_id)
    await update_enrollment(ctx, enrollment_id=key, status=EnrollmentStatus.COMPLETED)
    await refused(ctx, enroll(world.instructor, **here), UserErrorCode.ALREADY_ENROLLED, "userId")


@pytest.mark.parametrize("user_id", [0, -5, 999_999, 2**40, 2**80])
async def test_nobody_is_enrolled_who_is_not_there(ctx: Context, world: University, user_id: int) -> None:
    write = enroll(world.instructor, course_instance_id=world.course_instance_id, user_id=user_id)
    await refused(ctx, write, UserErrorCode.NOT_FOUND, "userId")


async def test_who_dropped_comes_back_to_the_same_record(ctx: Context, world: University) -> None:
    key = await enrolled(ctx, world, world.student_id)
    later = at(world.instructor, LATER)
    assert await drop_enrollment(later, enrollment_id=key) == key
    row = await only_row(ctx, Enrollment, key)
    assert (row.status, row.ended_at, row.enrolled_at, row.updated_at) == ("DROPPED", LATER, NOW, LATER)
    async with nothing_changes(ctx):
        await drop_enrollment(at(world.instructor, LATER + DAY), enrollment_id=key)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.student_id}
    assert await enroll(later, **here, role=Role.COURSE_ASSISTANT) == key
    row = await only_row(ctx, Enrollment, key)
    assert (row.role, row.status, row.enrolled_at, row.ended_at) == ("COURSE_ASSISTANT", "ACTIVE", NOW, None)


@pytest.mark.parametrize("who", ["instructor", "assistant"])
async def test_staff_are_not_dropped(ctx: Context, world: University, who: str) -> None:
    key = await enrolled(ctx, world, getattr(world, f"{who}_id"))
    dropped = EnrollmentStatus.DROPPED
    await refused(ctx, drop_enrollment(ctx, enrollment_id=key), UserErrorCode.IS_STAFF, "enrollmentId")
    await refused(ctx, update_enrollment(ctx, enrollment_id=key, status=dropped), UserErrorCode.IS_STAFF, "status")
    await update_enrollment(ctx, enrollment_id=key, status=dropped, role=Role.STUDENT)
    row = await only_row(ctx, Enrollment, key)
    assert (row.status, row.role, row.ended_at) == ("DROPPED", "STUDENT", NOW)
    write = update_enrollment(ctx, enrollment_id=key, role=Role.INSTRUCTOR)
    await refused(ctx, write, UserErrorCode.IS_STAFF, "role")


async def test_an_enrolment_is_changed(ctx: Context, world: University) -> None:
    key = await enrolled(ctx, world, world.student_id)
    changes: dict[str, Any] = {"status": EnrollmentStatus.COMPLETED, "attributes": {"section": "B"}}
    assert await update_enrollment(world.instructor, enrollment_id=key, **changes) == key
    row = await only_row(ctx, Enrollment, key)
    assert (row.role, row.status, row.attributes, row.ended_at) == ("STUDENT", "COMPLETED", {"section": "B"}, NOW)
    await update_enrollment(world.instructor, enrollment_id=key, status=EnrollmentStatus.ACTIVE)
    assert (await only_row(ctx, Enrollment, key)).ended_at is None
    async with nothing_changes(ctx):
        await update_enrollment(at(world.instructor, LATER), enrollment_id=key, role=Role.STUDENT)
    junk = {"text": "\0"}
    write = update_enrollment(ctx, enrollment_id=key, attributes=junk)
    await refused(ctx, write, UserErrorCode.INVALID, "attributes")
    await denied(ctx, update_enrollment(ctx, enrollment_id=999_999, role=Role.STUDENT), NotFound)


async def test_an_instructor_who_was_dropped_teaches_no_more(ctx: Context, world: University) -> None:
    key = await enrolled(ctx, world, world.instructor_id)
    other = await enroll(ctx, course_instance_id=world.course_instance_id, user_id=world.loner_id, role=Role.INSTRUCTOR)
    await update_enrollment(world.loner, enrollment_id=key, role=Role.STUDENT, status=EnrollmentStatus.DROPPED)
    await denied(ctx, update_enrollment(world.instructor, enrollment_id=other, role=Role.STUDENT), Forbidden)


async def test_an_instructor_finds_whom_to_enrol(ctx: Context, world: University) -> None:
    here = world.course_instance_id
    assert await find_person(world.instructor, course_instance_id=here, email="Lou@Uni.example") == world.loner_id
    assert await find_person(world.instructor, course_instance_id=here, username="lou") == world.loner_id
    assert await find_person(world.instructor, course_instance_id=here, uid="lou@uni.example") == world.loner_id
    for junk in ("nobody@uni.example", "\0", "\ud800", "%"):
        assert await find_person(world.instructor, course_instance_id=here, email=junk) is None
