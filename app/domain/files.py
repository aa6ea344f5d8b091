"""Rows about files whose bytes are in the object store: what is there, and what its users uploaded to hand in later."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, delete, false, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from app.context import Context
from app.db.base import Base, Identified, reference
from app.domain.rows import insert_missing
from app.domain.rules import is_control
from app.errors import RuleBroken, UserErrorCode
from app.files.store import Stored
from app.policy import Viewing, visibility

MAX_NAME = 255
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
UNKNOWN_TYPE = "application/octet-stream"
UPLOAD_LIFE = timedelta(days=1)


class File(Base):
    """Content in the object store, known by its SHA-256 in hexadecimal; its size in bytes."""

    __tablename__ = "files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    created_at: Mapped[datetime]


class Upload(Identified, Base):
    """A file that a user sent ahead: for a day they may hand it in by its SHA-256."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_user_id_sha256", "user_id", "sha256"),)

    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), index=True)
    user_id: Mapped[int] = reference("users", index=False)
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(127))
    created_at: Mapped[datetime]


@visibility(File)
def content_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Nobody by itself: contents are read through something that one sees."""
    return false()


@visibility(Upload)
def upload_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own."""
    return Upload.user_id == viewing.principal.user_id


def safe_name(name: str, *path: str) -> str:
    """The last part of a path, without control codes. Raises RuleBroken INVALID, TOO_LONG at `path`."""
    last = re.split(r"[/\\]", name)[-1]
    safe = "".join(character for character in last if not is_control(character)).strip()
    if safe in ("", ".", ".."):
        raise RuleBroken(UserErrorCode.INVALID, "not a file name", *path)
    if len(safe) > MAX_NAME:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MAX_NAME} characters", *path)
    return safe


def media_type(text: str) -> str:
    """A media type without parameters, or `application/octet-stream` for what is none."""
    return text if len(text) <= 127 and MEDIA_TYPE.fullmatch(text) else UNKNOWN_TYPE


async def note(ctx: Context, stored: Collection[Stored]) -> None:
    """Make the rows of contents that are in the store; those that are there already stay."""
    sizes = {each.sha256: each.size for each in stored}
    rows = [{"sha256": key, "size": sizes[key], "created_at": ctx.now} for key in sorted(sizes)]
    await insert_missing(ctx, File, rows)


async def keep(ctx: Context, contents: Sequence[bytes]) -> list[Stored]:
    """Store small contents and make their rows: objects first, so that no row is without one."""
    stored = [await ctx.files.put_bytes(content) for content in contents]
    await note(ctx, stored)
    return stored


async def sizes_of(ctx: Context, digests: Collection[str]) -> dict[str, int]:
    """The sizes in bytes of contents by SHA-256."""
    if not digests:
        return {}
    return {
        row[0]: row[1] for row in await ctx.db.fetch(select(File.sha256, File.size).where(File.sha256.in_(digests)))
    }


async def record_upload(ctx: Context, *, stored: Stored, name: str, content_type: str) -> None:
    """Remember that the caller uploaded content that is in the store.

    Raises Unauthenticated; RuleBroken INVALID, TOO_LONG at `name`.
    """
    row = {"name": safe_name(name, "name"), "content_type": media_type(content_type), "created_at": ctx.now}
    await note(ctx, [stored])
    await ctx.db.execute(insert(Upload).values(sha256=stored.sha256, user_id=ctx.user_id, **row))


async def forget_unused(ctx: Context) -> int:
    """Delete uploads that are older than a day, and the rows of contents older than a day that nothing names; how many.

    What names contents: every other column that is called `sha256` or refers to `files`.
    """
    before = ctx.now - UPLOAD_LIFE
    await ctx.db.execute(delete(Upload).where(Upload.created_at <= before))
    contents = Base.metadata.tables[File.__tablename__]
    columns = [column for table in Base.metadata.sorted_tables if table is not contents for column in table.c]
    naming = [each for each in columns if each.name == "sha256" or each.references(contents.c.sha256)]
    unnamed = [~select(each).where(each == File.sha256).exists() for each in naming]
    done = await ctx.db.execute(delete(File).where(File.created_at <= before, *unnamed))
    return int(done.rowcount)


async def uploaded_types(ctx: Context, digests: Collection[str]) -> dict[str, str]:
    """The media types, by SHA-256, of those contents that the caller uploaded within a day."""
    if not digests:
        return {}
    own: Any = Upload
    recent = (own.user_id == ctx.principal.user_id, own.created_at > ctx.now - UPLOAD_LIFE)
    statement = select(own.sha256, own.content_type).where(own.sha256.in_(digests), *recent).order_by(own.id)
    return {row[0]: row[1] for row in await ctx.db.fetch(statement)}
