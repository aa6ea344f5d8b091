"""The tree of a course instance: where blocks stand, who sees them, what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.service import create_category
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.models import Block, BlockPath
from app.domain.blocks.service import create_block, delete_block, move_block, set_block_groups, update_block
from app.domain.enrollment.offerings import update_course_instance
from app.domain.groups.service import create_group, create_group_set
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.proof import refused
from tests.factories import University, university

pytestmark = pytest.mark.anyio
RUN = "block-v1:uni+EE210+f24+type@"


@dataclass(frozen=True, slots=True)
class Course:
    """A root with the chapters A (of A1, A2) and B, by name."""

    world: University
    ids: dict[str, int]

    @property
    def admin(self) -> Context:
        return self.world.admin

    async def add(self, name: str, parent: str, ordinal: int | None = None, **details: Any) -> int:
        """One more block below another."""
        place: dict[str, Any] = {"parent_id": self.ids[parent], "ordinal": ordinal}
        here = self.world.course_instance_id
        self.ids[name] = await create_block(
            self.admin, course_instance_id=here, kind="html", name=name, **place, **details
        )
        return self.ids[name]

    async def outline(self) -> list[tuple[str, int]]:
        """(name, depth) in the order of the course, whose positions count from 0."""
        rows = await self.admin.db.fetch(select(Block.name, Block.depth, Block.position).order_by(Block.position))
        assert [row.position for row in rows] == list(range(len(rows)))
        return [(row.name, row.depth) for row in rows]

    async def above(self, name: str) -> list[str]:
        """What a block lies below, itself first."""
        path = BlockPath
        statement = select(Block.name).join(path, path.ancestor_id == Block.id).where(path.block_id == self.ids[name])
        return [row[0] for row in await self.admin.db.fetch(statement.order_by(path.distance))]

    async def seen(self, ctx: Context) -> str:
        """The names of the blocks that somebody sees."""
        rows = await ctx.db.fetch(select(Block.name).where(ctx.visible(Block)).order_by(Block.position))
        return " ".join(row[0] for row in rows)


@pytest.fixture
async def course(ctx: Context) -> Course:
    world = await university(ctx)
    root = await create_block(world.admin, course_instance_id=world.course_instance_id, kind="course", name="Root")
    made = Course(world, {"Root": root})
    for name, parent in (("A", "Root"), ("B", "Root"), ("A1", "A"), ("A2", "A")):
        await made.add(name, parent)
    return made


async def test_blocks_stand_in_the_order_of_the_course(course: Course) -> None:
    assert await course.outline() == [("Root", 0), ("A", 1), ("A1", 2), ("A2", 2), ("B", 1)]
    await course.add("A0", "A", ordinal=0)
    await course.add("B1", "B")
    assert await course.outline() == [("Root", 0), ("A", 1), ("A0", 2), ("A1", 2), ("A2", 2), ("B", 1), ("B1", 2)]
    assert await course.above("A0") == ["A0", "A", "Root"]


async def test_a_block_moves_with_all_below_it(course: Course) -> None:
    await move_block(course.admin, block_id=course.ids["A"], parent_id=course.ids["B"])
    assert await course.outline() == [("Root", 0), ("B", 1), ("A", 2), ("A1", 3), ("A2", 3)]
    assert await course.above("A2") == ["A2", "A", "B", "Root"]
    await move_block(course.admin, block_id=course.ids["A2"], parent_id=course.ids["A"], ordinal=0)
    assert [name for name, _ in await course.outline()] == ["Root", "B", "A", "A2", "A1"]


async def test_a_block_goes_with_all_below_it(course: Course) -> None:
    await delete_block(course.admin, block_id=course.ids["A"])
    assert await course.outline() == [("Root", 0), ("B", 1)]
    assert len(await course.admin.db.fetch(select(BlockPath.id))) == 3


async def test_what_is_refused(course: Course) -> None:
    admin, ids, here = course.admin, course.ids, course.world.course_instance_id
    there = await create_block(admin, course_instance_id=course.world.other_course_instance_id, kind="course")
    below: dict[str, Any] = {"course_instance_id": here, "parent_id": ids["A"]}
    again = create_block(admin, course_instance_id=here, kind="course")
    await refused(admin, again, UserErrorCode.REQUIRED, "parentId")
    strange = create_block(admin, course_instance_id=here, kind="html", parent_id=there)
    await refused(admin, strange, UserErrorCode.NOT_FOUND, "parentId")
    await refused(admin, create_block(admin, **below, kind="a b"), UserErrorCode.INVALID, "kind")
    await refused(admin, create_block(admin, **below, kind="html", ordinal=3), UserErrorCode.OUT_OF_RANGE, "ordinal")
    await refused(admin, create_block(admin, **below, kind="html", weight=-1.0), UserErrorCode.OUT_OF_RANGE, "weight")
    itself = move_block(admin, block_id=ids["A"], parent_id=ids["A1"])
    await refused(admin, itself, UserErrorCode.INVALID, "parentId")
    root = move_block(admin, block_id=ids["Root"], parent_id=ids["A"])
    await refused(admin, root, UserErrorCode.INVALID, "blockId")
    far = set_block_groups(admin, block_id=ids["A"], group_ids=[999])
    await refused(admin, far, UserErrorCode.NOT_FOUND, "groupIds", "0")


@pytest.mark.parametrize(
    "key",
    [
        "junk",
        f"{RUN}video+block@x",
        "block-v1:uni+EE210+f25+type@html+block@x",
        "block-v1:other+EE210+f24+type@html+block@x",
    ],
)
async def test_a_key_is_of_the_kind_and_the_run(course: Course, key: str) -> None:
    below: dict[str, Any] = {"course_instance_id": course.world.course_instance_id, "parent_id": course.ids["A"]}
    made = create_block(course.admin, **below, kind="html", usage_key=key)
    await refused(course.admin, made, UserErrorCode.INVALID, "usageKey")


async def test_keys_are_given_or_made(course: Course) -> None:
    key = f"{RUN}html+block@intro"
    given = await course.add("C", "B", usage_key=key)
    made = await course.add("D", "B")
    rows = await course.admin.db.fetch(select(Block.id, Block.usage_key).where(Block.id.in_([given, made])))
    keys = {row.id: row.usage_key for row in rows}
    assert keys[given] == key
    assert (keys[made][:-32], len(keys[made])) == (f"{RUN}html+block@", len(RUN) + len("html+block@") + 32)
    below: dict[str, Any] = {"course_instance_id": course.world.course_instance_id, "parent_id": course.ids["A"]}
    taken = create_block(course.admin, **below, kind="html", usage_key=key)
    await refused(course.admin, taken, UserErrorCode.TAKEN, "usageKey")


async def test_what_a_block_keeps_closed_is_closed_below_it(course: Course) -> None:
    world, ids = course.world, course.ids
    assert await course.seen(world.student) == "Root A A1 A2 B"
    await update_block(world.instructor, block_id=ids["A"], start_at=NOW + timedelta(seconds=1))
    await update_block(world.instructor, block_id=ids["B"], is_staff_only=True)
    assert await course.seen(world.student) == "Root"
    for ctx in (world.assistant, world.previewer, world.instructor, world.admin):
        assert await course.seen(ctx) == "Root A A1 A2 B"
    for ctx in (world.outsider, world.loner, world.anonymous):
        assert await course.seen(ctx) == ""
    await update_block(world.instructor, block_id=ids["A"], start_at=NOW)
    assert await course.seen(world.student) == "Root A A1 A2"


async def test_groups_of_each_set_must_be_met(course: Course) -> None:
    """A is for red or green, A1 for big as well: sam is red and big, sue is green."""
    world, ids, groups = course.world, course.ids, {}
    members = {"red": [world.student_id], "green": [world.second_student_id], "big": [world.student_id], "small": []}
    for name, words in (("colour", ("red", "green")), ("size", ("big", "small"))):
        here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "name": name}
        group_set_id = await create_group_set(world.admin, **here, max_size=5)
        for word in words:
            groups[word] = await create_group(world.admin, group_set_id=group_set_id, name=word, user_ids=members[word])
    await set_block_groups(world.instructor, block_id=ids["A"], group_ids=[groups["red"], groups["green"]])
    await set_block_groups(world.instructor, block_id=ids["A1"], group_ids=[groups["big"]])
    assert await course.seen(world.student) == "Root A A1 A2 B"
    assert await course.seen(world.second_student) == "Root A A2 B"
    await set_block_groups(world.instructor, block_id=ids["A"], group_ids=[groups["red"]])
    assert await course.seen(world.second_student) == "Root B"
    await set_block_groups(world.instructor, block_id=ids["A"], group_ids=[])
    assert await course.seen(world.second_student) == "Root A A2 B"


async def test_guests_see_what_is_open_where_they_may_look(course: Course) -> None:
    world = course.world
    await update_block(world.admin, block_id=course.ids["B"], is_staff_only=True)
    await update_course_instance(world.admin, course_instance_id=world.course_instance_id, allows_guests=True)
    assert await course.seen(world.loner) == "Root A A1 A2"
    assert await course.seen(world.anonymous) == ""


async def test_what_is_assessed_cannot_be_deleted(course: Course) -> None:
    admin, here = course.admin, course.world.course_instance_id
    category_id = await create_category(admin, course_instance_id=here, name="Homework", abbreviation="HW")
    await assess_block(admin, block_id=course.ids["A1"], category_id=category_id)
    message = await refused(admin, delete_block(admin, block_id=course.ids["A"]), UserErrorCode.IN_USE, "blockId")
    assert message == "assessments refer to it or to what is below it"
