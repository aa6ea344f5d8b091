"""Many people into many course instances at once: as one by one, in as many statements for many as for few."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from app.context import Context
from app.domain.enrollment.invitations import invite_by_email
from app.domain.enrollment.merging import merge_course_instance
from app.domain.enrollment.models import Enrollment, EnrollmentInvitation, Role
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.rosters import enlist_people
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.groups.cohorts import set_cohorting
from app.domain.groups.models import Group
from app.domain.identity.arrivals import welcome
from app.domain.identity.models import User
from app.domain.identity.service import create_user, update_user
from app.domain.jobs.models import EnrollmentNotice, Job
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.domain.test_groups import members
from tests.domain.test_rosters import enlisted
from tests.domain.tracks import verified
from tests.factories import University, person

pytestmark = pytest.mark.anyio


async def places(world: University, number: int, name: str = "more") -> list[int]:
    """More course instances of the first course."""
    return [
        await create_course_instance(world.admin, course_id=world.course_id, name=f"{name}{each}", long_name="More")
        for each in range(number)
    ]


async def state(ctx: Context, place: int, user_id: int) -> tuple[Any, ...] | None:
    """(role, status, track, child) of an enrolment."""
    own = Enrollment
    statement = select(own.role, own.status, own.track, own.child_course_instance_id)
    rows = await ctx.db.fetch(statement.where(own.course_instance_id == place, own.user_id == user_id))
    return tuple(rows[0]) if rows else None


async def test_many_names_in_many_course_instances(ctx: Context, world: University) -> None:
    keys = [world.course_instance_id, *await places(world, 2)]
    said: dict[str, Any] = {"course_instance_ids": [*keys, keys[0]], "names": ["sam", "lou", "new@x.org"]}
    made = await enlist_people(world.admin, **said)
    assert [each.course_instance_id for each in made.enlistments] == keys
    for place in keys:
        assert await state(ctx, place, world.loner_id) == ("STUDENT", "ACTIVE", "audit", None)
    assert [await state(ctx, place, world.student_id) for place in keys] == [
        ("STUDENT", "ACTIVE", None, None),
        ("STUDENT", "ACTIVE", "audit", None),
        ("STUDENT", "ACTIVE", "audit", None),
    ]
    invited = select(EnrollmentInvitation.course_instance_id).where(EnrollmentInvitation.email == "new@x.org")
    assert [row[0] for row in await ctx.db.fetch(invited.order_by(EnrollmentInvitation.id))] == keys
    async with nothing_changes(ctx):
        await enlist_people(world.admin, **said)
    await enlist_people(world.admin, **said, is_leaving=True)
    assert await ctx.db.fetch(invited) == []
    assert {(await state(ctx, place, world.loner_id) or ())[1] for place in keys} == {"DROPPED"}


async def test_who_comes_back(ctx: Context, world: University) -> None:
    """The record and its beginning stay; a track that is offered no more forbids it."""
    await verified(world)
    await create_enrollment_track(ctx, course_instance_id=world.course_instance_id, slug="audit", name="Audit")
    sam_id = await key_of(ctx, Enrollment, user_id=world.student_id)
    sue_id = await key_of(ctx, Enrollment, user_id=world.second_student_id)
    await update_enrollment(ctx, enrollment_id=sam_id, track="verified")
    for key in (sam_id, sue_id):
        await drop_enrollment(ctx, enrollment_id=key)
    before = await only_row(ctx, Enrollment, sam_id)
    await enlisted(ctx, world, ["sam", "sue", "ida"])
    row = await only_row(ctx, Enrollment, sam_id)
    assert (row.status, row.track, row.ended_at, row.enrolled_at) == ("ACTIVE", "verified", None, before.enrolled_at)
    assert (await only_row(ctx, Enrollment, sue_id)).track == "audit"
    assert await state(ctx, world.course_instance_id, world.instructor_id) == ("INSTRUCTOR", "ACTIVE", "audit", None)
    await enlisted(ctx, world, ["ida"], is_leaving=True)
    assert await state(ctx, world.course_instance_id, world.instructor_id) == ("INSTRUCTOR", "ACTIVE", None, None)
    await drop_enrollment(ctx, enrollment_id=sam_id)
    await ctx.db.execute(update(Enrollment).where(Enrollment.id == sam_id).values(track="gone"))
    [told] = await enlisted(ctx, world, ["sam"])
    assert (told.is_refused, told.before, told.after) == (True, None, None)
    assert (await only_row(ctx, Enrollment, sam_id)).status == "DROPPED"


async def test_merged_course_instances(ctx: Context, world: University) -> None:
    """The parent follows; who is in another child, or came through one, is not moved."""
    parent, child = world.other_course_instance_id, world.course_instance_id
    [second] = await places(world, 1)
    for each in (child, second):
        await merge_course_instance(ctx, parent_id=parent, child_id=each)
    made = await enlist_people(ctx, course_instance_ids=[child, second, parent], names=["lou", "sam"])
    refusals = [[person.is_refused for person in each.people] for each in made.enlistments]
    assert refusals == [[False, False], [True, True], [False, False]]
    assert await state(ctx, child, world.loner_id) == ("STUDENT", "ACTIVE", "audit", None)
    assert await state(ctx, parent, world.loner_id) == ("STUDENT", "ACTIVE", "audit", child)
    assert await state(ctx, second, world.loner_id) is None
    made = await enlist_people(ctx, course_instance_ids=[parent], names=["lou"], is_leaving=True)
    assert made.enlistments[0].people[0].is_refused is True
    await enlist_people(ctx, course_instance_ids=[child], names=["lou"], is_leaving=True)
    assert await state(ctx, parent, world.loner_id) == ("STUDENT", "DROPPED", "audit", child)
    await enlist_people(ctx, course_instance_ids=[second], names=["lou"])
    assert await state(ctx, parent, world.loner_id) == ("STUDENT", "ACTIVE", "audit", second)


async def test_cohorts_follow(ctx: Context, world: University) -> None:
    await set_cohorting(world.instructor, course_instance_id=world.course_instance_id, is_cohorted=True)
    await enlisted(world.instructor, world, ["lou", "pia"])
    default = await key_of(ctx, Group, name="Default Group")
    everybody = [world.student_id, world.second_student_id, world.loner_id, world.previewer_id]
    assert await members(ctx, default) == sorted(everybody)


async def test_who_may(ctx: Context, world: University) -> None:
    both = [world.course_instance_id, world.other_course_instance_id]
    await denied(ctx, enlist_people(world.instructor, course_instance_ids=both, names=["lou"]), NotFound)
    await enroll(ctx, course_instance_id=both[1], user_id=world.instructor_id, role=Role.COURSE_ASSISTANT)
    await denied(ctx, enlist_people(world.instructor, course_instance_ids=both, names=["lou"]), Forbidden)
    for unknown in (2**31 - 2, 2**70, 0):
        await denied(ctx, enlist_people(ctx, course_instance_ids=[both[0], unknown], names=["lou"]), NotFound)
    many = [both[0], *await places(world, 100)]
    write = enlist_people(ctx, course_instance_ids=many, names=["lou"])
    await refused(ctx, write, UserErrorCode.TOO_LONG, "courseInstanceIds")


async def test_an_address_of_somebody_who_is_not_active(ctx: Context, world: University) -> None:
    await update_user(ctx, user_id=world.loner_id, is_active=False)
    [by_name, by_address] = await enlisted(ctx, world, ["lou", "LOU@uni.example"])
    assert (by_name.is_refused, by_name.before) == (False, None)
    assert (by_address.is_refused, by_address.before) == (True, None)
    assert await ctx.db.fetch(select(EnrollmentInvitation.id)) == []


async def count(ctx: Context, work: Any) -> int:
    before = ctx.db.statements
    await work
    return ctx.db.statements - before


async def test_statements(ctx: Context, world: University) -> None:
    """As many for one name in one course instance as for many in many, whatever becomes of them."""
    counts = []
    for number in (1, 8):
        keys = [world.course_instance_id, *await places(world, number, f"of{number}-")]
        names = [f"a{number}x{each}" for each in range(number)]
        for name in names:
            await person(ctx, name)
        every = [*names, *(f"new{name}@x.org" for name in names)]
        said: dict[str, Any] = {"course_instance_ids": keys, "names": every, "is_notified": True}
        made = [await count(ctx, enlist_people(ctx, **said)), await count(ctx, enlist_people(ctx, **said))]
        made.append(await count(ctx, enlist_people(ctx, **said, is_automatic=True)))
        made.append(await count(ctx, enlist_people(ctx, **said, is_leaving=True)))
        made.append(await count(ctx, enlist_people(ctx, **said)))
        counts.append(made)
    assert counts[0] == counts[1] == [11, 8, 9, 10, 11]


async def test_many_arrive(ctx: Context, world: University) -> None:
    """Who was made in bulk is enrolled where the address is awaited, in as many statements for many as for one."""
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    counts = []
    for number in (1, 6):
        emails = [f"w{number}x{each}@x.org" for each in range(number)]
        for email in emails:
            await invite_by_email(ctx, **here, email=email, is_automatic=True)
            names = {"username": email, "uid": email, "uuid": email, "name": email}
            await ctx.db.execute(insert(User).values(email=email.upper(), **names))
        keys = [row[0] for row in await ctx.db.fetch(select(User.id).where(User.uid.in_(emails)))]
        counts.append(await count(ctx, welcome(ctx, keys)))
        for key in keys:
            assert await state(ctx, world.course_instance_id, key) == ("STUDENT", "ACTIVE", "audit", None)
        async with nothing_changes(ctx):
            await welcome(ctx, keys)
    assert counts == [6, 6]


async def test_who_arrives_is_not_kept_out_by_a_merge(ctx: Context, world: University) -> None:
    """Awaited in two course instances that are merged: the first takes them in, and they exist."""
    [second] = await places(world, 1)
    for each in (world.course_instance_id, second):
        await merge_course_instance(ctx, parent_id=world.other_course_instance_id, child_id=each)
        await invite_by_email(ctx, course_instance_id=each, email="new@x.org", is_automatic=True)
    made = await create_user(ctx, username="new", email="new@x.org")
    assert await state(ctx, world.course_instance_id, made) == ("STUDENT", "ACTIVE", "audit", None)
    assert await state(ctx, second, made) is None
    assert (await state(ctx, world.other_course_instance_id, made) or ())[3] == world.course_instance_id


async def test_notices_are_kept_for_a_job(ctx: Context, world: University) -> None:
    keys = [world.course_instance_id, *await places(world, 1)]
    names = ["sam", "SAM@uni.example", "lou", "new@x.org", "bad"]
    await enlist_people(world.admin, course_instance_ids=keys, names=names, is_notified=True)
    own = EnrollmentNotice
    statement = select(Job.course_instance_id, own.email, own.tidings).join(Job, Job.id == own.job_id)
    rows = [tuple(row) for row in await ctx.db.fetch(statement.order_by(own.id))]
    people = [("sam@uni.example", "ENROLLED"), ("lou@uni.example", "ENROLLED"), ("new@x.org", "INVITED")]
    assert rows == [(place, *each) for place in keys for each in people]
    job = (await ctx.db.fetch(select(Job.__table__).order_by(Job.id)))[0]
    assert (job.kind, job.state, job.input, job.requester_id) == (
        *("ENROLLMENT_NOTICES", "SCHEDULED", {"mails": 3}),
        world.admin_id,
    )
    await enlisted(world.admin, world, ["sam", "pia", "new@x.org"], is_leaving=True, is_notified=True)
    told = select(own.email, own.tidings).order_by(own.id.desc()).limit(2)
    assert [tuple(row) for row in await ctx.db.fetch(told)] == [
        ("new@x.org", "WITHDRAWN"),
        ("sam@uni.example", "DROPPED"),
    ]
    jobs = await ctx.db.scalar(select(func.count()).select_from(Job))
    await enlisted(world.admin, world, ["pia"], is_leaving=True, is_notified=True)
    assert await ctx.db.scalar(select(func.count()).select_from(Job)) == jobs
