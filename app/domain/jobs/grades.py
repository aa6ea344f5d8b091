"""The report about grades: a row for each learner, with the course grade and each column of the gradebook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.grades.models import ColumnGrade, CourseGrade
from app.domain.identity.models import User
from app.domain.jobs import sheets
from app.domain.jobs.kinds import Outcome, Run
from app.turns import slices

PEOPLE = ["Student ID", "Username", "Email", "Name", "Section"]
RESULT = ["Percent", "Grade", "Passed"]
LEARNERS = 500
"""Learners whose grades are read at a time."""


async def report_grades(run: Run) -> Outcome:
    """Write the report about all learners who take part."""
    async with run.requester() as ctx:
        learners = await _learners(ctx, run.task.course_instance_id)
        rows = _rows(ctx, run, learners)
        file = await sheets.write(ctx, "grades", run.task.course_instance_id, rows)
    told = {"total": len(learners), "attempted": len(learners), "succeeded": len(learners), "rows": len(learners)}
    return Outcome(f"the grades of {len(learners)} learners were written", told, file)


async def _learners(ctx: Context, place: int) -> Sequence[Any]:
    statement = (
        select(User.id, User.username, User.email, User.name, Enrollment.section)
        .join(Enrollment, Enrollment.user_id == User.id)
        .where(Enrollment.course_instance_id == place, Enrollment.role == Role.STUDENT)
        .where(Enrollment.status != EnrollmentStatus.DROPPED, ctx.visible(Enrollment), ctx.visible(User))
        .order_by(User.username)
    )
    return await ctx.db.fetch(statement)


async def _rows(ctx: Context, run: Run, learners: Sequence[Any]) -> AsyncIterator[list[Any]]:
    place, column = run.task.course_instance_id, Assessment
    listed = select(column.id, column.title).where(column.course_instance_id == place, ctx.visible(column))
    columns = await ctx.db.fetch(listed.order_by(column.position, column.id))
    yield [*PEOPLE, *RESULT, *(row.title for row in columns)]
    done = 0
    async for some in slices(learners, LEARNERS):
        keys = [row.id for row in some]
        results, points = await _results(ctx, place, keys), await _points(ctx, place, keys)
        for row in some:
            yield [*row, *results.get(row.id, [None] * len(RESULT)), *(points[row.id].get(each.id) for each in columns)]
        done += len(some)
        await run.note(done, len(learners))


async def _results(ctx: Context, place: int, learners: Sequence[int]) -> dict[int, list[Any]]:
    """Percentage, letter and whether they passed, by learner."""
    own = CourseGrade
    columns = (own.user_id, *map(ctx.readable, (own.percentage, own.result, own.is_passed)))
    of = (own.course_instance_id == place, member_of(own.user_id, learners), ctx.visible(own))
    return {row[0]: list(row[1:]) for row in await ctx.db.fetch(select(*columns).where(*of))}


async def _points(ctx: Context, place: int, learners: Sequence[int]) -> dict[int, dict[int, float | None]]:
    """The points in each column, by learner and column."""
    own = ColumnGrade
    columns = (own.user_id, own.assessment_id, ctx.readable(own.points))
    of = (own.course_instance_id == place, member_of(own.user_id, learners), ctx.visible(own))
    found: dict[int, dict[int, float | None]] = defaultdict(dict)
    for user_id, column_id, points in await ctx.db.fetch(select(*columns).where(*of)):
        found[user_id][column_id] = points
    return found
