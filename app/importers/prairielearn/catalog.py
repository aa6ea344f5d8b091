"""The course and its instances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.context import Context
from app.db.bulk import Row
from app.db.sets import member_of
from app.domain.catalog.models import Course, CourseInstance, CourseInstanceAccessRule, Organization
from app.importers.documents import Document
from app.importers.merge import merge, remove_surplus
from app.importers.prairielearn.files import DEFAULT_TIME_ZONE, CourseFiles, InstanceFiles, time_zone
from app.importers.summary import Summary


@dataclass(frozen=True, slots=True)
class Instance:
    """A merged course instance, for what comes below it."""

    id: int
    files: InstanceFiles
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Window:
    """When a course instance may be entered: from one rule, or over all."""

    start_at: datetime | None
    end_at: datetime | None
    institution: str | None = None
    uids: list[str] | None = None


async def merge_course(ctx: Context, files: CourseFiles, summary: Summary) -> int:
    """Merge infoCourse.json; gives the course's id. Its key is the uuid, or the name where there is none."""
    organizations = await merge(ctx, Organization, [("PrairieLearn", "PrairieLearn")], key=("key",), compared=("name",))
    summary.add("organizations", **organizations.counts)
    document = files.document
    name = document.text("name", 100)
    row = (document.uuid() or name, organizations.ids["PrairieLearn",], name, document.text("title"))
    courses = await merge(
        ctx,
        Course,
        [(*row, time_zone(document, DEFAULT_TIME_ZONE).key)],
        key=("key",),
        compared=("organization_id", "short_name", "title", "time_zone"),
    )
    summary.add("courses", **courses.counts)
    return courses.ids[row[:1]]


async def merge_instances(ctx: Context, files: CourseFiles, course_id: int, summary: Summary) -> list[Instance]:
    """Merge each infoCourseInstance.json, known by its uuid, and its access rules (the older form only)."""
    rows: list[Row] = []
    zones: list[ZoneInfo] = []
    rules: list[list[Window]] = []
    names = await _names(ctx)
    for instance in files.instances:
        document = instance.document
        zone = time_zone(document, time_zone(files.document, DEFAULT_TIME_ZONE).key)
        overall, each = _windows(document, zone)
        uuid = document.required_uuid()
        named = (instance.short_name, document.text("longName"), zone.key, overall.start_at, overall.end_at)
        hidden = document.flag("hideInEnrollPage", default=False)
        wanted = _slug(f"{files.document.text('name')}-{instance.short_name}")
        rows.append((uuid, course_id, *named, hidden, _free_name(names, uuid, wanted)))
        zones.append(zone)
        rules.append(each)
    merged = await merge(
        ctx,
        CourseInstance,
        rows,
        key=("uuid",),
        compared=(
            "course_id",
            "short_name",
            "long_name",
            "time_zone",
            "start_at",
            "end_at",
            "is_hidden_in_enroll_page",
        ),
        initial=("name",),
    )
    summary.add("course instances", **merged.counts)
    ids = [merged.ids[row[:1]] for row in rows]
    await _merge_rules(ctx, dict(zip(ids, rules, strict=True)), summary)
    return [Instance(*each) for each in zip(ids, files.instances, zones, strict=True)]


def _windows(document: Document, zone: ZoneInfo) -> tuple[Window, list[Window]]:
    """The span of the whole, and the rules of `allowAccess`; `publishing` has no rules."""
    publishing = document.child("publishing")
    if publishing is not None:
        return Window(publishing.instant("startDate", zone), publishing.instant("endDate", zone)), []
    rules = [
        Window(
            rule.instant("startDate", zone),
            rule.instant("endDate", zone),
            rule.optional_text("institution"),
            rule.texts("uids"),
        )
        for rule in document.children("allowAccess")
        if rule.optional_text("role") in (None, "Student")  # PrairieLearn passes over the others
    ]
    starts = [rule.start_at for rule in rules if rule.start_at is not None]
    ends = [rule.end_at for rule in rules if rule.end_at is not None]
    start_at = min(starts) if starts and len(starts) == len(rules) else None
    return Window(start_at, max(ends) if ends and len(ends) == len(rules) else None), rules


async def _merge_rules(ctx: Context, rules: dict[int, Sequence[Window]], summary: Summary) -> None:
    rows = [
        (instance_id, number, rule.institution, rule.start_at, rule.end_at, rule.uids)
        for instance_id, listed in rules.items()
        for number, rule in enumerate(listed, start=1)
    ]
    model, within = CourseInstanceAccessRule, member_of(CourseInstanceAccessRule.course_instance_id, rules)
    columns = ("institution", "start_at", "end_at", "uids")
    merged = await merge(ctx, model, rows, key=("course_instance_id", "number"), compared=columns, within=within)
    summary.add("course instance access rules", **merged.counts)
    removed = await remove_surplus(ctx, model, merged, rows)
    summary.add("course instance access rules", changed=removed)


async def _names(ctx: Context) -> dict[str, str]:
    """The uuid of each course instance by its name."""
    rows = await ctx.db.fetch(select(CourseInstance.name, CourseInstance.uuid))
    return {row.name: row.uuid for row in rows}


def _free_name(taken: dict[str, str], uuid: str, wanted: str) -> str:
    """`wanted`, with a number behind it when another course instance has it."""
    name, number = wanted, 1
    while taken.setdefault(name, uuid) != uuid:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:140].strip("-") or "course"
