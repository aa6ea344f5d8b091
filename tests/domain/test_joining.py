from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.catalog.models import Availability, EnrollmentMethod
from app.domain.enrollment.invitations import invite_by_email, withdraw_invitation
from app.domain.enrollment.joining import as_program, join_course_instance
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import delete_course_instance, update_course_instance
from app.domain.enrollment.service import drop_enrollment
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.identity.institution import update_profile
from app.errors import Forbidden, NotFound, Unauthenticated, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.domain.tracks import verified
from tests.factories import University, at

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
LATER = NOW + DAY
KEY = "course-v1:uni+EE210+f24"


@pytest.fixture
async def place(world: University) -> dict[str, Any]:
    """The first course instance, open to everybody, with the tracks `audit` and `verified`."""
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await update_course_instance(world.admin, **here, enrollment_method=EnrollmentMethod.SELF_ENROLLMENT)
    await create_enrollment_track(world.admin, **here, slug="audit", name="Audit")
    await verified(world)
    return here


async def standing(ctx: Context, key: int) -> tuple[Any, ...]:
    """Role, status and track of an enrolment."""
    row = await only_row(ctx, Enrollment, key)
    return row.role, row.status, row.track


async def test_people_enrol_themselves_by_the_key(ctx: Context, world: University, place: dict[str, Any]) -> None:
    made = await join_course_instance(world.loner, key=KEY)
    row = await only_row(ctx, Enrollment, made)
    assert (row.user_id, row.course_instance_id) == (world.loner_id, world.course_instance_id)
    assert (row.role, row.status, row.track, row.enrolled_at) == ("STUDENT", "ACTIVE", "audit", NOW)
    async with nothing_changes(ctx):
        assert await join_course_instance(at(world.loner, LATER), **place, track="honor") == made
        assert await join_course_instance(at(world.loner, LATER), **place, is_active=False) == made


async def test_who_dropped_comes_back_to_the_same_record(
    ctx: Context, world: University, place: dict[str, Any]
) -> None:
    key = await key_of(ctx, Enrollment, **place, user_id=world.student_id)
    await drop_enrollment(ctx, enrollment_id=key)
    async with nothing_changes(ctx):
        assert await join_course_instance(world.student, **place, is_active=False) == key
    assert await join_course_instance(at(world.student, LATER), **place) == key
    row = await only_row(ctx, Enrollment, key)
    assert (row.status, row.track, row.enrolled_at, row.ended_at) == ("ACTIVE", "audit", NOW, None)


async def test_staff_learn_too(ctx: Context, world: University, place: dict[str, Any]) -> None:
    key = await join_course_instance(world.instructor, **place)
    assert await standing(ctx, key) == ("INSTRUCTOR", "ACTIVE", "audit")
    person: dict[str, Any] = {**place, "user_id": world.instructor_id}
    assert await join_course_instance(ctx, **person, is_active=False) == key
    assert await standing(ctx, key) == ("INSTRUCTOR", "ACTIVE", None)


async def test_who_may_join_what(ctx: Context, world: University, place: dict[str, Any]) -> None:
    await denied(ctx, join_course_instance(world.anonymous, **place), Unauthenticated)
    await denied(ctx, join_course_instance(world.loner, **place, user_id=world.student_id), NotFound)
    await denied(ctx, join_course_instance(world.instructor, **place, user_id=world.loner_id), NotFound)
    await denied(ctx, join_course_instance(world.loner, **place, track="verified"), Forbidden)
    await denied(ctx, join_course_instance(world.loner, **place, is_forced=True), Forbidden)
    await refused(ctx, join_course_instance(world.loner, **place, track="honor"), UserErrorCode.NOT_FOUND, "track")
    await denied(ctx, join_course_instance(as_program(ctx), **place), Unauthenticated)


@pytest.mark.parametrize("key", ["course-v1:no+such+run", "\0", "", "x" * 9000, None])
async def test_what_is_not_there_takes_nobody(ctx: Context, world: University, key: str | None) -> None:
    await refused(ctx, join_course_instance(world.loner, key=key), UserErrorCode.NOT_FOUND, "key")


@pytest.mark.parametrize("key", [0, -1, 999_999, 2**80])
async def test_no_id_of_anything(ctx: Context, world: University, place: dict[str, Any], key: int) -> None:
    write = join_course_instance(world.loner, course_instance_id=key)
    await refused(ctx, write, UserErrorCode.NOT_FOUND, "courseInstanceId")
    await refused(ctx, join_course_instance(ctx, **place, user_id=key), UserErrorCode.NOT_FOUND, "userId")


async def test_a_deleted_course_instance_takes_nobody(ctx: Context, world: University, place: dict[str, Any]) -> None:
    await delete_course_instance(ctx, **place)
    await refused(ctx, join_course_instance(world.loner, key=KEY), UserErrorCode.NOT_FOUND, "key")


CLOSED: list[dict[str, Any]] = [
    {"enrollment_method": EnrollmentMethod.INSTRUCTOR_LED},
    {"enrollment_method": EnrollmentMethod.EMAIL_ENROLLMENT},
    {"enrollment_start_at": LATER},
    {"enrollment_end_at": NOW},
    {"enrollment_access_code": "let me in"},
    {"availability": Availability.DISABLED},
    {"max_learners": 2},
]


@pytest.mark.parametrize("details", CLOSED)
async def test_it_is_closed(ctx: Context, world: University, place: dict[str, Any], details: dict[str, Any]) -> None:
    await update_course_instance(ctx, **place, **details)
    closed = (UserErrorCode.CLOSED, "courseInstanceId")
    await refused(ctx, join_course_instance(world.loner, **place), *closed)
    person: dict[str, Any] = {**place, "user_id": world.loner_id}
    if "enrollment_access_code" not in details:
        await refused(ctx, join_course_instance(ctx, **person), *closed)
    made = await join_course_instance(ctx, **person, is_forced=True)
    assert await standing(ctx, made) == ("STUDENT", "ACTIVE", "audit")


async def test_the_code_lets_in(ctx: Context, world: University, place: dict[str, Any]) -> None:
    await update_course_instance(ctx, **place, enrollment_access_code="let me in", max_learners=3)
    wrong = join_course_instance(world.loner, **place, access_code="let me out")
    await refused(ctx, wrong, UserErrorCode.CLOSED, "courseInstanceId")
    made = await join_course_instance(world.loner, **place, access_code="let me in")
    assert await standing(ctx, made) == ("STUDENT", "ACTIVE", "audit")


async def test_countries_are_closed(ctx: Context, world: University, place: dict[str, Any]) -> None:
    await update_course_instance(ctx, **place, closed_countries=["us", "Norway"])
    await update_profile(ctx, user_id=world.loner_id, country="United States")
    await refused(ctx, join_course_instance(world.loner, **place), UserErrorCode.CLOSED, "userId")
    await update_profile(ctx, user_id=world.loner_id, country="Sweden")
    made = await join_course_instance(world.loner, **place)
    assert await standing(ctx, made) == ("STUDENT", "ACTIVE", "audit")


async def test_administrators_change_the_track(ctx: Context, world: University, place: dict[str, Any]) -> None:
    key = await key_of(ctx, Enrollment, **place, user_id=world.student_id)
    person: dict[str, Any] = {**place, "user_id": world.student_id}
    paid = {"order:number": "7"}
    assert await join_course_instance(ctx, **person, track="verified", attributes=paid) == key
    assert await standing(ctx, key) == ("STUDENT", "ACTIVE", "verified")
    both = join_course_instance(ctx, **person, track="audit", is_active=False)
    assert "Won't deactivate." in await refused(ctx, both, UserErrorCode.INVALID, "isActive")
    assert await join_course_instance(world.admin, **person, is_active=False, attributes={"why": "left"}) == key
    assert await standing(ctx, key) == ("STUDENT", "DROPPED", "verified")
    assert (await only_row(ctx, Enrollment, key)).attributes == paid | {"why": "left"}
    assert await join_course_instance(world.admin, **person, track="audit") == key
    assert await standing(ctx, key) == ("STUDENT", "ACTIVE", "audit")


async def test_credit_needs_to_know_who_gives_it(ctx: Context, world: University, place: dict[str, Any]) -> None:
    await create_enrollment_track(ctx, **place, slug="credit", name="Credit")
    person: dict[str, Any] = {**place, "user_id": world.student_id, "track": "credit"}
    write = join_course_instance(ctx, **person, attributes={"order:number": "7"})
    await refused(ctx, write, UserErrorCode.REQUIRED, "attributes")
    made = await join_course_instance(ctx, **person, attributes={"credit:provider_id": "uni"})
    assert await standing(ctx, made) == ("STUDENT", "ACTIVE", "credit")


async def test_a_track_that_is_open_no_more(ctx: Context, world: University, place: dict[str, Any]) -> None:
    await create_enrollment_track(ctx, **place, slug="honor", name="Honor", expires_at=NOW)
    person: dict[str, Any] = {**place, "user_id": world.loner_id, "track": "honor"}
    told = f"The [honor] course mode is expired or otherwise unavailable for course run [{KEY}]."
    assert await refused(ctx, join_course_instance(world.admin, **person), UserErrorCode.NOT_FOUND, "track") == told
    made = await join_course_instance(world.admin, **person, is_forced=True)
    assert await standing(ctx, made) == ("STUDENT", "ACTIVE", "honor")
    student: dict[str, Any] = {**person, "user_id": world.student_id}
    await refused(ctx, join_course_instance(world.admin, **student), UserErrorCode.NOT_FOUND, "track")
    changed = await join_course_instance(ctx, **student)
    assert await standing(ctx, changed) == ("STUDENT", "ACTIVE", "honor")


async def test_who_is_invited_is_let_in(ctx: Context, world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await refused(ctx, join_course_instance(world.loner, **here), UserErrorCode.CLOSED, "courseInstanceId")
    taken = invite_by_email(world.instructor, **here, email="LOU@uni.example")
    await refused(ctx, taken, UserErrorCode.TAKEN, "email")
    invitation = await invite_by_email(world.instructor, **here, email="new@uni.example")
    assert await withdraw_invitation(world.instructor, enrollment_invitation_id=invitation) == invitation
    await denied(ctx, withdraw_invitation(ctx, enrollment_invitation_id=invitation), NotFound)
    await denied(ctx, withdraw_invitation(ctx, enrollment_invitation_id=2**80), NotFound)
