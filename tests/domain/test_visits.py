"""Visits and bookmarks: where one was last, what one wants to find again; what becomes of them with the block."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.context import Context
from app.domain.blocks.models import Block, BlockVisit, Bookmark
from app.domain.blocks.queries import ancestors
from app.domain.blocks.service import create_block, delete_block, update_block
from app.domain.blocks.visits import create_bookmark, current_children, delete_bookmark, visit_block
from app.errors import NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, refused
from tests.factories import University, at, university

pytestmark = pytest.mark.anyio
TREE = (
    ("course", None),
    ("one", "course"),
    ("first", "one"),
    ("text", "first"),
    ("second", "one"),
    ("film", "second"),
    ("two", "course"),
)


@dataclass(frozen=True, slots=True)
class Course:
    """Two chapters, the first of two units."""

    world: University
    ids: dict[str, int]

    async def current(self, ctx: Context) -> dict[str, str]:
        """The child of each block in which somebody was last."""
        names = {key: name for name, key in self.ids.items()}
        found = await current_children(ctx, list(self.ids.values()))
        return {name: names[row.id] for name, row in zip(self.ids, found, strict=True) if row is not None}

    async def visit(self, name: str, minutes: int = 0, visited_at: datetime | None = None) -> None:
        """The student is at a block so many minutes after the tests' moment."""
        ctx = at(self.world.student, NOW + timedelta(minutes=minutes))
        assert await visit_block(ctx, block_id=self.ids[name], visited_at=visited_at) == self.ids[name]


@pytest.fixture
async def course(ctx: Context) -> Course:
    world, ids = await university(ctx), dict[str, int]()
    for name, parent in TREE:
        place: dict[str, Any] = {"parent_id": None if parent is None else ids[parent], "kind": "html"}
        ids[name] = await create_block(world.admin, course_instance_id=world.course_instance_id, name=name, **place)
    return Course(world, ids)


async def test_where_one_was_last_below_each_block(course: Course) -> None:
    student = course.world.student
    assert await course.current(student) == {}
    await course.visit("text")
    assert await course.current(student) == {"course": "one", "one": "first", "first": "text"}
    await course.visit("second", 1)
    assert await course.current(student) == {"course": "one", "one": "second", "first": "text"}
    await course.visit("two", 2)
    assert await course.current(student) == {"course": "two", "one": "second", "first": "text"}
    await course.visit("text", 3)
    assert await course.current(student) == {"course": "one", "one": "first", "first": "text"}
    for ctx in (course.world.second_student, course.world.instructor, course.world.anonymous):
        assert await course.current(ctx) == {}


async def test_what_is_older_than_the_last_visit_changes_nothing(course: Course) -> None:
    student = course.world.student
    await course.visit("text", 5)
    await course.visit("film", 6, NOW + timedelta(minutes=4))
    assert await course.current(student) == {"course": "one", "one": "first", "first": "text"}
    await course.visit("film", 7, NOW + timedelta(days=9))
    assert (await course.current(student))["one"] == "second"
    own = BlockVisit
    rows = await student.db.fetch(select(own.block_id, own.visited_at).order_by(own.id))
    moments = [NOW + timedelta(minutes=minutes) for minutes in (5, 7)]
    expected = [(course.ids["text"], moments[0]), (course.ids["film"], moments[1])]
    assert [tuple(row) for row in rows] == expected
    await refused(
        student,
        visit_block(student, block_id=course.ids["text"], visited_at=NOW.replace(tzinfo=None)),
        UserErrorCode.INVALID,
        "visitedAt",
    )


async def test_what_one_does_not_see_is_no_place(course: Course) -> None:
    world = course.world
    await course.visit("film")
    await update_block(world.admin, block_id=course.ids["second"], is_staff_only=True)
    assert await course.current(world.student) == {"course": "one"}
    for write in (visit_block(world.student, block_id=course.ids["film"]), visit_block(world.loner, block_id=2**70)):
        await denied(world.student, write, NotFound)


async def test_the_blocks_above(course: Course) -> None:
    keys = [course.ids[name] for name in ("text", "two", "course")]
    found = await ancestors(course.world.student, keys)
    assert [[row.name for row in rows] for rows in found] == [["course", "one", "first"], ["course"], []]


async def test_a_block_is_marked_once(course: Course) -> None:
    student, block_id = course.world.student, course.ids["text"]
    first = await create_bookmark(student, block_id=block_id)
    assert await create_bookmark(at(student, NOW + timedelta(days=1)), block_id=block_id) == first
    other = await create_bookmark(course.world.second_student, block_id=block_id)
    for ctx in (course.world.second_student, course.world.instructor):
        await denied(ctx, delete_bookmark(ctx, bookmark_id=first), NotFound)
    assert await delete_bookmark(student, bookmark_id=first) == first
    await denied(student, delete_bookmark(student, bookmark_id=first), NotFound)
    assert [row[0] for row in await student.db.fetch(select(Bookmark.id))] == [other]


async def test_at_most_a_hundred_bookmarks(course: Course) -> None:
    student, place = course.world.student, course.world.course_instance_id
    here: dict[str, Any] = {"course_instance_id": place, "user_id": course.world.student_id, "created_at": NOW}
    parent = course.ids["two"]
    values = {"course_instance_id": place, "parent_id": parent, "kind": "html", "position": 99, "depth": 2}
    texts = [{**values, "usage_key": f"text {number}", "created_at": NOW, "updated_at": NOW} for number in range(99)]
    await student.db.execute(insert(Block), texts)
    keys = await student.db.fetch(select(Block.id).where(Block.position == 99))
    await student.db.execute(insert(Bookmark), [{**here, "block_id": row[0]} for row in keys])
    hundredth = await create_bookmark(student, block_id=parent)
    await refused(
        student, create_bookmark(student, block_id=course.ids["text"]), UserErrorCode.LIMIT_REACHED, "blockId"
    )
    assert await create_bookmark(student, block_id=parent) == hundredth
    assert await create_bookmark(course.world.second_student, block_id=parent) > hundredth


async def test_they_go_with_the_block(course: Course) -> None:
    student = course.world.student
    await course.visit("text")
    await create_bookmark(student, block_id=course.ids["text"])
    kept = await create_bookmark(student, block_id=course.ids["two"])
    await delete_block(course.world.instructor, block_id=course.ids["one"])
    assert [row[0] for row in await student.db.fetch(select(Bookmark.id))] == [kept]
    assert await student.db.fetch(select(BlockVisit.id)) == []
