"""Cohorts: everybody in a course instance is in one at most, by hand or by lot (contracts/edx-core.md §10)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.following import follows_enrolling
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.policy import may_teach
from app.domain.groups.details import UNLIMITED_SIZE, checked_group
from app.domain.groups.models import Filling, Group, GroupInvitation, GroupMembership, GroupSet, GroupSetKind
from app.domain.groups.service import move_members
from app.domain.identity.models import User
from app.domain.identity.policy import may_write
from app.domain.rows import free_name, insert_row, require_free, update_row, visible_row
from app.domain.rules import fitted
from app.errors import NotFound, RuleBroken, UserErrorCode

DEFAULT_COHORT = "Default Group"
"""Made when a learner must be put somewhere by lot and there is nowhere."""
COHORTS = "Cohorts"


async def set_cohorting(ctx: Context, *, course_instance_id: int, is_cohorted: bool) -> int:
    """Say whether learners of a course instance are put into cohorts; its id. Instructors, administrators.

    Who is in a cohort stays there. Raises NotFound, Forbidden.
    """
    await _locked(ctx, course_instance_id)
    await update_row(ctx, CourseInstance, course_instance_id, {"is_cohorted": is_cohorted})
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
    group_set_id = await _cohorts(ctx, course_instance_id)
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
    await place_learner(ctx, course_instance_id, ctx.user_id)
    own = GroupMembership
    mine = (own.user_id == ctx.user_id, own.left_at.is_(None), own.group_set_id.in_(_set_of(course_instance_id)))
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


@follows_enrolling
async def place_learner(ctx: Context, course_instance_id: int, user_id: int) -> None:
    """Put a person who is in no cohort into the one they are invited to; a learner, where there are cohorts, by lot.

    The lot is drawn from the keys of both, so that it falls the same way twice.
    """
    place = (
        select(CourseInstance.is_cohorted, GroupSet.id)
        .join(GroupSet, GroupSet.id.in_(_set_of(course_instance_id)), isouter=True)
        .where(CourseInstance.id == course_instance_id)
    )
    is_cohorted, group_set_id = (await ctx.db.fetch(place))[0]
    if group_set_id is None and not is_cohorted:
        return
    group_set_id = group_set_id or await _cohorts(ctx, course_instance_id)
    own = GroupMembership
    here = (own.group_set_id == group_set_id, own.user_id == user_id, own.left_at.is_(None))
    if await ctx.db.scalar(select(own.id).where(*here)) is not None:
        return
    group_id = await _invited(ctx, group_set_id, user_id)
    if group_id is None and is_cohorted and await _learns(ctx, course_instance_id, user_id):
        group_id = await _drawn(ctx, course_instance_id, group_set_id, user_id)
    if group_id is not None:
        await move_members(ctx, group_set_id, {user_id: group_id})


async def _invited(ctx: Context, group_set_id: int, user_id: int) -> int | None:
    """The cohort that somebody of this person's address was put into beforehand; the invitation is used."""
    email = await ctx.db.scalar(select(User.email).where(User.id == user_id))
    own = GroupInvitation
    mine = (own.group_set_id == group_set_id, own.email == (email or "").lower())
    found: int | None = await ctx.db.scalar(select(own.group_id).where(*mine))
    if found is not None:
        await ctx.db.execute(delete(own).where(*mine))
    return found


async def _learns(ctx: Context, course_instance_id: int, user_id: int) -> bool:
    own = Enrollment
    here = (own.course_instance_id == course_instance_id, own.user_id == user_id, own.role == Role.STUDENT)
    return await ctx.db.scalar(select(own.id).where(*here, own.status == EnrollmentStatus.ACTIVE)) is not None


async def _drawn(ctx: Context, course_instance_id: int, group_set_id: int, user_id: int) -> int:
    """One of the cohorts that are filled at random, by lot; a new one when there is none."""
    random = select(Group.id).where(*_of(group_set_id), Group.filling == Filling.RANDOM).order_by(Group.id)
    found = [row[0] for row in await ctx.db.fetch(random)]
    if not found:
        name = await free_name(ctx, Group.name, DEFAULT_COHORT, *_of(group_set_id))
        values = {"name": name, "filling": Filling.RANDOM}
        return await _make(ctx, course_instance_id, group_set_id, values)
    lot = sha256(f"{group_set_id}:{user_id}".encode()).digest()
    return int(found[int.from_bytes(lot[:8], "big") % len(found)])


async def _make(ctx: Context, course_instance_id: int, group_set_id: int, values: dict[str, Any]) -> int:
    where = {"group_set_id": group_set_id, "course_instance_id": course_instance_id, "last_active_at": ctx.now}
    return await insert_row(ctx, Group, where | values)


async def _cohorts(ctx: Context, course_instance_id: int) -> int:
    """The set of cohorts of a course instance, whose row is locked; a new one when there is none."""
    found: int | None = await ctx.db.scalar(_set_of(course_instance_id))
    if found is not None:
        return found
    siblings = GroupSet.course_instance_id == course_instance_id
    name = await free_name(ctx, GroupSet.name, COHORTS, siblings)
    kind = {"kind": GroupSetKind.COHORTS, "max_size": UNLIMITED_SIZE}
    return await insert_row(ctx, GroupSet, {"course_instance_id": course_instance_id, "name": name, **kind})


async def _locked(ctx: Context, course_instance_id: int) -> None:
    await may_teach(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)


def _set_of(course_instance_id: int) -> Any:
    own = GroupSet
    return select(own.id).where(own.course_instance_id == course_instance_id, own.kind == GroupSetKind.COHORTS)


def _of(group_set_id: int) -> tuple[Any, ...]:
    return Group.group_set_id == group_set_id, Group.deleted_at.is_(None)
