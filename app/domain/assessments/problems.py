"""The problems of an assessment; what they are worth together is what the assessment is worth."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from sqlalchemy import func, select

from app.context import Context
from app.domain.assessments.following import columns_changed
from app.domain.assessments.models import Assessment, Problem, Question, Zone
from app.domain.assessments.service import changeable_assessment
from app.domain.assessments.zones import worth, zones_of
from app.domain.blocks.models import Block
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, referred_row, require_free, update_row, visible_row
from app.domain.rules import at_least, fitted
from app.errors import RuleBroken, UserErrorCode


class ProblemDetails(TypedDict, total=False):
    """What may be said of a problem beside its name and worth. Absent (or UNSET) stays as it is.

    `max_manual_points` is the part of the maximum that people award; `number` of a new problem is the next.
    """

    block_id: Change[int | None]
    description: Change[str]
    number: Change[int]
    max_manual_points: Change[float]
    points_by_try: Change[list[float] | None]
    alternative_group: Change[int | None]
    alternatives_chosen: Change[int | None]
    is_optional: Change[bool]
    is_starred: Change[bool]


async def create_problem(
    ctx: Context,
    *,
    assessment_id: int,
    name: str,
    max_points: float,
    question_id: int | None = None,
    zone_id: int | None = None,
    **details: Unpack[ProblemDetails],
) -> int:
    """A new problem of an assessment, whose maximum grows; the id. Instructors, editors of the course, administrators.

    Raises NotFound, Forbidden; RuleBroken: TAKEN at `name`, NOT_FOUND at `questionId` (of another course too),
    `blockId` (of another course instance too) and `zoneId` (of another assessment too), OUT_OF_RANGE at numbers,
    REQUIRED, INVALID, TOO_LONG.
    """
    assessment = await changeable_assessment(ctx, assessment_id)
    values = _checked(given(name=name, max_points=max_points, **details), max_points, 0.0)
    await _require_neighbours(ctx, assessment_id, assessment.course_instance_id, question_id, zone_id)
    await _require_block(ctx, assessment.course_instance_id, values)
    siblings = Problem.assessment_id == assessment_id
    await require_free(ctx, Problem, values, ["name"], siblings)
    if "number" not in values:
        last = select(func.coalesce(func.max(Problem.number), 0)).where(siblings)
        values["number"] = await ctx.db.scalar(last) + 1
    place = {"assessment_id": assessment_id, "question_id": question_id, "zone_id": zone_id}
    made = await insert_row(ctx, Problem, place | values)
    await _recount(ctx, assessment_id, assessment.course_instance_id)
    return made


async def update_problem(
    ctx: Context,
    *,
    problem_id: int,
    name: Change[str] = UNSET,
    max_points: Change[float] = UNSET,
    **details: Unpack[ProblemDetails],
) -> int:
    """Change a problem; the id. Scores stay; grades follow a new maximum only when they are recomputed.

    Instructors, editors of the course, administrators. Raises like `create_problem`.
    """
    may_write(ctx)
    columns = (Problem.assessment_id, Problem.max_points, Problem.max_manual_points)
    old = await visible_row(ctx, Problem, problem_id, *columns)
    assessment = await changeable_assessment(ctx, old.assessment_id)
    changes = given(name=name, max_points=max_points, **details)
    values = _checked(changes, old.max_points, old.max_manual_points)
    await _require_block(ctx, assessment.course_instance_id, values)
    siblings = Problem.assessment_id == old.assessment_id
    await require_free(ctx, Problem, values, ["name"], siblings, except_key=problem_id)
    await update_row(ctx, Problem, problem_id, values)
    if values.keys() & {"max_points", "alternative_group", "alternatives_chosen"}:
        await _recount(ctx, old.assessment_id, assessment.course_instance_id)
    return problem_id


async def _require_neighbours(
    ctx: Context,
    assessment_id: int,
    course_instance_id: int,
    question_id: int | None,
    zone_id: int | None,
) -> None:
    if question_id is not None:
        question = await referred_row(ctx, Question, question_id, Question.course_id, field="questionId")
        here = await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.course_id)
        if question.course_id != here.course_id:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "a question of another course", "questionId")
    if zone_id is not None:
        zone = await referred_row(ctx, Zone, zone_id, Zone.assessment_id, field="zoneId")
        if zone.assessment_id != assessment_id:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "a zone of another assessment", "zoneId")


async def _require_block(ctx: Context, course_instance_id: int, values: dict[str, Any]) -> None:
    """Raise NOT_FOUND unless the block, where one is named, is of this course instance."""
    if values.get("block_id") is not None:
        block = await referred_row(ctx, Block, values["block_id"], Block.course_instance_id, field="blockId")
        if block.course_instance_id != course_instance_id:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "a block of another course instance", "blockId")


async def _recount(ctx: Context, assessment_id: int, course_instance_id: int) -> None:
    columns = (Problem.zone_id, Problem.max_points, Problem.alternative_group, Problem.alternatives_chosen)
    problems = await ctx.db.fetch(select(*columns).where(Problem.assessment_id == assessment_id))
    total = worth(problems, await zones_of(ctx, [assessment_id]))
    await update_row(ctx, Assessment, assessment_id, {"max_points": total})
    await columns_changed(ctx, course_instance_id)


def _checked(values: dict[str, Any], max_points: float, max_manual_points: float) -> dict[str, Any]:
    """The values, with what the machine awards as the rest of what people award."""
    checked = fitted(Problem, values)
    at_least(0, checked, "max_points", "max_manual_points")
    at_least(1, checked, "number", "alternatives_chosen")
    whole = checked.get("max_points", max_points)
    manual = checked.get("max_manual_points", max_manual_points)
    if manual > whole:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "above the maximum", "maxManualPoints")
    return {**checked, "max_auto_points": whole - manual}
