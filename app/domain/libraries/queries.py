"""Reads of libraries that are more than a relation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.rendering import rendered
from app.domain.libraries.models import LibraryBlock, LibraryMember, LibraryProgress
from app.reading.statements import ANYBODY


def is_own_membership() -> ColumnElement[bool]:
    """What the person who reads is in a library."""
    mine: ColumnElement[bool] = LibraryMember.user_id == ANYBODY
    return mine


def is_own_progress() -> ColumnElement[bool]:
    """How far the person came who reads."""
    mine: ColumnElement[bool] = LibraryProgress.user_id == ANYBODY
    return mine


async def html_of_library_blocks(ctx: Context, keys: Sequence[int]) -> list[str | None]:
    """For each block what learners see of it; None of what only holds others. One statement."""
    own = LibraryBlock
    statement = select(own.id, own.kind, own.name, own.content, own.fields)
    rows = await ctx.db.fetch(statement.where(member_of(own.id, keys), ctx.visible(own)))
    found = {row[0]: rendered(*row[1:], prefix=f"l{row[0]}") for row in rows}
    return [found.get(key) for key in keys]
