"""Certificates that a course instance was passed: they follow course grades (contracts/edx-core.md §14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, insert, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.following import follows_tracks
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.tracks import track_in_effect
from app.domain.grades.course_results import WHOLE
from app.domain.grades.models import Certificate, CertificateStatus, CourseGrade
from app.domain.rows import update_rows

WITHOUT = "audit"
"""The track that promises no certificate."""


async def follow_results(ctx: Context, course_instance_id: int, results: Mapping[int, Mapping[str, Any]]) -> None:
    """Make certificates of who has passed by these results (by user id), and say of the others' that it is no pass.

    They are of the track that people are in now, or were in last if that one promises none. A course instance without
    certificates makes no new ones. One statement where nobody is promised any, else at most three. Checks no
    permission.
    """
    own, of = Certificate, Enrollment
    same = and_(own.course_instance_id == of.course_instance_id, own.user_id == of.user_id)
    track = track_in_effect()
    promised = and_(track.is_not(None), track != WITHOUT, CourseInstance.has_certificates)
    statement = (
        select(of.user_id, track.label("track"), own.id, own.status, own.grade, own.track.label("old_track"))
        .add_columns(promised.label("is_promised"))
        .join(CourseInstance, CourseInstance.id == of.course_instance_id)
        .join(own, same, isouter=True)
        .where(of.course_instance_id == course_instance_id, member_of(of.user_id, results))
        .where(or_(promised, own.id.is_not(None)))
    )
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    for row in await ctx.db.fetch(statement):
        result = results[row.user_id]
        status = CertificateStatus.DOWNLOADABLE if result["is_passed"] else CertificateStatus.NOT_PASSING
        values = {"status": status, "grade": str(round((result["percentage"] or 0.0) / WHOLE, 4))}
        if row.id is None and result["is_passed"] and row.is_promised:
            where = {"course_instance_id": course_instance_id, "user_id": row.user_id, "uuid": uuid4().hex}
            inserts.append({**where, "track": row.track, "created_at": ctx.now, "updated_at": ctx.now, **values})
        elif row.id is not None:
            values["track"] = row.track if row.is_promised else row.old_track
            if (row.status, row.grade, row.old_track) != (status, values["grade"], values["track"]):
                updates.append({"id": row.id, "updated_at": ctx.now, **values})
    if inserts:
        await ctx.db.execute(insert(own), inserts)
    await update_rows(ctx, own, updates)


@follows_tracks
async def follow_tracks(ctx: Context, course_instance_id: int, user_id: int | None) -> None:
    """Make what certificates somebody's track promises now, or everybody's, by the course grades that there are.

    One statement without course grades, else like `follow_results`. Checks no permission.
    """
    own = CourseGrade
    statement = select(own.user_id, own.percentage, own.is_passed).where(own.course_instance_id == course_instance_id)
    if user_id is not None:
        statement = statement.where(own.user_id == user_id)
    rows = await ctx.db.fetch(statement)
    if rows:
        results = {row.user_id: {"percentage": row.percentage, "is_passed": row.is_passed} for row in rows}
        await follow_results(ctx, course_instance_id, results)


async def certificates_of(ctx: Context, keys: Sequence[int], asked: frozenset[str] | None = None) -> list[Any]:
    """For each enrolment id the learner's certificate there; None without one, and where there are none any more.

    Rows of the `asked` columns, or of all. One statement.
    """
    own, of = Certificate, Enrollment
    names = sorted(asked) if asked else list(own.__table__.c.keys())
    same = and_(own.course_instance_id == of.course_instance_id, own.user_id == of.user_id)
    statement = (
        select(of.id.label("enrollment_id"), *(getattr(own, name) for name in names))
        .join(own, same)
        .join(CourseInstance, CourseInstance.id == of.course_instance_id)
        .where(member_of(of.id, keys), CourseInstance.has_certificates, ctx.visible(of), ctx.visible(own))
    )
    found = {row[0]: row for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]


async def shown(ctx: Context, keys: Sequence[int]) -> list[bool]:
    """For each certificate whether it may be shown: its owner has passed a course instance that gives certificates.

    Where learners don't set the pace, no earlier than it says. One statement.
    """
    own, place = Certificate, CourseInstance
    is_time = or_(
        place.is_self_paced, place.certificate_available_at.is_(None), place.certificate_available_at <= ctx.now
    )
    statement = (
        select(own.id)
        .join(place, place.id == own.course_instance_id)
        .where(member_of(own.id, keys), own.status == CertificateStatus.DOWNLOADABLE, place.has_certificates, is_time)
        .where(ctx.visible(own))
    )
    found = {row[0] for row in await ctx.db.fetch(statement)}
    return [key in found for key in keys]


def is_passing(status: str) -> bool:
    """Whether a certificate says that the person has passed."""
    return status == CertificateStatus.DOWNLOADABLE
