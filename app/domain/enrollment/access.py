"""What the caller may do in a course instance, as flags that a front-end can show and a dialect can check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Role
from app.domain.enrollment.policy import moderated, staffed, taught


class Access(NamedTuple):
    """`sees_content` as staff, `sees_learners`' data, `instructs` (may change everything), `moderates` discussions."""

    sees_content: bool
    sees_learners: bool
    instructs: bool
    moderates: bool = False


async def accesses(ctx: Context, keys: Sequence[int]) -> list[Access]:
    """For each course instance id what the caller may do there. One statement."""
    if ctx.principal.is_admin:
        return [Access(True, True, True, True)] * len(keys)
    viewing, key = ctx.viewing, CourseInstance.id
    sets = (staffed(viewing), taught(viewing), taught(viewing, Role.INSTRUCTOR), moderated(viewing))
    statement = select(key, *map(key.in_, sets)).where(member_of(key, keys), ctx.visible(CourseInstance))
    found = {row[0]: Access(*map(bool, row[1:])) for row in await ctx.db.fetch(statement)}
    return [found.get(each, Access(False, False, False)) for each in keys]
