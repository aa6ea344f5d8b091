"""The course instance that a file belongs to which does not tell it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.importers.failure import ImportFailure


@dataclass(frozen=True, slots=True)
class Place:
    """A course instance that files are merged into."""

    id: int
    name: str
    late_slack_seconds: int


async def find_instance(ctx: Context, file: str, name: str | None) -> Place:
    """The course instance that the option `--course` names. Raises ImportFailure."""
    if name is None:
        raise ImportFailure(file, "does not tell its course: name the course instance with --course NAME")
    columns = (CourseInstance.id, CourseInstance.name, CourseInstance.late_slack_seconds)
    living = (CourseInstance.name == name, CourseInstance.deleted_at.is_(None))
    rows = await ctx.db.fetch(select(*columns).where(*living))
    if not rows:
        raise ImportFailure(file, f"there is no course instance {name!r} to take it")
    return Place(*rows[0])
