from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import Availability, Course, CourseInstance, CourseInstanceAccessRule, Organization
from app.domain.catalog.service import create_course, create_organization
from app.domain.enrollment.models import CourseRole, CourseStaff, Enrollment
from app.domain.enrollment.offerings import (
    EntryRule,
    create_course_instance,
    delete_course_instance,
    set_course_instance_access_rules,
    update_course,
    update_course_instance,
)
from app.domain.enrollment.service import enroll, set_course_staff
from app.errors import NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def test_an_organization(ctx: Context) -> None:
    made = await only_row(ctx, Organization, await create_organization(ctx, key="uni", name="Uni", description="a\nb"))
    assert (made.key, made.name, made.description, made.created_at) == ("uni", "Uni", "a\nb", NOW)
    await refused(ctx, create_organization(ctx, key="UNI", name="x"), UserErrorCode.TAKEN, "key")
    await refused(ctx, create_organization(ctx, key="x" * 65, name="x"), UserErrorCode.TOO_LONG, "key")
    await refused(ctx, create_organization(ctx, key="x", name="\t"), UserErrorCode.REQUIRED, "name")


async def test_a_course(ctx: Context) -> None:
    place = await create_organization(ctx, key="uni", name="Uni")
    values: dict[str, Any] = {"organization_id": place, "key": "EE210", "short_name": "EE 210", "title": "Signals"}
    made = await only_row(ctx, Course, await create_course(ctx, **values, time_zone="America/Chicago"))
    assert (made.organization_id, made.key, made.short_name, made.title) == tuple(values.values())
    assert (made.description, made.time_zone) == (None, "America/Chicago")
    await refused(ctx, create_course(ctx, **values), UserErrorCode.TAKEN, "key")
    other = values | {"key": "EE211"}
    await refused(ctx, create_course(ctx, **other, time_zone="Mars/Base"), UserErrorCode.INVALID, "timeZone")
    await refused(ctx, create_course(ctx, **other, time_zone="../../etc"), UserErrorCode.INVALID, "timeZone")
    await refused(ctx, create_course(ctx, **other | {"title": ""}), UserErrorCode.REQUIRED, "title")
    await denied(ctx, create_course(ctx, **other | {"organization_id": 999_999}), NotFound)


async def test_a_course_is_changed(ctx: Context, world: University) -> None:
    await update_course(ctx, course_id=world.course_id, key="ee210", description="d", time_zone="UTC")
    changed = await only_row(ctx, Course, world.course_id)
    assert (changed.key, changed.description, changed.time_zone, changed.title) == ("ee210", "d", "UTC", "Signals")
    await refused(ctx, update_course(ctx, course_id=world.course_id, key="Hist1"), UserErrorCode.TAKEN, "key")
    await refused(ctx, update_course(ctx, course_id=world.course_id, time_zone="x"), UserErrorCode.INVALID, "timeZone")
    await denied(ctx, update_course(ctx, course_id=2**40, title="x"), NotFound)


async def test_an_offering_has_the_time_zone_of_its_course(ctx: Context, world: University) -> None:
    made = await only_row(ctx, CourseInstance, world.course_instance_id)
    assert (made.name, made.key, made.external_id) == ("sig-f24", "course-v1:uni+EE210+f24", "SIS-1")
    assert (made.time_zone, made.availability, made.parent_id) == ("Europe/Oslo", "AVAILABLE", None)
    assert (len(made.uuid), made.is_hidden_in_enroll_page, made.deleted_at) == (32, False, None)


async def test_who_makes_an_offering_teaches_it(ctx: Context, world: University) -> None:
    await set_course_staff(ctx, course_id=world.course_id, user_id=world.loner_id, role=CourseRole.EDITOR)
    made = await create_course_instance(world.loner, course_id=world.course_id, name="sig-s25", long_name="Spring")
    enrolled = await ctx.db.fetch(
        select(Enrollment.user_id, Enrollment.role, Enrollment.status, Enrollment.enrolled_at).where(
            Enrollment.course_instance_id == made
        )
    )
    assert [tuple(row) for row in enrolled] == [(world.loner_id, "INSTRUCTOR", "ACTIVE", NOW)]
    made = await create_course_instance(world.admin, course_id=world.course_id, name="sig-f25", long_name="Autumn")
    assert await ctx.db.fetch(select(Enrollment.id).where(Enrollment.course_instance_id == made)) == []


@pytest.mark.parametrize(
    ("values", "reason", "field"),
    [
        ({"name": "SIG-F24"}, UserErrorCode.TAKEN, "name"),
        ({"external_id": "sis-1"}, UserErrorCode.TAKEN, "externalId"),
        ({"key": "course-v1:uni+EE210+f24"}, UserErrorCode.TAKEN, "key"),
        ({"name": "with space"}, UserErrorCode.INVALID, "name"),
        ({"name": "-dash"}, UserErrorCode.INVALID, "name"),
        ({"name": "a/b"}, UserErrorCode.INVALID, "name"),
        ({"name": "x" * 151}, UserErrorCode.TOO_LONG, "name"),
        ({"name": ""}, UserErrorCode.REQUIRED, "name"),
        ({"long_name": ""}, UserErrorCode.REQUIRED, "longName"),
        ({"key": "course-v1:edX+DemoX"}, UserErrorCode.INVALID, "key"),
        ({"key": "course-v1:a+b+c/d"}, UserErrorCode.INVALID, "key"),
        ({"key": "course-v1:a b c"}, UserErrorCode.INVALID, "key"),
        ({"key": "a:b:c"}, UserErrorCode.INVALID, "key"),
        ({"time_zone": "Nowhere"}, UserErrorCode.INVALID, "timeZone"),
        ({"start_at": NOW, "end_at": NOW - DAY}, UserErrorCode.OUT_OF_RANGE, "endAt"),
        ({"start_at": datetime(2024, 1, 1)}, UserErrorCode.INVALID, "startAt"),
    ],
)
async def test_an_offering_that_breaks_a_rule_is_not_made(
    ctx: Context, world: University, values: dict[str, Any], reason: UserErrorCode, field: str
) -> None:
    given: dict[str, Any] = {"course_id": world.course_id, "name": "new", "long_name": "New", **values}
    await refused(ctx, create_course_instance(ctx, **given), reason, field)


@pytest.mark.parametrize(
    "key",
    ["course-v1:edX+Demo.X~1+R-1:2", "some/fake/course", "ccx-v1:a+b+c+ccx@7", "course-v1:å+b+c+branch@draft"],
)
async def test_opaque_keys(ctx: Context, world: University, key: str) -> None:
    made = await create_course_instance(ctx, course_id=world.course_id, name="new", long_name="New", key=key)
    assert (await only_row(ctx, CourseInstance, made)).key == key


async def test_an_offering_is_changed(ctx: Context, world: University) -> None:
    place = world.course_instance_id
    changes: dict[str, Any] = {
        "name": "sig",
        "external_id": None,
        "key": None,
        "start_at": NOW,
        "end_at": NOW + DAY,
        "availability": Availability.UNAVAILABLE,
        "time_zone": "UTC",
    }
    assert await update_course_instance(world.instructor, course_instance_id=place, **changes) == place
    changed = (await only_row(ctx, CourseInstance, place))._asdict()
    assert {name: changed[name] for name in changes} == changes
    assert (changed["long_name"], changed["term_id"]) == ("Signals, autumn 2024", world.term_id)
    async with nothing_changes(ctx):
        await update_course_instance(world.instructor, course_instance_id=place)
    early = update_course_instance(ctx, course_instance_id=place, end_at=NOW - DAY)
    await refused(ctx, early, UserErrorCode.OUT_OF_RANGE, "endAt")
    late = update_course_instance(ctx, course_instance_id=place, start_at=NOW + 2 * DAY)
    await refused(ctx, late, UserErrorCode.OUT_OF_RANGE, "endAt")
    taken = update_course_instance(ctx, course_instance_id=place, name="Hist-F24")
    await refused(ctx, taken, UserErrorCode.TAKEN, "name")
    await denied(ctx, update_course_instance(ctx, course_instance_id=0, name="x"), NotFound)
    await denied(ctx, update_course_instance(ctx, course_instance_id=2**63, name="x"), NotFound)


async def test_a_deleted_offering_is_seen_by_nobody(ctx: Context, world: University) -> None:
    place = world.course_instance_id
    assert await delete_course_instance(world.admin, course_instance_id=place) == place
    assert (await only_row(ctx, CourseInstance, place)).deleted_at == NOW
    for caller in (world.admin, world.instructor, world.student, world.previewer):
        await denied(ctx, update_course_instance(caller, course_instance_id=place, long_name="x"), NotFound)
    await denied(ctx, enroll(world.admin, course_instance_id=place, user_id=world.loner_id), NotFound)
    again = create_course_instance(ctx, course_id=world.course_id, name="sig-f24", long_name="New")
    await refused(ctx, again, UserErrorCode.TAKEN, "name")


async def test_entry_rules_are_replaced(ctx: Context, world: University) -> None:
    place = world.course_instance_id
    rules = [EntryRule(institution="Any", start_at=NOW), EntryRule(uids=["sam@uni.example"])]
    for given in ([EntryRule()], rules):
        await set_course_instance_access_rules(world.instructor, course_instance_id=place, rules=given)
    stored = await ctx.db.fetch(select(CourseInstanceAccessRule.__table__).order_by(CourseInstanceAccessRule.number))
    assert [(row.number, row.institution, row.start_at, row.end_at, row.uids) for row in stored] == [
        (1, "Any", NOW, None, None),
        (2, None, None, None, ["sam@uni.example"]),
    ]
    backwards = [EntryRule(), EntryRule(start_at=NOW, end_at=NOW - DAY)]
    write = set_course_instance_access_rules(ctx, course_instance_id=place, rules=backwards)
    await refused(ctx, write, UserErrorCode.OUT_OF_RANGE, "rules", "1", "endAt")
    long = [EntryRule(institution="x" * 256)]
    write = set_course_instance_access_rules(ctx, course_instance_id=place, rules=long)
    await refused(ctx, write, UserErrorCode.TOO_LONG, "rules", "0", "institution")
    await set_course_instance_access_rules(ctx, course_instance_id=place, rules=[])
    assert await ctx.db.fetch(select(CourseInstanceAccessRule.id)) == []


async def test_rights_to_a_course(ctx: Context, world: University) -> None:
    here = {"course_id": world.course_id, "user_id": world.loner_id}
    made = await set_course_staff(ctx, **here, role=CourseRole.OWNER)
    assert await set_course_staff(ctx, **here, role=CourseRole.EDITOR) == made
    assert await key_of(ctx, CourseStaff, **here, role=CourseRole.EDITOR) == made
    assert await set_course_staff(ctx, **here, role=None) is None
    assert await ctx.db.fetch(select(CourseStaff.id).where(CourseStaff.user_id == world.loner_id)) == []
    nobody = set_course_staff(ctx, course_id=world.course_id, user_id=999_999, role=CourseRole.VIEWER)
    await refused(ctx, nobody, UserErrorCode.NOT_FOUND, "userId")
