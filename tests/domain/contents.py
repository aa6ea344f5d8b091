"""Of the site: a small tree of blocks, and every use case about blocks once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.context import Context
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.service import create_block, delete_block, move_block, set_block_groups, update_block
from tests.factories import University


@dataclass(frozen=True, slots=True)
class Contents:
    """The root, two chapters, and a text in the first."""

    root_id: int
    chapter_id: int
    second_chapter_id: int
    text_id: int


async def contents(world: University) -> Contents:
    """The blocks, all open to learners."""

    async def block(kind: str, parent_id: int | None) -> int:
        place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "parent_id": parent_id}
        return await create_block(world.admin, kind=kind, name=kind.capitalize(), **place)

    root_id = await block("course", None)
    chapter_id = await block("chapter", root_id)
    return Contents(root_id, chapter_id, await block("chapter", root_id), await block("html", chapter_id))


UseCase = Callable[[Any, Context], Awaitable[Any]]

USE_CASES: dict[str, UseCase] = {
    "create_block": lambda s, c: create_block(
        c, course_instance_id=s.world.course_instance_id, kind="html", parent_id=s.contents.chapter_id
    ),
    "update_block": lambda s, c: update_block(c, block_id=s.contents.text_id, name="New"),
    "move_block": lambda s, c: move_block(c, block_id=s.contents.text_id, parent_id=s.contents.second_chapter_id),
    "set_block_groups": lambda s, c: set_block_groups(c, block_id=s.contents.text_id, group_ids=[]),
    "delete_block": lambda s, c: delete_block(c, block_id=s.contents.chapter_id),
    "record_completion": lambda s, c: record_completion(
        c, course_instance_id=s.world.course_instance_id, completions=[NewCompletion(s.contents.text_id, 1)]
    ),
    "assess_block": lambda s, c: assess_block(c, block_id=s.contents.chapter_id, category_id=s.work.category_id),
}
