"""When blocks are due for one person: by an extension, at one's own pace, or for everybody at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.deadlines import extended
from app.domain.assessments.models import Assessment, AssessmentExtension
from app.domain.blocks.models import Block
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment


def paced(
    due_at: datetime | None, weeks: int | None, start_at: datetime | None, enrolled_at: datetime | None
) -> datetime | None:
    """The due date of somebody who goes at their own pace: so many weeks after enrolling, or after the course's start
    if that is later; `due_at` where no weeks are given, and for who is not enrolled.
    """
    if weeks is None or enrolled_at is None:
        return due_at
    begun = enrolled_at if start_at is None else max(start_at, enrolled_at)
    return begun + timedelta(weeks=weeks)


async def own_due_dates(ctx: Context, keys: Sequence[int]) -> list[datetime | None]:
    """For each block when it is due for the caller. One statement."""
    own, place, extension = Block, CourseInstance, AssessmentExtension
    person = ctx.principal.user_id
    enrolled = and_(Enrollment.course_instance_id == place.id, Enrollment.user_id == person)
    mine = and_(extension.assessment_id == Assessment.id, extension.user_id == person)
    statement = (
        select(own.id, own.due_at, own.weeks_due, place.is_self_paced, place.start_at, Enrollment.enrolled_at)
        .add_columns(extension.id, extension.due_at, extension.end_at)
        .join(place, place.id == own.course_instance_id)
        .join(Enrollment, enrolled, isouter=True)
        .join(Assessment, Assessment.block_id == own.id, isouter=True)
        .join(extension, mine, isouter=True)
        .where(member_of(own.id, keys), ctx.visible(own))
    )
    found: dict[int, datetime | None] = {}
    for key, due_at, weeks, is_self_paced, start_at, enrolled_at, extended_by, *dates in await ctx.db.fetch(statement):
        due = paced(due_at, weeks if is_self_paced else None, start_at, enrolled_at)
        found[key] = extended(due, None, None if extended_by is None else (dates[0], dates[1]))[0]
    return [found.get(key) for key in keys]
