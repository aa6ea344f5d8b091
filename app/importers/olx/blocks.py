"""The tree of blocks, and for which groups they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.bulk import Row
from app.db.sets import member_of
from app.domain.blocks.models import Block, BlockGroup, BlockPath
from app.domain.blocks.service import arrange
from app.domain.blocks.tree import Tree
from app.importers.merge import Merged, merge, remove_surplus
from app.importers.olx.course import ReadBlock, ReadCourse
from app.importers.olx.groups import Made
from app.importers.olx.settings import Settings
from app.importers.summary import Summary

COLUMNS = (
    *("name", "format", "is_graded", "start_at", "due_at", "weeks_due", "is_staff_only", "is_hidden_from_toc"),
    *("show_correctness", "weight", "hides_after_due", "is_time_limited", "is_practice_exam", "is_proctored"),
    *("time_limit_minutes", "fields"),
)
COMPARED = ("course_instance_id", "parent_id", "kind", "content", *COLUMNS)
Groups = Mapping[tuple[str, str], Made]


async def merge_blocks(
    ctx: Context, course: ReadCourse, place: int, groups: Groups, summary: Summary
) -> Mapping[str, int]:
    """Merge the blocks of a course; the id of each by its usage key. Those that the files no longer have are kept."""
    here = Block.course_instance_id == place
    stored = await ctx.db.fetch(select(Block.id, Block.parent_id).where(here).order_by(Block.position))
    ids: dict[str, int] = {}
    positions = {each.key: position for position, each in enumerate(course.blocks)}
    for depth, level in enumerate(_levels(course.blocks[0])):
        rows = [(*_row(each, place, ids), positions[each.key], depth) for each in level]
        merged = await merge(
            ctx, Block, rows, key=("usage_key",), compared=COMPARED, initial=("position", "depth"), within=here
        )
        ids |= {row[0]: merged.ids[row[:1]] for row in rows}
        summary.add("blocks", **merged.counts)
    tree = Tree((ids[each.key], ids[each.parent.key] if each.parent else None) for each in course.blocks)
    kept = [row for row in stored if row.id not in tree.parents]
    for row in kept:
        tree.put(row.id, row.parent_id)
    if kept:
        summary.notes.append(f"blocks that are not in the files, kept: {len(kept):,}")
    summary.add("places of blocks", changed=await arrange(ctx, place, tree))
    await _merge_paths(ctx, tree)
    await _merge_audiences(ctx, course, ids, groups, summary)
    return ids


def _levels(root: ReadBlock) -> Iterator[Sequence[ReadBlock]]:
    """The blocks level by level: parents have ids before their children are merged."""
    level = [root]
    while level:
        yield level
        level = [child for each in level for child in each.children]


def _row(block: ReadBlock, place: int, ids: Mapping[str, int]) -> Row:
    said = Settings(block).columns()
    parent = None if block.parent is None else ids[block.parent.key]
    if not said["name"] and block.kind == "course_info":
        said["name"] = block.name.capitalize()
    return (block.key, place, parent, block.kind, block.content, *(said[name] for name in COLUMNS))


async def _merge_paths(ctx: Context, tree: Tree) -> None:
    rows = tree.paths(tree.parents)
    own = BlockPath
    within = member_of(own.block_id, tree.parents)
    merged = await merge(ctx, own, rows, key=("block_id", "ancestor_id"), compared=("distance",), within=within)
    await remove_surplus(ctx, own, merged, rows)


async def _merge_audiences(
    ctx: Context, course: ReadCourse, ids: Mapping[str, int], groups: Groups, summary: Summary
) -> None:
    """Settings: what the files no longer say goes."""
    rows: list[Row] = []
    for block in course.blocks:
        for made in _audience(block, groups):
            rows.append((ids[block.key], made.group_id, made.group_set_id))
    own = BlockGroup
    within = member_of(own.block_id, ids.values())
    key = ("block_id", "group_id")
    merged: Merged = await merge(ctx, own, rows, key=key, compared=("group_set_id",), within=within)
    summary.add("groups of blocks", **merged.counts)
    summary.add("groups of blocks", changed=await remove_surplus(ctx, own, merged, rows))


def _audience(block: ReadBlock, groups: Groups) -> list[Made]:
    """The groups that a block is for: those it names, and that of its place in a split test."""
    found: dict[int, Made] = {}
    for partition, listed in (Settings(block).json("group_access") or {}).items():
        for group in listed or ():
            made = _group(block, groups, partition, group)
            found[made.group_id] = made
    if block.parent is not None and block.parent.kind == "split_test":
        said = Settings(block.parent)
        for group, child in (said.json("group_id_to_child") or {}).items():
            if child.replace("@", "/").rpartition("/")[2] == block.name:
                made = _group(block.parent, groups, said.values.get("user_partition_id"), group)
                found[made.group_id] = made
    return list(found.values())


def _group(block: ReadBlock, groups: Groups, partition: Any, group: Any) -> Made:
    made = groups.get((str(partition), str(group)))
    if made is None:
        block.element.fail(f"names group {group} of partition {partition}, which the course does not have")
    return made
