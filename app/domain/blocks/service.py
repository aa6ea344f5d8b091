"""Blocks are made, changed, moved, given to groups, deleted: by instructors, editors of the course, administrators."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack, cast
from uuid import uuid4

from sqlalchemy import Table, delete, insert, select

from app.context import Context
from app.db.base import Base
from app.db.sets import member_of
from app.domain.blocks.following import hiding_changed
from app.domain.blocks.models import (
    Block,
    BlockCompletion,
    BlockGroup,
    BlockPath,
    BlockPrerequisite,
    BlockVisit,
    Bookmark,
    ShowCorrectness,
)
from app.domain.blocks.tree import Tree
from app.domain.catalog.keys import Usage, parse_run, parse_usage, usage_key
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.policy import may_edit_content
from app.domain.groups.models import Group
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, is_key, require_free, update_row, update_rows, visible_row
from app.domain.rules import at_least, fitted
from app.errors import RuleBroken, UserErrorCode

KIND = re.compile(r"[\w.~-]+")
OWN: tuple[type[Base], ...] = (Block, BlockPath, BlockGroup, BlockPrerequisite, BlockCompletion, BlockVisit, Bookmark)
"""Tables whose rows go with a deleted block."""


class BlockDetails(TypedDict, total=False):
    """What may be said of a block beside its name. Null empties; absent (or UNSET) stays as it is."""

    format: Change[str | None]
    is_graded: Change[bool]
    start_at: Change[datetime | None]
    due_at: Change[datetime | None]
    weeks_due: Change[int | None]
    is_staff_only: Change[bool]
    is_hidden_from_toc: Change[bool]
    show_correctness: Change[ShowCorrectness]
    weight: Change[float | None]
    hides_after_due: Change[bool]
    is_time_limited: Change[bool]
    is_practice_exam: Change[bool]
    is_proctored: Change[bool]
    time_limit_minutes: Change[int | None]
    content: Change[str | None]
    fields: Change[dict[str, Any]]


async def create_block(
    ctx: Context,
    *,
    course_instance_id: int,
    kind: str,
    name: str = "",
    parent_id: int | None = None,
    ordinal: int | None = None,
    usage_key: str | None = None,
    **details: Unpack[BlockDetails],
) -> int:
    """A new block below another, as its child of that number from 0 (the last without one), or the root; the id.

    Without a usage key it gets one where the course instance has a key. Raises NotFound, Forbidden; RuleBroken:
    REQUIRED at `parentId` where there is a root, NOT_FOUND at `parentId` (of another course instance too), INVALID at
    `kind` and `usageKey`, TAKEN at `usageKey`, OUT_OF_RANGE at numbers, TOO_LONG.
    """
    await may_edit_content(ctx, course_instance_id)
    place = await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.key, lock=True)
    values = _checked(given(kind=kind, name=name, **details))
    if not KIND.fullmatch(values["kind"]):
        raise RuleBroken(UserErrorCode.INVALID, "only letters, digits and . _ ~ -", "kind")
    values["usage_key"] = _key(place.key, values["kind"], usage_key)
    await require_free(ctx, Block, values, ["usage_key"])
    tree = await tree_of(ctx, course_instance_id)
    if parent_id is None and tree.parents:
        raise RuleBroken(UserErrorCode.REQUIRED, "there is a root: say below which block", "parentId")
    _require_room(tree, parent_id, ordinal, "parentId")
    where = {"course_instance_id": course_instance_id, "parent_id": parent_id, "position": len(tree.parents)}
    made = await insert_row(ctx, Block, {**where, "depth": 0, **values})
    tree.put(made, parent_id, ordinal)
    await _arrange(ctx, course_instance_id, tree, [made])
    return made


async def update_block(
    ctx: Context, *, block_id: int, name: Change[str] = UNSET, **details: Unpack[BlockDetails]
) -> int:
    """Change what a block says; the id. Raises NotFound, Forbidden; RuleBroken: OUT_OF_RANGE, INVALID, TOO_LONG."""
    place = await changeable(ctx, block_id)
    values = _checked(given(name=name, **details))
    await update_row(ctx, Block, block_id, values)
    if "is_staff_only" in values:
        await hiding_changed(ctx, place)
    return block_id


async def move_block(ctx: Context, *, block_id: int, parent_id: int, ordinal: int | None = None) -> int:
    """Put a block, with all below it, below another: as its child of that number from 0, or as the last; the id.

    Raises NotFound, Forbidden; RuleBroken: INVALID at `parentId` for the block itself or one below it, and at `blockId`
    for the root; NOT_FOUND at `parentId`, OUT_OF_RANGE at `ordinal`.
    """
    place = await changeable(ctx, block_id)
    tree = await tree_of(ctx, place)
    if tree.parents[block_id] is None:
        raise RuleBroken(UserErrorCode.INVALID, "the root stays where it is", "blockId")
    moving = list(tree.below(block_id))
    if parent_id in moving:
        raise RuleBroken(UserErrorCode.INVALID, "the block would lie below itself", "parentId")
    _require_room(tree, parent_id, ordinal, "parentId", moving=block_id)
    tree.put(block_id, parent_id, ordinal)
    await update_row(ctx, Block, block_id, {"parent_id": parent_id})
    await ctx.db.execute(delete(BlockPath).where(member_of(BlockPath.block_id, moving)))
    await _arrange(ctx, place, tree, moving)
    hidden = select(Block.id).where(Block.course_instance_id == place, Block.is_staff_only).limit(1)
    if await ctx.db.scalar(hidden) is not None:
        await hiding_changed(ctx, place)
    return block_id


async def set_block_groups(ctx: Context, *, block_id: int, group_ids: Sequence[int]) -> int:
    """Say for which groups a block is, in place of what was said; for everybody without any. The id.

    Of groups of several sets one must be in one of each set. Raises NotFound, Forbidden; RuleBroken NOT_FOUND at
    (`groupIds`, index), of another course instance too.
    """
    place = await changeable(ctx, block_id)
    wanted = list(dict.fromkeys(group_ids))
    here = (member_of(Group.id, filter(is_key, wanted)), Group.course_instance_id == place, ctx.visible(Group))
    sets = {row[0]: row[1] for row in await ctx.db.fetch(select(Group.id, Group.group_set_id).where(*here))}
    for index, group_id in enumerate(group_ids):
        if group_id not in sets:
            message = "no such group in this course instance"
            raise RuleBroken(UserErrorCode.NOT_FOUND, message, "groupIds", str(index))
    rows = [{"block_id": block_id, "group_set_id": sets[each], "group_id": each} for each in wanted]
    await ctx.db.execute(delete(BlockGroup).where(BlockGroup.block_id == block_id))
    if rows:
        await ctx.db.execute(insert(BlockGroup), rows)
    return block_id


async def delete_block(ctx: Context, *, block_id: int) -> int:
    """Delete a block with all below it, what people have completed of it and marked in it, and gates that ask for it;
    the id.

    Raises NotFound, Forbidden; RuleBroken IN_USE at `blockId` as long as one of them is an assessment or a problem.
    """
    place = await changeable(ctx, block_id)
    tree = await tree_of(ctx, place)
    gone = tree.remove(block_id)
    await _require_unused(ctx, gone)
    left = (Bookmark.block_id, BlockVisit.block_id, BlockCompletion.block_id, BlockPrerequisite.block_id)
    for column in (*left, BlockPrerequisite.required_block_id, BlockGroup.block_id, BlockPath.block_id, Block.id):
        await ctx.db.execute(delete(column.class_).where(member_of(column, gone)))
    await _arrange(ctx, place, tree, [])
    return block_id


async def tree_of(ctx: Context, course_instance_id: int) -> Tree:
    """The whole tree of a course instance, seen or not."""
    statement = select(Block.id, Block.parent_id).where(Block.course_instance_id == course_instance_id)
    return Tree((row[0], row[1]) for row in await ctx.db.fetch(statement.order_by(Block.position)))


async def arrange(ctx: Context, course_instance_id: int, tree: Tree) -> int:
    """Write where the blocks of a tree stand, where that differs from what is stored; how many did. No permissions."""
    own = Block
    statement = select(own.id, own.updated_at, own.position, own.depth)
    rows = await ctx.db.fetch(statement.where(own.course_instance_id == course_instance_id))
    stored = {row[0]: tuple(row[2:]) for row in rows}
    unchanged = {row[0]: row[1] for row in rows}
    places = tree.places()
    moved = [
        {"id": key, "updated_at": unchanged[key], **place._asdict()}
        for key, place in places.items()
        if stored[key] != place
    ]
    await update_rows(ctx, own, moved)
    return len(moved)


async def _arrange(ctx: Context, course_instance_id: int, tree: Tree, pathless: Collection[int]) -> None:
    """Write where the blocks stand, and the paths of those that have none."""
    await arrange(ctx, course_instance_id, tree)
    names = ("block_id", "ancestor_id", "distance")
    rows = [dict(zip(names, path, strict=True)) for path in tree.paths(pathless)]
    if rows:
        await ctx.db.execute(insert(BlockPath), rows)


async def changeable(ctx: Context, block_id: int) -> int:
    """The course instance of a block, locked. Raises NotFound, Forbidden."""
    may_write(ctx)
    found = await visible_row(ctx, Block, block_id, Block.course_instance_id)
    place: int = found.course_instance_id
    await may_edit_content(ctx, place)
    await visible_row(ctx, CourseInstance, place, CourseInstance.id, lock=True)
    await visible_row(ctx, Block, block_id, Block.id)
    return place


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    checked = fitted(Block, values)
    at_least(0, checked, "weight", "weeks_due")
    at_least(1, checked, "time_limit_minutes")
    return checked


def _key(run_key: str | None, kind: str, given_key: str | None) -> str | None:
    """The key of a new block: the given one, which must be of this kind and course run, or a new one."""
    if given_key is None:
        return None if run_key is None else usage_key(run_key, kind, uuid4().hex)
    parsed = parse_usage(given_key)
    run = None if run_key is None else parse_run(run_key)
    if parsed is None or parsed.kind != kind or (run is not None and not _is_of(parsed, *run)):
        raise RuleBroken(UserErrorCode.INVALID, "no key of a block of this kind in this course run", "usageKey")
    return given_key


def _is_of(usage: Usage, organization: str, course: str, run: str) -> bool:
    return (usage.organization, usage.course) == (organization, course) and usage.run in (None, run)


def _require_room(
    tree: Tree, parent_id: int | None, ordinal: int | None, field: str, moving: int | None = None
) -> None:
    if parent_id is not None and parent_id not in tree.parents:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such block in this course instance", field)
    siblings = [each for each in tree.children.get(parent_id, []) if each != moving]
    if ordinal is not None and not 0 <= ordinal <= len(siblings):
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, f"there are {len(siblings)} others", "ordinal")


async def _require_unused(ctx: Context, blocks: Collection[int]) -> None:
    """Raise IN_USE when a row of another domain refers to one of the blocks."""
    keys, target = list(blocks), cast("Table", Block.__table__).c.id
    for table in Base.metadata.sorted_tables:
        for column in table.c if table.name not in {own.__tablename__ for own in OWN} else ():
            if column.references(target):
                used = await ctx.db.scalar(select(column).where(member_of(column, keys)).limit(1))
                if used is not None:
                    message = f"{table.name.replace('_', ' ')} refer to it or to what is below it"
                    raise RuleBroken(UserErrorCode.IN_USE, message, "blockId")
