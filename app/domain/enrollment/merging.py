"""Course instances merged into one: a parent, and children whose enrolments the parent's follow.

One level deep, and a person is in one course instance of the set at most (contracts/blackboard.md §8).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.following import enrolled
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.policy import may_teach
from app.domain.identity.policy import may_administer, may_write
from app.domain.rows import find_row, insert_row, update_row, update_rows, visible_row
from app.errors import RuleBroken, UserErrorCode

COPIED = (
    *("user_id", "role", "enrollment_role_id", "discussion_role", "data_source_id", "is_available", "display_order"),
    *("status", "track", "enrolled_at", "ended_at", "attributes"),
)


async def merge_course_instance(ctx: Context, *, parent_id: int, child_id: int, passing_over: bool = False) -> int:
    """Make one course instance a child of another: its people are enrolled there too, now and later; the child's id.

    Who is in both is passed over, if wanted, and stays in the parent as before. Administrators. Raises NotFound (the
    parent), Forbidden; RuleBroken at `childId`: NOT_FOUND, INVALID for itself, IN_USE when merged or with children,
    ALREADY_ENROLLED when somebody is in both; IN_USE at `parentId` when the parent is a child.
    """
    may_administer(ctx)
    parent = await visible_row(ctx, CourseInstance, parent_id, CourseInstance.parent_id, lock=True)
    if parent_id == child_id:
        raise RuleBroken(UserErrorCode.INVALID, "a course instance cannot be merged with itself", "childId")
    child = await find_row(ctx, CourseInstance, child_id, CourseInstance.parent_id, lock=True)
    if child is None:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such course instance", "childId")
    if parent.parent_id is not None:
        raise RuleBroken(UserErrorCode.IN_USE, "the parent is merged into another course instance", "parentId")
    children = select(CourseInstance.id).where(CourseInstance.parent_id == child_id).limit(1)
    if child.parent_id is not None or await ctx.db.scalar(children) is not None:
        raise RuleBroken(UserErrorCode.IN_USE, "the course instance is merged already", "childId")
    await _copy(ctx, parent_id, child_id, passing_over=passing_over)
    await update_row(ctx, CourseInstance, child_id, {"parent_id": parent_id})
    return child_id


async def separate_course_instance(ctx: Context, *, child_id: int) -> int:
    """Undo a merge: those who came through the child are dropped from the parent, where their record stays.

    Administrators. The child's id. Raises NotFound, Forbidden; RuleBroken INVALID at `childId` when it is no child.
    """
    may_administer(ctx)
    child = await visible_row(ctx, CourseInstance, child_id, CourseInstance.parent_id, lock=True)
    if child.parent_id is None:
        raise RuleBroken(UserErrorCode.INVALID, "not merged into another course instance", "childId")
    through = (Enrollment.course_instance_id == child.parent_id, Enrollment.child_course_instance_id == child_id)
    dropped = {"status": EnrollmentStatus.DROPPED, "ended_at": ctx.now, "updated_at": ctx.now}
    present = Enrollment.status != EnrollmentStatus.DROPPED
    await ctx.db.execute(update(Enrollment).where(*through, present).values(**dropped))
    await ctx.db.execute(update(Enrollment).where(*through).values(child_course_instance_id=None, updated_at=ctx.now))
    await update_row(ctx, CourseInstance, child_id, {"parent_id": None})
    return child_id


async def move_to_parent(ctx: Context, *, enrollment_id: int) -> int:
    """Enrol directly in a merged course instance who came through a child, and drop them there; the enrolment's id.

    Instructors of both, administrators. Who is enrolled directly stays so. Raises NotFound, Forbidden.
    """
    may_write(ctx)
    columns = (Enrollment.course_instance_id, Enrollment.user_id, Enrollment.child_course_instance_id)
    found = await visible_row(ctx, Enrollment, enrollment_id, *columns)
    await may_teach(ctx, found.course_instance_id)
    child_id = found.child_course_instance_id
    if child_id is None:
        return enrollment_id
    await may_teach(ctx, child_id)
    for each in (child_id, found.course_instance_id):
        await visible_row(ctx, CourseInstance, each, CourseInstance.id, lock=True)
    own = await enrollment_of(ctx, child_id, found.user_id)
    if own is not None and own.status != EnrollmentStatus.DROPPED:
        await update_row(ctx, Enrollment, own.id, {"status": EnrollmentStatus.DROPPED, "ended_at": ctx.now})
    await update_row(ctx, Enrollment, enrollment_id, {"child_course_instance_id": None})
    return enrollment_id


async def enrollment_of(ctx: Context, course_instance_id: int, user_id: int) -> Any:
    """The enrolment (id, status, child_course_instance_id) of a person in a course instance, or None."""
    rows = await ctx.db.fetch(
        select(Enrollment.id, Enrollment.status, Enrollment.child_course_instance_id).where(
            Enrollment.course_instance_id == course_instance_id, Enrollment.user_id == user_id
        )
    )
    return rows[0] if rows else None


async def require_alone(ctx: Context, parent_id: int, child_id: int, user_id: int, field: str) -> None:
    """Raise ALREADY_ENROLLED when a person is in the parent otherwise than through this child."""
    lock = select(CourseInstance.id).where(CourseInstance.id == parent_id).with_for_update(key_share=True)
    await ctx.db.execute(lock)
    found = await enrollment_of(ctx, parent_id, user_id)
    if found is None or found.status == EnrollmentStatus.DROPPED or found.child_course_instance_id == child_id:
        return
    raise RuleBroken(UserErrorCode.ALREADY_ENROLLED, "enrolled in a course instance merged with this one", field)


async def mirror(ctx: Context, parent_id: int, enrollment_id: int) -> None:
    """Make a person's enrolment in the parent the same as theirs in a child."""
    columns = (Enrollment.course_instance_id, *(getattr(Enrollment, name) for name in COPIED))
    rows = await ctx.db.fetch(select(*columns).where(Enrollment.id == enrollment_id))
    child_id, *copied = rows[0]
    values = dict(zip(COPIED, copied, strict=True)) | {"child_course_instance_id": child_id}
    found = await enrollment_of(ctx, parent_id, values["user_id"])
    if found is None:
        await insert_row(ctx, Enrollment, {"course_instance_id": parent_id, **values})
    elif found.child_course_instance_id == child_id or values["status"] != EnrollmentStatus.DROPPED:
        await update_row(ctx, Enrollment, found.id, values)


async def _copy(ctx: Context, parent_id: int, child_id: int, *, passing_over: bool) -> None:
    columns = [getattr(Enrollment, name) for name in COPIED]
    theirs = await ctx.db.fetch(select(*columns).where(Enrollment.course_instance_id == child_id))
    present = await ctx.db.fetch(
        select(Enrollment.user_id, Enrollment.id, Enrollment.status).where(Enrollment.course_instance_id == parent_id)
    )
    known = {row.user_id: row for row in present}
    stamped = {"child_course_instance_id": child_id, "updated_at": ctx.now}
    added, returned = [], []
    for row in theirs:
        values = dict(zip(COPIED, row, strict=True)) | stamped
        old = known.get(row.user_id)
        if old is None:
            added.append({"course_instance_id": parent_id, "created_at": ctx.now, **values})
        elif row.status != EnrollmentStatus.DROPPED:
            if old.status != EnrollmentStatus.DROPPED:
                if passing_over:
                    continue
                raise RuleBroken(UserErrorCode.ALREADY_ENROLLED, "somebody is enrolled in both", "childId")
            returned.append({"id": old.id, **values})
    if added:
        await ctx.db.execute(insert(Enrollment), added)
    await update_rows(ctx, Enrollment, returned)
    active = [row["user_id"] for row in (*added, *returned) if row["status"] == EnrollmentStatus.ACTIVE]
    await enrolled(ctx, [(parent_id, user_id) for user_id in active])
