"""Organizations, terms, courses, classes as course instances, people and their enrolments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import Course, CourseInstance, Organization, Term
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.identity.models import User
from app.importers.merge import merge, overwrite
from app.importers.oneroster.files import Files
from app.importers.summary import Summary

NAMESPACE = uuid5(NAMESPACE_URL, "https://www.imsglobal.org/oneroster")
TIME_ZONE = "UTC"
ROLES = {"student": Role.STUDENT, "teacher": Role.INSTRUCTOR, "aide": Role.COURSE_ASSISTANT}
Ids = Mapping[str, int]  # by sourcedId


def made_uuid(kind: str, key: str) -> str:
    """32 hexadecimal digits that are the same in every import."""
    made: UUID = uuid5(NAMESPACE, f"{kind}:{key}")
    return made.hex


def first_second(day: date | None) -> datetime | None:
    """When a day begins; OneRoster has no time zones, and days are those of UTC."""
    return None if day is None else datetime.combine(day, time(), UTC)


def last_second(day: date | None) -> datetime | None:
    """When a day ends."""
    return None if day is None else datetime.combine(day, time(23, 59, 59), UTC)


async def merge_classes(ctx: Context, files: Files, summary: Summary) -> Ids:
    """Merge organizations, terms, courses and classes. Gives the course instance of each class."""
    courses = await _merge_courses(ctx, files, summary)
    dated = files["academicSessions"].rows("sourcedId", "title", "startDate", "endDate")
    sessions = {id_: (title, first_second(start), last_second(end)) for id_, title, start, end in dated}
    rows = [(id_, *told) for id_, told in sessions.items()]
    terms = await merge(ctx, Term, rows, key=("external_id",), compared=("name", "start_at", "end_at"))
    summary.add("terms", **terms.counts)
    given, names = [], _names(files)
    columns = ("sourcedId", "classCode", "title", "courseSourcedId", "termSourcedIds")
    for id_, code, title, course, of in files["classes"].rows(*columns):
        term_id, dates = (terms.ids[of[0],], sessions[of[0]][1:]) if of else (None, (None, None))
        named = (id_, names[id_], code, title, courses[course], term_id)
        given.append((*named, *dates, TIME_ZONE, made_uuid("class", id_)))
    classes = await merge(
        ctx,
        CourseInstance,
        given,
        key=("external_id",),
        compared=("name", "short_name", "long_name", "course_id", "term_id", "start_at", "end_at"),
        initial=("time_zone", "uuid"),
    )
    summary.add("course instances", **classes.counts)
    return {row[0]: classes.ids[row[0],] for row in given}


async def _merge_courses(ctx: Context, files: Files, summary: Summary) -> Ids:
    named = list(files["orgs"].rows("sourcedId", "name"))
    organizations = await merge(ctx, Organization, named, key=("key",), compared=("name",))
    summary.add("organizations", **organizations.counts)
    rows = files["courses"].rows("sourcedId", "orgSourcedId", "courseCode", "title")
    courses = await merge(
        ctx,
        Course,
        [(id_, organizations.ids[org,], code or id_[:100], title) for id_, org, code, title in rows],
        key=("key",),
        compared=("organization_id", "short_name", "title"),
    )
    summary.add("courses", **courses.counts)
    return {id_: courses.ids[id_,] for (id_,) in files["courses"].rows("sourcedId")}


def _names(files: Files) -> dict[str, str]:
    """The name of each class: its code, or else its sourcedId; both where a code is there twice."""
    rows = list(files["classes"].rows("sourcedId", "classCode"))
    plain = {id_: _name(code or id_) for id_, code in rows}
    often = Counter(plain.values())
    return {id_: name if name and often[name] == 1 else _name(f"{name}-{id_}") for id_, name in plain.items()}


def _name(text: str) -> str:
    """What may stand in an address (app/domain/catalog/names.py)."""
    return re.sub(r"[^A-Za-z0-9._~-]+", "-", text).lstrip("._~-")[:150]


async def merge_users(ctx: Context, files: Files, summary: Summary) -> Ids:
    """Merge people. Gives the user of each."""
    rows = []
    for id_, username, uin, email, given_name, family_name, enabled in files["users"].rows(
        "sourcedId", "username", "identifier", "email", "givenName", "familyName", "enabledUser"
    ):
        name = " ".join(filter(None, (given_name, family_name)))[:255] or None
        told = (username, email or username, email, uin, given_name, family_name, name, enabled != "false")
        rows.append((id_, *told, made_uuid("user", id_)))
    await _adopt(ctx, rows)
    merged = await merge(
        ctx,
        User,
        rows,
        key=("external_id",),
        compared=("username", "uid", "email", "uin", "given_name", "family_name", "name", "is_active"),
        initial=("uuid",),
    )
    summary.add("users", **merged.counts)
    return {row[0]: merged.ids[row[0],] for row in rows}


async def _adopt(ctx: Context, rows: Sequence[tuple[Any, ...]]) -> None:
    """Give the sourcedId to those who are here without one and have the username or the e-mail address.

    Administrators are left out: that theirs is taken is a clash.
    """
    here = select(User.id, User.username, User.email).where(User.external_id.is_(None), User.is_staff.is_(False))
    people = await ctx.db.fetch(here)
    stored = {row[0] for row in await ctx.db.fetch(select(User.external_id).where(User.external_id.is_not(None)))}
    by_name = {row.username.lower(): row.id for row in people}
    by_email = {row.email.lower(): row.id for row in people if row.email}
    adopted: dict[int, str] = {}
    for id_, username, _, email, *_ in rows:
        found = by_name.get(username.lower()) or by_email.get((email or "").lower())
        if found is not None and id_ not in stored:
            adopted.setdefault(found, id_)
    await overwrite(ctx, User, ("external_id",), list(adopted.items()))


async def merge_enrollments(ctx: Context, files: Files, classes: Ids, users: Ids, summary: Summary) -> None:
    """Merge enrolments: dropped when they have an end. Administrators and proctors of a class are not taken."""
    rows, untaken = [], 0
    columns = ("classSourcedId", "userSourcedId", "role", "beginDate", "endDate")
    for class_, user, role, begin, end in files["enrollments"].rows(*columns):
        if role not in ROLES:
            untaken += 1
            continue
        status = EnrollmentStatus.ACTIVE if end is None else EnrollmentStatus.DROPPED
        told = (ROLES[role].value, status.value, first_second(end), first_second(begin) or ctx.now)
        rows.append((classes[class_], users[user], *told))
    merged = await merge(
        ctx,
        Enrollment,
        rows,
        key=("course_instance_id", "user_id"),
        compared=("role", "status", "ended_at"),
        initial=("enrolled_at",),
        within=member_of(Enrollment.course_instance_id, classes.values()),
    )
    summary.add_merged("enrollments", merged)
    if untaken:
        summary.notes.append(f"enrollments.csv: administrators and proctors, not taken: {untaken:,}")
