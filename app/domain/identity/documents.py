"""Registered documents: what programs may ask, known by the SHA-256 of the text in UTF-8.

They say nothing of who sees what: that is up to the policies, as with every document. What they are written in is
checked by whoever registers them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Dialect, String, select

from app.context import Context
from app.db.compiled import Read, compile_read, given
from app.db.session import Database
from app.domain.identity.models import RegisteredDocument, User
from app.domain.identity.policy import may_administer
from app.domain.identity.tokens import digest
from app.domain.rows import insert_missing, visible_row

LONGEST = 100_000
"""Bytes that the text of a registered document may have."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A text, and the names of the operations in it."""

    text: str
    operations: Sequence[str] = ()


async def register_documents(ctx: Context, *, documents: Collection[NewDocument], user_id: int | None = None) -> int:
    """Register documents; those that are registered already stay as they are. How many are new.

    `user_id` is who answers for them. Raises Forbidden unless an administrator or the program asks, NotFound.
    """
    may_administer(ctx)
    if user_id is not None:
        await visible_row(ctx, User, user_id, User.id)
    stamps = {"user_id": user_id, "created_at": ctx.now}
    rows = {digest(each.text): {"text": each.text, "operations": list(each.operations), **stamps} for each in documents}
    known = select(RegisteredDocument.digest).where(RegisteredDocument.digest.in_(rows))
    new = rows.keys() - {row[0] for row in await ctx.db.fetch(known)}
    await insert_missing(ctx, RegisteredDocument, [{"digest": each, **rows[each]} for each in sorted(new)])
    return len(new)


async def find_document(db: Database, digest: str) -> str | None:
    """The text of a registered document. Whoever knows its digest may ask for it."""
    rows = await db.read(_named(db.sqlalchemy_dialect), {"digest": digest})
    return rows[0][0] if rows else None


@lru_cache(maxsize=4)
def _named(dialect: Dialect) -> Read:
    table = RegisteredDocument.__table__.c
    return compile_read(select(table.text).where(table.digest == given("digest", String())), dialect)
