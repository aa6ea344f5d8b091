"""Who has which rights in a course instance, and who sees enrolments.

Three sets of course instances carry every policy of the later domains (all of people who are not administrators):
`attended` (enrolled in any role and state, dropped ones included: a record stays readable), `taught` (course assistants
and instructors: they see learners' data), `staffed` (`taught`, and those of courses whose content one may see).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, literal, or_, select, true, union
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import Course, CourseInstance, CourseInstanceAccessRule
from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.models import (
    CourseRole,
    CourseStaff,
    Enrollment,
    EnrollmentInvitation,
    EnrollmentRole,
    EnrollmentStatus,
    EnrollmentTrack,
    Role,
)
from app.domain.identity.models import User
from app.domain.identity.policy import may_write
from app.domain.rows import is_key, visible_row
from app.errors import Forbidden, NotFound
from app.policy import Viewing, exists_unless, mask, visibility

STAFF_ROLES = (Role.COURSE_ASSISTANT, Role.INSTRUCTOR)
EDITING_ROLES = (CourseRole.EDITOR, CourseRole.OWNER)


def attended(viewing: Viewing) -> Select[Any]:
    """Ids of the course instances that the principal is or was enrolled in, or looks at as a learner."""
    place = viewing.principal.learns_in
    return _enrolled(viewing) if place is None else select(CourseInstance.id).where(CourseInstance.id == place)


def taught(viewing: Viewing, *roles: Role) -> Select[Any]:
    """Ids of the course instances whose learners' data the principal sees (or: in which they have one of `roles`)."""
    mine = _enrolled(viewing).where(
        Enrollment.role.in_(roles or STAFF_ROLES), Enrollment.status == EnrollmentStatus.ACTIVE
    )
    return mine if viewing.principal.learns_in is None else mine.where(false())


def _enrolled(viewing: Viewing) -> Select[Any]:
    return select(Enrollment.course_instance_id).where(Enrollment.user_id == viewing.principal.user_id)


def staffed(viewing: Viewing) -> Select[Any]:
    """Ids of the course instances whose content the principal sees as staff."""
    if viewing.principal.learns_in is not None:
        return taught(viewing)
    mine = select(CourseStaff.course_id).where(CourseStaff.user_id == viewing.principal.user_id)
    content = select(CourseInstance.id).where(CourseInstance.course_id.in_(mine))
    return select(union(taught(viewing), content).subquery())


def moderated(viewing: Viewing) -> Select[Any]:
    """Ids of the course instances whose discussions the principal looks after."""
    mine = _enrolled(viewing).where(
        Enrollment.discussion_role.is_not(None), Enrollment.status == EnrollmentStatus.ACTIVE
    )
    return mine if viewing.principal.learns_in is None else mine.where(false())


def teaches(column: InstrumentedAttribute[int], viewing: Viewing) -> ColumnElement[bool]:
    """Whether a column names a course instance whose learners' data the principal sees."""
    return column.in_(taught(viewing))


@visibility(CourseInstance)
def course_instance_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Those one attends or whose content one sees as staff."""
    return or_(CourseInstance.id.in_(attended(viewing)), CourseInstance.id.in_(staffed(viewing)))


@visibility(CourseInstanceAccessRule)
def access_rule_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Staff of the course instance: the rules name people."""
    return CourseInstanceAccessRule.course_instance_id.in_(staffed(viewing))


exists_unless(EnrollmentInvitation.course_instance_id, deleted_course_instances)


@visibility(EnrollmentInvitation)
def invitation_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Where one teaches: it names people."""
    return teaches(EnrollmentInvitation.course_instance_id, viewing)


@visibility(EnrollmentRole)
def enrollment_role_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody who is signed in."""
    return true()


exists_unless(Enrollment.course_instance_id, deleted_course_instances)
exists_unless(EnrollmentTrack.course_instance_id, deleted_course_instances)


@visibility(EnrollmentTrack)
def enrollment_track_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the course instance."""
    place = EnrollmentTrack.course_instance_id
    return or_(place.in_(attended(viewing)), place.in_(staffed(viewing)))


@visibility(Enrollment)
def enrollment_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, everybody's where one teaches, and the staff's where one learns."""
    return or_(
        Enrollment.user_id == viewing.principal.user_id,
        teaches(Enrollment.course_instance_id, viewing),
        and_(Enrollment.role.in_(STAFF_ROLES), Enrollment.course_instance_id.in_(attended(viewing))),
    )


@visibility(CourseStaff)
def course_staff_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own rights, and the rights of others where one owns the course."""
    mine = CourseStaff.__table__.alias()
    owned = select(mine.c.course_id).where(
        mine.c.user_id == viewing.principal.user_id, mine.c.role == CourseRole.OWNER.value
    )
    return or_(CourseStaff.user_id == viewing.principal.user_id, CourseStaff.course_id.in_(owned))


def taught_user(viewing: Viewing) -> ColumnElement[bool]:
    """Whether a user is enrolled where the principal teaches."""
    place = Enrollment.course_instance_id
    here = (teaches(place, viewing), place.not_in(deleted_course_instances()))
    return User.id.in_(select(Enrollment.user_id).where(*here))


@mask(
    *(User.uin, User.external_id, User.school, User.major, User.year),
    *(User.is_active, User.is_disabled, User.is_staff, User.retirement_requested_at),
)
def private_to_staff(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Registrar's data: for oneself and for those who teach the person."""
    return case((or_(User.id == viewing.principal.user_id, taught_user(viewing)), attribute))


@mask(CourseInstance.enrollment_access_code)
def access_code_private(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """The code that lets people enrol: for the staff."""
    return case((CourseInstance.id.in_(staffed(viewing)), attribute))


@mask(Enrollment.attributes, Enrollment.discount_percent)
def attributes_private(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Demographic attributes and prices: for the person and for instructors."""
    instructor = Enrollment.course_instance_id.in_(taught(viewing, Role.INSTRUCTOR))
    return case((or_(Enrollment.user_id == viewing.principal.user_id, instructor), attribute))


def teachers(viewing: Viewing) -> Select[Any]:
    """Ids of the staff of the course instances that the principal attends."""
    place = Enrollment.course_instance_id
    return select(Enrollment.user_id).where(
        Enrollment.role.in_(STAFF_ROLES), place.in_(attended(viewing)), place.not_in(deleted_course_instances())
    )


async def may_see_learners(ctx: Context, course_instance_id: int) -> None:
    """Raise unless the caller sees the learners' data of a course instance."""
    if not ctx.principal.is_admin:
        await _require(ctx, course_instance_id, taught(ctx.viewing))


async def may_teach(ctx: Context, course_instance_id: int, *, assistants: bool = False) -> None:
    """Raise unless the caller is an instructor (or, where `assistants` may, an assistant) of a course instance.

    NotFound when they may not even see it, Forbidden when they may see it and no more.
    """
    may_write(ctx)
    await _require(ctx, course_instance_id, taught(ctx.viewing, *(STAFF_ROLES if assistants else (Role.INSTRUCTOR,))))


async def may_teach_all(ctx: Context, course_instance_ids: Collection[int]) -> None:
    """Raise like `may_teach` unless the caller is an instructor of all these course instances. One statement."""
    may_write(ctx)
    keys = {key for key in course_instance_ids if is_key(key)}
    is_taught = true() if ctx.principal.is_admin else CourseInstance.id.in_(taught(ctx.viewing, Role.INSTRUCTOR))
    statement = select(CourseInstance.id, is_taught).where(member_of(CourseInstance.id, keys))
    rows = await ctx.db.fetch(statement.where(ctx.visible(CourseInstance)))
    if len(rows) < len(set(course_instance_ids)):
        raise NotFound("no such course instance")
    if not all(row[1] for row in rows):
        raise Forbidden("only the staff of this course instance may do this")


async def may_edit_content(ctx: Context, course_instance_id: int) -> None:
    """Raise unless the caller is an instructor of a course instance or edits its course. NotFound as in `may_teach`."""
    may_write(ctx)
    of_course = select(CourseInstance.id).where(CourseInstance.course_id.in_(_courses(ctx, EDITING_ROLES)))
    of_instance = taught(ctx.viewing, Role.INSTRUCTOR)
    await _require(ctx, course_instance_id, select(union(of_course, of_instance).subquery()))


async def may_edit_course(ctx: Context, course_id: int) -> None:
    """Raise unless the caller may edit a course and its instances' content. NotFound when there is no such course."""
    await _require_course(ctx, course_id, EDITING_ROLES)


async def may_own_course(ctx: Context, course_id: int) -> None:
    """Raise unless the caller may say who edits a course. NotFound when there is no such course."""
    await _require_course(ctx, course_id, (CourseRole.OWNER,))


async def _require_course(ctx: Context, course_id: int, roles: tuple[CourseRole, ...]) -> None:
    may_write(ctx)
    await visible_row(ctx, Course, course_id, Course.id)
    if ctx.principal.is_admin:
        return
    if not await ctx.db.scalar(select(literal(course_id).in_(_courses(ctx, roles)))):
        raise Forbidden(f"only who is {' or '.join(roles)} of this course may do this")


def _courses(ctx: Context, roles: tuple[CourseRole, ...]) -> Select[Any]:
    return select(CourseStaff.course_id).where(
        CourseStaff.user_id == ctx.principal.user_id, CourseStaff.role.in_(roles)
    )


async def _require(ctx: Context, course_instance_id: int, allowed: Select[Any]) -> None:
    permitted = true() if ctx.principal.is_admin else CourseInstance.id.in_(allowed)
    if not is_key(course_instance_id):
        raise NotFound("no such course instance")
    rows = await ctx.db.fetch(
        select(permitted).where(CourseInstance.id == course_instance_id, ctx.visible(CourseInstance))
    )
    if not rows:
        raise NotFound("no such course instance")
    if not rows[0][0]:
        raise Forbidden("only the staff of this course instance may do this")
