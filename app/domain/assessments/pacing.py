"""When blocks are due for one person: by an extension, at one's own pace, or for everybody at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.deadlines import extended
from app.domain.assessments.models import Assessment, AssessmentExtension
from app.domain.blocks.completion import completions_of
from app.domain.blocks.models import Block, BlockPath
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.progress.models import LearnerRecord


def paced(
    due_at: datetime | None, weeks: int | None, start_at: datetime | None, enrolled_at: datetime | None
) -> datetime | None:
    """The due date of somebody who goes at their own pace, in whole seconds: so many weeks after enrolling, or after
    the course's start if that is later; `due_at` where no weeks are given, and for who is not enrolled. None at the end
    of the calendar.
    """
    if weeks is None or enrolled_at is None:
        return due_at
    begun = enrolled_at if start_at is None else max(start_at, enrolled_at)
    try:
        return begun.replace(microsecond=0) + timedelta(weeks=weeks)
    except OverflowError:
        return None


async def own_due_dates(ctx: Context, keys: Sequence[int]) -> list[datetime | None]:
    """For each block when it is due for the caller by what it says itself. One statement."""
    return await _due_dates(ctx, keys, BlockPath.distance == 0)


async def effective_due_dates(ctx: Context, keys: Sequence[int]) -> list[datetime | None]:
    """For each block when it is due for the caller: by what it says itself, or the nearest above that says anything.

    One statement.
    """
    return await _due_dates(ctx, keys, BlockPath.distance >= 0)


async def _due_dates(ctx: Context, keys: Sequence[int], within: ColumnElement[bool]) -> list[datetime | None]:
    own, place, path, extension, record = Block, CourseInstance, BlockPath, AssessmentExtension, LearnerRecord
    person = ctx.principal.user_id
    enrolled = and_(Enrollment.course_instance_id == place.id, Enrollment.user_id == person)
    recorded = and_(record.course_instance_id == place.id, record.user_id == person)
    mine = and_(extension.assessment_id == Assessment.id, extension.user_id == person)
    statement = (
        select(path.block_id, own.due_at, own.weeks_due, place.is_self_paced, place.start_at, Enrollment.enrolled_at)
        .add_columns(record.schedule_start_at, extension.id, extension.due_at, extension.end_at)
        .select_from(path)
        .join(own, own.id == path.ancestor_id)
        .join(place, place.id == own.course_instance_id)
        .join(Enrollment, enrolled, isouter=True)
        .join(record, recorded, isouter=True)
        .join(Assessment, Assessment.block_id == own.id, isouter=True)
        .join(extension, mine, isouter=True)
        .where(member_of(path.block_id, keys), within, path.block_id.in_(select(own.id).where(ctx.visible(own))))
        .where(or_(own.due_at.is_not(None), own.weeks_due.is_not(None), extension.id.is_not(None)))
        .order_by(path.block_id, path.distance)
    )
    found: dict[int, datetime | None] = {}
    for key, *said in await ctx.db.fetch(statement):
        if key not in found:
            found[key] = _due(*said)
    return [found.get(key) for key in keys]


def _due(
    due_at: datetime | None,
    weeks: int | None,
    is_self_paced: bool,
    start_at: datetime | None,
    enrolled_at: datetime | None,
    restarted_at: datetime | None,
    extended_by: int | None,
    *dates: datetime | None,
) -> datetime | None:
    begun = (start_at, enrolled_at) if restarted_at is None else (None, restarted_at)
    due = paced(due_at, weeks if is_self_paced else None, *begun)
    return extended(due, None, None if extended_by is None else (dates[0], dates[1]))[0]


async def missed_deadlines(ctx: Context, keys: Sequence[int]) -> list[bool]:
    """For each course instance whether the caller, who goes at their own pace, is behind: something graded is past
    its due date and not complete (contracts/edx-core.md §4.2). Not so once it has ended. Three statements.
    """
    person = ctx.principal.user_id
    if person is None:
        return [False] * len(keys)
    place, own = CourseInstance, Block
    enrolled = and_(Enrollment.course_instance_id == place.id, Enrollment.user_id == person)
    statement = (
        select(own.id, place.id)
        .join(place, place.id == own.course_instance_id)
        .join(Assessment, Assessment.block_id == own.id)
        .join(Enrollment, enrolled)
        .where(member_of(place.id, keys), place.is_self_paced, Enrollment.status == EnrollmentStatus.ACTIVE)
        .where(or_(place.end_at.is_(None), place.end_at > ctx.now), ctx.visible(own))
        .order_by(own.id)
    )
    graded: dict[int, Any] = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    dates = dict(zip(graded, await effective_due_dates(ctx, list(graded)), strict=True))
    past = [key for key, due in dates.items() if due is not None and due < ctx.now]
    done = dict(zip(past, await completions_of(ctx, past), strict=True))
    behind = {graded[key] for key in past if done[key] != 1}
    return [key in behind for key in keys]
