"""Courses changed, and their instances made, changed, deleted: what rights in the course or the instance allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from sqlalchemy import delete, insert, select

from app.context import Context
from app.domain.catalog.models import (
    Availability,
    CatalogVisibility,
    Course,
    CourseInstance,
    CourseInstanceAccessRule,
    CourseView,
    Duration,
    EnrollmentMethod,
    Organization,
    PenaltyUnit,
    Term,
)
from app.domain.catalog.names import require_key, require_name
from app.domain.catalog.service import create_course, create_organization
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.countries import checked_closures
from app.domain.enrollment.following import tracks_changed
from app.domain.enrollment.models import Enrollment, Role
from app.domain.enrollment.policy import may_edit_content, may_edit_course
from app.domain.identity.models import DataSource
from app.domain.identity.policy import may_administer
from app.domain.rows import insert_row, require_free, require_known, update_row, visible_row
from app.domain.rules import at_least, fitted, in_order, zone_name
from app.errors import RuleBroken, UserErrorCode

UNIQUE = ("name", "external_id", "key")
TOGETHER = (
    *("start_at", "end_at", "enrollment_start_at", "enrollment_end_at"),
    *("term_id", "duration", "follows_term"),
)


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
    description: Change[str | None]
    term_id: Change[int | None]
    data_source_id: Change[int | None]
    time_zone: Change[str]
    start_at: Change[datetime | None]
    end_at: Change[datetime | None]
    duration: Change[Duration]
    days_of_use: Change[int | None]
    availability: Change[Availability]
    follows_term: Change[bool]
    is_organization: Change[bool]
    is_self_paced: Change[bool]
    is_complete: Change[bool]
    allows_guests: Change[bool]
    allows_observers: Change[bool]
    view: Change[CourseView]
    enrollment_method: Change[EnrollmentMethod]
    enrollment_start_at: Change[datetime | None]
    enrollment_end_at: Change[datetime | None]
    enrollment_access_code: Change[str | None]
    closed_countries: Change[Sequence[str]]
    closed_networks: Change[Sequence[str]]
    locale: Change[str | None]
    is_locale_forced: Change[bool]
    is_hidden_in_enroll_page: Change[bool]
    is_disabled_at_end: Change[bool]
    catalog_visibility: Change[CatalogVisibility]
    short_description: Change[str | None]
    overview: Change[str | None]
    effort: Change[str | None]
    advertised_start: Change[str | None]
    display_organization: Change[str | None]
    display_number: Change[str | None]
    image_url: Change[str | None]
    banner_url: Change[str | None]
    video_url: Change[str | None]
    license: Change[str | None]
    max_learners: Change[int | None]
    days_early_for_testers: Change[float | None]
    certificate_available_at: Change[datetime | None]
    is_mobile_available: Change[bool]
    has_public_outline: Change[bool]
    hides_progress: Change[bool]
    has_gradebook: Change[bool]
    offers_bulk_grading: Change[bool]
    has_certificates: Change[bool]
    late_slack_seconds: Change[int]
    allows_derived: Change[bool]
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
    ctx: Context,
    *,
    course_id: int | None = None,
    name: str,
    long_name: str,
    **details: Unpack[CourseInstanceDetails],
) -> int:
    """A new offering of a course; the id. Editors, owners, administrators; others than these become its instructor.

    Administrators may leave out the course: one of the offering's name is found in the catalogue, or entered there.
    Raises NotFound, Forbidden; RuleBroken: TAKEN at `name`, `externalId`, `key`; INVALID at `name`, `key`, `timeZone`,
    `duration` (TERM without a term); NOT_FOUND at `termId`, `dataSourceId`; OUT_OF_RANGE at `endAt`, `daysOfUse`;
    REQUIRED, TOO_LONG.
    """
    if course_id is None:
        may_administer(ctx)
    else:
        await may_edit_course(ctx, course_id)
    values = await _checked(ctx, given(name=name, long_name=long_name, **details))
    _require_sense(values)
    await require_free(ctx, CourseInstance, values, UNIQUE)
    if course_id is None:
        course_id = await _own_course(ctx, values["name"], values["long_name"])
    course = await visible_row(ctx, Course, course_id, Course.time_zone)
    values = {"time_zone": course.time_zone} | values
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
    """Change an offering; the id. Grades follow new grace days and penalties when they are recomputed.

    Its instructors, editors of the course, administrators. Raises NotFound, Forbidden; RuleBroken like
    `create_course_instance`.
    """
    await may_edit_content(ctx, course_instance_id)
    values = await _checked(ctx, given(name=name, long_name=long_name, **details))
    columns = [getattr(CourseInstance, each) for each in TOGETHER]
    old = await visible_row(ctx, CourseInstance, course_instance_id, *columns, lock=True)
    _require_sense(dict(zip(TOGETHER, old, strict=True)) | values)
    await require_free(ctx, CourseInstance, values, UNIQUE, except_key=course_instance_id)
    await update_row(ctx, CourseInstance, course_instance_id, values)
    if values.get("has_certificates"):
        await tracks_changed(ctx, course_instance_id)
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


async def _own_course(ctx: Context, name: str, title: str) -> int:
    """The course of the catalogue that is called like an offering; else a new one, of the first organization."""
    found: int | None = await ctx.db.scalar(select(Course.id).where(Course.key == name))
    if found is not None:
        return found
    organization_id = await ctx.db.scalar(select(Organization.id).order_by(Organization.id).limit(1))
    if organization_id is None:
        organization_id = await create_organization(ctx, key="institution", name="Institution")
    named = {"key": name, "short_name": name[:100], "title": title}
    return await create_course(ctx, organization_id=organization_id, **named)


def _require_sense(values: dict[str, Any]) -> None:
    """Raise RuleBroken unless the dates are in order, and there is a term where the term decides."""
    for first, last in (("start_at", "end_at"), ("enrollment_start_at", "enrollment_end_at")):
        in_order({first: values.get(first), last: values.get(last)})
    if values.get("term_id") is None:
        if values.get("duration") == Duration.TERM:
            raise RuleBroken(UserErrorCode.INVALID, "there is no term to last as long as", "duration")
        if values.get("follows_term"):
            raise RuleBroken(UserErrorCode.INVALID, "there is no term to follow", "followsTerm")


async def _checked(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    await require_known(ctx, values, term_id=Term, data_source_id=DataSource)
    checked = fitted(CourseInstance, values)
    at_least(1, checked, "days_of_use")
    at_least(0, checked, "late_slack_seconds", "grace_days", "late_penalty", "version_penalty")
    at_least(0, checked, "max_unpenalized_submissions", "max_learners", "days_early_for_testers")
    if "name" in checked:
        require_name(checked["name"], "name")
    require_key(checked.get("key"), "key")
    if "time_zone" in checked:
        checked["time_zone"] = zone_name(checked["time_zone"], "timeZone")
    return checked | checked_closures(checked)
