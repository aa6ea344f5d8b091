"""Writeups and handouts: addresses, and files of the archive that go into the object store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentFile
from app.domain.files import note, safe_name
from app.domain.rows import insert_row
from app.errors import RuleBroken
from app.files.media import type_by_name
from app.importers.autolab import files
from app.importers.autolab.files import Packed
from app.importers.documents import Document
from app.importers.summary import Count, Summary

KINDS = ("writeup", "handout")
COLUMNS = ("writeup_url", "writeup_file_id", "handout_url", "handout_file_id")
MAX_FILE = 100 * 1024 * 1024
Reference = tuple[str | None, int | None]


@dataclass(frozen=True, slots=True)
class Named:
    """What an assessment's file names: an address, a file of the archive, or (with neither) nothing.

    One that `is_missing` names a file that is not there: what is stored stays.
    """

    url: str | None = None
    name: str = ""
    packed: Packed | None = None
    is_missing: bool = False


@dataclass(slots=True)
class Documents:
    """For each assessment the values of COLUMNS, and the ids of files that were replaced."""

    columns: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    replaced: list[int | None] = field(default_factory=list)


def named(file: files.AssessmentFile, general: Document, kind: str, summary: Summary) -> Named:
    """The document of a kind that an assessment's file names. Raises ImportFailure."""
    text = general.optional_text(kind, 2000)
    if not text:
        return Named()
    if text.lower().startswith(("http://", "https://")):
        return Named(text)
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text:
        general.fail(kind, f"is {text!r}, which leads out of the assessment's folder")
    packed = file.packed.get(path.parts)
    if packed is None:
        summary.notes.append(f"{file.name}: the {kind} is a file that is not there: {text}")
        return Named(is_missing=True)
    if packed.times > 1:
        general.fail(kind, f"is {text!r}, which the archive has {packed.times} times")
    if packed.size > MAX_FILE:
        general.fail(kind, f"is {text!r}, of more than {MAX_FILE:,} bytes")
    try:
        return Named(name=safe_name(path.name), packed=packed)
    except RuleBroken as broken:
        general.fail(kind, f"is {text!r}: {broken}")


async def merge_documents(
    ctx: Context, instance_id: int, read: Mapping[str, Sequence[Named]], summary: Summary
) -> Documents:
    """Store the files that assessments (by name) name; rows stay where name and content are the same."""
    known = [await _stored(ctx, instance_id, kind) for kind in KINDS]
    made, counts = Documents(), Count()
    for assessment, several in read.items():
        columns: list[Any] = []
        for before, document in zip(known, several, strict=True):
            columns += await _merged(ctx, document, before.get(assessment, (None, None)), made, counts)
        made.columns[assessment] = tuple(columns)
    if counts != Count():
        summary.add("files", created=counts.created, changed=counts.changed, unchanged=counts.unchanged)
    return made


async def _merged(ctx: Context, document: Named, before: tuple[Any, ...], made: Documents, counts: Count) -> Reference:
    """Address and file id of one document; `before` are those that are stored, and the file's columns."""
    url, file_id, *columns = before
    if document.is_missing:
        return url, file_id
    if document.packed is None:
        made.replaced.append(file_id)
        return document.url, None
    stored = await ctx.files.put(document.packed.chunks(), MAX_FILE)
    await note(ctx, [stored])
    row = (document.name, type_by_name(document.name), stored.size, stored.sha256)
    if tuple(columns) == row:
        counts.unchanged += 1
        return None, file_id
    made.replaced.append(file_id)
    counts.created += file_id is None
    counts.changed += file_id is not None
    names = ("name", "content_type", "size", "sha256")
    return None, await insert_row(ctx, AssessmentFile, dict(zip(names, row, strict=True)))


async def _stored(ctx: Context, instance_id: int, kind: str) -> dict[str, tuple[Any, ...]]:
    """Address, file id and the file's columns of each assessment's document of a kind, by name."""
    url: InstrumentedAttribute[Any] = getattr(Assessment, f"{kind}_url")
    file_id: InstrumentedAttribute[Any] = getattr(Assessment, f"{kind}_file_id")
    own = AssessmentFile
    statement = (
        select(Assessment.name, url, own.id, own.name, own.content_type, own.size, own.sha256)
        .outerjoin(own, own.id == file_id)
        .where(Assessment.course_instance_id == instance_id)
    )
    return {row[0]: tuple(row[1:]) for row in await ctx.db.fetch(statement)}
