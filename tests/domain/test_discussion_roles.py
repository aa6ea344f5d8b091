"""Who looks after discussions: given with an enrolment; sees the cohorts, and runs the teams that are listed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.access import Access, accesses
from app.domain.enrollment.merging import merge_course_instance
from app.domain.enrollment.models import DiscussionRole, Enrollment
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.domain.groups.cohorts import create_cohort, update_cohort
from app.domain.groups.models import Filling, Group, GroupInvitation, GroupMembership, Management
from app.domain.groups.placing import place_in_cohort
from app.domain.groups.service import (
    add_group_member,
    create_group,
    delete_group,
    remove_group_member,
    update_group,
)
from app.domain.identity.models import User
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.domain.proof import denied, key_of, only_row, refused
from tests.domain.test_groups import members
from tests.domain.test_teams import seen, teams
from tests.factories import University, team

pytestmark = pytest.mark.anyio


async def trusted(world: University, role: DiscussionRole | None = DiscussionRole.COMMUNITY_ASSISTANT) -> int:
    """The student's enrolment, which says that they look after the discussions."""
    enrollment_id = await key_of(world.admin, Enrollment, user_id=world.student_id)
    return await update_enrollment(world.instructor, enrollment_id=enrollment_id, discussion_role=role)


async def cohort(world: University, name: str, people: list[str]) -> int:
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    made = await create_cohort(world.instructor, **place, name=name, filling=Filling.MANUAL)
    await place_in_cohort(world.instructor, group_id=made, people=people)
    return made


async def test_the_role_is_given_and_taken(ctx: Context, world: University) -> None:
    place = world.course_instance_id
    for role in DiscussionRole:
        enrollment_id = await trusted(world, role)
        assert (await only_row(ctx, Enrollment, enrollment_id)).discussion_role == role
        assert await accesses(world.student, [place]) == [Access(False, False, False, True)]
    await trusted(world, None)
    assert await accesses(world.student, [place]) == [Access(False, False, False, False)]
    assert await accesses(world.instructor, [place]) == [Access(True, True, True, False)]
    assert await accesses(world.admin, [place]) == [Access(True, True, True, True)]
    mine = update_enrollment(world.student, enrollment_id=enrollment_id, discussion_role=DiscussionRole.MODERATOR)
    await denied(world.student, mine, Forbidden)
    theirs = update_enrollment(world.assistant, enrollment_id=enrollment_id, discussion_role=DiscussionRole.MODERATOR)
    await denied(world.assistant, theirs, Forbidden)


async def test_cohorts_are_seen_but_not_who_is_in_them(ctx: Context, world: University) -> None:
    larks = await cohort(world, "Larks", ["sue", "new@x.org"])
    assert await seen(ctx, world.student) == []
    enrollment_id = await trusted(world)
    assert await seen(ctx, world.student) == ["Larks"]
    for model in (GroupMembership, GroupInvitation):
        assert await ctx.db.fetch(select(model.id).where(world.student.visible(model))) == []
    sue = select(User.id).where(User.id == world.second_student_id, world.student.visible(User))
    assert await ctx.db.fetch(sue) == []
    await denied(world.student, update_cohort(world.student, group_id=larks, name="x"), Forbidden)
    await denied(world.student, place_in_cohort(world.student, group_id=larks, people=["sam"]), Forbidden)
    await denied(world.student, add_group_member(world.student, group_id=larks), Forbidden)
    await denied(world.student, update_group(world.student, group_id=larks, name="x"), Forbidden)
    assert await seen(ctx, world.outsider) == []
    await drop_enrollment(world.instructor, enrollment_id=enrollment_id)
    assert await seen(ctx, world.student) == []


@pytest.mark.parametrize("management", [Management.OPEN, Management.OPEN_MANAGED, Management.PUBLIC_MANAGED])
async def test_listed_teams_are_changed_and_dissolved(ctx: Context, world: University, management: Management) -> None:
    clubs = await teams(world, management)
    group_id = await create_group(world.instructor, group_set_id=clubs, name="Chess")
    await denied(world.student, update_group(world.student, group_id=group_id, name="Go"), Forbidden)
    await trusted(world)
    await update_group(world.student, group_id=group_id, name="Go", is_organization_protected=False)
    assert (await only_row(ctx, Group, group_id)).name == "Go"
    await denied(world.student, update_group(world.student, group_id=group_id, audience_id=None), Forbidden)
    pairs = await team(world, name="Pairs")
    moved = update_group(world.student, group_id=group_id, group_set_id=pairs.group_set_id)
    await denied(world.student, moved, Forbidden)
    await delete_group(world.student, group_id=group_id)
    assert (await only_row(ctx, Group, group_id)).deleted_at is not None


async def test_anybody_who_learns_is_put_into_open_teams(ctx: Context, world: University) -> None:
    """Whoever it is, seen or not; who does not learn here is nobody, and full is full."""
    clubs = await teams(world, Management.OPEN, max_size=1)
    sue = world.second_student_id
    await trusted(world)
    chess = await create_group(world.student, group_set_id=clubs, name="Chess")
    assert await members(ctx, chess) == []
    await add_group_member(world.student, group_id=chess, user_id=sue)
    assert await members(ctx, chess) == [sue]
    for stranger in (world.loner_id, 2**31 - 2, 2**70, 0):
        write = add_group_member(world.student, group_id=chess, user_id=stranger)
        await refused(world.student, write, UserErrorCode.NOT_FOUND, "userId")
    staff = add_group_member(world.student, group_id=chess, user_id=world.assistant_id)
    await refused(world.student, staff, UserErrorCode.NOT_ENROLLED, "userId")
    full = add_group_member(world.student, group_id=chess)
    await refused(world.student, full, UserErrorCode.GROUP_FULL, "userId")
    await remove_group_member(world.student, group_id=chess, user_id=sue)
    assert await members(ctx, chess) == []
    two = create_group(world.student, group_set_id=clubs, name="Go", user_ids=[world.student_id, sue])
    await refused(world.student, two, UserErrorCode.GROUP_FULL, "userIds")
    await create_group(world.student, group_set_id=clubs, name="Go", user_ids=[sue])


async def test_what_the_staff_alone_does(ctx: Context, world: University) -> None:
    public = await teams(world, Management.PUBLIC_MANAGED, "Labs")
    managed = await teams(world, Management.OPEN_MANAGED)
    hidden = await teams(world, Management.PRIVATE_MANAGED, "Hidden")
    lab = await create_group(world.instructor, group_set_id=public, name="Lab")
    secret = await create_group(world.instructor, group_set_id=hidden, name="Secret")
    pairs = await team(world, [world.student_id], name="Free", is_self_assigned=True)
    await trusted(world)
    who = world.student
    sue: dict[str, Any] = {"user_id": world.second_student_id}
    await denied(who, add_group_member(who, group_id=lab, **sue), Forbidden)
    await denied(who, create_group(who, group_set_id=public, name="x"), Forbidden)
    await denied(who, create_group(who, group_set_id=managed, name="x"), Forbidden)
    await denied(who, update_group(who, group_id=secret, name="x"), NotFound)
    await denied(who, add_group_member(who, group_id=pairs.group_id, **sue), Forbidden)
    await denied(who, delete_group(who, group_id=pairs.group_id), Forbidden)


async def test_the_role_counts_in_its_course_instance(ctx: Context, world: University) -> None:
    await enroll(world.admin, course_instance_id=world.other_course_instance_id, user_id=world.student_id)
    there = await key_of(ctx, Enrollment, user_id=world.student_id, course_instance_id=world.other_course_instance_id)
    await update_enrollment(world.outsider, enrollment_id=there, discussion_role=DiscussionRole.ADMINISTRATOR)
    larks = await cohort(world, "Larks", [])
    assert await seen(ctx, world.student) == []
    clubs = await teams(world, Management.OPEN)
    chess = await create_group(world.instructor, group_set_id=clubs, name="Chess")
    await denied(world.student, delete_group(world.student, group_id=chess), Forbidden)
    await denied(world.student, delete_group(world.student, group_id=larks), NotFound)


async def test_the_role_is_mirrored_where_course_instances_are_merged(ctx: Context, world: University) -> None:
    there: dict[str, Any] = {"parent_id": world.other_course_instance_id, "child_id": world.course_instance_id}
    await merge_course_instance(world.admin, **there)
    enrollment_id = await key_of(ctx, Enrollment, user_id=world.student_id, course_instance_id=world.course_instance_id)
    role = DiscussionRole.MODERATOR
    await update_enrollment(world.instructor, enrollment_id=enrollment_id, discussion_role=role)
    rows = await ctx.db.fetch(select(Enrollment.discussion_role).where(Enrollment.user_id == world.student_id))
    assert [row[0] for row in rows] == [role, role]
