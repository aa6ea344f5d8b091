"""Reads of blocks that are more than a relation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.models import Block, BlockCompletion, BlockPath
from app.errors import LimitExceeded
from app.reading import relations
from app.reading.relations import Condition, Order

DEEPEST = 32
IN_ORDER = Order(("position",))


def is_root() -> ColumnElement[bool]:
    """Blocks that lie below no other."""
    return Block.parent_id.is_(None)


@cache
def _within(depth: int) -> Condition:
    def condition() -> ColumnElement[bool]:
        return BlockPath.distance.between(1, depth)

    return condition


async def descendants(
    ctx: Context, keys: Sequence[int], depth: int | None = None, asked: frozenset[str] | None = None
) -> list[list[Any]]:
    """For each block the blocks at most `depth` levels below it, in the order of the course. One statement.

    Named tuples of the `asked` columns, or of all. Raises LimitExceeded unless the depth is 0 to 32.
    """
    depth = DEEPEST if depth is None else depth
    if not 0 <= depth <= DEEPEST:
        raise LimitExceeded(f"depth {depth}: 0 to {DEEPEST}")
    path = BlockPath
    return await relations.through(
        ctx, path.ancestor_id, path.block_id, names_of(asked), keys, IN_ORDER, _within(depth)
    )


def _above() -> ColumnElement[bool]:
    return BlockPath.distance > 0


async def ancestors(ctx: Context, keys: Sequence[int], asked: frozenset[str] | None = None) -> list[list[Any]]:
    """For each block those above it, the block of the whole course first. One statement.

    Named tuples of the `asked` columns, or of all.
    """
    path = BlockPath
    return await relations.through(ctx, path.block_id, path.ancestor_id, names_of(asked), keys, IN_ORDER, _above)


async def resume_blocks(ctx: Context, keys: Sequence[int], asked: frozenset[str] | None = None) -> list[Any]:
    """For each course instance the block that the caller last said something of; None where there is none.

    Named tuples of the `asked` columns, or of all. Two statements.
    """
    if ctx.principal.user_id is None:
        return [None] * len(keys)
    own = BlockCompletion
    newest = (own.completed_at.desc(), own.id.desc())
    place = func.row_number().over(partition_by=own.course_instance_id, order_by=newest)
    seen = select(Block.id).where(ctx.visible(Block))
    mine = (own.user_id == ctx.user_id, member_of(own.course_instance_id, keys), own.block_id.in_(seen))
    latest = select(own.course_instance_id, own.block_id, place.label("place")).where(*mine).subquery()
    statement = select(latest.c.course_instance_id, latest.c.block_id).where(latest.c.place == 1)
    blocks = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    rows = await relations.one(ctx, Block.id, names_of(asked), list(blocks.values())) if blocks else []
    found = dict(zip(blocks, rows, strict=True))
    return [found.get(key) for key in keys]


def names_of(asked: frozenset[str] | None) -> tuple[str, ...]:
    """The names of the asked columns of blocks, or of all."""
    return tuple(sorted(asked)) if asked else tuple(Block.__table__.c.keys())
