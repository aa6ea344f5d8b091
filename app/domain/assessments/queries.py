"""Reads of assessments that are more than a relation."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, AssessmentCategory, AssessmentFile, Problem
from app.domain.assessments.open_responses import OpenResponse, restored


class DocumentFormat(StrEnum):
    """What a document is (contracts/autolab.md §4.4)."""

    NONE = "NONE"
    URL = "URL"
    FILE = "FILE"


class DocumentFile(NamedTuple):
    """The file that a document is; its size in bytes, and the path on this server to download it from."""

    name: str
    content_type: str
    size: int
    sha256: str
    url: str


class Document(NamedTuple):
    """A writeup or a handout."""

    format: DocumentFormat
    url: str | None = None
    file: DocumentFile | None = None


NOTHING = Document(DocumentFormat.NONE)


def label() -> ColumnElement[str]:
    """PrairieLearn's label: the category's abbreviation and the number. For statements that join both tables."""
    return AssessmentCategory.abbreviation + Assessment.number


async def labels_of(ctx: Context, keys: Sequence[int]) -> list[str | None]:
    """For each assessment id its label, such as `HW1`."""
    statement = (
        select(Assessment.id, label())
        .join(AssessmentCategory, AssessmentCategory.id == Assessment.category_id)
        .where(member_of(Assessment.id, keys), ctx.visible(Assessment))
    )
    found: dict[int, str] = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]


async def writeups_of(ctx: Context, keys: Sequence[int]) -> list[Document]:
    """For each assessment id its writeup."""
    return await _documents(ctx, keys, Assessment.writeup_url, Assessment.writeup_file_id)


async def handouts_of(ctx: Context, keys: Sequence[int]) -> list[Document]:
    """For each assessment id its handout."""
    return await _documents(ctx, keys, Assessment.handout_url, Assessment.handout_file_id)


async def _documents(
    ctx: Context,
    keys: Sequence[int],
    url: InstrumentedAttribute[str | None],
    file_id: InstrumentedAttribute[int | None],
) -> list[Document]:
    own = AssessmentFile
    statement = (
        select(Assessment.id, url, own.id, own.name, own.content_type, own.size, own.sha256)
        .outerjoin(own, own.id == file_id)
        .where(member_of(Assessment.id, keys), ctx.visible(Assessment))
    )
    found = {row[0]: _document(*row[1:]) for row in await ctx.db.fetch(statement)}
    return [found.get(key, NOTHING) for key in keys]


def _document(url: str | None, file_id: int | None, *file: Any) -> Document:
    if file_id is not None:
        name, content_type, size, digest = file
        kept = DocumentFile(name, content_type, size, digest, f"/files/assessments/{file_id}")
        return Document(DocumentFormat.FILE, None, kept)
    return NOTHING if url is None else Document(DocumentFormat.URL, url)


async def open_responses_of(ctx: Context, keys: Sequence[int]) -> list[OpenResponse | None]:
    """For each problem id what it asks people to write, and its rubric; None where it does not. One statement."""
    own = Problem
    asked = (own.open_response.is_not(None), member_of(own.id, keys), ctx.visible(own))
    found = {row[0]: restored(row[1]) for row in await ctx.db.fetch(select(own.id, own.open_response).where(*asked))}
    return [found.get(key) for key in keys]
