"""Reports as CSV files in the object store: spreadsheets open them, and take no cell for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.cells import guarded
from app.domain.jobs.kinds import Written
from app.files.store import UNLIMITED

CHUNK = 64 * 1024
Row = list[Any]


async def write(ctx: Context, name: str, course_instance_id: int, rows: AsyncIterator[Row]) -> Written:
    """A report of a course instance: its run's name, the report's, and when; and what is in the store."""
    own = CourseInstance
    [place] = await ctx.db.fetch(select(own.key, own.name).where(own.id == course_instance_id))
    stored = await ctx.files.put(_chunks(rows), UNLIMITED)
    return Written(file_name(place.key or place.name, name, ctx.now), stored)


def file_name(place: str, name: str, moment: datetime) -> str:
    """`edX_DemoX_2026_grades_2026-09-01-0830.csv`: letters and digits of every script, whatever a key is made of."""
    stem = re.sub(r"[^\w-]+", "_", place.removeprefix("course-v1:"))[:150].strip("_")
    return f"{stem}_{name}_{moment:%Y-%m-%d-%H%M}.csv"


async def _chunks(rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    """The rows as UTF-8, with the mark by which spreadsheets know that."""
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    lines = csv.writer(buffer)
    async for row in rows:
        lines.writerow(_cells(row))
        if buffer.tell() >= CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cells(row: Iterable[Any]) -> Iterable[Any]:
    """Numbers as they are, texts guarded, nothing for null."""
    for each in row:
        yield guarded(each) if isinstance(each, str) else "" if each is None else each
