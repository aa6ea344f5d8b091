"""Many groups that are made at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment
from app.domain.groups.batches import NewGroup, create_groups
from app.domain.groups.models import Group, GroupMembership
from app.domain.groups.service import update_group_set
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, only_row, refused
from tests.factories import University, team

pytestmark = pytest.mark.anyio

CODES = UserErrorCode


async def members(ctx: Context) -> dict[str, list[int]]:
    """Who is in which group now, by the group's name."""
    own = GroupMembership
    statement = select(Group.name, own.user_id).join(own, own.group_id == Group.id).where(own.left_at.is_(None))
    found: dict[str, list[int]] = {}
    for name, user_id in await ctx.db.fetch(statement.order_by(own.user_id)):
        found.setdefault(name, []).append(user_id)
    return found


async def test_groups_are_made_in_their_order(ctx: Context, world: University) -> None:
    pairs = await team(world)
    sam, sue = world.student_id, world.second_student_id
    wanted = [NewGroup(" a ", [sam, sam]), NewGroup("b"), NewGroup("c", [sue]), NewGroup("a", [sam])]
    made = await create_groups(world.instructor, group_set_id=pairs.group_set_id, groups=wanted)
    assert made.group_set_id == pairs.group_set_id
    rows = [await only_row(ctx, Group, key) for key in made.group_ids]
    assert [(row.name, row.course_instance_id, row.created_at) for row in rows] == [
        (name, world.course_instance_id, NOW) for name in ("a", "b", "c", "a")
    ]
    assert await members(ctx) == {"a": [sam], "c": [sue]}
    (last,) = await ctx.db.fetch(
        select(GroupMembership.group_id).where(GroupMembership.user_id == sam, GroupMembership.left_at.is_(None))
    )
    assert last[0] == made.group_ids[-1]


@pytest.mark.parametrize(
    ("wanted", "reason", "field"),
    [
        ([], CODES.REQUIRED, ["groups"]),
        ([("a", ["sam"]), (" ", ["sue"])], CODES.REQUIRED, ["groups", "1", "name"]),
        ([("a", ["sam"]), ("x" * 256, ["sue"])], CODES.TOO_LONG, ["groups", "1", "name"]),
        ([("a", ["sam"]), ("b", ["sue", "nobody"])], CODES.NOT_FOUND, ["groups", "1", "userIds"]),
        ([("a", ["huge"])], CODES.NOT_FOUND, ["groups", "0", "userIds"]),
        ([("a", ["sam"]), ("b", ["tom"])], CODES.NOT_ENROLLED, ["groups", "1", "userIds"]),
        ([("a", ["sam"]), ("b", ["dan"])], CODES.DROPPED, ["groups", "1", "userIds"]),
        ([("a", []), ("b", ["sam", "sue"])], CODES.GROUP_FULL, ["groups", "1", "userIds"]),
    ],
)
async def test_one_that_breaks_a_rule_is_the_end_of_all(
    ctx: Context, world: University, wanted: list[tuple[str, list[str]]], reason: UserErrorCode, field: list[str]
) -> None:
    pairs = await team(world, [])
    keys = {"sam": world.student_id, "sue": world.second_student_id, "tom": world.assistant_id, "dan": world.student_id}
    if ("b", ["dan"]) in wanted:
        keys["sam"] = world.second_student_id
        enrolled = await key_of(ctx, Enrollment, user_id=world.student_id)
        await drop_enrollment(ctx, enrollment_id=enrolled)
    if reason == CODES.GROUP_FULL:
        await update_group_set(ctx, group_set_id=pairs.group_set_id, max_size=1)
    keys |= {"nobody": 999_999, "huge": 2**70}
    groups = [NewGroup(name, [keys[each] for each in people]) for name, people in wanted]
    write = create_groups(world.instructor, group_set_id=pairs.group_set_id, groups=groups)
    await refused(ctx, write, reason, *field)


async def test_learners_make_groups_of_themselves_alone(ctx: Context, world: University) -> None:
    free = await team(world, [], is_self_assigned=True)
    here: dict[str, Any] = {"group_set_id": free.group_set_id}
    await create_groups(world.student, **here, groups=[NewGroup("mine", [world.student_id])])
    assert await members(ctx) == {"mine": [world.student_id]}
    mine, nobodys = NewGroup("mine", [world.student_id]), NewGroup("nobody's")
    theirs = NewGroup("theirs", [world.second_student_id])
    for wanted in ([mine, nobodys], [mine, theirs], [nobodys], []):
        await denied(ctx, create_groups(world.student, **here, groups=wanted), Forbidden)
    pairs = await team(world, [], name="Others")
    await denied(ctx, create_groups(world.student, group_set_id=pairs.group_set_id, groups=[mine]), Forbidden)


@pytest.mark.parametrize("group_set_id", [999_999, 0, -1, 2**70])
async def test_a_set_that_is_not_there(ctx: Context, world: University, group_set_id: int) -> None:
    await denied(ctx, create_groups(ctx, group_set_id=group_set_id, groups=[NewGroup("a")]), NotFound)


async def test_the_number_of_statements_is_constant(ctx: Context, world: University) -> None:
    pairs = await team(world)
    found = []
    for count in (1, 20):
        groups = [NewGroup(f"g{number}", [world.student_id]) for number in range(count)]
        before = world.instructor.db.statements
        await create_groups(world.instructor, group_set_id=pairs.group_set_id, groups=groups)
        found.append(world.instructor.db.statements - before)
    assert found == [6, 6]
    assert (await members(ctx))["g19"] == [world.student_id]
