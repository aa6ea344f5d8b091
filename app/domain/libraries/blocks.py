"""Blocks of libraries: written by members who are AUTHOR or ADMIN, used by everybody who sees them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import func, or_, select

from app.context import Context
from app.domain.blocks.rendering import CONTAINERS
from app.domain.catalog.keys import library_usage_key, parse_library_usage
from app.domain.changes import UNSET, Change, given
from app.domain.identity.policy import may_write
from app.domain.libraries.models import Library, LibraryBlock, LibraryProgress
from app.domain.libraries.policy import may_author
from app.domain.libraries.service import delete_blocks
from app.domain.rows import INSERTS, find_row, insert_row, update_row, visible_row
from app.domain.rules import fitted, number
from app.errors import RuleBroken, UserErrorCode

LONGEST_KEY = 255


async def save_library_block(
    ctx: Context,
    *,
    library_id: int,
    kind: str,
    usage_key: str | None = None,
    parent_id: int | None = None,
    name: str = "",
    content: str | None = None,
    fields: dict[str, Any] | None = None,
) -> int:
    """Make a block of a library, or replace all that the one with this usage key says; the id.

    Without a usage key it gets a new one. Raises NotFound, Forbidden; RuleBroken: INVALID at `usageKey` (no key of a
    block of this kind in this library), at `kind`, and at `parentId` (itself, or one that may hold no others);
    NOT_FOUND at `parentId`, TOO_LONG.
    """
    await may_author(ctx, library_id)
    said = {"kind": kind, "name": name, "content": content, "fields": fields or {}}
    values = {**fitted(LibraryBlock, said), "parent_id": parent_id}
    library = await visible_row(ctx, Library, library_id, Library.key)
    values["usage_key"] = _key(library.key, values["kind"], usage_key)
    own = LibraryBlock
    known: int | None = await ctx.db.scalar(select(own.id).where(own.usage_key == values["usage_key"]))
    await _require_parent(ctx, library_id, parent_id, known)
    if known is not None:
        await update_row(ctx, own, known, values)
        return known
    last = await ctx.db.scalar(select(func.max(own.position)).where(own.library_id == library_id))
    place = {"library_id": library_id, "position": 0 if last is None else last + 1}
    return await insert_row(ctx, own, {**place, **values})


async def delete_library_block(ctx: Context, *, library_block_id: int) -> int:
    """Delete a block with what lies below it, and how far people came; the id. Raises NotFound, Forbidden."""
    may_write(ctx)
    own = LibraryBlock
    block = await visible_row(ctx, own, library_block_id, own.library_id)
    await may_author(ctx, block.library_id)
    rows = await ctx.db.fetch(select(own.id).where(or_(own.id == library_block_id, own.parent_id == library_block_id)))
    await delete_blocks(ctx, [row[0] for row in rows])
    return library_block_id


async def record_library_progress(
    ctx: Context, *, library_block_id: int, completion: Change[float] = UNSET, state: Change[dict[str, Any]] = UNSET
) -> int:
    """Say how far one came in a block, and what its player shall find again; the id of that.

    What is not said stays as it is: nothing done, nothing kept at first. Raises NotFound; RuleBroken: OUT_OF_RANGE at
    `completion` unless it is from 0 to 1, INVALID at `state`.
    """
    may_write(ctx)
    await visible_row(ctx, LibraryBlock, library_block_id, LibraryBlock.id)
    values = fitted(LibraryProgress, given(completion=completion, state=state))
    if "completion" in values:
        values["completion"] = number(values["completion"], "completion", minimum=0, maximum=1)
    table: Any = LibraryProgress.__table__
    whose = {"library_block_id": library_block_id, "user_id": ctx.user_id, "changed_at": ctx.now}
    statement = INSERTS[ctx.db.dialect](table).values(**{"completion": 0.0, "state": {}, **whose, **values})
    newer = {name: statement.excluded[name] for name in ("changed_at", *values)}
    keys = ["library_block_id", "user_id"]
    made = statement.on_conflict_do_update(index_elements=keys, set_=newer).returning(table.c.id)
    found: int = await ctx.db.scalar(made)
    return found


def _key(library_key: str, kind: str, given_key: str | None) -> str:
    """The key of a block: the given one, which must be of this kind and library, or a new one."""
    if given_key is None:
        made = library_usage_key(library_key, kind, uuid4().hex)
        if made is None:
            raise RuleBroken(UserErrorCode.INVALID, "only letters, digits and . _ ~ -", "kind")
        return made
    parsed = parse_library_usage(given_key) if len(given_key) <= LONGEST_KEY else None
    if parsed is None or library_usage_key(library_key, kind, parsed.name) != given_key:
        raise RuleBroken(UserErrorCode.INVALID, "no key of a block of this kind in this library", "usageKey")
    return given_key


async def _require_parent(ctx: Context, library_id: int, parent_id: int | None, known: int | None) -> None:
    """What holds blocks lies below none, so that nothing can lie below itself."""
    if parent_id is None:
        return
    own = LibraryBlock
    columns = (own.library_id, own.parent_id, own.kind)
    parent = await find_row(ctx, own, parent_id, *columns)
    if parent is None or parent.library_id != library_id:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such block in this library", "parentId")
    holds = known is not None and await ctx.db.scalar(select(own.id).where(own.parent_id == known).limit(1)) is not None
    if parent_id == known or holds or parent.parent_id is not None or parent.kind not in CONTAINERS:
        raise RuleBroken(UserErrorCode.INVALID, "it may hold no others, or this one holds some", "parentId")
