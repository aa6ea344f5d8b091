"""The groups that content may be for: a partition of learners is a group set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.context import Context
from app.domain.groups.models import Group, GroupSet, GroupSetKind
from app.domain.groups.naming import new_key
from app.importers.documents import Document, Ledger
from app.importers.merge import merge
from app.importers.olx.course import ReadCourse
from app.importers.olx.settings import Settings
from app.importers.summary import Summary

SCHEMES = ("cohort", "random", "team")
UNLIMITED_SIZE = 1_000_000


class Made(NamedTuple):
    """A group by its key, and the set it is of."""

    group_set_id: int
    group_id: int


async def merge_groups(
    ctx: Context, course: ReadCourse, place: int, summary: Summary
) -> Mapping[tuple[str, str], Made]:
    """Merge the partitions of a course; its groups by what the files call (partition, group)."""
    partitions = [each for each in _partitions(course) if each.optional_text("scheme") in SCHEMES]
    own = GroupSet
    kinds = [GroupSetKind.TEAMS if each.text("scheme") == "team" else GroupSetKind.AUDIENCES for each in partitions]
    rows = [(place, each.text("name"), UNLIMITED_SIZE, kind) for each, kind in zip(partitions, kinds, strict=True)]
    _require_distinct(partitions)
    sets = await merge(
        ctx,
        own,
        rows,
        key=("course_instance_id", "name"),
        initial=("max_size", "kind"),
        within=own.course_instance_id == place,
    )
    summary.add("group sets", **sets.counts)
    keys: dict[tuple[str, str], tuple[int, str]] = {}
    for each in partitions:
        groups = each.children("groups")
        _require_distinct(groups)
        for group in groups:
            here = sets.ids[place, each.text("name")]
            keys[str(each.get("id", int)), str(group.get("id", int))] = (here, group.text("name"))
    merged = await merge(
        ctx,
        Group,
        [(*key, place, new_key(key[1])) for key in keys.values()],
        key=("group_set_id", "name"),
        compared=("course_instance_id",),
        initial=("key",),
        within=(Group.course_instance_id == place) & Group.deleted_at.is_(None),
    )
    summary.add("groups", **merged.counts)
    return {key: Made(found[0], merged.ids[found]) for key, found in keys.items()}


def _partitions(course: ReadCourse) -> list[Document]:
    root = course.blocks[0]
    listed: Any = Settings(root).json("user_partitions") or []
    return Document(root.element.file, {"user_partitions": listed}, Ledger()).children("user_partitions")


def _require_distinct(named: list[Document]) -> None:
    seen = set()
    for each in named:
        name = each.text("name")
        if name in seen:
            each.fail("name", f"is {name!r} for the second time")
        seen.add(name)
