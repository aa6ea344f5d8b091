"""Completion: what counts, how it adds up, where one goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from app.context import Context
from app.domain.blocks.completion import NewCompletion, completions_of, record_completion
from app.domain.blocks.queries import resume_blocks
from app.domain.blocks.service import create_block, update_block
from app.errors import Forbidden, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, refused
from tests.factories import University, at, university

pytestmark = pytest.mark.anyio
LATER = NOW.replace(microsecond=1)


@dataclass(frozen=True, slots=True)
class Unit:
    """A course of a unit with a text, a film and a talk, and of an empty unit."""

    world: University
    ids: dict[str, int]

    async def said(self, ctx: Context, **fractions: float) -> None:
        """Say how much of blocks has been done."""
        given = [NewCompletion(self.ids[name], fraction) for name, fraction in fractions.items()]
        await record_completion(ctx, course_instance_id=self.world.course_instance_id, completions=given)

    async def shown(self, ctx: Context) -> dict[str, float | None]:
        """What somebody has done of each block."""
        return dict(zip(self.ids, await completions_of(ctx, list(self.ids.values())), strict=True))


@pytest.fixture
async def unit(ctx: Context) -> Unit:
    world = await university(ctx)
    ids: dict[str, int] = {}
    for name, kind, parent in (
        ("course", "course", None),
        ("unit", "vertical", "course"),
        ("text", "html", "unit"),
        ("film", "video", "unit"),
        ("talk", "discussion", "unit"),
    ):
        place: dict[str, Any] = {"parent_id": None if parent is None else ids[parent]}
        here = world.course_instance_id
        ids[name] = await create_block(world.admin, course_instance_id=here, kind=kind, name=name, **place)
    return Unit(world, ids)


async def test_a_unit_is_complete_when_all_in_it_but_talks_is(unit: Unit) -> None:
    student = unit.world.student
    nothing = {"course": 0.0, "unit": 0.0, "text": 0.0, "film": 0.0, "talk": None}
    assert await unit.shown(student) == nothing
    await unit.said(student, text=1, film=0.25)
    assert await unit.shown(student) == {**nothing, "text": 1.0, "film": 0.25}
    await unit.said(student, film=1)
    assert await unit.shown(student) == {"course": 1.0, "unit": 1.0, "text": 1.0, "film": 1.0, "talk": None}
    assert await unit.shown(unit.world.second_student) == nothing
    await unit.said(student, film=0)
    assert await unit.shown(student) == {**nothing, "text": 1.0}


async def test_what_one_does_not_see_does_not_count(unit: Unit) -> None:
    student = unit.world.student
    await unit.said(student, text=1)
    await update_block(unit.world.admin, block_id=unit.ids["film"], is_staff_only=True)
    expected = {"course": 1.0, "unit": 1.0, "text": 1.0, "film": None, "talk": None}
    assert await unit.shown(student) == expected
    assert await unit.shown(unit.world.anonymous) == dict.fromkeys(expected)


async def test_one_goes_on_where_one_was_last(unit: Unit) -> None:
    student, here = unit.world.student, [unit.world.course_instance_id]
    assert await resume_blocks(student, here) == [None]
    await unit.said(student, film=0.5)
    await unit.said(at(student, LATER), text=1)
    (found,) = await resume_blocks(student, here)
    assert (found.id, found.name) == (unit.ids["text"], "text")
    await unit.said(at(student, LATER.replace(microsecond=2)), film=0.75)
    (found,) = await resume_blocks(student, here)
    assert found.id == unit.ids["film"]
    assert await resume_blocks(unit.world.second_student, here) == [None]


async def test_what_is_refused(unit: Unit) -> None:
    world, student = unit.world, unit.world.student
    here = world.course_instance_id
    elsewhere = await create_block(world.admin, course_instance_id=world.other_course_instance_id, kind="course")
    for block_id, fraction, code, field in (
        (elsewhere, 1.0, UserErrorCode.NOT_FOUND, "blockId"),
        (unit.ids["unit"], 1.0, UserErrorCode.INVALID, "blockId"),
        (unit.ids["text"], 1.5, UserErrorCode.OUT_OF_RANGE, "completion"),
        (unit.ids["text"], -0.1, UserErrorCode.OUT_OF_RANGE, "completion"),
    ):
        given = [NewCompletion(unit.ids["film"], 1.0), NewCompletion(block_id, fraction)]
        write = record_completion(student, course_instance_id=here, completions=given)
        await refused(student, write, code, "completions", "1", field)


async def test_only_administrators_speak_for_others(unit: Unit) -> None:
    world = unit.world
    said: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.student_id}
    done = [NewCompletion(unit.ids["text"], 1.0)]
    for ctx in (world.second_student, world.assistant, world.instructor):
        await denied(ctx, record_completion(ctx, **said, completions=done), Forbidden)
    await record_completion(world.admin, **said, completions=done)
    assert (await unit.shown(world.student))["text"] == 1.0
