"""Sets of teams as they are run: who sees their groups, who makes and joins them, what a group says of itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment, enroll
from app.domain.groups.batches import NewGroup, create_groups
from app.domain.groups.models import Group, GroupMembership, GroupSet, Management
from app.domain.groups.naming import digits, slug
from app.domain.groups.queries import TeamOrder, count_teams, find_teams, rosters, usernames
from app.domain.groups.service import (
    add_group_member,
    create_group,
    create_group_set,
    remove_group_member,
    update_group,
    update_group_set,
)
from app.domain.identity.models import User
from app.domain.rows import update_row
from app.errors import Forbidden, LimitExceeded, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, only_row, refused
from tests.domain.test_groups import LATER, members
from tests.factories import University, at, team

pytestmark = pytest.mark.anyio


async def teams(world: University, management: Management, name: str = "Clubs", **details: Any) -> int:
    """A set of teams that is run like this."""
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "key": name.lower()}
    return await create_group_set(world.instructor, **place, name=name, management=management, **details)


async def seen(ctx: Context, caller: Context, model: Any = Group) -> list[str]:
    """The names of the groups or sets that somebody sees."""
    found = await ctx.db.fetch(select(model.name).where(caller.visible(model)).order_by(model.name))
    return [row.name for row in found]


@pytest.mark.parametrize(
    ("management", "size", "is_self_assigned"),
    [
        (Management.OPEN, 50, True),
        (Management.OPEN_MANAGED, 50, True),
        (Management.PUBLIC_MANAGED, 200, False),
        (Management.PRIVATE_MANAGED, 200, False),
        (Management.UNLISTED, 200, False),
    ],
)
async def test_what_follows_from_the_management(
    ctx: Context, world: University, management: Management, size: int, is_self_assigned: bool
) -> None:
    row = await only_row(ctx, GroupSet, await teams(world, management))
    assert (row.key, row.management, row.max_size) == ("clubs", management, size)
    assert row.is_self_assigned is is_self_assigned


async def test_a_set_says_no_contradictions(ctx: Context, world: University) -> None:
    clubs = await teams(world, Management.OPEN, description="Read and talk.")
    no = update_group_set(world.instructor, group_set_id=clubs, is_self_assigned=False)
    await refused(ctx, no, UserErrorCode.INVALID, "isSelfAssigned")
    await update_group_set(world.instructor, group_set_id=clubs, management=Management.PUBLIC_MANAGED)
    row = await only_row(ctx, GroupSet, clubs)
    assert (row.is_self_assigned, row.description) == (False, "Read and talk.")
    await teams(world, Management.OPEN, "Labs")
    taken = update_group_set(world.instructor, group_set_id=clubs, key="LABS")
    await refused(ctx, taken, UserErrorCode.TAKEN, "key")


async def test_who_sees_teams(ctx: Context, world: University) -> None:
    """Listed ones everybody who is enrolled, private ones the members; the staff all."""
    for management in Management:
        group_set_id = await teams(world, management, management.value)
        members = [world.second_student_id]
        await create_group(world.instructor, group_set_id=group_set_id, name=f"t {management}", user_ids=members)
    listed = ["t OPEN", "t OPEN_MANAGED", "t PUBLIC_MANAGED"]
    everything = [*listed[:2], "t PRIVATE_MANAGED", listed[2], "t UNLISTED"]
    assert await seen(ctx, world.student) == listed
    for caller in (world.second_student, world.assistant, world.instructor, world.admin):
        assert await seen(ctx, caller) == everything
    for caller in (world.outsider, world.loner, world.previewer):
        assert await seen(ctx, caller) == []
    sets = ["OPEN", "OPEN_MANAGED", "PUBLIC_MANAGED", "UNLISTED"]
    assert await seen(ctx, world.student, GroupSet) == sets
    assert await seen(ctx, world.second_student, GroupSet) == [*sets[:2], "PRIVATE_MANAGED", *sets[2:]]
    await drop_enrollment(ctx, enrollment_id=await key_of(ctx, Enrollment, user_id=world.student_id))
    assert await seen(ctx, world.student) == []


async def test_who_sees_a_team_knows_who_is_in_it(ctx: Context, world: University) -> None:
    clubs = await teams(world, Management.OPEN)
    both = [world.second_student_id, world.student_id]
    made = await create_group(world.instructor, group_set_id=clubs, name="Club", user_ids=both)
    await remove_group_member(at(world.instructor, LATER), group_id=made, user_id=world.student_id)
    [roster] = await rosters(world.student, [made])
    assert [(row.user_id, row.joined_at, row.last_active_at) for row in roster] == [(world.second_student_id, NOW, NOW)]
    assert await usernames(world.student, [roster[0].id]) == ["sue"]
    own = GroupMembership
    assert await ctx.db.fetch(select(own.id).where(own.left_at == LATER, world.student.visible(own))) == []
    assert await ctx.db.scalar(select(User.id).where(User.username == "sue", world.student.visible(User))) is None


async def test_learners_make_and_join_open_teams(ctx: Context, world: University) -> None:
    clubs = await teams(world, Management.OPEN, max_size=2)
    mine: dict[str, Any] = {"group_set_id": clubs, "user_ids": [world.student_id], "is_moving": False}
    made = await create_group(world.student, **mine, name="New Team", country="CH", language="rm")
    row = await only_row(ctx, Group, made)
    assert re.fullmatch("new-team-[0-9a-f]{32}", row.key)
    assert digits(row.key) == row.key.removeprefix("new-team-")
    assert (row.country, row.language, row.description, row.last_active_at) == ("CH", "rm", "", NOW)
    again = create_group(world.student, **mine, name="Another")
    await refused(ctx, again, UserErrorCode.IN_GROUP, "userIds")
    await add_group_member(world.second_student, group_id=made, is_moving=False)
    twice = add_group_member(world.second_student, group_id=made, is_moving=False)
    await refused(ctx, twice, UserErrorCode.IN_GROUP, "userId")
    await enroll(world.instructor, course_instance_id=world.course_instance_id, user_id=world.loner_id)
    await refused(ctx, add_group_member(world.loner, group_id=made), UserErrorCode.GROUP_FULL, "userId")
    guarded = create_group(world.student, **mine, name="x", is_organization_protected=True)
    await denied(ctx, guarded, Forbidden)


async def test_learners_make_no_managed_teams(ctx: Context, world: University) -> None:
    for management, joins in (
        (Management.OPEN_MANAGED, True),
        (Management.PUBLIC_MANAGED, False),
        (Management.PRIVATE_MANAGED, False),
    ):
        own = await teams(world, management, management.value)
        error = NotFound if management is Management.PRIVATE_MANAGED else Forbidden
        new = create_group(world.student, group_set_id=own, name="x", user_ids=[world.student_id])
        await denied(ctx, new, error)
        several = create_groups(world.student, group_set_id=own, groups=[NewGroup("x", [world.student_id])])
        await denied(ctx, several, error)
        made = await create_group(world.instructor, group_set_id=own, name="Team")
        if joins:
            await add_group_member(world.student, group_id=made)
            assert await members(ctx, made) == [world.student_id]
        else:
            await denied(ctx, add_group_member(world.student, group_id=made), error)


async def test_a_protected_team_is_not_for_the_others(ctx: Context, world: University) -> None:
    clubs = await teams(world, Management.OPEN)
    guild: dict[str, Any] = {"name": "Guild", "is_organization_protected": True}
    made = await create_group(world.instructor, group_set_id=clubs, **guild, user_ids=[world.second_student_id])
    assert await seen(ctx, world.student) == []
    assert await seen(ctx, world.second_student) == ["Guild"]
    await denied(ctx, add_group_member(world.student, group_id=made), NotFound)


async def test_who_learns_for_an_organization_is_kept_apart(ctx: Context, world: University) -> None:
    clubs = await teams(world, Management.OPEN)
    await create_group(world.instructor, group_set_id=clubs, name="Club")
    enrollment_id = await key_of(ctx, Enrollment, user_id=world.student_id)
    await update_row(ctx, Enrollment, enrollment_id, {"track": "masters"})
    assert await seen(ctx, world.student) == []
    own: dict[str, Any] = {"group_set_id": clubs, "name": "Guild", "user_ids": [world.student_id]}
    made = await create_group(world.student, **own)
    assert (await only_row(ctx, Group, made)).is_organization_protected is True
    assert await seen(ctx, world.student) == ["Guild"]
    assert await seen(ctx, world.second_student) == ["Club"]
    assert await seen(ctx, world.instructor) == ["Club", "Guild"]


async def test_a_team_is_changed(ctx: Context, world: University) -> None:
    clubs, labs = await teams(world, Management.OPEN), await teams(world, Management.OPEN, "Labs")
    made = await create_group(world.instructor, group_set_id=clubs, name="Club", user_ids=[world.student_id])
    key = (await only_row(ctx, Group, made)).key
    details: dict[str, Any] = {"description": "Read.", "country": "AT", "language": "de"}
    await update_group(world.instructor, group_id=made, name="Readers", group_set_id=labs, **details)
    row = await only_row(ctx, Group, made)
    assert (row.name, row.key, row.group_set_id) == ("Readers", key, labs)
    assert (row.description, row.country, row.language) == ("Read.", "AT", "de")
    assert await ctx.db.scalar(select(GroupMembership.group_set_id)) == labs
    write: dict[str, Any] = {"group_id": made}
    for name, value, reason in (
        ("country", "XX", UserErrorCode.INVALID),
        ("country", "at", UserErrorCode.INVALID),
        ("country", "EU", UserErrorCode.INVALID),
        ("country", "AUT", UserErrorCode.TOO_LONG),
        ("language", "deu", UserErrorCode.INVALID),
        ("language", "xx", UserErrorCode.INVALID),
        ("name", "", UserErrorCode.REQUIRED),
        ("name", "x" * 256, UserErrorCode.TOO_LONG),
        ("description", "x" * 301, UserErrorCode.TOO_LONG),
    ):
        wrong: dict[str, Any] = {**write, name: value}
        await refused(ctx, update_group(world.instructor, **wrong), reason, name)
    await update_group(world.instructor, **write, country="", language="")
    assert (await only_row(ctx, Group, made)).country == ""


async def test_a_team_moves_only_where_it_fits(ctx: Context, world: University) -> None:
    clubs, labs = await teams(world, Management.OPEN), await teams(world, Management.OPEN, "Labs")
    first, second = [
        await create_group(world.instructor, group_set_id=key, name="x", user_ids=[world.student_id])
        for key in (clubs, labs)
    ]
    moving = update_group(world.instructor, group_id=first, group_set_id=labs)
    await refused(ctx, moving, UserErrorCode.IN_GROUP, "groupSetId")
    await remove_group_member(world.instructor, group_id=second, user_id=world.student_id)
    elsewhere = await create_group_set(ctx, course_instance_id=world.other_course_instance_id, name="x")
    for key in (elsewhere, 999_999, 2**70):
        moving = update_group(world.admin, group_id=first, group_set_id=key)
        await refused(ctx, moving, UserErrorCode.NOT_FOUND, "groupSetId")
    await update_group(world.instructor, group_id=first, group_set_id=labs)
    assert await members(ctx, first) == [world.student_id]


async def test_teams_are_found(ctx: Context, world: University) -> None:
    clubs, labs = await teams(world, Management.OPEN), await teams(world, Management.PUBLIC_MANAGED, "Labs")
    await team(world, [world.student_id], name="No key")
    made: list[tuple[int, str, list[int], dict[str, Any]]] = [
        (clubs, "beta", [world.student_id], {"country": "FR"}),
        (clubs, "Alpha", [], {"description": "Numbers of 100%", "language": "fr"}),
        (labs, "gamma", [world.student_id, world.second_student_id], {}),
    ]
    for own, name, people, details in made:
        await create_group(world.instructor, group_set_id=own, name=name, user_ids=people, **details)
    beta = await key_of(ctx, Group, name="beta")
    await update_row(ctx, Group, beta, {"last_active_at": LATER})

    async def found(caller: Context, **asked: Any) -> list[str]:
        counted = {name: asked[name] for name in asked.keys() & {"group_set_key", "username", "search"}}
        [rows] = await find_teams(caller, [world.course_instance_id], **asked)
        if len(counted) == len(asked):
            assert await count_teams(caller, [world.course_instance_id], **counted) == [len(rows)]
        return [row.name for row in rows]

    me = world.second_student
    assert await found(me) == ["Alpha", "beta", "gamma"]
    assert await found(me, order=TeamOrder.OPEN_SLOTS) == ["Alpha", "beta", "gamma"]
    assert await found(me, order=TeamOrder.LAST_ACTIVITY) == ["beta", "Alpha", "gamma"]
    assert await found(me, skip=1, take=1) == ["beta"]
    assert await found(me, group_set_key="clubs") == ["Alpha", "beta"]
    assert await found(me, group_set_key="a\0b") == []
    assert await found(me, username="sam") == ["beta", "gamma"]
    assert await found(me, username="sam\0") == []
    assert await found(me, search="numbers 100%") == ["Alpha"]
    assert await found(me, search="FRENCH") == ["Alpha"]
    assert await found(me, search="france") == ["beta"]
    assert await found(me, search="%") == ["Alpha"]
    assert await found(me, search="a\0") == []
    assert await found(world.outsider) == []
    odd: list[dict[str, Any]] = [{"take": 101}, {"take": -1}, {"skip": -1}]
    for wrong in odd:
        with pytest.raises(LimitExceeded):
            await find_teams(me, [world.course_instance_id], **wrong)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("New Team", "new-team"), ("Équipe – Nº 1!", "equipe-no-1"), ("名前", ""), ("a_b--c ", "a_b-c")],
)
def test_a_name_becomes_a_slug(name: str, expected: str) -> None:
    assert slug(name) == expected
