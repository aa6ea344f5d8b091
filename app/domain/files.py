"""Rows about files whose bytes are in the object store: what is there, and what its users uploaded to hand in later."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, delete, false, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from app.context import Context
from app.db.base import Base, Identified, reference
from app.domain.rows import insert_missing
from app.domain.rules import is_control
from app.errors import RuleBroken, UserErrorCode
from app.files.media import UNKNOWN_TYPE
from app.files.store import Stored
from app.policy import Viewing, visibility

MAX_NAME = 255
MAX_BYTES = 1024 * 1024
DIGEST = re.compile("[0-9a-f]{64}")
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
UPLOAD_LIFE = timedelta(days=1)
Uploads = dict[str, tuple[str, int]]
"""Media type and size, by SHA-256."""


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


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to keep. Of a path the last part is the name.

    Its content is at most 1 MiB; or `sha256`, in hexadecimal, says which file that the caller uploaded within a day.
    """

    name: str
    content: bytes | None = field(default=None, repr=False)
    content_type: str = UNKNOWN_TYPE
    sha256: str | None = None


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


async def uploads_among(ctx: Context, files: Sequence[NewFile]) -> Uploads:
    """What of these files the caller uploaded within a day, or sends with this very request."""
    digests = {each.sha256 for each in files if each.sha256 and DIGEST.fullmatch(each.sha256)}
    if not digests:
        return {}
    own: Any = Upload
    recent = (own.user_id == ctx.principal.user_id, own.created_at > ctx.now - UPLOAD_LIFE)
    statement = (
        select(own.sha256, own.content_type, File.size)
        .join(File, File.sha256 == own.sha256)
        .where(own.sha256.in_(digests), *recent)
        .order_by(own.id)
    )
    found = {row[0]: (row[1], row[2]) for row in await ctx.db.fetch(statement)}
    return found | {each.sha256: (UNKNOWN_TYPE, each.size) for each in ctx.received if each.sha256 in digests}


def checked_file(file: NewFile, uploads: Uploads, *path: str) -> NewFile:
    """A file under the name and the media type that it is kept under; `uploads` are those of `uploads_among`.

    Raises RuleBroken at (`path`, …): TOO_LONG, INVALID for a name of nothing and for a content that is given both ways,
    REQUIRED for no content, NOT_FOUND for one that the caller has not uploaded.
    """
    name = safe_name(file.name, *path, "name")
    _check_content(file, uploads, *path)
    known = media_type(file.content_type)
    if known == UNKNOWN_TYPE and file.sha256 is not None:
        known, _ = uploads[file.sha256]
    return replace(file, name=name, content_type=known)


def _check_content(file: NewFile, uploads: Uploads, *path: str) -> None:
    """One content, of the right size or uploaded."""
    if file.sha256 is not None:
        if file.content is not None:
            raise RuleBroken(UserErrorCode.INVALID, "give the content or its SHA-256, not both", *path, "sha256")
        if file.sha256 not in uploads:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "you uploaded no such file within a day", *path, "sha256")
    elif file.content is None:
        raise RuleBroken(UserErrorCode.REQUIRED, "neither the content nor its SHA-256", *path, "content")
    elif len(file.content) > MAX_BYTES:
        raise RuleBroken(UserErrorCode.TOO_LONG, "the file is larger than 1 MiB: upload it", *path, "content")


async def rows_of(ctx: Context, files: Sequence[NewFile]) -> list[dict[str, Any]]:
    """For each checked file the columns `name`, `content_type`, `size`, `sha256`; each content is stored once."""
    contents = list(dict.fromkeys(each.content for each in files if each.content is not None))
    stored = dict(zip(contents, await keep(ctx, contents), strict=True))
    named = {each.sha256 for each in files if each.sha256 is not None}
    await note(ctx, [each for each in ctx.received if each.sha256 in named])
    sizes = await sizes_of(ctx, named)
    rows = []
    for each in files:
        digest = each.sha256 if each.content is None else stored[each.content].sha256
        size = sizes[str(digest)] if each.content is None else stored[each.content].size
        rows.append({"name": each.name, "content_type": each.content_type, "size": size, "sha256": digest})
    return rows
