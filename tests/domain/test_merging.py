from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.merging import merge_course_instance, move_to_parent, separate_course_instance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.offerings import create_course_instance, delete_course_instance
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University, at, person

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(days=1)


async def child_of(ctx: Context, world: University, *user_ids: int, name: str = "child") -> int:
    """A course instance with these students, not merged yet."""
    made = await create_course_instance(ctx, course_id=world.course_id, name=name, long_name=name)
    for user_id in user_ids:
        await enroll(ctx, course_instance_id=made, user_id=user_id)
    return made


async def in_parent(ctx: Context, world: University, user_id: int) -> tuple[str, str, int | None]:
    """(role, status, child) of a person in the first course instance."""
    own = Enrollment
    rows = await ctx.db.fetch(
        select(own.role, own.status, own.child_course_instance_id).where(
            own.course_instance_id == world.course_instance_id, own.user_id == user_id
        )
    )
    assert len(rows) == 1
    return tuple(rows[0])


async def test_a_merged_course_instance_brings_its_people(ctx: Context, world: University) -> None:
    nia = await person(ctx, "nia")
    child = await child_of(ctx, world, world.loner_id, nia)
    await enroll(ctx, course_instance_id=child, user_id=world.outsider_id, role=Role.INSTRUCTOR)
    await drop_enrollment(ctx, enrollment_id=await key_of(ctx, Enrollment, course_instance_id=child, user_id=nia))
    assert await merge_course_instance(world.admin, parent_id=world.course_instance_id, child_id=child) == child
    assert (await only_row(ctx, CourseInstance, child)).parent_id == world.course_instance_id
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "ACTIVE", child)
    assert await in_parent(ctx, world, nia) == ("STUDENT", "DROPPED", child)
    assert await in_parent(ctx, world, world.outsider_id) == ("INSTRUCTOR", "ACTIVE", child)
    assert await in_parent(ctx, world, world.student_id) == ("STUDENT", "ACTIVE", None)


async def test_later_changes_in_the_child_follow(ctx: Context, world: University) -> None:
    child = await child_of(ctx, world)
    await merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    made = await enroll(ctx, course_instance_id=child, user_id=world.loner_id, attributes={"section": "A"})
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "ACTIVE", child)
    await update_enrollment(ctx, enrollment_id=made, role=Role.COURSE_ASSISTANT)
    assert await in_parent(ctx, world, world.loner_id) == ("COURSE_ASSISTANT", "ACTIVE", child)
    await update_enrollment(ctx, enrollment_id=made, role=Role.STUDENT)
    await drop_enrollment(at(ctx, LATER), enrollment_id=made)
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "DROPPED", child)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.loner_id}
    followed = await only_row(ctx, Enrollment, await key_of(ctx, Enrollment, **here))
    assert (followed.ended_at, followed.attributes, followed.enrolled_at) == (LATER, {"section": "A"}, NOW)
    assert await enroll(ctx, course_instance_id=child, user_id=world.loner_id) == made
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "ACTIVE", child)


async def test_what_follows_is_changed_in_the_child_only(ctx: Context, world: University) -> None:
    child = await child_of(ctx, world, world.loner_id)
    await merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.loner_id}
    key = await key_of(ctx, Enrollment, **here)
    await refused(ctx, drop_enrollment(ctx, enrollment_id=key), UserErrorCode.IN_USE, "enrollmentId")
    write = update_enrollment(ctx, enrollment_id=key, role=Role.COURSE_ASSISTANT)
    await refused(ctx, write, UserErrorCode.IN_USE, "enrollmentId")
    await refused(ctx, enroll(ctx, **here), UserErrorCode.ALREADY_ENROLLED, "userId")


async def test_a_person_is_in_one_course_instance_of_a_set(ctx: Context, world: University) -> None:
    child = await child_of(ctx, world, world.student_id)
    merge = merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    await refused(ctx, merge, UserErrorCode.ALREADY_ENROLLED, "childId")
    key = await key_of(ctx, Enrollment, course_instance_id=child, user_id=world.student_id)
    await drop_enrollment(ctx, enrollment_id=key)
    await merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    assert await in_parent(ctx, world, world.student_id) == ("STUDENT", "ACTIVE", None)
    again = enroll(ctx, course_instance_id=child, user_id=world.student_id)
    await refused(ctx, again, UserErrorCode.ALREADY_ENROLLED, "userId")
    back = update_enrollment(ctx, enrollment_id=key, status=EnrollmentStatus.ACTIVE)
    await refused(ctx, back, UserErrorCode.ALREADY_ENROLLED, "status")


async def test_who_dropped_one_child_may_enter_another(ctx: Context, world: University) -> None:
    first = await child_of(ctx, world, world.loner_id, name="first")
    second = await child_of(ctx, world, name="second")
    for child in (first, second):
        await merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    enter = enroll(ctx, course_instance_id=second, user_id=world.loner_id)
    await refused(ctx, enter, UserErrorCode.ALREADY_ENROLLED, "userId")
    key = await key_of(ctx, Enrollment, course_instance_id=first, user_id=world.loner_id)
    await drop_enrollment(ctx, enrollment_id=key)
    await enroll(ctx, course_instance_id=second, user_id=world.loner_id)
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "ACTIVE", second)
    await update_enrollment(ctx, enrollment_id=key, attributes={"left": True})
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "ACTIVE", second)


async def test_one_level_only(ctx: Context, world: University) -> None:
    parent, other = world.course_instance_id, world.other_course_instance_id
    child = await child_of(ctx, world)
    await merge_course_instance(ctx, parent_id=parent, child_id=child)
    codes = UserErrorCode
    itself = merge_course_instance(ctx, parent_id=parent, child_id=parent)
    await refused(ctx, itself, codes.INVALID, "childId")
    await refused(ctx, merge_course_instance(ctx, parent_id=parent, child_id=child), codes.IN_USE, "childId")
    await refused(ctx, merge_course_instance(ctx, parent_id=other, child_id=child), codes.IN_USE, "childId")
    await refused(ctx, merge_course_instance(ctx, parent_id=other, child_id=parent), codes.IN_USE, "childId")
    await refused(ctx, merge_course_instance(ctx, parent_id=child, child_id=other), codes.IN_USE, "parentId")
    await refused(ctx, merge_course_instance(ctx, parent_id=parent, child_id=999_999), codes.NOT_FOUND, "childId")
    await denied(ctx, merge_course_instance(ctx, parent_id=999_999, child_id=other), NotFound)
    for place in (parent, child):
        await refused(ctx, delete_course_instance(ctx, course_instance_id=place), codes.IN_USE, "courseInstanceId")


async def test_who_came_through_a_child_leaves_with_it(ctx: Context, world: University) -> None:
    child = await child_of(ctx, world, world.loner_id)
    await merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    assert await separate_course_instance(world.admin, child_id=child) == child
    assert (await only_row(ctx, CourseInstance, child)).parent_id is None
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "DROPPED", None)
    assert await in_parent(ctx, world, world.student_id) == ("STUDENT", "ACTIVE", None)
    own = await only_row(
        ctx, Enrollment, await key_of(ctx, Enrollment, course_instance_id=child, user_id=world.loner_id)
    )
    assert (own.status, own.ended_at) == ("ACTIVE", None)
    await refused(ctx, separate_course_instance(ctx, child_id=child), UserErrorCode.INVALID, "childId")
    await denied(ctx, separate_course_instance(ctx, child_id=999_999), NotFound)
    await merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "ACTIVE", child)


async def test_who_came_by_a_child_is_moved_to_the_parent(ctx: Context, world: University) -> None:
    child = await child_of(ctx, world, world.loner_id)
    await merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.loner_id}
    key = await key_of(ctx, Enrollment, **here)
    own = await key_of(ctx, Enrollment, course_instance_id=child, user_id=world.loner_id)
    await denied(ctx, move_to_parent(world.assistant, enrollment_id=key), Forbidden)
    await denied(ctx, move_to_parent(world.instructor, enrollment_id=key), NotFound)  # not taught by them: the child
    assert await move_to_parent(world.admin, enrollment_id=key) == key
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "ACTIVE", None)
    left = await only_row(ctx, Enrollment, own)
    assert (left.status, left.ended_at) == ("DROPPED", NOW)
    async with nothing_changes(ctx):
        assert await move_to_parent(world.admin, enrollment_id=key) == key
    await update_enrollment(world.instructor, enrollment_id=key, status=EnrollmentStatus.COMPLETED)
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "COMPLETED", None)
    await denied(ctx, move_to_parent(ctx, enrollment_id=2**70), NotFound)


async def test_leaving_the_child_and_a_change_are_one_write(ctx: Context, world: University) -> None:
    child = await child_of(ctx, world, world.loner_id)
    await merge_course_instance(ctx, parent_id=world.course_instance_id, child_id=child)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.loner_id}
    key = await key_of(ctx, Enrollment, **here)
    await update_enrollment(world.admin, enrollment_id=key, role=Role.COURSE_ASSISTANT, leaving_child=True)
    assert await in_parent(ctx, world, world.loner_id) == ("COURSE_ASSISTANT", "ACTIVE", None)


async def test_who_is_in_both_may_be_passed_over(ctx: Context, world: University) -> None:
    child = await child_of(ctx, world, world.loner_id, world.student_id)
    place: dict[str, Any] = {"parent_id": world.course_instance_id, "child_id": child}
    await refused(ctx, merge_course_instance(ctx, **place), UserErrorCode.ALREADY_ENROLLED, "childId")
    await merge_course_instance(ctx, **place, passing_over=True)
    assert await in_parent(ctx, world, world.student_id) == ("STUDENT", "ACTIVE", None)
    assert await in_parent(ctx, world, world.loner_id) == ("STUDENT", "ACTIVE", child)
