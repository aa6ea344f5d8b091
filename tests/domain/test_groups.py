from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment, enroll
from app.domain.groups.models import Group, GroupMembership, GroupSet
from app.domain.groups.service import (
    add_group_member,
    create_group,
    create_group_set,
    delete_group,
    remove_group_member,
    update_group_set,
)
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University, at, team

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(days=1)


async def members(ctx: Context, group_id: int) -> list[int]:
    """Who is in a group now."""
    own = GroupMembership
    statement = select(own.user_id).where(own.group_id == group_id, own.left_at.is_(None)).order_by(own.user_id)
    return [row[0] for row in await ctx.db.fetch(statement)]


async def test_a_set_of_groups(ctx: Context, world: University) -> None:
    place = world.course_instance_id
    made = await create_group_set(world.instructor, course_instance_id=place, name="Pairs", max_size=2)
    row = await only_row(ctx, GroupSet, made)
    assert (row.course_instance_id, row.name, row.min_size, row.max_size) == (place, "Pairs", 1, 2)
    assert (row.is_self_assigned, row.created_at) == (False, NOW)
    here: dict[str, Any] = {"course_instance_id": place}
    codes = UserErrorCode
    await refused(ctx, create_group_set(ctx, **here, name="PAIRS", max_size=2), codes.TAKEN, "name")
    await refused(ctx, create_group_set(ctx, **here, name="x", max_size=0), codes.OUT_OF_RANGE, "maxSize")
    await refused(ctx, create_group_set(ctx, **here, name="x", max_size=2**40), codes.OUT_OF_RANGE, "maxSize")
    small = create_group_set(ctx, **here, name="x", max_size=2, min_size=0)
    await refused(ctx, small, codes.OUT_OF_RANGE, "minSize")
    crossed = create_group_set(ctx, **here, name="x", max_size=2, min_size=3)
    await refused(ctx, crossed, codes.OUT_OF_RANGE, "maxSize")
    await create_group_set(ctx, course_instance_id=world.other_course_instance_id, name="Pairs", max_size=2)


async def test_a_set_is_changed(ctx: Context, world: University) -> None:
    pairs = await team(world)
    await team(world, [], name="Others")
    key = pairs.group_set_id
    assert await update_group_set(world.instructor, group_set_id=key, max_size=1, is_self_assigned=True) == key
    row = await only_row(ctx, GroupSet, key)
    assert (row.name, row.min_size, row.max_size, row.is_self_assigned) == ("Pairs", 1, 1, True)
    assert await members(ctx, pairs.group_id) == [world.student_id, world.second_student_id]
    await refused(ctx, update_group_set(ctx, group_set_id=key, min_size=2), UserErrorCode.OUT_OF_RANGE, "maxSize")
    await refused(ctx, update_group_set(ctx, group_set_id=key, name="others"), UserErrorCode.TAKEN, "name")
    await denied(ctx, update_group_set(ctx, group_set_id=999_999, name="x"), NotFound)


async def test_a_group_of_two(ctx: Context, world: University) -> None:
    pairs = await team(world)
    row = await only_row(ctx, Group, pairs.group_id)
    assert (row.name, row.course_instance_id, row.deleted_at) == ("g1", world.course_instance_id, None)
    memberships = await ctx.db.fetch(select(GroupMembership.__table__).order_by(GroupMembership.user_id))
    assert [(m.user_id, m.group_set_id, m.is_confirmed, m.joined_at, m.left_at) for m in memberships] == [
        (world.student_id, pairs.group_set_id, True, NOW, None),
        (world.second_student_id, pairs.group_set_id, True, NOW, None),
    ]


async def test_who_may_be_in_a_group(ctx: Context, world: University) -> None:
    pairs = await team(world, [])
    codes = UserErrorCode
    for user_id, reason in (
        (world.assistant_id, codes.NOT_ENROLLED),
        (world.loner_id, codes.NOT_FOUND),
        (999_999, codes.NOT_FOUND),
        (2**70, codes.NOT_FOUND),
    ):
        named = [world.student_id, user_id]
        write = create_group(world.instructor, group_set_id=pairs.group_set_id, name="x", user_ids=named)
        await refused(ctx, write, reason, "userIds")
        add = add_group_member(world.instructor, group_id=pairs.group_id, user_id=user_id)
        await refused(ctx, add, reason, "userId")
    seen = create_group(world.admin, group_set_id=pairs.group_set_id, name="x", user_ids=[world.loner_id])
    await refused(ctx, seen, codes.NOT_ENROLLED, "userIds")
    await drop_enrollment(ctx, enrollment_id=await key_of(ctx, Enrollment, user_id=world.student_id))
    add = add_group_member(world.instructor, group_id=pairs.group_id, user_id=world.student_id)
    await refused(ctx, add, codes.DROPPED, "userId")


async def test_a_group_is_never_too_large(ctx: Context, world: University) -> None:
    pairs = await team(world)
    await enroll(ctx, course_instance_id=world.course_instance_id, user_id=world.loner_id)
    three = [world.student_id, world.second_student_id, world.loner_id]
    write = create_group(world.instructor, group_set_id=pairs.group_set_id, name="x", user_ids=three)
    await refused(ctx, write, UserErrorCode.GROUP_FULL, "userIds")
    add = add_group_member(world.instructor, group_id=pairs.group_id, user_id=world.loner_id)
    await refused(ctx, add, UserErrorCode.GROUP_FULL, "userId")
    twice = [world.student_id, world.student_id, world.second_student_id]
    made = await create_group(world.instructor, group_set_id=pairs.group_set_id, name="x", user_ids=twice)
    assert await members(ctx, made) == [world.student_id, world.second_student_id]


async def test_a_person_moves_from_group_to_group(ctx: Context, world: University) -> None:
    pairs = await team(world)
    later = at(world.instructor, LATER)
    made = await create_group(later, group_set_id=pairs.group_set_id, name="g2", user_ids=[world.student_id])
    assert await members(ctx, pairs.group_id) == [world.second_student_id]
    assert await members(ctx, made) == [world.student_id]
    left: dict[str, Any] = {"group_id": pairs.group_id, "user_id": world.student_id}
    assert (await only_row(ctx, GroupMembership, await key_of(ctx, GroupMembership, **left))).left_at == LATER
    key = await add_group_member(later, group_id=made, user_id=world.second_student_id)
    async with nothing_changes(ctx):
        assert await add_group_member(later, group_id=made, user_id=world.second_student_id) == key
    assert await members(ctx, made) == [world.student_id, world.second_student_id]
    assert await members(ctx, pairs.group_id) == []


async def test_a_person_is_in_a_group_of_each_set(ctx: Context, world: University) -> None:
    first, second = await team(world), await team(world, name="Others")
    assert await members(ctx, first.group_id) == await members(ctx, second.group_id)


async def test_a_member_leaves(ctx: Context, world: University) -> None:
    pairs = await team(world)
    here: dict[str, Any] = {"group_id": pairs.group_id, "user_id": world.student_id}
    key = await remove_group_member(at(world.instructor, LATER), **here)
    assert (await only_row(ctx, GroupMembership, key)).left_at == LATER
    await refused(ctx, remove_group_member(world.instructor, **here), UserErrorCode.NOT_IN_GROUP, "userId")
    await denied(ctx, remove_group_member(ctx, group_id=2**40, user_id=1), NotFound)


async def test_a_deleted_group_has_no_members(ctx: Context, world: University) -> None:
    pairs = await team(world)
    assert await delete_group(world.instructor, group_id=pairs.group_id) == pairs.group_id
    assert (await only_row(ctx, Group, pairs.group_id)).deleted_at == NOW
    assert await members(ctx, pairs.group_id) == []
    await denied(ctx, delete_group(world.instructor, group_id=pairs.group_id), NotFound)
    add = add_group_member(world.admin, group_id=pairs.group_id, user_id=world.student_id)
    await denied(ctx, add, NotFound)


async def test_learners_assign_themselves_where_they_may(ctx: Context, world: University) -> None:
    free = await team(world, [world.second_student_id], is_self_assigned=True)
    await add_group_member(world.student, group_id=free.group_id)
    assert await members(ctx, free.group_id) == [world.student_id, world.second_student_id]
    own: dict[str, Any] = {"group_set_id": free.group_set_id, "name": "mine"}
    made = await create_group(world.student, **own, user_ids=[world.student_id])
    assert await members(ctx, made) == [world.student_id]
    await remove_group_member(world.student, group_id=made)
    assert await members(ctx, made) == []
    await denied(ctx, create_group(world.student, **own, user_ids=[world.second_student_id]), Forbidden)
    await denied(ctx, create_group(world.student, **own), Forbidden)
    other: dict[str, Any] = {"group_id": free.group_id, "user_id": world.second_student_id}
    await denied(ctx, remove_group_member(world.student, **other), Forbidden)
    await denied(ctx, add_group_member(world.student, group_id=made, user_id=world.second_student_id), Forbidden)
    for stranger in (world.outsider, world.loner):
        await denied(ctx, add_group_member(stranger, group_id=free.group_id), NotFound)
    for staff in (world.assistant, world.previewer):
        await refused(ctx, add_group_member(staff, group_id=free.group_id), UserErrorCode.NOT_ENROLLED, "userId")


async def test_learners_do_not_assign_themselves_elsewhere(ctx: Context, world: University) -> None:
    pairs = await team(world, [world.second_student_id])
    await denied(ctx, add_group_member(world.student, group_id=pairs.group_id), NotFound)
    await denied(ctx, remove_group_member(world.second_student, group_id=pairs.group_id), Forbidden)
    mine = create_group(world.student, group_set_id=pairs.group_set_id, name="x", user_ids=[world.student_id])
    await denied(ctx, mine, Forbidden)
