"""Many groups are made at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.context import Context
from app.domain.groups.service import create_group
from app.domain.identity.policy import may_write
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

    Raises like `create_group`, RuleBroken at (`groups`, index, …).
    """
    may_write(ctx)
    made: list[int] = []
    for index, each in enumerate(groups):
        try:
            made.append(await create_group(ctx, group_set_id=group_set_id, name=each.name, user_ids=each.user_ids))
        except RuleBroken as broken:
            raise RuleBroken(broken.reason, str(broken), "groups", str(index), *broken.field) from None
    if not made:
        raise RuleBroken(UserErrorCode.REQUIRED, "no groups", "groups")
    return MadeGroups(group_set_id, made)
