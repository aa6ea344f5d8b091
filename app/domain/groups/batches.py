"""Many groups are made at once, in a number of SQL statements that does not depend on how many they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.context import Context
from app.domain.enrollment.models import Role
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import Standing, require_all_present, standings
from app.domain.groups.models import Group, GroupSet, Management
from app.domain.groups.service import move_members, require_room
from app.domain.identity.policy import may_write
from app.domain.rows import insert_rows, visible_row
from app.domain.rules import fitted
from app.errors import RuleBroken, UserErrorCode


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group to make, and who is in it."""

    name: str
    user_ids: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class MadeGroups:
    """The groups that were made, and their set."""

    group_set_id: int
    group_ids: list[int]


async def create_groups(ctx: Context, *, group_set_id: int, groups: Sequence[NewGroup]) -> MadeGroups:
    """New groups of a set, all or none; who is named twice is in the last one. Who may, as for `create_group`.

    Raises like `create_group`, RuleBroken at (`groups`, index, …); REQUIRED at `groups` when there are none.
    """
    may_write(ctx)
    own = GroupSet
    columns = (own.course_instance_id, own.max_size, own.is_self_assigned, own.management)
    group_set = await visible_row(ctx, GroupSet, group_set_id, *columns, lock=True)
    named = [list(dict.fromkeys(each.user_ids)) for each in groups]
    is_free = group_set.is_self_assigned and group_set.management != Management.OPEN_MANAGED
    is_of_one = is_free and all(named)
    everybody = [user_id for members in named for user_id in members]
    if not (is_of_one and set(everybody) == {ctx.principal.user_id}):
        await may_teach(ctx, group_set.course_instance_id)
    if not groups:
        raise RuleBroken(UserErrorCode.REQUIRED, "no groups", "groups")
    found = await standings(ctx, group_set.course_instance_id, everybody)
    where = {"group_set_id": group_set_id, "course_instance_id": group_set.course_instance_id}
    where["last_active_at"] = ctx.now
    rows = [
        where | _checked(index, each.name, members, group_set.max_size, found)
        for index, (each, members) in enumerate(zip(groups, named, strict=True))
    ]
    made = await insert_rows(ctx, Group, rows)
    places = {user_id: key for key, members in zip(made, named, strict=True) for user_id in members}
    await move_members(ctx, group_set_id, places)
    return MadeGroups(group_set_id, made)


def _checked(
    index: int, name: str, members: Sequence[int], max_size: int, found: Mapping[int, Standing]
) -> dict[str, Any]:
    """What is stored of a group whose members may be in it."""
    path = ("groups", str(index))
    values = fitted(Group, {"name": name}, *path)
    require_all_present(found, members, *path, "userIds", roles=(Role.STUDENT,))
    require_room(len(members), max_size, *path, "userIds")
    return values
