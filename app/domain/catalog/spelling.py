"""How the systems spell the id of a course instance (decision 0002)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance


class System(StrEnum):
    """The systems whose spelling can be asked for."""

    PRAIRIELEARN = "PRAIRIELEARN"
    AUTOLAB = "AUTOLAB"
    BLACKBOARD = "BLACKBOARD"
    ASSESSMENTS = "ASSESSMENTS"
    OPEN_EDX = "OPEN_EDX"


async def spell_all(ctx: Context, ids: Sequence[int], system: System) -> list[str | None]:
    """For each course instance id the text by which `system` knows it; None where it has no name there."""
    match system:
        case System.PRAIRIELEARN:
            return [str(each) for each in ids]
        case System.BLACKBOARD:
            return [f"_{each}_1" for each in ids]
        case System.ASSESSMENTS:
            return [f"crs_{each}" for each in ids]
    column = CourseInstance.name if system is System.AUTOLAB else CourseInstance.key
    statement = select(CourseInstance.id, column).where(member_of(CourseInstance.id, ids), ctx.visible(CourseInstance))
    found: dict[int, str | None] = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    return [found.get(each) for each in ids]
