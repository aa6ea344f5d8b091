"""Cohorts: everybody in a course instance is in one at most, by hand or by lot (contracts/edx-core.md §10)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.policy import may_teach
from app.domain.groups.details import checked_group
from app.domain.groups.lots import cohorts_of, place_all, place_learners
from app.domain.groups.models import Filling, Group, GroupMembership, GroupSet, GroupSetKind
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, require_free, update_row, visible_row
from app.domain.rules import fitted
from app.errors import NotFound, RuleBroken, UserErrorCode


async def set_cohorting(ctx: Context, *, course_instance_id: int, is_cohorted: bool) -> int:
    """Say whether learners of a course instance are put into cohorts; its id. Instructors, administrators.

    Who is in none when that begins gets one at once. Who is in one stays there. Raises NotFound, Forbidden.
    """
    await _locked(ctx, course_instance_id)
    await update_row(ctx, CourseInstance, course_instance_id, {"is_cohorted": is_cohorted})
    if is_cohorted:
        await place_all(ctx, course_instance_id)
    return course_instance_id


async def create_cohort(
    ctx: Context, *, course_instance_id: int, name: str, filling: Filling, audience_id: int | None = None
) -> int:
    """A new cohort, without members; the group's id. Instructors, administrators.

    Raises NotFound, Forbidden; RuleBroken: TAKEN, REQUIRED, TOO_LONG at `name`, NOT_FOUND at `audienceId`.
    """
    await _locked(ctx, course_instance_id)
    values = fitted(Group, {"name": name, "filling": filling})
    values |= await checked_group(ctx, course_instance_id, {"audience_id": audience_id})
    group_set_id = (await cohorts_of(ctx, [course_instance_id]))[course_instance_id]
    await require_free(ctx, Group, values, ["name"], *_of(group_set_id))
    return await _make(ctx, course_instance_id, group_set_id, values)


async def update_cohort(
    ctx: Context,
    *,
    group_id: int,
    name: Change[str] = UNSET,
    filling: Change[Filling] = UNSET,
    audience_id: Change[int | None] = UNSET,
) -> int:
    """Change a cohort; the group's id. Instructors, administrators.

    Raises NotFound, Forbidden; RuleBroken like `create_cohort`, and IN_USE at `filling` when no other cohort would be
    filled at random.
    """
    old = await changeable_cohort(ctx, group_id)
    values = fitted(Group, given(name=name, filling=filling))
    values |= await checked_group(ctx, old.course_instance_id, {"audience_id": audience_id})
    await require_free(ctx, Group, values, ["name"], *_of(old.group_set_id), except_key=group_id)
    if old.filling == Filling.RANDOM and values.get("filling", old.filling) != Filling.RANDOM:
        others = select(Group.id).where(*_of(old.group_set_id), Group.filling == Filling.RANDOM, Group.id != group_id)
        if await ctx.db.scalar(others.limit(1)) is None:
            raise RuleBroken(UserErrorCode.IN_USE, "some cohort must be filled at random", "filling")
    await update_row(ctx, Group, group_id, values)
    return group_id


async def join_cohort(ctx: Context, *, course_instance_id: int) -> int | None:
    """Put the caller into the cohort that they are due; its id, or None where learners are in none.

    Who is in one stays there. Raises NotFound.
    """
    may_write(ctx)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    await place_learners(ctx, [(course_instance_id, ctx.user_id)])
    own, sets = GroupMembership, GroupSet
    here = (sets.course_instance_id == course_instance_id, sets.kind == GroupSetKind.COHORTS)
    mine = (own.user_id == ctx.user_id, own.left_at.is_(None), own.group_set_id.in_(select(sets.id).where(*here)))
    found: int | None = await ctx.db.scalar(select(own.group_id).where(*mine))
    return found


async def changeable_cohort(ctx: Context, group_id: int) -> Any:
    """A cohort that the caller may change, its course instance locked. Raises NotFound, Forbidden."""
    may_write(ctx)
    columns = (Group.course_instance_id, Group.group_set_id, Group.filling, Group.name)
    found = await visible_row(ctx, Group, group_id, *columns)
    await _locked(ctx, found.course_instance_id)
    if await ctx.db.scalar(select(GroupSet.kind).where(GroupSet.id == found.group_set_id)) != GroupSetKind.COHORTS:
        raise NotFound("no such cohort")
    return await visible_row(ctx, Group, group_id, *columns)


async def _make(ctx: Context, course_instance_id: int, group_set_id: int, values: dict[str, Any]) -> int:
    where = {"group_set_id": group_set_id, "course_instance_id": course_instance_id, "last_active_at": ctx.now}
    return await insert_row(ctx, Group, where | values)


async def _locked(ctx: Context, course_instance_id: int) -> None:
    await may_teach(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)


def _of(group_set_id: int) -> tuple[Any, ...]:
    return Group.group_set_id == group_set_id, Group.deleted_at.is_(None)
