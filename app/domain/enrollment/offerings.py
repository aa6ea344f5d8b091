"""Courses changed, and their instances made, changed, deleted: what rights in the course or the instance allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from sqlalchemy import delete, insert, select

from app.context import Context
from app.domain.catalog.models import Availability, Course, CourseInstance, CourseInstanceAccessRule, PenaltyUnit
from app.domain.catalog.names import require_key, require_name
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.models import Enrollment, Role
from app.domain.enrollment.policy import may_edit_content, may_edit_course
from app.domain.rows import insert_row, require_free, update_row, visible_row
from app.domain.rules import at_least, fitted, in_order, zone_name
from app.errors import RuleBroken, UserErrorCode

UNIQUE = ("name", "external_id", "key")


@dataclass(frozen=True, slots=True)
class EntryRule:
    """Who may enter a course instance, and when. Null is no condition."""

    institution: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    uids: Sequence[str] | None = None


class CourseInstanceDetails(TypedDict, total=False):
    """What may be said of an offering beside its names. Null empties; absent (or UNSET) stays as it is.

    `time_zone` of a new one is the course's when absent.
    """

    short_name: Change[str | None]
    external_id: Change[str | None]
    key: Change[str | None]
    term: Change[str | None]
    time_zone: Change[str]
    start_at: Change[datetime | None]
    end_at: Change[datetime | None]
    availability: Change[Availability]
    is_hidden_in_enroll_page: Change[bool]
    is_disabled_at_end: Change[bool]
    late_slack_seconds: Change[int]
    grace_days: Change[int]
    max_unpenalized_submissions: Change[int | None]
    late_penalty: Change[float]
    late_penalty_unit: Change[PenaltyUnit]
    version_penalty: Change[float]
    version_penalty_unit: Change[PenaltyUnit]


async def update_course(
    ctx: Context,
    *,
    course_id: int,
    key: Change[str] = UNSET,
    short_name: Change[str] = UNSET,
    title: Change[str] = UNSET,
    description: Change[str | None] = UNSET,
    time_zone: Change[str] = UNSET,
) -> int:
    """Change a course; the id. Editors, owners, administrators. RuleBroken like `create_course`."""
    await may_edit_course(ctx, course_id)
    values = fitted(Course, given(key=key, short_name=short_name, title=title, description=description))
    if time_zone is not UNSET:
        values["time_zone"] = zone_name(time_zone, "timeZone")
    await require_free(ctx, Course, values, ["key"], except_key=course_id)
    await update_row(ctx, Course, course_id, values)
    return course_id


async def create_course_instance(
    ctx: Context, *, course_id: int, name: str, long_name: str, **details: Unpack[CourseInstanceDetails]
) -> int:
    """A new offering of a course; the id. Editors, owners, administrators; others than these become its instructor.

    Raises NotFound, Forbidden; RuleBroken: TAKEN at `name`, `externalId`, `key`; INVALID at `name`, `key`, `timeZone`;
    OUT_OF_RANGE at `endAt`; REQUIRED, TOO_LONG.
    """
    await may_edit_course(ctx, course_id)
    course = await visible_row(ctx, Course, course_id, Course.time_zone)
    values = _checked({"time_zone": course.time_zone} | given(name=name, long_name=long_name, **details))
    in_order({"start_at": values.get("start_at"), "end_at": values.get("end_at")})
    await require_free(ctx, CourseInstance, values, UNIQUE)
    made = await insert_row(ctx, CourseInstance, {"course_id": course_id, "uuid": uuid4().hex, **values})
    if not ctx.principal.is_admin:
        teacher = {"course_instance_id": made, "user_id": ctx.user_id, "role": Role.INSTRUCTOR, "enrolled_at": ctx.now}
        await insert_row(ctx, Enrollment, teacher)
    return made


async def update_course_instance(
    ctx: Context,
    *,
    course_instance_id: int,
    name: Change[str] = UNSET,
    long_name: Change[str] = UNSET,
    **details: Unpack[CourseInstanceDetails],
) -> int:
    """Change an offering; the id. Its instructors, editors of the course, administrators.

    Raises NotFound, Forbidden; RuleBroken like `create_course_instance`.
    """
    await may_edit_content(ctx, course_instance_id)
    values = _checked(given(name=name, long_name=long_name, **details))
    columns = (CourseInstance.start_at, CourseInstance.end_at)
    old = await visible_row(ctx, CourseInstance, course_instance_id, *columns, lock=True)
    in_order({"start_at": values.get("start_at", old.start_at), "end_at": values.get("end_at", old.end_at)})
    await require_free(ctx, CourseInstance, values, UNIQUE, except_key=course_instance_id)
    await update_row(ctx, CourseInstance, course_instance_id, values)
    return course_instance_id


async def delete_course_instance(ctx: Context, *, course_instance_id: int) -> int:
    """Hide an offering from everybody for good; the id. Its names stay taken, nothing in it is lost.

    Editors and owners of the course, administrators. Raises NotFound, Forbidden; RuleBroken IN_USE while others are
    merged into it or it into another.
    """
    await may_edit_content(ctx, course_instance_id)
    columns = (CourseInstance.course_id, CourseInstance.parent_id)
    found = await visible_row(ctx, CourseInstance, course_instance_id, *columns, lock=True)
    await may_edit_course(ctx, found.course_id)
    children = select(CourseInstance.id).where(CourseInstance.parent_id == course_instance_id).limit(1)
    if found.parent_id is not None or await ctx.db.scalar(children) is not None:
        raise RuleBroken(UserErrorCode.IN_USE, "separate the merged course instances first", "courseInstanceId")
    await update_row(ctx, CourseInstance, course_instance_id, {"deleted_at": ctx.now})
    return course_instance_id


async def set_course_instance_access_rules(ctx: Context, *, course_instance_id: int, rules: Sequence[EntryRule]) -> int:
    """Replace the rules of who may enter an offering, numbered from 1 in their order; the offering's id.

    Its instructors, editors of the course, administrators. RuleBroken at (`rules`, index, …).
    """
    await may_edit_content(ctx, course_instance_id)
    rows: list[dict[str, Any]] = []
    for index, rule in enumerate(rules):
        values = fitted(CourseInstanceAccessRule, asdict(rule), "rules", str(index))
        in_order({"start_at": values["start_at"], "end_at": values["end_at"]}, "rules", str(index))
        rows.append({"course_instance_id": course_instance_id, "number": index + 1, **values})
    table = CourseInstanceAccessRule
    await ctx.db.execute(delete(table).where(table.course_instance_id == course_instance_id))
    if rows:
        await ctx.db.execute(insert(table), rows)
    return course_instance_id


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    checked = fitted(CourseInstance, values)
    at_least(0, checked, "late_slack_seconds", "grace_days", "late_penalty", "version_penalty")
    at_least(0, checked, "max_unpenalized_submissions")
    if "name" in checked:
        require_name(checked["name"], "name")
    require_key(checked.get("key"), "key")
    if "time_zone" in checked:
        checked["time_zone"] = zone_name(checked["time_zone"], "timeZone")
    return checked
