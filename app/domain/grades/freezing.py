"""Grades that are final, where the installation says that old ones are: 30 days after the end of their course instance.

Nobody sets them by hand any more (contracts/edx-core.md §9.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, false, select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.errors import RuleBroken, UserErrorCode

THAWED = timedelta(days=30)


def _is_frozen(ctx: Context) -> ColumnElement[bool]:
    return CourseInstance.end_at < ctx.now - THAWED if ctx.db.freezes_grades else false()


async def frozen_places(ctx: Context, keys: Sequence[int]) -> list[bool]:
    """For each course instance id whether its grades are final. One statement."""
    own = CourseInstance
    rows = await ctx.db.fetch(select(own.id).where(member_of(own.id, keys), _is_frozen(ctx), ctx.visible(own)))
    found = {row[0] for row in rows}
    return [key in found for key in keys]


async def require_thawed(ctx: Context, course_instance_id: int, field: str) -> None:
    """Raise RuleBroken FROZEN at a field where the grades of a course instance are final. At most one statement."""
    if not ctx.db.freezes_grades:
        return
    own = CourseInstance
    if await ctx.db.scalar(select(own.id).where(own.id == course_instance_id, _is_frozen(ctx))) is not None:
        raise RuleBroken(UserErrorCode.FROZEN, "the grades of the course instance are final", field)
