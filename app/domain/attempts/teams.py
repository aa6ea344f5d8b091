"""Who hands in together: one person, or the members of a group (decision 0008)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.groups.models import Group, GroupMembership, GroupSet

Standing = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Team:
    """`group_id` is None for one person alone. `standings` has role and status of those who were ever enrolled."""

    group_id: int | None
    user_ids: list[int]
    is_confirmed: bool = True
    standings: Mapping[int, Standing] = field(default_factory=dict)

    @property
    def present(self) -> list[int]:
        """Those who have not left the course."""
        gone = {key for key, (_, status) in self.standings.items() if status == EnrollmentStatus.DROPPED}
        return [each for each in self.user_ids if each not in gone]


async def team_of(ctx: Context, course_instance_id: int, group_set_id: int | None, user_id: int) -> Team:
    """A person with the other members of their group of a set, if they are in one of more than one person at most.

    Until the transaction ends nobody joins or leaves, and nobody else hands in for any of them.
    """
    group_id = None
    if group_set_id is not None:
        statement = (
            select(Group.id)
            .join(GroupMembership, GroupMembership.group_id == Group.id)
            .join(GroupSet, GroupSet.id == Group.group_set_id)
            .where(Group.group_set_id == group_set_id, Group.deleted_at.is_(None), GroupSet.max_size > 1)
            .where(GroupMembership.user_id == user_id, GroupMembership.left_at.is_(None))
            .with_for_update(read=True, of=GroupSet)
        )
        group_id = await ctx.db.scalar(statement)
    if group_id is not None:
        return await _team(ctx, course_instance_id, group_id)
    return Team(None, [user_id], True, await _standings(ctx, course_instance_id, [user_id]))


async def team_in(ctx: Context, course_instance_id: int, group_id: int) -> Team:
    """The members of a group, locked like `team_of`."""
    own_set = select(Group.group_set_id).where(Group.id == group_id).scalar_subquery()
    await ctx.db.execute(select(GroupSet.id).where(GroupSet.id == own_set).with_for_update(read=True))
    return await _team(ctx, course_instance_id, group_id)


async def _team(ctx: Context, course_instance_id: int, group_id: int) -> Team:
    members = await ctx.db.fetch(
        select(GroupMembership.user_id, GroupMembership.is_confirmed)
        .where(GroupMembership.group_id == group_id, GroupMembership.left_at.is_(None))
        .order_by(GroupMembership.id)
    )
    user_ids = [each.user_id for each in members]
    standings = await _standings(ctx, course_instance_id, user_ids)
    return Team(group_id, user_ids, all(each.is_confirmed for each in members), standings)


async def _standings(ctx: Context, course_instance_id: int, user_ids: Collection[int]) -> dict[int, Standing]:
    """Role and status of these people in the course instance; their rows are locked, all in one order."""
    own: Any = Enrollment
    statement = (
        select(own.user_id, own.role, own.status)
        .where(own.course_instance_id == course_instance_id, member_of(own.user_id, user_ids))
        .order_by(own.id)
        .with_for_update(key_share=True)
    )
    return {row[0]: (row[1], row[2]) for row in await ctx.db.fetch(statement)}
