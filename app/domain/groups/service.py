"""Groups are made, joined, left and deleted; sets of groups are made and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.models import Role
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import require_present
from app.domain.groups.models import Group, GroupMembership, GroupSet
from app.domain.groups.policy import may_assign
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, is_key, require_free, update_row, visible_row
from app.domain.rules import at_least, fitted
from app.errors import NotFound, RuleBroken, UserErrorCode


async def create_group_set(
    ctx: Context,
    *,
    course_instance_id: int,
    name: str,
    max_size: int,
    min_size: int = 1,
    is_self_assigned: bool = False,
) -> int:
    """A new division of a course instance into groups; the id. Instructors, administrators.

    Raises NotFound, Forbidden; RuleBroken: TAKEN at `name`, OUT_OF_RANGE at `minSize`, `maxSize`, REQUIRED, TOO_LONG.
    """
    await may_teach(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    values = {"name": name, "min_size": min_size, "max_size": max_size, "is_self_assigned": is_self_assigned}
    values = _checked(values, min_size, max_size)
    await require_free(ctx, GroupSet, values, ["name"], GroupSet.course_instance_id == course_instance_id)
    return await insert_row(ctx, GroupSet, {"course_instance_id": course_instance_id, **values})


async def update_group_set(
    ctx: Context,
    *,
    group_set_id: int,
    name: Change[str] = UNSET,
    max_size: Change[int] = UNSET,
    min_size: Change[int] = UNSET,
    is_self_assigned: Change[bool] = UNSET,
) -> int:
    """Change a set of groups; the id. Groups that are larger than allowed from now on stay as they are.

    Instructors, administrators. Raises like `create_group_set`.
    """
    may_write(ctx)
    columns = (GroupSet.course_instance_id, GroupSet.min_size, GroupSet.max_size)
    old = await visible_row(ctx, GroupSet, group_set_id, *columns, lock=True)
    await may_teach(ctx, old.course_instance_id)
    changes = given(name=name, max_size=max_size, min_size=min_size, is_self_assigned=is_self_assigned)
    values = _checked(changes, changes.get("min_size", old.min_size), changes.get("max_size", old.max_size))
    siblings = GroupSet.course_instance_id == old.course_instance_id
    await require_free(ctx, GroupSet, values, ["name"], siblings, except_key=group_set_id)
    await update_row(ctx, GroupSet, group_set_id, values)
    return group_set_id


async def create_group(ctx: Context, *, group_set_id: int, name: str, user_ids: Sequence[int] = ()) -> int:
    """A new group of these people, who leave the groups of the set that they are in; the id.

    Instructors, administrators; a learner for a group of one, where learners assign themselves. Raises NotFound,
    Forbidden; RuleBroken at `userIds`: NOT_FOUND, NOT_ENROLLED, DROPPED, GROUP_FULL; REQUIRED, TOO_LONG at `name`.
    """
    may_write(ctx)
    columns = (GroupSet.course_instance_id, GroupSet.max_size, GroupSet.is_self_assigned)
    group_set = await visible_row(ctx, GroupSet, group_set_id, *columns, lock=True)
    members = list(dict.fromkeys(user_ids))
    await may_assign(ctx, group_set.course_instance_id, members, is_self_assigned=group_set.is_self_assigned)
    values = fitted(Group, {"name": name})
    await require_present(ctx, group_set.course_instance_id, members, "userIds", roles=(Role.STUDENT,))
    require_room(len(members), group_set.max_size, "userIds")
    where = {"group_set_id": group_set_id, "course_instance_id": group_set.course_instance_id}
    made = await insert_row(ctx, Group, where | values)
    await move_members(ctx, group_set_id, dict.fromkeys(members, made))
    return made


async def delete_group(ctx: Context, *, group_id: int) -> int:
    """Hide a group, and its work, for good; the id. Its members have no group. Instructors, administrators."""
    may_write(ctx)
    group = await visible_row(ctx, Group, group_id, Group.course_instance_id, lock=True)
    await may_teach(ctx, group.course_instance_id)
    await update_row(ctx, Group, group_id, {"deleted_at": ctx.now})
    members = (GroupMembership.group_id == group_id, GroupMembership.left_at.is_(None))
    await ctx.db.execute(update(GroupMembership).where(*members).values(left_at=ctx.now))
    return group_id


async def add_group_member(ctx: Context, *, group_id: int, user_id: int | None = None) -> int:
    """A person (oneself, when none is named) joins a group and leaves the one of the set that they are in.

    The membership's id; joining twice changes nothing. Instructors, administrators; learners for themselves, where
    they assign themselves: they may join a group they were told of. Raises NotFound, Forbidden; RuleBroken at `userId`:
    NOT_FOUND, NOT_ENROLLED, DROPPED, GROUP_FULL.
    """
    user = ctx.user_id if user_id is None else user_id
    group = await _group(ctx, group_id, user)
    await require_present(ctx, group.course_instance_id, [user], "userId", roles=(Role.STUDENT,))
    present = await _members(ctx, group_id)
    if user in present:
        return present[user]
    require_room(len(present) + 1, group.max_size, "userId")
    await move_members(ctx, group.group_set_id, {user: group_id})
    return (await _members(ctx, group_id))[user]


async def remove_group_member(ctx: Context, *, group_id: int, user_id: int | None = None) -> int:
    """A person (oneself, when none is named) leaves a group; the id of the membership that has ended.

    Who may, as for `add_group_member`. Raises NotFound, Forbidden; RuleBroken NOT_IN_GROUP at `userId`.
    """
    user = ctx.user_id if user_id is None else user_id
    await _group(ctx, group_id, user)
    membership = (await _members(ctx, group_id)).get(user)
    if membership is None:
        raise RuleBroken(UserErrorCode.NOT_IN_GROUP, "not a member of this group", "userId")
    await update_row(ctx, GroupMembership, membership, {"left_at": ctx.now})
    return membership


async def _group(ctx: Context, group_id: int, user_id: int) -> Any:
    """The group and its set, locked, if the caller may let this person in or out."""
    may_write(ctx)
    seen = ctx.visible(Group) | (GroupSet.is_self_assigned & ctx.visible(GroupSet) & Group.deleted_at.is_(None))
    statement = (
        select(Group.course_instance_id, Group.group_set_id, GroupSet.max_size, GroupSet.is_self_assigned)
        .select_from(Group)
        .join(GroupSet, GroupSet.id == Group.group_set_id)
        .where(Group.id == group_id, seen)
        .with_for_update(key_share=True, of=GroupSet)
    )
    rows = await ctx.db.fetch(statement) if is_key(group_id) else []
    if not rows:
        raise NotFound("no such group")
    await may_assign(ctx, rows[0].course_instance_id, [user_id], is_self_assigned=rows[0].is_self_assigned)
    return rows[0]


async def _members(ctx: Context, group_id: int) -> dict[int, int]:
    statement = select(GroupMembership.user_id, GroupMembership.id).where(
        GroupMembership.group_id == group_id, GroupMembership.left_at.is_(None)
    )
    return {row.user_id: row.id for row in await ctx.db.fetch(statement)}


async def move_members(ctx: Context, group_set_id: int, places: Mapping[int, int]) -> None:
    """People leave their groups of a set for others of it: group by user id. Checks nothing."""
    if not places:
        return
    elsewhere = (
        GroupMembership.group_set_id == group_set_id,
        member_of(GroupMembership.user_id, places),
        GroupMembership.left_at.is_(None),
    )
    await ctx.db.execute(update(GroupMembership).where(*elsewhere).values(left_at=ctx.now))
    joined = {"group_set_id": group_set_id, "joined_at": ctx.now}
    rows = [{**joined, "user_id": user_id, "group_id": group_id} for user_id, group_id in places.items()]
    await ctx.db.execute(insert(GroupMembership), rows)


def require_room(size: int, max_size: int, *field: str) -> None:
    """Raise RuleBroken GROUP_FULL at `field` when a group is too large."""
    if size > max_size:
        raise RuleBroken(UserErrorCode.GROUP_FULL, f"a group of this set has at most {max_size} members", *field)


def _checked(values: dict[str, Any], min_size: int, max_size: int) -> dict[str, Any]:
    checked = fitted(GroupSet, values)
    at_least(1, {"min_size": min_size, "max_size": max_size}, "min_size", "max_size")
    if max_size < min_size:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "below the smallest size", "maxSize")
    return checked
