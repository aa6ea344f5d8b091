"""Groups are made, joined, left and deleted; sets of groups are made and changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Unpack

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.models import Enrollment, Role
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import require_all_present, standings
from app.domain.groups.details import GroupDetails, GroupSetDetails, checked_group, checked_set, default_size
from app.domain.groups.models import Group, GroupInvitation, GroupMembership, GroupSet, GroupSetKind, Management
from app.domain.groups.policy import MASTERS, is_for, may_assign, may_moderate
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, is_key, referred_row, require_free, update_row, visible_row
from app.domain.rules import fitted
from app.errors import NotFound, RuleBroken, UserErrorCode
from app.principal import Principal

STAFF_ONLY = {"is_organization_protected", "audience_id"}


async def create_group_set(
    ctx: Context,
    *,
    course_instance_id: int,
    name: str,
    max_size: int | None = None,
    min_size: int = 1,
    is_self_assigned: Change[bool] = UNSET,
    kind: GroupSetKind = GroupSetKind.TEAMS,
    **details: Unpack[GroupSetDetails],
) -> int:
    """A new division of a course instance into groups; the id. Instructors, administrators.

    Without `max_size` groups may be as large as the kind and the management say; who assigns learners follows from the
    management, UNLISTED ones left aside, where nobody does if nothing is said. Raises NotFound, Forbidden; RuleBroken:
    TAKEN at `name`, `key`, and at `kind` for second cohorts; OUT_OF_RANGE at `minSize`, `maxSize`; INVALID at
    `isSelfAssigned`; REQUIRED, TOO_LONG.
    """
    await may_teach(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    changes = given(is_self_assigned=is_self_assigned, **details) | {"name": name, "min_size": min_size}
    management = changes.setdefault("management", Management.UNLISTED)
    changes["max_size"] = default_size(kind, management) if max_size is None else max_size
    values = {"is_self_assigned": False, "kind": kind, **checked_set(changes, {})}
    siblings = GroupSet.course_instance_id == course_instance_id
    await require_free(ctx, GroupSet, values, ["name", "key"], siblings)
    if kind is GroupSetKind.COHORTS:
        await require_free(ctx, GroupSet, values, ["kind"], siblings)
    return await insert_row(ctx, GroupSet, {"course_instance_id": course_instance_id, **values})


async def update_group_set(
    ctx: Context,
    *,
    group_set_id: int,
    name: Change[str] = UNSET,
    max_size: Change[int] = UNSET,
    min_size: Change[int] = UNSET,
    is_self_assigned: Change[bool] = UNSET,
    **details: Unpack[GroupSetDetails],
) -> int:
    """Change a set of groups; the id. Groups that are larger than allowed from now on stay as they are.

    Instructors, administrators. Raises like `create_group_set`.
    """
    may_write(ctx)
    columns = (GroupSet.course_instance_id, GroupSet.min_size, GroupSet.max_size, GroupSet.management)
    old = await visible_row(ctx, GroupSet, group_set_id, *columns, lock=True)
    await may_teach(ctx, old.course_instance_id)
    sizes = {"name": name, "max_size": max_size, "min_size": min_size, "is_self_assigned": is_self_assigned}
    values = checked_set(given(**sizes, **details), old._asdict())
    siblings = GroupSet.course_instance_id == old.course_instance_id
    await require_free(ctx, GroupSet, values, ["name", "key"], siblings, except_key=group_set_id)
    await update_row(ctx, GroupSet, group_set_id, values)
    return group_set_id


async def create_group(
    ctx: Context,
    *,
    group_set_id: int,
    name: str,
    user_ids: Sequence[int] = (),
    is_moving: bool = True,
    **details: Unpack[GroupDetails],
) -> int:
    """A new group of these people, who leave (unless not `is_moving`) the groups of the set that they are in; the id.

    Instructors, administrators; where learners assign themselves and the set is not OPEN_MANAGED, who looks after the
    discussions, and a learner for a group of one: who learns for an organization makes a protected one. Raises
    NotFound, Forbidden; RuleBroken at `userIds`: NOT_FOUND, NOT_ENROLLED, DROPPED, GROUP_FULL, IN_GROUP; REQUIRED,
    TOO_LONG at `name`, and like `update_group` at the details.
    """
    may_write(ctx)
    own = GroupSet
    columns = (own.course_instance_id, own.max_size, own.is_self_assigned, own.management)
    group_set = await visible_row(ctx, GroupSet, group_set_id, *columns, lock=True)
    members = list(dict.fromkeys(user_ids))
    is_free = group_set.is_self_assigned and group_set.management != Management.OPEN_MANAGED
    place = group_set.course_instance_id
    is_moderated = await may_assign(ctx, place, group_set_id, members, is_self_assigned=is_free)
    if not STAFF_ONLY.isdisjoint(given(**details)):
        await may_teach(ctx, place)
    values = fitted(Group, {"name": name}) | await checked_group(ctx, group_set.course_instance_id, details)
    await _require_learners(ctx, place, members, "userIds", is_moderated=is_moderated)
    require_room(len(members), group_set.max_size, "userIds")
    if not is_moving:
        await _require_free_people(ctx, group_set_id, members, "userIds")
    where = {"group_set_id": group_set_id, "course_instance_id": group_set.course_instance_id}
    if is_free and members:
        values.setdefault("is_organization_protected", await _learns_apart(ctx, group_set.course_instance_id, members))
    made = await insert_row(ctx, Group, {"last_active_at": ctx.now, **where, **values})
    await move_members(ctx, group_set_id, dict.fromkeys(members, made))
    return made


async def update_group(
    ctx: Context,
    *,
    group_id: int,
    name: Change[str] = UNSET,
    group_set_id: Change[int] = UNSET,
    **details: Unpack[GroupDetails],
) -> int:
    """Change a group, or put it with its members into another set of teams; the id.

    Instructors, administrators; of listed sets who looks after the discussions, but for the audience. Raises NotFound,
    Forbidden; RuleBroken: REQUIRED, TOO_LONG; INVALID at `country`, `language`; NOT_FOUND at `audienceId`; at
    `groupSetId` NOT_FOUND, IN_GROUP when a member is in another group of that set.
    """
    may_write(ctx)
    old = await visible_row(ctx, Group, group_id, Group.course_instance_id, Group.group_set_id, lock=True)
    is_moderated = await may_moderate(ctx, old.course_instance_id, old.group_set_id)
    if is_moderated and "audience_id" in given(**details):
        await may_teach(ctx, old.course_instance_id)
    values = fitted(Group, given(name=name)) | await checked_group(ctx, old.course_instance_id, details)
    if group_set_id is not UNSET and group_set_id != old.group_set_id:
        await _require_same_place(ctx, old, group_set_id)
        await may_moderate(ctx, old.course_instance_id, group_set_id)
        own = (GroupMembership.group_id == group_id, GroupMembership.left_at.is_(None))
        await _require_free_people(ctx, group_set_id, await _members(ctx, group_id), "groupSetId")
        await ctx.db.execute(update(GroupMembership).where(*own).values(group_set_id=group_set_id))
        values["group_set_id"] = group_set_id
    await update_row(ctx, Group, group_id, values)
    return group_id


async def delete_group(ctx: Context, *, group_id: int) -> int:
    """Hide a group, and its work, for good; the id. Its members have no group. Who may, as for `update_group`."""
    may_write(ctx)
    group = await visible_row(ctx, Group, group_id, Group.course_instance_id, Group.group_set_id, lock=True)
    await may_moderate(ctx, group.course_instance_id, group.group_set_id)
    await update_row(ctx, Group, group_id, {"deleted_at": ctx.now})
    members = (GroupMembership.group_id == group_id, GroupMembership.left_at.is_(None))
    await ctx.db.execute(update(GroupMembership).where(*members).values(left_at=ctx.now))
    await ctx.db.execute(delete(GroupInvitation).where(GroupInvitation.group_id == group_id))
    return group_id


async def add_group_member(ctx: Context, *, group_id: int, user_id: int | None = None, is_moving: bool = True) -> int:
    """A person (oneself, when none is named) joins a group and leaves the one of the set that they are in.

    The membership's id; joining twice changes nothing. Instructors, administrators; where learners assign themselves,
    they may join a group they were told of, and in listed sets who looks after the discussions may name anybody. Raises
    NotFound, Forbidden; RuleBroken at `userId`: NOT_FOUND, NOT_ENROLLED, DROPPED, GROUP_FULL; IN_GROUP, for a member,
    too, unless `is_moving`.
    """
    user = ctx.user_id if user_id is None else user_id
    group, is_moderated = await _group(ctx, group_id, user)
    await _require_learners(ctx, group.course_instance_id, [user], "userId", is_moderated=is_moderated)
    present = await _members(ctx, group_id)
    if not is_moving:
        await _require_free_people(ctx, group.group_set_id, [user], "userId")
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


async def _group(ctx: Context, group_id: int, user_id: int) -> tuple[Any, bool]:
    """The group and its set, locked, if the caller may let this person in or out; whether as who moderates it."""
    may_write(ctx)
    seen = ctx.visible(Group) | _open(ctx)
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
    place, set_id = rows[0][:2]
    is_moderated = await may_assign(ctx, place, set_id, [user_id], is_self_assigned=rows[0].is_self_assigned)
    return rows[0], is_moderated


async def _require_learners(
    ctx: Context, course_instance_id: int, user_ids: Collection[int], field: str, *, is_moderated: bool
) -> None:
    """Raise like `require_present` unless all learn here. Who moderates teams need not see who learns."""
    asking = Context(Principal.program, ctx.db, ctx.clock) if is_moderated else ctx
    found = await standings(asking, course_instance_id, user_ids)
    seen = {key: each for key, each in found.items() if not is_moderated or each[0] is not None}
    require_all_present(seen, user_ids, field, roles=(Role.STUDENT,))


def _open(ctx: Context) -> ColumnElement[bool]:
    """Whether a learner who was told of a group may join it."""
    is_there = (ctx.visible(GroupSet), Group.deleted_at.is_(None), is_for(ctx.viewing))
    return and_(GroupSet.is_self_assigned, *is_there)


async def _learns_apart(ctx: Context, course_instance_id: int, user_ids: Collection[int]) -> bool:
    """Whether one of them learns for an organization."""
    own = Enrollment
    here = (own.course_instance_id == course_instance_id, own.track == MASTERS, member_of(own.user_id, user_ids))
    return await ctx.db.scalar(select(own.id).where(*here).limit(1)) is not None


async def _require_same_place(ctx: Context, group: Any, group_set_id: int) -> None:
    """Raise NOT_FOUND at `groupSetId` unless both sets are of teams of one course instance."""
    place = (GroupSet.course_instance_id, GroupSet.kind)
    new = await referred_row(ctx, GroupSet, group_set_id, *place, field="groupSetId")
    old = await visible_row(ctx, GroupSet, group.group_set_id, *place)
    if new != old or new.kind != GroupSetKind.TEAMS:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such set of teams in this course instance", "groupSetId")


async def _require_free_people(ctx: Context, group_set_id: int, user_ids: Collection[int], field: str) -> None:
    """Raise IN_GROUP at `field` when one of them is in a group of the set."""
    own = GroupMembership
    here = (own.group_set_id == group_set_id, own.left_at.is_(None), member_of(own.user_id, filter(is_key, user_ids)))
    if await ctx.db.scalar(select(own.id).where(*here).limit(1)) is not None:
        raise RuleBroken(UserErrorCode.IN_GROUP, "a member of a group of this set already", field)


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
    joined = {"group_set_id": group_set_id, "joined_at": ctx.now, "last_active_at": ctx.now}
    rows = [{**joined, "user_id": user_id, "group_id": group_id} for user_id, group_id in places.items()]
    await ctx.db.execute(insert(GroupMembership), rows)


def require_room(size: int, max_size: int, *field: str) -> None:
    """Raise RuleBroken GROUP_FULL at `field` when a group is too large."""
    if size > max_size:
        raise RuleBroken(UserErrorCode.GROUP_FULL, f"a group of this set has at most {max_size} members", *field)
