"""Blocks that are graded: a subsection is an assessment, the problems below it are its problems (decision 0012)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.assessments.open_responses import KIND, Malformed, read_open_response
from app.domain.assessments.problems import create_problem, update_problem
from app.domain.assessments.service import create_assessment, update_assessment
from app.domain.blocks.models import Block, BlockPath
from app.domain.blocks.service import update_block
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.policy import may_edit_content
from app.domain.identity.policy import may_write
from app.domain.rows import free_name, referred_row, update_row, visible_row
from app.errors import RuleBroken, UserErrorCode

SCORED = ("problem", KIND)
"""Kinds of blocks that people are given points for."""
WORTH = 1.0
"""Points of a problem that does not say what it is worth."""


async def assess_block(ctx: Context, *, block_id: int, category_id: int) -> int:
    """Grade a block: it becomes an assessment of a category, the problems below it the assessment's; its id.

    Of a block that is graded already the assessment follows: its title, dates and category, what its problems are worth
    where the blocks say so, what its open responses ask, and new problems; those that are gone stay as long as there
    may be marks. Instructors, editors of the course, administrators. Raises NotFound, Forbidden; RuleBroken: NOT_FOUND
    at `categoryId` (of another course instance too), INVALID at `blockId` above or below one that is graded, and for an
    open response whose content is none.
    """
    may_write(ctx)
    columns = (Block.course_instance_id, Block.name, Block.kind, Block.start_at, Block.due_at)
    block = await visible_row(ctx, Block, block_id, *columns)
    place = block.course_instance_id
    await may_edit_content(ctx, place)
    await visible_row(ctx, CourseInstance, place, CourseInstance.id, lock=True)
    own = AssessmentCategory
    category = await referred_row(ctx, own, category_id, own.course_instance_id, own.name, field="categoryId")
    if category.course_instance_id != place:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "a category of another course instance", "categoryId")
    await _require_apart(ctx, block_id)
    said: dict[str, Any] = {"category_id": category_id, "title": block.name or block.kind}
    said |= {"start_at": block.start_at, "due_at": block.due_at, "end_at": None}
    known: int | None = await ctx.db.scalar(select(Assessment.id).where(Assessment.block_id == block_id))
    if known is None:
        name = await free_name(ctx, Assessment.name, said["title"], Assessment.course_instance_id == place)
        known = await create_assessment(ctx, course_instance_id=place, block_id=block_id, name=name, **said)
    else:
        await update_assessment(ctx, assessment_id=known, **said)
    await update_block(ctx, block_id=block_id, is_graded=True, format=category.name)
    await _follow(ctx, known, await _scored(ctx, block_id))
    return known


async def _require_apart(ctx: Context, block_id: int) -> None:
    """Raise INVALID when another block above or below this one is an assessment."""
    path = BlockPath
    near = (
        select(Assessment.id)
        .join(path, (path.ancestor_id == Assessment.block_id) | (path.block_id == Assessment.block_id))
        .where((path.block_id == block_id) | (path.ancestor_id == block_id), path.distance > 0)
    )
    found = await ctx.db.scalar(near.where(Assessment.block_id != block_id).limit(1))
    if found is not None:
        raise RuleBroken(UserErrorCode.INVALID, "a block above or below it is graded", "blockId")


async def _scored(ctx: Context, block_id: int) -> Sequence[Any]:
    """The blocks from this one down that people are given points for, in order."""
    own = Block
    statement = (
        select(own.id, own.name, own.kind, own.weight, own.content, own.fields)
        .join(BlockPath, BlockPath.block_id == own.id)
        .where(BlockPath.ancestor_id == block_id, own.kind.in_(SCORED))
    )
    return await ctx.db.fetch(statement.order_by(own.position))


async def _follow(ctx: Context, assessment_id: int, blocks: Sequence[Any]) -> None:
    """Let an assessment's problems follow the blocks."""
    statement = select(Problem.block_id, Problem.id, Problem.max_points, Problem.open_response)
    keys = [each.id for each in blocks]
    known = {row[0]: row for row in await ctx.db.fetch(statement.where(member_of(Problem.block_id, keys)))}
    for number, each in enumerate(blocks, 1):
        stored = known.get(each.id)
        asked, worth = _asked(each)
        if stored is None:
            siblings = Problem.assessment_id == assessment_id
            name = await free_name(ctx, Problem.name, each.name or each.kind, siblings)
            points = WORTH if worth is None else worth
            place: dict[str, Any] = {"assessment_id": assessment_id, "block_id": each.id, "number": number}
            manual = points if asked is not None else 0.0
            problem_id = await create_problem(ctx, name=name, max_points=points, max_manual_points=manual, **place)
        else:
            problem_id = stored.id
            if worth is not None and worth != stored.max_points:
                manual_points: dict[str, Any] = {} if asked is None else {"max_manual_points": worth}
                await update_problem(ctx, problem_id=problem_id, max_points=worth, **manual_points)
        if asked != (None if stored is None else stored.open_response):
            await update_row(ctx, Problem, problem_id, {"open_response": asked})


def _asked(block: Any) -> tuple[dict[str, Any] | None, float | None]:
    """What a block asks people to write, and the points it is worth where it says so: its weight, else its rubric's."""
    if block.kind != KIND:
        return None, block.weight
    try:
        asked = read_open_response(block.content, block.fields)
    except Malformed as error:
        raise RuleBroken(UserErrorCode.INVALID, f"the open response {error}", "blockId") from None
    return asked.stored(), float(asked.max_points) if asked.criteria else block.weight
