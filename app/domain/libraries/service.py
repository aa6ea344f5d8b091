"""Libraries are made by administrators, changed by those of their members who are ADMIN; who is a member."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.keys import library_key
from app.domain.catalog.models import Organization
from app.domain.changes import UNSET, Change, given
from app.domain.identity.models import User
from app.domain.identity.policy import may_administer, may_write
from app.domain.libraries.models import Library, LibraryBlock, LibraryLevel, LibraryMember, LibraryProgress
from app.domain.libraries.policy import may_manage
from app.domain.rows import insert_row, is_key, require_free, update_row, visible_row
from app.domain.rules import fitted
from app.errors import RuleBroken, UserErrorCode


class LibraryDetails(TypedDict, total=False):
    """What may be said of a library beside its title. Null empties; absent (or UNSET) stays as it is."""

    description: Change[str | None]
    license: Change[str | None]
    allows_public_learning: Change[bool]
    allows_public_read: Change[bool]


async def create_library(
    ctx: Context, *, organization_id: int, slug: str, title: str, **details: Unpack[LibraryDetails]
) -> int:
    """A new library of an organization, of which the caller is an ADMIN; the id. Administrators.

    Raises Forbidden, NotFound; RuleBroken: INVALID at `slug`, and at `organizationId` for one whose key cannot be in
    keys of libraries; TAKEN at `slug`, REQUIRED, TOO_LONG.
    """
    may_administer(ctx)
    organization = await visible_row(ctx, Organization, organization_id, Organization.key)
    values = fitted(Library, given(slug=slug, title=title, **details))
    if library_key("x", values["slug"]) is None:
        raise RuleBroken(UserErrorCode.INVALID, "only letters, digits and . _ ~ -", "slug")
    values["key"] = library_key(organization.key, values["slug"])
    if values["key"] is None:
        raise RuleBroken(UserErrorCode.INVALID, "its key has other characters than . _ ~ -", "organizationId")
    here = Library.organization_id == organization_id
    await require_free(ctx, Library, values, ["slug"], here)
    made = await insert_row(ctx, Library, {"organization_id": organization_id, **values})
    if ctx.principal.user_id is not None:
        who = {"user_id": ctx.user_id, "level": LibraryLevel.ADMIN}
        await insert_row(ctx, LibraryMember, {"library_id": made, **who})
    return made


async def update_library(
    ctx: Context, *, library_id: int, title: Change[str] = UNSET, **details: Unpack[LibraryDetails]
) -> int:
    """Change what a library says, and for whom it is; the id. Raises NotFound, Forbidden; RuleBroken: TOO_LONG."""
    await may_manage(ctx, library_id)
    await update_row(ctx, Library, library_id, fitted(Library, given(title=title, **details)))
    return library_id


async def delete_library(ctx: Context, *, library_id: int) -> int:
    """Delete a library with its blocks, its members and how far people came; the id. Raises NotFound, Forbidden."""
    await may_manage(ctx, library_id)
    await delete_blocks(ctx, await _blocks(ctx, library_id))
    await ctx.db.execute(delete(LibraryMember).where(LibraryMember.library_id == library_id))
    await ctx.db.execute(delete(Library).where(Library.id == library_id))
    return library_id


async def set_library_member(ctx: Context, *, library_id: int, user_id: int, level: LibraryLevel) -> int:
    """Say what a person may do in a library; the id of the member.

    Raises NotFound, Forbidden; RuleBroken NOT_FOUND at `userId`.
    """
    await may_manage(ctx, library_id)
    if not is_key(user_id) or await ctx.db.scalar(select(User.id).where(User.id == user_id)) is None:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such person", "userId")
    own = LibraryMember
    here = (own.library_id == library_id, own.user_id == user_id)
    known: int | None = await ctx.db.scalar(select(own.id).where(*here))
    if known is None:
        return await insert_row(ctx, own, {"library_id": library_id, "user_id": user_id, "level": level})
    await update_row(ctx, own, known, {"level": level})
    return known


async def remove_library_member(ctx: Context, *, library_member_id: int) -> int:
    """Take somebody's rights in a library away; the id of the member. Raises NotFound, Forbidden.

    People may leave by themselves.
    """
    may_write(ctx)
    own = LibraryMember
    member = await visible_row(ctx, own, library_member_id, own.library_id, own.user_id)
    if member.user_id != ctx.principal.user_id:
        await may_manage(ctx, member.library_id)
    await ctx.db.execute(delete(own).where(own.id == library_member_id))
    return library_member_id


async def delete_blocks(ctx: Context, keys: list[int]) -> None:
    """Delete blocks, children among them, and how far people came in them. No permissions."""
    if keys:
        await ctx.db.execute(delete(LibraryProgress).where(member_of(LibraryProgress.library_block_id, keys)))
        below: Any = LibraryBlock.parent_id.is_not(None)
        for chosen in (below, ~below):
            await ctx.db.execute(delete(LibraryBlock).where(member_of(LibraryBlock.id, keys), chosen))


async def _blocks(ctx: Context, library_id: int) -> list[int]:
    rows = await ctx.db.fetch(select(LibraryBlock.id).where(LibraryBlock.library_id == library_id))
    return [row[0] for row in rows]
