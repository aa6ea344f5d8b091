"""Statistics of assessments, computed in SQL that is the same on both databases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, and_, case, cast, exists, func, select, true

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
    """For each assessment id the statistics of its learners' grades; None where the caller does not teach.

    Quartiles interpolate linearly between the two nearest grades. One statement for all but the permission.
    """
    taught = true() if ctx.principal.is_admin else teaches(Assessment.course_instance_id, ctx.viewing)
    allowed = select(Assessment.id).where(member_of(Assessment.id, keys), ctx.visible(Assessment), taught)
    may = {row[0] for row in await ctx.db.fetch(allowed)}
    ranked = _ranked(sorted(may))
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


def _ranked(keys: Sequence[int]) -> Any:
    """Learners' percentages with their place (from 1) among all of the assessment."""
    learner = exists().where(
        Enrollment.course_instance_id == ColumnGrade.course_instance_id,
        Enrollment.user_id == ColumnGrade.user_id,
        Enrollment.role == Role.STUDENT,
    )
    return (
        select(
            ColumnGrade.assessment_id,
            ColumnGrade.score_perc.label("value"),
            func.row_number()
            .over(partition_by=ColumnGrade.assessment_id, order_by=(ColumnGrade.score_perc, ColumnGrade.id))
            .label("place"),
            func.count().over(partition_by=ColumnGrade.assessment_id).label("total"),
        )
        .where(member_of(ColumnGrade.assessment_id, keys), ColumnGrade.score_perc.is_not(None))
        .where(ColumnGrade.is_exempt.is_(False), learner)
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
