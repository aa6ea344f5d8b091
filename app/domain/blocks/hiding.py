"""Blocks that hide what lies below them once they have been due, and what starts later (contracts/edx-core.md §1.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, not_, or_, select
from sqlalchemy.orm import aliased

from app.context import Context
from app.db.base import renamed
from app.db.sets import member_of
from app.domain.blocks.models import Block, BlockPath
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.policy import attended, staffed
from app.policy import Viewing

OwnDates = Callable[[Any, Viewing], tuple[ColumnElement[bool], ColumnElement[bool]]]

_own_dates: list[OwnDates] = []


def reschedules_blocks(own_dates: OwnDates) -> OwnDates:
    """Register, from a later domain, whether the principal has a date of their own for a block that a column names:
    one that is still to come, or none at all; and one that is past.
    """
    _own_dates.append(own_dates)
    return own_dates


def over(viewing: Viewing) -> Select[Any]:
    """Ids of the blocks that hide what lies below them: after their due date, which is past for the principal.

    It is the nearest that is said of a block or above it, or their own; at one's own pace the end of the course
    instance. Of course instances that they attend, and those with guests. Like gates they stand before the statement.
    """
    block, place, path, above = (renamed(each) for each in (Block, CourseInstance, BlockPath, Block))
    due_at = (
        select(above.c.due_at)
        .select_from(path)
        .join(above, above.c.id == path.c.ancestor_id)
        .where(path.c.block_id == block.c.id, above.c.due_at.is_not(None))
        .order_by(path.c.distance)
        .limit(1)
        .correlate_except(path, above)
        .scalar_subquery()
    )
    own = [dates(block.c.id, viewing) for dates in _own_dates]
    is_due = or_(
        and_(due_at < viewing.now, *(not_(is_put_off) for is_put_off, _ in own)), *(is_past for _, is_past in own)
    )
    has_ended = case((place.c.is_self_paced, place.c.end_at < viewing.now), else_=is_due)
    inside = or_(place.c.id.in_(attended(viewing)), place.c.allows_guests)
    found = select(block.c.id).join(place, place.c.id == block.c.course_instance_id)
    return select(found.where(block.c.hides_after_due, inside, has_ended).cte().c.id)


def hides(block_id: Any, viewing: Viewing) -> ColumnElement[bool]:
    """Whether the block that a column names, or one above it, hides what lies below it from the principal now."""
    path = renamed(BlockPath)
    statement = select(literal(1)).select_from(path)
    found = statement.where(path.c.block_id == block_id, path.c.ancestor_id.in_(over(viewing)))
    return found.correlate_except(path).exists()


async def hidden(ctx: Context, keys: Sequence[int]) -> list[bool]:
    """For each block whether it hides what lies below it from the caller now. Never from the staff.

    One statement, but for administrators.
    """
    if ctx.principal.is_admin:
        return [False] * len(keys)
    own = Block
    shown = own.course_instance_id.not_in(staffed(ctx.viewing))
    statement = select(own.id).where(member_of(own.id, keys), ctx.visible(own), shown, own.id.in_(over(ctx.viewing)))
    found = {row[0] for row in await ctx.db.fetch(statement)}
    return [key in found for key in keys]


async def scheduled(ctx: Context, keys: Sequence[int]) -> list[bool]:
    """For each block whether it, or something below it, starts later, what is for the staff left aside.

    One statement.
    """
    own, path, later = Block, aliased(BlockPath), aliased(Block)
    above, over = aliased(BlockPath), aliased(Block)
    secret = (
        select(literal(1))
        .select_from(above)
        .join(over, over.id == above.ancestor_id)
        .where(above.block_id == later.id, over.is_staff_only)
        .correlate(later)
        .exists()
    )
    statement = (
        select(own.id)
        .join(path, path.ancestor_id == own.id)
        .join(later, later.id == path.block_id)
        .where(member_of(own.id, keys), ctx.visible(own), later.start_at > ctx.now, ~secret)
        .distinct()
    )
    found = {row[0] for row in await ctx.db.fetch(statement)}
    return [key in found for key in keys]
