"""Who sees libraries: their members, and everybody where they are public (contracts/edx-core.md §19)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select

from app.context import Context
from app.domain.identity.policy import may_write
from app.domain.libraries.models import Library, LibraryBlock, LibraryLevel, LibraryMember, LibraryProgress
from app.domain.rows import visible_row
from app.errors import Forbidden
from app.policy import Viewing, mask, visibility

AUTHORS = (LibraryLevel.AUTHOR, LibraryLevel.ADMIN)
MANAGERS = (LibraryLevel.ADMIN,)


def held(viewing: Viewing, *levels: LibraryLevel) -> Select[Any]:
    """Ids of the libraries in which the principal has one of these levels; any without one."""
    own = LibraryMember
    mine = select(own.library_id).where(own.user_id == viewing.principal.user_id)
    return mine.where(own.level.in_(levels)) if levels else mine


@visibility(Library)
def library_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Members of any level; everybody where people may learn or read."""
    return or_(Library.allows_public_learning, Library.allows_public_read, Library.id.in_(held(viewing)))


def visible_libraries(viewing: Viewing) -> Select[Any]:
    """Ids of the libraries that the principal sees."""
    return select(Library.id).where(library_visible(viewing))


@visibility(LibraryBlock)
def library_block_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the library."""
    return LibraryBlock.library_id.in_(visible_libraries(viewing))


@visibility(LibraryMember)
def library_member_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Oneself, and all where one decides who is a member."""
    own = LibraryMember
    return or_(own.user_id == viewing.principal.user_id, own.library_id.in_(held(viewing, *MANAGERS)))


@visibility(LibraryProgress)
def library_progress_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, of blocks that one sees."""
    seen = select(LibraryBlock.id).where(library_block_visible(viewing))
    own = LibraryProgress
    return and_(own.user_id == viewing.principal.user_id, own.library_block_id.in_(seen))


@mask(LibraryBlock.content, LibraryBlock.fields)
def source_private(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """What a block is made of may hold right answers: for members, and for everybody where everybody may read."""
    open_ = select(Library.id).where(or_(Library.allows_public_read, Library.id.in_(held(viewing))))
    return case((LibraryBlock.library_id.in_(open_), attribute))


async def may_author(ctx: Context, library_id: int) -> None:
    """Raise unless the caller may write blocks of the library; lock it."""
    await _require_level(ctx, library_id, *AUTHORS)


async def may_manage(ctx: Context, library_id: int) -> None:
    """Raise unless the caller may change the library itself, and who is a member; lock it."""
    await _require_level(ctx, library_id, *MANAGERS)


async def _require_level(ctx: Context, library_id: int, *levels: LibraryLevel) -> None:
    may_write(ctx)
    await visible_row(ctx, Library, library_id, Library.id, lock=True)
    if ctx.principal.is_admin:
        return
    own = LibraryMember
    mine = (own.library_id == library_id, own.user_id == ctx.user_id, own.level.in_(levels))
    if await ctx.db.scalar(select(own.id).where(*mine)) is None:
        raise Forbidden(f"only members of the library who are {' or '.join(levels)} may do this")
