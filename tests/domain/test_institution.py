"""Data sources, terms, names of roles, profiles, people forgotten; what offerings and enrolments say of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.catalog.models import Course, CourseInstance, Duration, Term
from app.domain.catalog.terms import create_term, delete_term, update_term
from app.domain.enrollment.models import Enrollment, EnrollmentRole, EnrollmentStatus, Role
from app.domain.enrollment.offerings import create_course_instance, update_course_instance
from app.domain.enrollment.service import create_enrollment_role, drop_enrollment, enroll, update_enrollment
from app.domain.identity.institution import create_data_source, delete_data_source, update_data_source, update_profile
from app.domain.identity.models import AccessToken, DataSource, Gender, User, UserProfile
from app.domain.identity.service import create_user, delete_user, update_user
from app.domain.identity.tokens import issue_token
from app.errors import Forbidden, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University, as_user

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def role_of(ctx: Context, key: str) -> int:
    return await key_of(ctx, EnrollmentRole, key=key)


async def test_a_data_source_lives_as_long_as_it_is_named(ctx: Context) -> None:
    made = await create_data_source(ctx, external_id=" SIS ", description="The registrar's")
    assert (await only_row(ctx, DataSource, made)).external_id == "SIS"
    await refused(ctx, create_data_source(ctx, external_id="sis"), UserErrorCode.TAKEN, "externalId")
    await update_data_source(ctx, data_source_id=made, description=None)
    assert (await only_row(ctx, DataSource, made)).description is None
    user_id = await create_user(ctx, username="ann", data_source_id=made)
    await refused(ctx, delete_data_source(ctx, data_source_id=made), UserErrorCode.IN_USE, "dataSourceId")
    await update_user(ctx, user_id=user_id, data_source_id=None)
    await delete_data_source(ctx, data_source_id=made)
    gone = update_user(ctx, user_id=user_id, data_source_id=made)
    await refused(ctx, gone, UserErrorCode.NOT_FOUND, "dataSourceId")


@pytest.mark.parametrize(
    ("values", "reason", "field"),
    [
        ({"external_id": "F24"}, UserErrorCode.TAKEN, "externalId"),
        ({"duration": Duration.TERM}, UserErrorCode.INVALID, "duration"),
        ({"days_of_use": 0}, UserErrorCode.OUT_OF_RANGE, "daysOfUse"),
        ({"start_at": NOW, "end_at": NOW - DAY}, UserErrorCode.OUT_OF_RANGE, "endAt"),
        ({"data_source_id": 2**40}, UserErrorCode.NOT_FOUND, "dataSourceId"),
        ({"name": ""}, UserErrorCode.REQUIRED, "name"),
    ],
)
async def test_what_a_term_cannot_be(
    ctx: Context, world: University, values: dict[str, Any], reason: UserErrorCode, field: str
) -> None:
    made = create_term(ctx, **{"external_id": "new", "name": "New", **values})
    await refused(ctx, made, reason, field)


async def test_a_term_in_use_stays(ctx: Context, world: University) -> None:
    await refused(ctx, delete_term(ctx, term_id=world.term_id), UserErrorCode.IN_USE, "termId")
    await update_term(ctx, term_id=world.term_id, name="Autumn", start_at=NOW)
    late = update_term(ctx, term_id=world.term_id, end_at=NOW - DAY)
    await refused(ctx, late, UserErrorCode.OUT_OF_RANGE, "endAt")
    await update_course_instance(ctx, course_instance_id=world.course_instance_id, term_id=None)
    await delete_term(ctx, term_id=world.term_id)
    assert await ctx.db.scalar(Term.__table__.select()) is None


async def test_an_offering_without_a_course_gets_one(ctx: Context, world: University) -> None:
    made = await create_course_instance(ctx, name="MATH1", long_name="Algebra")
    course = await only_row(ctx, Course, (await only_row(ctx, CourseInstance, made)).course_id)
    assert (course.key, course.title, course.organization_id) == ("MATH1", "Algebra", world.organization_id)
    twin = await create_course_instance(ctx, name="EE210", long_name="Signals")
    assert (await only_row(ctx, CourseInstance, twin)).course_id == world.course_id
    assert (await only_row(ctx, CourseInstance, twin)).time_zone == "Europe/Oslo"
    theirs = create_course_instance(world.instructor, name="MATH2", long_name="Algebra")
    await denied(world.instructor, theirs, Forbidden)


async def test_an_enrolment_role_has_a_role(ctx: Context, world: University) -> None:
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.loner_id}
    made = await enroll(ctx, **place, enrollment_role_id=await role_of(ctx, "Grader"), display_order=2)
    row = await only_row(ctx, Enrollment, made)
    assert (row.role, row.display_order, row.is_available) == (Role.COURSE_ASSISTANT, 2, True)
    await update_enrollment(ctx, enrollment_id=made, role=Role.STUDENT)
    assert (await only_row(ctx, Enrollment, made)).enrollment_role_id is None
    tutor = await create_enrollment_role(ctx, key="Tutor", name="Tutor", role=Role.COURSE_ASSISTANT)
    await update_enrollment(ctx, enrollment_id=made, enrollment_role_id=tutor, is_available=False)
    row = await only_row(ctx, Enrollment, made)
    assert (row.role, row.enrollment_role_id, row.is_available) == (Role.COURSE_ASSISTANT, tutor, False)
    again = create_enrollment_role(ctx, key="tutor", name="Tutor", role=Role.STUDENT)
    await refused(ctx, again, UserErrorCode.TAKEN, "key")
    unknown = update_enrollment(ctx, enrollment_id=made, enrollment_role_id=2**40)
    await refused(ctx, unknown, UserErrorCode.NOT_FOUND, "enrollmentRoleId")
    nowhere = update_enrollment(ctx, enrollment_id=made, data_source_id=0)
    await refused(ctx, nowhere, UserErrorCode.NOT_FOUND, "dataSourceId")
    first = update_enrollment(ctx, enrollment_id=made, display_order=0)
    await refused(ctx, first, UserErrorCode.OUT_OF_RANGE, "displayOrder")


async def test_staff_is_dropped_only_when_it_is_said(ctx: Context, world: University) -> None:
    place = {"course_instance_id": world.course_instance_id, "user_id": world.assistant_id}
    key = await key_of(ctx, Enrollment, **place)
    await refused(ctx, drop_enrollment(ctx, enrollment_id=key), UserErrorCode.IS_STAFF, "enrollmentId")
    await drop_enrollment(ctx, enrollment_id=key, including_staff=True)
    assert (await only_row(ctx, Enrollment, key)).status == EnrollmentStatus.DROPPED


async def test_a_profile_is_begun_and_changed(ctx: Context, world: University) -> None:
    made = await update_profile(ctx, user_id=world.student_id, city="Oslo", gender=Gender.OTHER)
    assert await update_profile(world.student, user_id=world.student_id, pronouns="they") == made
    row = await only_row(ctx, UserProfile, made)
    assert (row.city, row.gender, row.pronouns, row.system_roles) == ("Oslo", "OTHER", "they", [])
    await denied(world.student, update_profile(world.student, user_id=world.student_id, city="Rome"), Forbidden)
    bad = update_profile(ctx, user_id=world.student_id, institution_email="nobody")
    await refused(ctx, bad, UserErrorCode.INVALID, "institutionEmail")
    page = update_profile(ctx, user_id=world.student_id, web_page="javascript:alert(1)")
    await refused(ctx, page, UserErrorCode.INVALID, "webPage")


async def test_only_who_left_no_trace_is_forgotten(ctx: Context, world: University) -> None:
    await refused(ctx, delete_user(ctx, user_id=world.student_id), UserErrorCode.IN_USE, "userId")
    loner = as_user(ctx, world.loner_id)
    token = await issue_token(loner, name="laptop")
    profile = await update_profile(ctx, user_id=world.loner_id, city="Oslo")
    assert await delete_user(ctx, user_id=world.loner_id) == world.loner_id
    for model, key in ((User, world.loner_id), (AccessToken, token.id), (UserProfile, profile)):
        assert await ctx.db.fetch(model.__table__.select().where(model.__table__.c.id == key)) == []


async def test_what_says_nothing_changes_nothing(ctx: Context, world: University) -> None:
    async with nothing_changes(ctx):
        await update_term(ctx, term_id=world.term_id)
