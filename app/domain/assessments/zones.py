"""How much of the points of an assessment's problems counts: a zone may limit problems and points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Zone


class ZoneLimit(NamedTuple):
    """At most so many of a zone's problems, the best, and at most so many points count. None is no limit."""

    best_problems: int | None
    max_points: float | None


NO_LIMIT = ZoneLimit(None, None)


def counted(points: Iterable[tuple[int | None, float]], zones: Mapping[int, ZoneLimit]) -> float:
    """The sum of (zone id, points) pairs within the zones' limits."""
    by_zone: dict[int | None, list[float]] = defaultdict(list)
    for zone_id, value in points:
        by_zone[zone_id].append(value)
    total = 0.0
    for zone_id, values in by_zone.items():
        limit = NO_LIMIT if zone_id is None else zones.get(zone_id, NO_LIMIT)
        subtotal = sum(sorted(values, reverse=True)[: limit.best_problems])
        total += subtotal if limit.max_points is None else min(subtotal, limit.max_points)
    return total


def worth(problems: Iterable[Any], zones: Mapping[int, ZoneLimit]) -> float:
    """The most that an assessment of these problems can be worth: of alternatives as many as a learner gets."""
    points: list[tuple[int | None, float]] = []
    alternatives: dict[tuple[int | None, int], list[Any]] = defaultdict(list)
    for problem in problems:
        if problem.alternative_group is None:
            points.append((problem.zone_id, problem.max_points))
        else:
            alternatives[problem.zone_id, problem.alternative_group].append(problem)
    for (zone_id, _), group in alternatives.items():
        best = sorted((problem.max_points for problem in group), reverse=True)
        points += [(zone_id, value) for value in best[: chosen_of(group)]]
    return counted(points, zones)


def chosen_of(group: Iterable[Any]) -> int:
    """How many problems of a group of alternatives a learner gets: one where nothing is said."""
    return max(problem.alternatives_chosen or 1 for problem in group)


async def zones_of(ctx: Context, assessment_ids: Collection[int]) -> dict[int, ZoneLimit]:
    """The limits of all zones of assessments, by zone id."""
    columns = (Zone.id, Zone.best_problems, Zone.max_points)
    rows = await ctx.db.fetch(select(*columns).where(member_of(Zone.assessment_id, assessment_ids)))
    return {row.id: ZoneLimit(row.best_problems, row.max_points) for row in rows}
