"""Autolab's course, which is our course instance."""

from __future__ import annotations

import re
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import Availability, Course, CourseInstance, Organization, PenaltyUnit, Term
from app.importers.autolab.files import CourseFile
from app.importers.autolab.terms import UNLIMITED, limit, penalty
from app.importers.autolab.times import end_of, instant
from app.importers.documents import Document
from app.importers.failure import ImportFailure
from app.importers.merge import merge
from app.importers.places import Place
from app.importers.summary import Summary

NAMESPACE = uuid5(NAMESPACE_URL, "https://autolabproject.com")
TIME_ZONE = "UTC"
NO_PENALTY = (0.0, PenaltyUnit.POINTS.value)
COMPARED = (
    *("name", "course_id", "short_name", "long_name", "term_id", "start_at", "end_at", "availability"),
    *("late_slack_seconds", "grace_days", "max_unpenalized_submissions"),
    *("late_penalty", "late_penalty_unit", "version_penalty", "version_penalty_unit"),
)


def made_uuid(kind: str, key: str) -> str:
    """32 hexadecimal digits that are the same in every import: Autolab's files have no uuids."""
    made: UUID = uuid5(NAMESPACE, f"{kind}:{key}")
    return made.hex


async def merge_course(ctx: Context, read: CourseFile, option: str | None, summary: Summary) -> Place:
    """Merge a course's file: its course, called as the instance without the term, and the course instance."""
    general = read.document.child("general")
    if general is None:
        read.document.fail("general", "is missing")
    if option not in (None, read.name):
        raise ImportFailure(read.document.file, f"is the course {read.name!r}, not {option!r}")
    gone = (CourseInstance.name == read.name, CourseInstance.deleted_at.is_not(None))
    if await ctx.db.scalar(select(CourseInstance.id).where(*gone)) is not None:
        raise ImportFailure(read.document.file, f"the course instance {read.name!r} was deleted; its name stays taken")
    organizations = await merge(ctx, Organization, [("Autolab", "Autolab")], key=("key",), compared=("name",))
    summary.add("organizations", **organizations.counts)
    term = general.optional_text("semester", 64)
    short_name, title = without_term(read.name, term)[:100], general.optional_text("display_name") or read.name
    courses = await merge(
        ctx,
        Course,
        [(f"Autolab-{short_name}", organizations.ids["Autolab",], short_name, title, TIME_ZONE)],
        key=("key",),
        compared=("organization_id", "short_name"),
        initial=("title", "time_zone"),
        within=Course.key == f"Autolab-{short_name}",
    )
    summary.add("courses", **courses.counts)
    terms = await merge(ctx, Term, [(term, term)] if term else [], key=("external_id",), initial=("name",))
    summary.add("terms", **terms.counts)
    external_id, slack = f"autolab:{read.name}", general.integer("late_slack") or 0
    named = (external_id, read.name, courses.ids[f"Autolab-{short_name}",], read.name, title, terms.ids.get((term,)))
    row = (*named, *_terms(general, slack), TIME_ZONE, made_uuid("course", read.name))
    merged = await merge(
        ctx,
        CourseInstance,
        [row],
        key=("external_id",),
        compared=COMPARED,
        initial=("time_zone", "uuid"),
        within=CourseInstance.external_id == external_id,
    )
    summary.add("course instances", **merged.counts)
    return Place(merged.ids[external_id,], read.name, slack)


def without_term(name: str, term: str | None) -> str:
    """`15213` of `15213-f23` and `f23`; the name itself where the term is no end of it."""
    if not term:
        return name
    return re.sub(rf"[-_.]?{re.escape(term)}$", "", name, flags=re.IGNORECASE) or name


def _terms(general: Document, slack: int) -> tuple[object, ...]:
    disabled = general.flag("disabled", default=False)
    unpenalized = limit(general, "version_threshold")
    return (
        instant(general, "start_date"),
        end_of(general, "end_date"),
        (Availability.DISABLED if disabled else Availability.AVAILABLE).value,
        slack,
        general.integer("grace_days") or 0,
        None if unpenalized == UNLIMITED else unpenalized,
        *(penalty(general, "late_penalty") or NO_PENALTY),
        *(penalty(general, "version_penalty") or NO_PENALTY),
    )
