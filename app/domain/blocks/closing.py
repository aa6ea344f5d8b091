"""What keeps blocks closed to learners, as SQL: a start to come, being for the staff or for other groups, a gate.

A gate closes what lies below a block until so much of another one is reached (contracts/edx-core.md §3.3); others do
once they have been due.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, Select, and_, func, literal, or_, select

from app.db.base import renamed
from app.domain.blocks.hiding import over
from app.domain.blocks.models import (
    NEVER_COUNTED,
    STRUCTURE,
    Block,
    BlockCompletion,
    BlockGroup,
    BlockPath,
    BlockPrerequisite,
)
from app.domain.enrollment.policy import attended
from app.domain.groups.models import Group, GroupMembership
from app.policy import Viewing

Mark = Callable[[ColumnElement[int], Viewing], ColumnElement[Any]]
WHOLE = 100.0

_marks: list[Mark] = []


def marks_blocks(mark: Mark) -> Mark:
    """Register, from a later domain, what the principal got for a block that a column names, in percent or null."""
    _marks.append(mark)
    return mark


def closed_to(block_id: Any, viewing: Viewing, *, inside: bool = False) -> ColumnElement[bool]:
    """Whether the block that a column names, or one above it, is not open to the principal; not so without a block.

    Gates and due dates close what lies below their block: with `inside` they count of the block itself, too.
    """
    return _closed(block_id, viewing, 0 if inside else 1)


def kept_from(block_id: Any, viewing: Viewing) -> ColumnElement[bool]:
    """The same, gates and due dates left aside: whether the principal never sees it as it is."""
    return _closed(block_id, viewing, None)


def _closed(block_id: Any, viewing: Viewing, inner_from: int | None) -> ColumnElement[bool]:
    """Of gates and due dates those count of blocks so many levels above, or more; none when None."""
    path, above, named, gate = (renamed(each) for each in (BlockPath, Block, BlockGroup, BlockPrerequisite))
    for_others = and_(named.c.group_set_id.is_not(None), named.c.group_set_id.not_in(_joined(named, viewing)))
    reasons = [above.c.start_at > viewing.now, above.c.is_staff_only, for_others]
    statement = (
        select(literal(1))
        .select_from(path)
        .join(above, above.c.id == path.c.ancestor_id)
        .join(named, named.c.block_id == above.c.id, isouter=True)
    )
    if inner_from is not None:
        statement = statement.join(gate, gate.c.block_id == above.c.id, isouter=True)
        is_inner = path.c.distance >= inner_from
        reasons.append(and_(is_inner, gate.c.id.is_not(None), gate.c.id.not_in(passed(viewing))))
        reasons.append(and_(is_inner, above.c.hides_after_due, above.c.id.in_(over(viewing))))
    found = statement.where(path.c.block_id == block_id, or_(*reasons))
    return found.correlate_except(path, above, named, gate).exists()


def _joined(named: FromClause, viewing: Viewing) -> Select[Any]:
    """The sets in a group of which the principal is, of those whose groups the same block names."""
    mine, group, member = renamed(BlockGroup), renamed(Group), renamed(GroupMembership)
    joined = (
        select(mine.c.group_set_id)
        .join(group, or_(group.c.id == mine.c.group_id, group.c.audience_id == mine.c.group_id))
        .where(mine.c.block_id == named.c.block_id)
        .correlate(named)
    )
    if viewing.principal.learns_in is not None:
        return joined.where(group.c.id == viewing.principal.learns_with)
    is_current = and_(member.c.group_id == group.c.id, member.c.left_at.is_(None))
    return joined.join(member, is_current).where(member.c.user_id == viewing.principal.user_id)


def behind_gate(block_id: Any, viewing: Viewing) -> ColumnElement[bool]:
    """Whether the block that a column names has a gate that the principal has not passed, or lies below one."""
    path, gate = renamed(BlockPath), renamed(BlockPrerequisite)
    statement = select(literal(1)).select_from(path).join(gate, gate.c.block_id == path.c.ancestor_id)
    shut = statement.where(path.c.block_id == block_id, gate.c.id.not_in(passed(viewing)))
    return shut.correlate_except(path, gate).exists()


def passed(viewing: Viewing) -> Select[Any]:
    """Ids of the gates that the principal has passed, of the course instances that they attend.

    They are found before the rows are, and stand before the statement: within it they would nest too deep for SQLite.
    """
    gate = renamed(BlockPrerequisite)
    scored = [func.coalesce(mark(gate.c.required_block_id, viewing), 0.0) >= gate.c.min_score for mark in _marks]
    found = select(gate.c.id).where(
        gate.c.course_instance_id.in_(attended(viewing)),
        or_(gate.c.min_completion == 0, _completed(gate, viewing) >= gate.c.min_completion),
        or_(gate.c.min_score == 0, *scored),
    )
    return select(found.cte().c.id)


def _completed(gate: FromClause, viewing: Viewing) -> ScalarSelect[Any]:
    """How much of what counts in the required block the principal has done, in percent; all where nothing counts.

    What they will never see does not count, what lies behind gates does.
    """
    path, leaf, child, mine = (renamed(each) for each in (BlockPath, Block, Block, BlockCompletion))
    has_children = select(child.c.id).where(child.c.parent_id == leaf.c.id).correlate(leaf).exists()
    done = func.sum(func.coalesce(mine.c.completion, 0.0))
    own = and_(mine.c.block_id == leaf.c.id, mine.c.user_id == viewing.principal.user_id)
    return (
        select(func.coalesce(WHOLE * done / func.nullif(func.count(leaf.c.id), 0), WHOLE))
        .select_from(path)
        .join(leaf, leaf.c.id == path.c.block_id)
        .join(mine, own, isouter=True)
        .where(path.c.ancestor_id == gate.c.required_block_id, leaf.c.kind.not_in((*NEVER_COUNTED, *STRUCTURE)))
        .where(~has_children, ~kept_from(leaf.c.id, viewing))
        .correlate(gate)
        .scalar_subquery()
    )
