"""The organization, the course and the course instance of an export."""

from __future__ import annotations

import re
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import Course, CourseInstance, EnrollmentMethod, Organization
from app.importers.failure import ImportFailure
from app.importers.merge import merge
from app.importers.olx.course import ReadCourse
from app.importers.olx.files import Files
from app.importers.olx.page import PAGE, read_page
from app.importers.olx.settings import Settings
from app.importers.summary import Summary

DETAILS = (
    *("course_id", "short_name", "long_name", "start_at", "end_at", "enrollment_start_at", "enrollment_end_at"),
    *("is_self_paced", "allows_guests", "enrollment_method", "locale", *PAGE),
)
INITIAL = ("name", "uuid", "time_zone")


async def merge_catalog(ctx: Context, files: Files, course: ReadCourse, summary: Summary) -> int:
    """Merge what is taught; the course instance's id. Its key is that of the run."""
    title = Settings(course.blocks[0]).text("display_name", 255) or course.number
    organization = (course.organization, course.organization)
    if max(len(course.organization), len(course.number)) > 64:
        raise ImportFailure("course.xml", "org or course has more than 64 characters")
    organizations = await merge(ctx, Organization, [organization], key=("key",), initial=("name",))
    summary.add("organizations", **organizations.counts)
    key = f"{course.organization}+{course.number}"
    row = (key, organizations.ids[organization[:1]], course.number, title)
    courses = await merge(
        ctx, Course, [row], key=("key",), compared=("organization_id", "short_name"), initial=("title",)
    )
    summary.add("courses", **courses.counts)
    page = read_page(files, course)
    return await _merge_instance(ctx, course, (courses.ids[row[:1]], title), page, summary)


async def _merge_instance(
    ctx: Context, course: ReadCourse, named: tuple[int, str], page: tuple[Any, ...], summary: Summary
) -> int:
    course_id, title = named
    said = Settings(course.blocks[0])
    invited = said.flag("invitation_only")
    method = EnrollmentMethod.INSTRUCTOR_LED if invited else EnrollmentMethod.SELF_ENROLLMENT
    dates = [said.instant(name) for name in ("start", "end", "enrollment_start", "enrollment_end")]
    public = said.text("course_visibility", 32) == "public"
    details = (course_id, course.run[:150], title, *dates, said.flag("self_paced"), public, method.value)
    own = CourseInstance
    rows = await ctx.db.fetch(select(own.key, own.name, own.deleted_at))
    if any(row.key == course.key and row.deleted_at is not None for row in rows):
        raise ImportFailure("course.xml", f"{course.key} was deleted here")
    taken = {row.name for row in rows if row.key != course.key}
    told = (*details, said.text("language", 32), *page)
    row = (course.key, *told, _free(course.key, taken), _uuid(course.key), "UTC")
    merged = await merge(ctx, own, [row], key=("key",), compared=DETAILS, initial=INITIAL, within=own.key == course.key)
    summary.add("course instances", **merged.counts)
    return merged.ids[row[:1]]


def _free(key: str, taken: set[str]) -> str:
    """A name for addresses, of the parts of the key."""
    stem = re.sub(r"[^a-z0-9]+", "-", key.partition(":")[2].lower()).strip("-")[:140] or "course"
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


def _uuid(key: str) -> str:
    return uuid5(NAMESPACE_URL, key).hex
