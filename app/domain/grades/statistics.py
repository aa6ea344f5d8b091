"""Statistics of assessments, computed in SQL that is the same on both databases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, and_, case, cast, exists, func, or_, select, true

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.enrollment.models import Enrollment, Role
from app.domain.enrollment.policy import teaches
from app.domain.grades.models import ColumnGrade

BINS = 10
WIDTH = 100 / BINS


@dataclass(frozen=True, slots=True)
class Bin:
    """Grades from `lower` to below `upper` percent; the last bin has no upper end."""

    lower: float
    upper: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """In percent of the maximum points; None where there is nothing to compute from."""

    count: int
    mean: float | None
    standard_deviation: float | None
    minimum: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    maximum: float | None
    histogram: list[Bin]


async def statistics_of(ctx: Context, keys: Sequence[int]) -> list[Statistics | None]:
    """For each assessment id the statistics of its learners' grades; None where the caller may not be told.

    Who teaches is told of all grades; others, where learners are shown statistics, of what is posted of them
    (contracts/blackboard.md §4.4, showStatisticsToStudents). Quartiles interpolate linearly between the two nearest
    grades. One statement for all but the permission.
    """
    own = Assessment
    taught = true() if ctx.principal.is_admin else teaches(own.course_instance_id, ctx.viewing)
    allowed = select(own.id).where(member_of(own.id, keys), ctx.visible(own), or_(taught, own.shows_statistics))
    may = {row[0] for row in await ctx.db.fetch(allowed)}
    ranked = _ranked(ctx, sorted(may))
    value, place, total = ranked.c.value, ranked.c.place, ranked.c.total
    statement = select(
        ranked.c.assessment_id,
        func.count(),
        func.avg(value),
        func.avg(value * value),
        func.min(value),
        _quantile(value, place, total, 1),
        _quantile(value, place, total, 2),
        _quantile(value, place, total, 3),
        func.max(value),
        *(func.sum(case((_in_bin(value, index), 1), else_=0)) for index in range(BINS)),
    ).group_by(ranked.c.assessment_id)
    found = {row[0]: _made(row[1:]) for row in await ctx.db.fetch(statement)}
    empty = Statistics(0, None, None, None, None, None, None, None, _bins([0] * BINS))
    return [found.get(key, empty) if key in may else None for key in keys]


def _ranked(ctx: Context, keys: Sequence[int]) -> Any:
    """Learners' percentages with their place (from 1) among all of the assessment."""
    own = ColumnGrade
    value: Any = own.score_perc
    if not ctx.principal.is_admin:
        value = case((teaches(own.course_instance_id, ctx.viewing), value), else_=own.released_score_perc)
    learner = exists().where(
        Enrollment.course_instance_id == ColumnGrade.course_instance_id,
        Enrollment.user_id == ColumnGrade.user_id,
        Enrollment.role == Role.STUDENT,
    )
    return (
        select(
            own.assessment_id,
            value.label("value"),
            func.row_number().over(partition_by=own.assessment_id, order_by=(value, own.id)).label("place"),
            func.count().over(partition_by=own.assessment_id).label("total"),
        )
        .where(member_of(own.assessment_id, keys), value.is_not(None))
        .where(own.is_exempt.is_(False), learner)
        .subquery()
    )


def _quantile(value: Any, place: Any, total: Any, quarters: int) -> Any:
    """The value at `quarters` quarters of the way from the least to the greatest."""
    quarters_in = (total - 1) * quarters
    below = cast(func.floor(quarters_in / 4.0), Integer) + 1
    share = (quarters_in % 4) / 4.0
    return func.sum(case((place == below, value * (1 - share)), (place == below + 1, value * share), else_=0.0))


def _in_bin(value: Any, index: int) -> Any:
    lower = value >= index * WIDTH if index else true()
    return lower if index == BINS - 1 else and_(lower, value < (index + 1) * WIDTH)


def _made(row: Sequence[Any]) -> Statistics:
    count, mean, mean_of_squares, least, lower, median, upper, greatest, *bins = row
    deviation = math.sqrt(max(mean_of_squares - mean * mean, 0.0))
    return Statistics(count, mean, deviation, least, lower, median, upper, greatest, _bins(bins))


def _bins(counts: Sequence[int]) -> list[Bin]:
    return [
        Bin(index * WIDTH, None if index == BINS - 1 else (index + 1) * WIDTH, int(count))
        for index, count in enumerate(counts)
    ]
