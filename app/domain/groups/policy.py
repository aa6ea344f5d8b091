"""Who sees groups (the staff all, learners their own, and those of sets that list them), and who sees whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.models import CourseStaff, Enrollment, EnrollmentStatus
from app.domain.enrollment.policy import (
    attended,
    course_staff_visible,
    may_teach,
    moderated,
    staffed,
    taught_user,
    teachers,
    teaches,
)
from app.domain.groups.models import Group, GroupInvitation, GroupMembership, GroupSet, GroupSetKind, Management
from app.domain.identity.models import User
from app.domain.identity.policy import may_write
from app.errors import Forbidden
from app.policy import Viewing, existence, exists_unless, visibility


def is_current() -> ColumnElement[bool]:
    """Memberships that have not ended."""
    return GroupMembership.left_at.is_(None)


def _current(column: InstrumentedAttribute[int], viewing: Viewing) -> Select[Any]:
    return select(column).where(GroupMembership.user_id == viewing.principal.user_id, is_current())


def my_groups(viewing: Viewing) -> Select[Any]:
    """Ids of the groups that the principal is a member of now."""
    return _current(GroupMembership.group_id, viewing)


def my_teams(viewing: Viewing) -> Select[Any]:
    """Those of them whose members know each other: cohorts and audiences are not."""
    impersonal = select(GroupSet.id).where(GroupSet.kind != GroupSetKind.TEAMS)
    return my_groups(viewing).where(GroupMembership.group_set_id.not_in(impersonal))


def listed_groups(viewing: Viewing) -> ColumnElement[bool]:
    """Whether a group is one that every learner of the course instance sees (contracts/edx-core.md §11)."""
    here = select(Enrollment.course_instance_id).where(
        Enrollment.user_id == viewing.principal.user_id, Enrollment.status == EnrollmentStatus.ACTIVE
    )
    sets = select(GroupSet.id).where(GroupSet.management.in_(LISTED), GroupSet.course_instance_id.in_(here))
    return and_(Group.group_set_id.in_(sets), is_for(viewing))


def is_for(viewing: Viewing) -> ColumnElement[bool]:
    """Whether the principal may know of a group: who learns for an organization is kept apart from the others."""
    for_organization = select(Enrollment.course_instance_id).where(
        Enrollment.user_id == viewing.principal.user_id, Enrollment.track == MASTERS
    )
    return Group.is_organization_protected == Group.course_instance_id.in_(for_organization)


exists_unless(GroupSet.course_instance_id, deleted_course_instances)

MASTERS = "masters"
"""The track of who learns for an organization (contracts/edx-core.md §11)."""
LISTED = (Management.OPEN, Management.OPEN_MANAGED, Management.PUBLIC_MANAGED)
"""How sets are run of which every learner of the course instance sees all groups."""


@visibility(GroupSet)
def group_set_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody in the course instance, and the staff of its content; a private one only its members and the staff."""
    column, mine = GroupSet.course_instance_id, _current(GroupMembership.group_set_id, viewing)
    is_open = or_(GroupSet.management != Management.PRIVATE_MANAGED, GroupSet.id.in_(mine))
    return or_(and_(column.in_(attended(viewing)), is_open), column.in_(staffed(viewing)))


@existence(Group)
def group_exists() -> ColumnElement[bool]:
    """A deleted one is kept and seen by nobody, and so are its members and its work."""
    return and_(Group.deleted_at.is_(None), Group.course_instance_id.not_in(deleted_course_instances()))


def deleted_groups() -> Select[Any]:
    """Ids of those that do not exist."""
    gone = or_(Group.deleted_at.is_not(None), Group.course_instance_id.in_(deleted_course_instances()))
    return select(Group.id).where(gone)


exists_unless(GroupMembership.group_id, deleted_groups)


@visibility(Group)
def group_visible(viewing: Viewing) -> ColumnElement[bool]:
    """The staff, the members, of listed sets whoever is actively enrolled, of cohorts who looks after discussions."""
    mine = Group.id.in_(my_groups(viewing))
    here = (GroupSet.kind == GroupSetKind.COHORTS, GroupSet.course_instance_id.in_(moderated(viewing)))
    cohorts = Group.group_set_id.in_(select(GroupSet.id).where(*here))
    return or_(teaches(Group.course_instance_id, viewing), mine, listed_groups(viewing), cohorts)


@visibility(GroupMembership)
def membership_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the group; of listed ones who is a member now, of cohorts and audiences one's own."""
    own = GroupMembership
    taught_here = select(Group.id).where(teaches(Group.course_instance_id, viewing))
    listed = and_(is_current(), own.group_id.in_(select(Group.id).where(listed_groups(viewing))))
    oneself = and_(own.user_id == viewing.principal.user_id, own.group_id.in_(my_groups(viewing)))
    return or_(own.group_id.in_(taught_here), own.group_id.in_(my_teams(viewing)), oneself, listed)


exists_unless(GroupInvitation.group_id, deleted_groups)


@visibility(GroupInvitation)
def invitation_visible(viewing: Viewing) -> ColumnElement[bool]:
    """The staff: they are addresses of people who are not here yet."""
    return GroupInvitation.group_id.in_(select(Group.id).where(teaches(Group.course_instance_id, viewing)))


@visibility(User)
def user_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Oneself, the people one teaches, the staff one learns or works with, the members of one's groups."""
    me = viewing.principal.user_id
    group = GroupMembership.group_id
    mates = select(GroupMembership.user_id).where(group.in_(my_teams(viewing)), group.not_in(deleted_groups()))
    colleagues = select(CourseStaff.user_id).where(course_staff_visible(viewing))
    groups = (teachers(viewing), mates, colleagues)
    return or_(User.id == me, taught_user(viewing), *(User.id.in_(group) for group in groups))


async def may_assign(
    ctx: Context, course_instance_id: int, group_set_id: int, user_ids: Collection[int], *, is_self_assigned: bool
) -> bool:
    """Raise unless the caller is an instructor, or learners assign themselves and they name nobody else.

    Who looks after the discussions may name others where learners assign themselves to listed groups: whether it is so.
    """
    may_write(ctx)
    if is_self_assigned and set(user_ids) == {ctx.principal.user_id}:
        return False
    if is_self_assigned:
        return await may_moderate(ctx, course_instance_id, group_set_id)
    await may_teach(ctx, course_instance_id)
    return False


async def may_moderate(ctx: Context, course_instance_id: int, group_set_id: int) -> bool:
    """Raise unless the caller is an instructor or, where a set is listed, looks after the discussions: whether so."""
    try:
        await may_teach(ctx, course_instance_id)
    except Forbidden:
        here = (GroupSet.id == group_set_id, GroupSet.management.in_(LISTED))
        mine = GroupSet.course_instance_id.in_(moderated(ctx.viewing))
        if await ctx.db.scalar(select(GroupSet.id).where(*here, mine)) is None:
            raise
        return True
    return False
