"""Gates: what must be reached of one block before learners see what lies below another (contracts/edx-core.md §3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, select

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.closing import behind_gate, passed
from app.domain.blocks.models import Block, BlockPrerequisite
from app.domain.blocks.service import changeable, tree_of
from app.domain.enrollment.policy import staffed
from app.domain.rows import insert_row
from app.domain.rules import number
from app.errors import RuleBroken, UserErrorCode

PERCENT = 100


class Prerequisite(NamedTuple):
    """What opens a block's gate: so many percent of the required block's points, and of what is to be done in it.

    `is_met` says whether the caller has reached both.
    """

    required_block_id: int
    min_score: int
    min_completion: int
    is_met: bool


async def set_block_prerequisite(
    ctx: Context, *, block_id: int, required_block_id: int | None, min_score: int = 100, min_completion: int = 100
) -> int:
    """Say what learners must reach of another block to see what lies below this one, in place of what was said; the id.

    Nothing with None. Raises NotFound, Forbidden; RuleBroken: INVALID at `blockId` for the root, NOT_FOUND at
    `requiredBlockId` (of another course instance too), INVALID there for one that the gate would close itself, be it
    by way of others, or that lies above the block; OUT_OF_RANGE at `minScore`, `minCompletion` unless 0 to 100.
    """
    place = await changeable(ctx, block_id)
    own = BlockPrerequisite
    if required_block_id is not None:
        await _require_apart(ctx, place, block_id, required_block_id)
    least = {
        "min_score": int(number(min_score, "minScore", minimum=0, maximum=PERCENT)),
        "min_completion": int(number(min_completion, "minCompletion", minimum=0, maximum=PERCENT)),
    }
    await ctx.db.execute(delete(own).where(own.block_id == block_id))
    if required_block_id is not None:
        asked = {"block_id": block_id, "required_block_id": required_block_id}
        await insert_row(ctx, own, {"course_instance_id": place, **asked, **least})
    return block_id


async def _require_apart(ctx: Context, course_instance_id: int, block_id: int, required_id: int) -> None:
    """Raise RuleBroken unless learners can reach the required block with this one's gate shut."""
    tree = await tree_of(ctx, course_instance_id)
    if tree.parents[block_id] is None:
        raise RuleBroken(UserErrorCode.INVALID, "nothing lies before the whole course", "blockId")
    if required_id not in tree.parents:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such block in this course instance", "requiredBlockId")
    own = BlockPrerequisite
    here = (own.course_instance_id == course_instance_id, own.block_id != block_id)
    gates = [(row[0], row[1]) for row in await ctx.db.fetch(select(own.block_id, own.required_block_id).where(*here))]
    waiting, known = [required_id], {required_id}
    while waiting:
        each = waiting.pop()
        near = {*tree.above(each), *tree.below(each)}
        if block_id in near:
            raise RuleBroken(UserErrorCode.INVALID, "nobody could reach it: this gate is before it", "requiredBlockId")
        further = {required for gated, required in gates if gated in near} - known
        known |= further
        waiting += further


async def prerequisites_of(ctx: Context, keys: Sequence[int]) -> list[Prerequisite | None]:
    """For each block that the caller sees what opens its gate; None without one. One statement."""
    own = BlockPrerequisite
    columns = (own.required_block_id, own.min_score, own.min_completion, own.id.in_(passed(ctx.viewing)))
    statement = select(own.block_id, *columns).where(member_of(own.block_id, keys), ctx.visible(own))
    found = {row[0]: Prerequisite(row[1], row[2], row[3], bool(row[4])) for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]


async def gated(ctx: Context, keys: Sequence[int]) -> list[bool]:
    """For each block whether a gate of it, or of one above it, is shut to the caller. Never to the staff.

    One statement, but for administrators.
    """
    if ctx.principal.is_admin:
        return [False] * len(keys)
    own, viewing = Block, ctx.viewing
    shut = (behind_gate(own.id, viewing), own.course_instance_id.not_in(staffed(viewing)))
    statement = select(own.id).where(member_of(own.id, keys), ctx.visible(own), *shut)
    found = {row[0] for row in await ctx.db.fetch(statement)}
    return [key in found for key in keys]
