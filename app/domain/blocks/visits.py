"""What people leave in the blocks that they come to: where they were last, what they want to find again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, delete, func, select

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.models import ActiveDay, Block, BlockPath, BlockVisit, Bookmark
from app.domain.blocks.queries import names_of
from app.domain.identity.models import User, UserProfile
from app.domain.identity.policy import may_write
from app.domain.rows import INSERTS, insert_missing, insert_row, visible_row
from app.domain.rules import instant
from app.errors import RuleBroken, UserErrorCode
from app.reading import relations
from app.reading.statements import ANYBODY

MOST_BOOKMARKS = 100
"""Bookmarks of a person in a course instance (contracts/edx-core.md §13)."""


async def visit_block(ctx: Context, *, block_id: int, visited_at: datetime | None = None) -> int:
    """Say that one is, or was at a moment, at a block; the block's id.

    A visit before the last one in the course instance changes nothing, one that lies ahead is now. Raises NotFound;
    RuleBroken INVALID, OUT_OF_RANGE at `visitedAt`.
    """
    may_write(ctx)
    block = await visible_row(ctx, Block, block_id, Block.course_instance_id)
    await be_at_work(ctx, block.course_instance_id)
    when = ctx.now if visited_at is None else min(instant(visited_at, "visitedAt"), ctx.now)
    own = BlockVisit
    here = (own.course_instance_id == block.course_instance_id, own.user_id == ctx.user_id)
    last = await ctx.db.fetch(select(own.visited_at).where(*here).order_by(own.visited_at.desc()).limit(1))
    if last and last[0][0] > when:
        return block_id
    table: Any = own.__table__
    whose = {"course_instance_id": block.course_instance_id, "block_id": block_id, "user_id": ctx.user_id}
    statement = INSERTS[ctx.db.dialect](table).values(**whose, visited_at=when)
    newer = {"visited_at": statement.excluded["visited_at"]}
    await ctx.db.execute(statement.on_conflict_do_update(index_elements=["block_id", "user_id"], set_=newer))
    return block_id


async def be_at_work(ctx: Context, course_instance_id: int) -> None:
    """Keep that the caller is at work in a course instance today, by their own time zone. No permissions."""
    own = UserProfile
    zone: str | None = await ctx.db.scalar(select(own.time_zone).where(own.user_id == ctx.user_id))
    whose = {"course_instance_id": course_instance_id, "user_id": ctx.user_id}
    await insert_missing(ctx, ActiveDay, [{**whose, "day": day_of(ctx.now, zone)}])


def day_of(moment: datetime, zone: str | None) -> date:
    """The day that a moment is in where people of a time zone are; in UTC without one."""
    return moment.astimezone(UTC if zone is None else ZoneInfo(zone)).date()


async def create_bookmark(ctx: Context, *, block_id: int) -> int:
    """Mark a block, so that one finds it again; the bookmark's id, that of the present one if there is one.

    Raises NotFound; RuleBroken LIMIT_REACHED at `blockId` when there are 100 in the course instance.
    """
    may_write(ctx)
    block = await visible_row(ctx, Block, block_id, Block.course_instance_id)
    await visible_row(ctx, User, ctx.user_id, User.id, lock=True)
    own = Bookmark
    mine = own.user_id == ctx.user_id
    known: int | None = await ctx.db.scalar(select(own.id).where(mine, own.block_id == block_id))
    if known is not None:
        return known
    here = (mine, own.course_instance_id == block.course_instance_id)
    if (await ctx.db.scalar(select(func.count(own.id)).where(*here)) or 0) >= MOST_BOOKMARKS:
        message = f"at most {MOST_BOOKMARKS} bookmarks in a course instance"
        raise RuleBroken(UserErrorCode.LIMIT_REACHED, message, "blockId")
    whose = {"course_instance_id": block.course_instance_id, "block_id": block_id, "user_id": ctx.user_id}
    return await insert_row(ctx, own, {**whose, "created_at": ctx.now})


async def delete_bookmark(ctx: Context, *, bookmark_id: int) -> int:
    """Take a bookmark of one's own away; the id. Raises NotFound."""
    may_write(ctx)
    await visible_row(ctx, Bookmark, bookmark_id, Bookmark.id)
    await ctx.db.execute(delete(Bookmark).where(Bookmark.id == bookmark_id))
    return bookmark_id


def is_own() -> ColumnElement[bool]:
    """Bookmarks of the person who reads."""
    mine: ColumnElement[bool] = Bookmark.user_id == ANYBODY
    return mine


async def current_children(ctx: Context, keys: Sequence[int], asked: frozenset[str] | None = None) -> list[Any]:
    """For each block the child at which, or below which, the caller was last; None where they never were.

    Named tuples of the `asked` columns, or of all. Two statements.
    """
    if ctx.principal.user_id is None:
        return [None] * len(keys)
    own, child, path = BlockVisit, Block, BlockPath
    newest = (func.max(own.visited_at).desc(), func.max(own.id).desc())
    place = func.row_number().over(partition_by=child.parent_id, order_by=newest)
    latest = (
        select(child.parent_id, child.id, place.label("place"))
        .join(path, path.ancestor_id == child.id)
        .join(own, and_(own.block_id == path.block_id, own.user_id == ctx.user_id))
        .where(member_of(child.parent_id, keys), ctx.visible(child))
        .group_by(child.parent_id, child.id)
        .subquery()
    )
    statement = select(latest.c.parent_id, latest.c.id).where(latest.c.place == 1)
    children = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    rows = await relations.one(ctx, Block.id, names_of(asked), list(children.values())) if children else []
    found = dict(zip(children, rows, strict=True))
    return [found.get(key) for key in keys]
