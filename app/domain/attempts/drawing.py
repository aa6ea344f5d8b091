"""Which problems an assessment instance asks: all, and of alternatives a few, always the same for the same instance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import func, insert, literal, select

from app.context import Context
from app.domain.assessments.models import Problem, Zone
from app.domain.assessments.zones import chosen_of, counted, zones_of
from app.domain.attempts.models import InstanceQuestion


async def draw_questions(ctx: Context, assessment_id: int, instance_ids: Sequence[int]) -> dict[int, float]:
    """Insert the questions of new assessment instances; what they are worth, by instance; nothing without questions."""
    columns = (
        Problem.id,
        Problem.zone_id,
        Problem.max_points,
        Problem.alternative_group,
        Problem.alternatives_chosen,
    )
    problems = await ctx.db.fetch(
        select(*columns)
        .join(Zone, Zone.id == Problem.zone_id, isouter=True)
        .where(Problem.assessment_id == assessment_id)
        .order_by(func.coalesce(Zone.number, 0), Problem.number, Problem.id)
    )
    if not problems or not instance_ids:
        return {}
    drawn = {key: drawn_of(problems, key) for key in instance_ids}
    questions = [
        {"assessment_instance_id": key, "problem_id": problem.id, "number": number}
        for key, asked in drawn.items()
        for number, problem in enumerate(asked, start=1)
    ]
    await ctx.db.execute(insert(InstanceQuestion), questions)
    zones = await zones_of(ctx, [assessment_id])
    return {
        key: counted(((problem.zone_id, problem.max_points) for problem in asked), zones)
        for key, asked in drawn.items()
    }


async def draw_added(ctx: Context, assessment_id: int, instance_id: int) -> None:
    """Insert questions for the problems that the assessment has got since the instance began; alternatives stay."""
    asked = select(InstanceQuestion.problem_id).where(InstanceQuestion.assessment_instance_id == instance_id)
    added = select(literal(instance_id), Problem.id).where(
        Problem.assessment_id == assessment_id, Problem.alternative_group.is_(None), Problem.id.not_in(asked)
    )
    await ctx.db.execute(insert(InstanceQuestion).from_select(["assessment_instance_id", "problem_id"], added))


def drawn_of(problems: Sequence[Any], instance_id: int) -> list[Any]:
    """The problems drawn, in order: of each group of alternatives the first so many by a hash (one when unsaid)."""
    alternatives: dict[tuple[int | None, int], list[Any]] = defaultdict(list)
    for problem in problems:
        if problem.alternative_group is not None:
            alternatives[problem.zone_id, problem.alternative_group].append(problem)
    drawn = {problem.id for problem in problems if problem.alternative_group is None}
    for group in alternatives.values():
        wanted = chosen_of(group)
        drawn |= {problem.id for problem in sorted(group, key=lambda each: _lot(instance_id, each.id))[:wanted]}
    return [problem for problem in problems if problem.id in drawn]


def _lot(instance_id: int, problem_id: int) -> bytes:
    return sha256(f"{instance_id}:{problem_id}".encode()).digest()
