"""People enter and leave course instances, and get rights to courses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, func, select

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.following import enrolled, tracks_changed
from app.domain.enrollment.merging import enrollment_of, mirror, move_to_parent, require_alone
from app.domain.enrollment.models import (
    CourseRole,
    CourseStaff,
    DiscussionRole,
    Enrollment,
    EnrollmentRole,
    EnrollmentStatus,
    Role,
)
from app.domain.enrollment.policy import STAFF_ROLES, may_own_course, may_teach
from app.domain.enrollment.tracks import require_track
from app.domain.identity.models import DataSource, User
from app.domain.identity.policy import may_administer, may_write
from app.domain.rows import insert_row, is_key, referred_row, require_free, require_known, update_row, visible_row
from app.domain.rules import at_least, fitted
from app.errors import RuleBroken, UserErrorCode

LEARNING = (Role.STUDENT, EnrollmentStatus.ACTIVE)


class EnrollmentDetails(TypedDict, total=False):
    """What may be said of a person's place in a course instance. Null empties; absent (or UNSET) stays as it is."""

    enrollment_role_id: Change[int | None]
    discussion_role: Change[DiscussionRole | None]
    track: Change[str | None]
    discount_percent: Change[float | None]
    data_source_id: Change[int | None]
    is_available: Change[bool]
    display_order: Change[int | None]
    lecture: Change[str | None]
    section: Change[str]
    grade_policy: Change[str]
    nickname: Change[str | None]


async def enroll(
    ctx: Context,
    *,
    course_instance_id: int,
    user_id: int,
    role: Role = Role.STUDENT,
    enrolled_at: datetime | None = None,
    attributes: dict[str, Any] | None = None,
    is_dropped: bool = False,
    **details: Unpack[EnrollmentDetails],
) -> int:
    """Enrol a person, or a person who had dropped again; the enrolment's id. Instructors, administrators.

    Any person may be named, seen or not: nobody could be enrolled otherwise. An enrolment role has a role of its own,
    which beats `role`. Raises NotFound, Forbidden (a `track`, too, unless administrators give it); RuleBroken NOT_FOUND
    at `enrollmentRoleId`, `dataSourceId`, `track`; OUT_OF_RANGE at `displayOrder`; at `userId` NOT_FOUND,
    ALREADY_ENROLLED (there, or in a course instance merged with it); CLOSED at `courseInstanceId` for a learner of a
    derived one that is full.
    """
    await may_teach(ctx, course_instance_id)
    place = await _locked(ctx, course_instance_id)
    parent = place.parent_id
    await _require_person(ctx, user_id)
    old = await enrollment_of(ctx, course_instance_id, user_id)
    if old is not None and old.status != EnrollmentStatus.DROPPED:
        raise RuleBroken(UserErrorCode.ALREADY_ENROLLED, "the person is enrolled already", "userId")
    checked: dict[str, Any] = {"role": role} | await _checked(ctx, given(**details), course_instance_id)
    values: dict[str, Any] = {"child_course_instance_id": None, **_life(ctx, checked["role"], is_dropped)}
    told = {"enrolled_at": enrolled_at, "attributes": attributes}
    values |= fitted(Enrollment, {name: value for name, value in told.items() if value is not None}) | checked
    if parent is not None:
        await require_alone(ctx, parent, course_instance_id, user_id, "userId")
    await _require_room(ctx, place, values["role"], values["status"])
    made = await _written(ctx, course_instance_id, user_id, old, values)
    if parent is not None:
        await mirror(ctx, parent, made)
    await _tell(ctx, (course_instance_id, parent), user_id, values["status"])
    return made


async def update_enrollment(
    ctx: Context,
    *,
    enrollment_id: int,
    role: Change[Role] = UNSET,
    status: Change[EnrollmentStatus] = UNSET,
    attributes: Change[dict[str, Any]] = UNSET,
    including_staff: bool = False,
    leaving_child: bool = False,
    **details: Unpack[EnrollmentDetails],
) -> int:
    """Change what a person is in a course instance; the enrolment's id. Instructors, administrators.

    `leaving_child`: first like `move_to_parent`.

    Raises NotFound, Forbidden; RuleBroken: IS_STAFF when staff would be dropped (contracts/autolab.md §4.13) unless
    `including_staff`, IN_USE at `enrollmentId` for one that follows a merged course instance, ALREADY_ENROLLED at
    `status`, CLOSED at `courseInstanceId` and like `enroll` at the details.
    """
    changes = fitted(Enrollment, given(role=role, status=status, attributes=attributes))
    changes |= await _checked(ctx, given(**details))
    field = "role" if status is UNSET else "status"
    if leaving_child:
        await move_to_parent(ctx, enrollment_id=enrollment_id)
    return await _change(ctx, enrollment_id, changes, field, including_staff=including_staff)


async def drop_enrollment(ctx: Context, *, enrollment_id: int, including_staff: bool = False) -> int:
    """Note that a person has left; the enrolment's id. The record stays. Dropping twice changes nothing.

    Instructors, administrators. Raises like `update_enrollment`, with IS_STAFF at `enrollmentId`.
    """
    dropped = {"status": EnrollmentStatus.DROPPED}
    return await _change(ctx, enrollment_id, dropped, "enrollmentId", including_staff=including_staff)


async def create_enrollment_role(ctx: Context, *, key: str, name: str, role: Role, is_available: bool = True) -> int:
    """A name of the institution's for those who take part in a role; the id. Administrators.

    Raises Forbidden; RuleBroken: TAKEN at `key`, REQUIRED, INVALID, TOO_LONG.
    """
    may_administer(ctx)
    values = fitted(EnrollmentRole, {"key": key, "name": name, "role": role, "is_available": is_available})
    await require_free(ctx, EnrollmentRole, values, ["key"])
    return await insert_row(ctx, EnrollmentRole, values)


async def set_course_staff(ctx: Context, *, course_id: int, user_id: int, role: CourseRole | None) -> int | None:
    """Give a person a right to a course's content, another right than before, or (None) no more; the right's id.

    Owners of the course, administrators. Raises NotFound, Forbidden; RuleBroken NOT_FOUND at `userId`.
    """
    await may_own_course(ctx, course_id)
    await _require_person(ctx, user_id)
    mine = (CourseStaff.course_id == course_id, CourseStaff.user_id == user_id)
    if role is None:
        await ctx.db.execute(delete(CourseStaff).where(*mine))
        return None
    found: int | None = await ctx.db.scalar(select(CourseStaff.id).where(*mine))
    if found is None:
        return await insert_row(ctx, CourseStaff, {"course_id": course_id, "user_id": user_id, "role": role})
    await update_row(ctx, CourseStaff, found, {"role": role})
    return found


async def _change(
    ctx: Context, enrollment_id: int, changes: dict[str, Any], field: str, *, including_staff: bool
) -> int:
    may_write(ctx)
    own = Enrollment
    columns = (own.course_instance_id, own.user_id, own.child_course_instance_id, own.role, own.status, own.track)
    old = await visible_row(ctx, Enrollment, enrollment_id, *columns)
    await may_teach(ctx, old.course_instance_id)
    place = await _locked(ctx, old.course_instance_id)
    parent = place.parent_id
    await require_track(ctx, old.course_instance_id, changes)
    if old.child_course_instance_id is not None:
        raise RuleBroken(UserErrorCode.IN_USE, "change the enrolment in the merged course instance", "enrollmentId")
    role, status = changes.get("role", old.role), changes.get("status", old.status)
    if status == EnrollmentStatus.DROPPED and role in STAFF_ROLES and not including_staff:
        raise RuleBroken(UserErrorCode.IS_STAFF, "instructors and course assistants cannot be dropped", field)
    if role != old.role:
        changes.setdefault("enrollment_role_id", None)
    if status != old.status:
        changes["ended_at"] = None if status == EnrollmentStatus.ACTIVE else ctx.now
    if (role, status) != (old.role, old.status):
        await _require_room(ctx, place, role, status)
    if parent is not None and status != EnrollmentStatus.DROPPED:
        await require_alone(ctx, parent, old.course_instance_id, old.user_id, field)
    if any(changes[name] != getattr(old, name, UNSET) for name in changes):
        await update_row(ctx, Enrollment, enrollment_id, changes)
        if parent is not None:
            await mirror(ctx, parent, enrollment_id)
        if role != old.role or changes.get("track", old.track) != old.track:
            await tracks_changed(ctx, old.course_instance_id, old.user_id)
        if status != old.status:
            await _tell(ctx, (old.course_instance_id, parent), old.user_id, status)
    return enrollment_id


async def _tell(ctx: Context, places: Sequence[int | None], user_id: int, status: str) -> None:
    """Tell that a person is enrolled in course instances, if they are so actively."""
    is_active = status == EnrollmentStatus.ACTIVE
    await enrolled(ctx, [(place, user_id) for place in places if is_active and place is not None])


async def _locked(ctx: Context, course_instance_id: int) -> Any:
    own = CourseInstance
    columns = (own.id, own.parent_id, own.derived_from_id, own.max_learners)
    return await visible_row(ctx, own, course_instance_id, *columns, lock=True)


async def _written(ctx: Context, place: int, user_id: int, old: Any, values: dict[str, Any]) -> int:
    """The id of a person's enrolment, which is made or, if there is an `old` one, changed."""
    if old is None:
        owner = {"course_instance_id": place, "user_id": user_id, "enrolled_at": ctx.now}
        return await insert_row(ctx, Enrollment, owner | values)
    await update_row(ctx, Enrollment, old.id, values)
    await tracks_changed(ctx, place, user_id)
    return int(old.id)


async def _require_room(ctx: Context, place: Any, role: str, status: str) -> None:
    """Raise CLOSED for a learner where as many learn in a derived course instance, which is locked, as may."""
    is_bound = place.derived_from_id is not None and place.max_learners is not None
    if is_bound and (role, status) == LEARNING:
        own = Enrollment
        statement = select(func.count()).select_from(own).where(own.course_instance_id == place.id)
        here = (own.role == Role.STUDENT, own.status == EnrollmentStatus.ACTIVE)
        if (await ctx.db.scalar(statement.where(*here)) or 0) >= place.max_learners:
            raise RuleBroken(UserErrorCode.CLOSED, "the course instance is full", "courseInstanceId")


async def _require_person(ctx: Context, user_id: int) -> None:
    if not is_key(user_id) or await ctx.db.scalar(select(User.id).where(User.id == user_id)) is None:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such user", "userId")


def _life(ctx: Context, role: Role, is_dropped: bool) -> dict[str, Any]:
    if not is_dropped:
        return {"status": EnrollmentStatus.ACTIVE, "ended_at": None}
    if role in STAFF_ROLES:
        raise RuleBroken(UserErrorCode.IS_STAFF, "instructors and course assistants cannot be dropped", "role")
    return {"status": EnrollmentStatus.DROPPED, "ended_at": ctx.now}


async def _checked(ctx: Context, values: dict[str, Any], course_instance_id: int | None = None) -> dict[str, Any]:
    """The details as they are stored, with the `role` that an enrolment role stands for; the track by the place."""
    await require_known(ctx, values, data_source_id=DataSource)
    key, found = values.get("enrollment_role_id"), None
    if key is not None:
        found = await referred_row(ctx, EnrollmentRole, key, EnrollmentRole.role, field="enrollmentRoleId")
    checked = fitted(Enrollment, values) | ({} if found is None else {"role": found.role})
    at_least(1, checked, "display_order")
    if not (checked.get("nickname") or "").isascii():
        raise RuleBroken(UserErrorCode.INVALID, "only ASCII characters", "nickname")
    if course_instance_id is not None:
        await require_track(ctx, course_instance_id, checked)
    return checked
