"""Who sees groups (the staff all, learners their own), and who sees whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.context import Context
from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.models import CourseStaff
from app.domain.enrollment.policy import (
    attended,
    course_staff_visible,
    may_teach,
    staffed,
    taught_user,
    teachers,
    teaches,
)
from app.domain.groups.models import Group, GroupMembership, GroupSet
from app.domain.identity.models import User
from app.domain.identity.policy import may_write
from app.policy import Viewing, existence, exists_unless, visibility


def is_current() -> ColumnElement[bool]:
    """Memberships that have not ended."""
    return GroupMembership.left_at.is_(None)


def my_groups(viewing: Viewing) -> Select[Any]:
    """Ids of the groups that the principal is a member of now."""
    return select(GroupMembership.group_id).where(GroupMembership.user_id == viewing.principal.user_id, is_current())


exists_unless(GroupSet.course_instance_id, deleted_course_instances)


@visibility(GroupSet)
def group_set_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody in the course instance, and the staff of its content."""
    column = GroupSet.course_instance_id
    return or_(column.in_(attended(viewing)), column.in_(staffed(viewing)))


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
    """The staff, and the members."""
    return or_(teaches(Group.course_instance_id, viewing), Group.id.in_(my_groups(viewing)))


@visibility(GroupMembership)
def membership_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the group."""
    groups = select(Group.id).where(group_visible(viewing))
    return GroupMembership.group_id.in_(groups)


@visibility(User)
def user_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Oneself, the people one teaches, the staff one learns or works with, the members of one's groups."""
    me = viewing.principal.user_id
    group = GroupMembership.group_id
    mates = select(GroupMembership.user_id).where(group.in_(my_groups(viewing)), group.not_in(deleted_groups()))
    colleagues = select(CourseStaff.user_id).where(course_staff_visible(viewing))
    groups = (teachers(viewing), mates, colleagues)
    return or_(User.id == me, taught_user(viewing), *(User.id.in_(group) for group in groups))


async def may_assign(
    ctx: Context, course_instance_id: int, user_ids: Collection[int], *, is_self_assigned: bool
) -> None:
    """Raise unless the caller is an instructor or, where learners assign themselves, names nobody else."""
    may_write(ctx)
    if not (is_self_assigned and set(user_ids) == {ctx.principal.user_id}):
        await may_teach(ctx, course_instance_id)
