"""Who sees blocks: the staff all; learners, and guests where there may be any, what is open to them with all above it.

Blocks are open from their start on, unless they are for the staff, for groups of a set in none of which one is, or
behind a gate (contracts/edx-core.md §1.5). A cohort's members see what is for its audience.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.db.base import owner, renamed
from app.domain.blocks.closing import closed_to, kept_from
from app.domain.blocks.models import (
    ActiveDay,
    Block,
    BlockCompletion,
    BlockGroup,
    BlockPath,
    BlockPrerequisite,
    BlockVisit,
    Bookmark,
)
from app.domain.catalog.models import Availability, CourseInstance
from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.policy import attended, staffed, teaches
from app.policy import Viewing, exists_unless, mask, visibility

READABLE = ("html", "course_info")
"""Kinds whose content is what learners read; that of others holds right answers, too."""

exists_unless(Block.course_instance_id, deleted_course_instances)
exists_unless(BlockPrerequisite.course_instance_id, deleted_course_instances)
exists_unless(BlockCompletion.course_instance_id, deleted_course_instances)
exists_unless(BlockVisit.course_instance_id, deleted_course_instances)
exists_unless(ActiveDay.course_instance_id, deleted_course_instances)
exists_unless(Bookmark.course_instance_id, deleted_course_instances)


def open_to_guests() -> Select[Any]:
    """Ids of the course instances in which people may look who are not enrolled."""
    return select(CourseInstance.id).where(
        CourseInstance.allows_guests, CourseInstance.availability == Availability.AVAILABLE
    )


@visibility(Block)
def block_visible(viewing: Viewing) -> ColumnElement[bool]:
    """All as staff; else those that neither they nor a block above them keeps closed."""
    return _open(viewing, closed_to(Block.id, viewing))


def _open(viewing: Viewing, is_closed: ColumnElement[bool]) -> ColumnElement[bool]:
    place = Block.course_instance_id
    inside = or_(place.in_(attended(viewing)), place.in_(open_to_guests()))
    return or_(place.in_(staffed(viewing)), and_(inside, ~is_closed))


def foreseen(viewing: Viewing) -> ColumnElement[bool]:
    """Whether the principal sees a block, or will see it once they have passed the gates before it."""
    return true() if viewing.principal.is_admin else _open(viewing, kept_from(Block.id, viewing))


def for_staff(block_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether the block that a column names, or one above it, is for the staff alone; not so without a block."""
    path, above = BlockPath, renamed(Block)
    found = select(literal(1)).select_from(path).join(above, above.c.id == path.ancestor_id)
    return found.where(path.block_id == block_id, above.c.is_staff_only).correlate(owner(block_id)).exists()


def visible_blocks(viewing: Viewing) -> Select[Any]:
    """Ids of the blocks that the principal sees, deleted course instances left aside."""
    return select(Block.id).where(block_visible(viewing))


@visibility(BlockPath)
def path_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody who is signed in: it says nothing without the blocks that it joins."""
    return true()


@visibility(BlockGroup)
def block_group_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the block."""
    return BlockGroup.block_id.in_(visible_blocks(viewing))


@visibility(BlockPrerequisite)
def prerequisite_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the block."""
    return BlockPrerequisite.block_id.in_(visible_blocks(viewing))


@visibility(BlockCompletion)
def completion_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, and everybody's where one teaches."""
    return or_(
        BlockCompletion.user_id == viewing.principal.user_id, teaches(BlockCompletion.course_instance_id, viewing)
    )


@visibility(BlockVisit)
def visit_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own."""
    return BlockVisit.user_id == viewing.principal.user_id


@visibility(ActiveDay)
def active_day_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, and everybody's where one teaches."""
    return or_(ActiveDay.user_id == viewing.principal.user_id, teaches(ActiveDay.course_instance_id, viewing))


@visibility(Bookmark)
def bookmark_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, of blocks that one sees."""
    return and_(Bookmark.user_id == viewing.principal.user_id, Bookmark.block_id.in_(visible_blocks(viewing)))


@mask(Block.content)
def content_private(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """What is to be read, for everybody; what holds right answers, for the staff."""
    return case((or_(Block.kind.in_(READABLE), Block.course_instance_id.in_(staffed(viewing))), attribute))


@mask(Block.fields)
def fields_private(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """What a block says beside what is known here may hold answers and secrets: for the staff."""
    return case((Block.course_instance_id.in_(staffed(viewing)), attribute))
