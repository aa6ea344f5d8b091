"""Blocks that are graded: what becomes of them, when they are due, and who sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.access import grant_extension
from app.domain.assessments.models import Assessment, Problem
from app.domain.assessments.pacing import effective_due_dates, missed_deadlines, own_due_dates, paced
from app.domain.assessments.service import create_category, delete_assessment
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.models import Block
from app.domain.blocks.service import create_block, update_block
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.progress.service import reset_deadlines
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.proof import refused
from tests.factories import University, at, university

pytestmark = pytest.mark.anyio
WEEK, DUE = timedelta(weeks=1), NOW + timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter with a subsection of two problems and a text, and a category to grade it by."""

    world: University
    category_id: int
    ids: dict[str, int]

    async def add(self, name: str, kind: str, parent: str | None, **details: Any) -> int:
        """One more block."""
        place = self.world.course_instance_id
        details["parent_id"] = None if parent is None else self.ids[parent]
        self.ids[name] = await create_block(self.world.admin, course_instance_id=place, kind=kind, name=name, **details)
        return self.ids[name]

    async def assess(self, name: str) -> int:
        """Grade a block."""
        return await assess_block(self.world.instructor, block_id=self.ids[name], category_id=self.category_id)


@pytest.fixture
async def chapter(ctx: Context) -> Chapter:
    world = await university(ctx)
    place = world.course_instance_id
    made = Chapter(world, await create_category(ctx, course_instance_id=place, name="Homework", abbreviation="HW"), {})
    await made.add("Course", "course", None)
    await made.add("Chapter", "chapter", "Course")
    await made.add("Set 1", "sequential", "Chapter", due_at=DUE)
    await made.add("Sum", "problem", "Set 1", weight=3.0)
    await made.add("Text", "html", "Set 1")
    await made.add("Product", "problem", "Set 1")
    return made


async def problems_of(ctx: Context, assessment_id: int) -> list[tuple[str, float, int | None]]:
    """(name, points, block) of the problems of an assessment, in order."""
    own = Problem
    statement = select(own.name, own.max_points, own.block_id).where(own.assessment_id == assessment_id)
    return [tuple(row) for row in await ctx.db.fetch(statement.order_by(own.number, own.id))]


async def test_a_block_becomes_an_assessment_with_the_problems_below_it(chapter: Chapter) -> None:
    admin, ids = chapter.world.admin, chapter.ids
    assessment_id = await chapter.assess("Set 1")
    own = Assessment
    columns = (own.title, own.name, own.category_id, own.block_id, own.due_at, own.max_points)
    (row,) = await admin.db.fetch(select(*columns).where(own.id == assessment_id))
    assert tuple(row) == ("Set 1", "Set 1", chapter.category_id, ids["Set 1"], DUE, 4.0)
    expected = [("Sum", 3.0, ids["Sum"]), ("Product", 1.0, ids["Product"])]
    assert await problems_of(admin, assessment_id) == expected
    graded = select(Block.is_graded, Block.format).where(Block.id == ids["Set 1"])
    assert tuple((await admin.db.fetch(graded))[0]) == (True, "Homework")


async def test_it_follows_when_it_is_graded_again(chapter: Chapter) -> None:
    admin, ids = chapter.world.admin, chapter.ids
    assessment_id = await chapter.assess("Set 1")
    await update_block(admin, block_id=ids["Set 1"], name="Set I", due_at=None)
    await update_block(admin, block_id=ids["Sum"], weight=5.0)
    await chapter.add("Quotient", "problem", "Set 1", weight=2.0)
    assert await chapter.assess("Set 1") == assessment_id
    (row,) = await admin.db.fetch(select(Assessment.title, Assessment.due_at, Assessment.max_points))
    assert tuple(row) == ("Set I", None, 8.0)
    assert [points for _, points, _ in await problems_of(admin, assessment_id)] == [5.0, 1.0, 2.0]


async def test_nothing_is_graded_twice(chapter: Chapter) -> None:
    world = chapter.world
    await chapter.assess("Set 1")
    for name in ("Chapter", "Sum"):
        await refused(world.admin, chapter.assess(name), UserErrorCode.INVALID, "blockId")
    place = world.other_course_instance_id
    other = await create_category(world.admin, course_instance_id=place, name="Homework", abbreviation="HW")
    write = assess_block(world.admin, block_id=chapter.ids["Set 1"], category_id=other)
    await refused(world.admin, write, UserErrorCode.NOT_FOUND, "categoryId")


async def test_a_deleted_assessment_frees_its_blocks(chapter: Chapter) -> None:
    admin = chapter.world.admin
    first = await chapter.assess("Set 1")
    await delete_assessment(admin, assessment_id=first)
    assert [block for _, _, block in await problems_of(admin, first)] == [None, None]
    second = await chapter.assess("Set 1")
    (row,) = await admin.db.fetch(select(Assessment.name, Assessment.block_id).where(Assessment.id == second))
    assert tuple(row) == ("Set 1 2", chapter.ids["Set 1"])


async def test_an_assessment_is_seen_with_its_block(chapter: Chapter) -> None:
    world = chapter.world
    assessment_id = await chapter.assess("Set 1")

    async def seen(ctx: Context) -> list[int]:
        return [row[0] for row in await ctx.db.fetch(select(Assessment.id).where(ctx.visible(Assessment)))]

    assert await seen(world.student) == [assessment_id]
    await update_block(world.admin, block_id=chapter.ids["Chapter"], is_staff_only=True)
    assert await seen(world.student) == []
    for ctx in (world.assistant, world.previewer, world.instructor, world.admin):
        assert await seen(ctx) == [assessment_id]


@pytest.mark.parametrize(
    ("weeks", "start_at", "enrolled_at", "expected"),
    [
        (None, NOW, NOW, DUE),
        (2, NOW, None, DUE),
        (2, NOW, NOW - WEEK, NOW + 2 * WEEK),
        (2, NOW, NOW + WEEK, NOW + 3 * WEEK),
        (0, None, NOW, NOW),
        (1, None, NOW.replace(microsecond=9), NOW + WEEK),
        (2**31 - 1, None, NOW, None),
        (1, datetime(9999, 12, 31, tzinfo=UTC), NOW, None),
    ],
)
def test_due_at_ones_own_pace(
    weeks: int | None, start_at: datetime | None, enrolled_at: datetime | None, expected: datetime | None
) -> None:
    assert paced(DUE, weeks, start_at, enrolled_at) == expected


async def test_when_it_is_due_for_whom(chapter: Chapter) -> None:
    world, keys = chapter.world, [chapter.ids["Set 1"], chapter.ids["Text"]]
    assessment_id = await chapter.assess("Set 1")
    assert await own_due_dates(world.student, keys) == [DUE, None]
    await update_block(world.admin, block_id=keys[0], weeks_due=2)
    assert await own_due_dates(world.student, keys) == [DUE, None]
    await update_course_instance(world.admin, course_instance_id=world.course_instance_id, is_self_paced=True)
    begun = await world.admin.db.scalar(select(Enrollment.enrolled_at).where(Enrollment.user_id == world.student_id))
    assert await own_due_dates(world.student, keys) == [begun + 2 * WEEK, None]
    later = NOW + 9 * WEEK
    await grant_extension(world.admin, assessment_id=assessment_id, user_id=world.student_id, due_at=later)
    assert await own_due_dates(world.student, keys) == [later, None]
    assert await own_due_dates(world.second_student, keys) == [begun + 2 * WEEK, None]
    assert await own_due_dates(world.loner, keys) == [None, None]


async def test_what_lies_below_is_due_with_what_is_above(chapter: Chapter) -> None:
    world, keys = chapter.world, [chapter.ids[name] for name in ("Chapter", "Set 1", "Sum", "Text")]
    assessment_id = await chapter.assess("Set 1")
    assert await effective_due_dates(world.student, keys) == [None, DUE, DUE, DUE]
    sooner, later = DUE - WEEK, DUE + WEEK
    await update_block(world.admin, block_id=chapter.ids["Sum"], due_at=sooner)
    await update_block(world.admin, block_id=chapter.ids["Course"], due_at=later)
    assert await effective_due_dates(world.student, keys) == [later, DUE, sooner, DUE]
    await grant_extension(world.admin, assessment_id=assessment_id, user_id=world.student_id)
    assert await effective_due_dates(world.student, keys) == [later, None, sooner, None]
    assert await effective_due_dates(world.second_student, keys) == [later, DUE, sooner, DUE]
    assert await effective_due_dates(world.loner, keys) == [None] * 4


async def test_who_begins_anew_has_all_the_weeks_again(chapter: Chapter) -> None:
    world, key = chapter.world, chapter.ids["Sum"]
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await update_block(world.admin, block_id=chapter.ids["Set 1"], weeks_due=2)
    await update_course_instance(world.admin, **place, is_self_paced=True, start_at=NOW + 4 * WEEK)
    assert await effective_due_dates(world.student, [key]) == [NOW + 6 * WEEK]
    await reset_deadlines(at(world.student, NOW + WEEK), **place)
    assert await effective_due_dates(world.student, [key]) == [NOW + 3 * WEEK]
    assert await own_due_dates(world.student, [chapter.ids["Set 1"]]) == [NOW + 3 * WEEK]
    assert await effective_due_dates(world.second_student, [key]) == [NOW + 6 * WEEK]


async def test_who_is_behind(chapter: Chapter) -> None:
    world, place = chapter.world, chapter.world.course_instance_id
    keys, late = [place, world.other_course_instance_id, 2**30], DUE + timedelta(seconds=1)

    async def behind(ctx: Context, moment: datetime) -> bool:
        found = await missed_deadlines(at(ctx, moment), keys)
        assert found[1:] == [False, False]
        return found[0]

    await chapter.assess("Set 1")
    assert not await behind(world.student, late)
    await update_course_instance(world.admin, course_instance_id=place, is_self_paced=True, end_at=DUE + WEEK)
    assert [await behind(world.student, moment) for moment in (DUE, late, DUE + 2 * WEEK)] == [False, True, False]
    assert not await behind(world.loner, late)
    assert not await behind(world.anonymous, late)
    done = [NewCompletion(chapter.ids[name], 1.0) for name in ("Sum", "Text", "Product")]
    await record_completion(world.student, course_instance_id=place, completions=done)
    assert not await behind(world.student, late)
    assert await behind(world.second_student, late)
