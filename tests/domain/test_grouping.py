"""In which groups an assessment is done."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.grouping import set_assessment_groups
from app.domain.assessments.models import Assessment
from app.domain.groups.models import GroupSet
from app.domain.groups.service import create_group_set, update_group_set
from app.errors import NotFound, UserErrorCode
from tests.domain.proof import denied, only_row, refused
from tests.factories import Coursework, University, coursework, team

pytestmark = pytest.mark.anyio


async def set_of(ctx: Context, work: Coursework) -> tuple[str, int, int, bool]:
    """Name, smallest and largest size, and who makes groups, of the assessment's set."""
    key = await ctx.db.scalar(select(Assessment.group_set_id).where(Assessment.id == work.assessment_id))
    row = await only_row(ctx, GroupSet, key)
    return row.name, row.min_size, row.max_size, row.is_self_assigned


async def said(ctx: Context, work: Coursework, max_size: int, is_self_assigned: bool = False) -> int:
    return await set_assessment_groups(
        ctx, assessment_id=work.assessment_id, max_size=max_size, is_self_assigned=is_self_assigned
    )


async def test_an_assessment_gets_a_set_of_its_own_and_keeps_it(ctx: Context, world: University) -> None:
    work = await coursework(world)
    assert await said(world.instructor, work, 3, is_self_assigned=True) == work.assessment_id
    assert await set_of(ctx, work) == ("lab1", 1, 3, True)
    await said(world.instructor, work, 1)
    assert await set_of(ctx, work) == ("lab1", 1, 1, False)
    assert len(await ctx.db.fetch(select(GroupSet.id))) == 1


async def test_a_set_is_called_after_the_assessment_unless_one_is_called_so(ctx: Context, world: University) -> None:
    work, other = await coursework(world), await coursework(world, "lab2")
    for name in ("LAB1", "lab1 2", "lab2"):
        await create_group_set(ctx, course_instance_id=world.course_instance_id, name=name, max_size=2)
    await create_group_set(ctx, course_instance_id=world.other_course_instance_id, name="lab1 3", max_size=2)
    await said(world.instructor, work, 2)
    await said(world.instructor, other, 2)
    assert [(await set_of(ctx, each))[0] for each in (work, other)] == ["lab1 3", "lab2 2"]


async def test_a_shared_set_changes_for_all(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    other = await coursework(world, "lab2", group_set_id=pairs.group_set_id)
    await said(world.instructor, work, 5)
    assert await set_of(ctx, other) == ("Pairs", 1, 5, False)


@pytest.mark.parametrize(("has_set", "size"), [(False, 0), (False, -1), (False, 2**40), (True, 0), (True, 1)])
async def test_sizes_that_cannot_be(ctx: Context, world: University, has_set: bool, size: int) -> None:
    pairs = await team(world)
    await update_group_set(ctx, group_set_id=pairs.group_set_id, min_size=2)
    work = await coursework(world, group_set_id=pairs.group_set_id if has_set else None)
    await refused(ctx, said(world.instructor, work, size), UserErrorCode.OUT_OF_RANGE, "maxSize")


@pytest.mark.parametrize("assessment_id", [999_999, 0, 2**70])
async def test_an_assessment_that_is_not_there(ctx: Context, world: University, assessment_id: int) -> None:
    write = set_assessment_groups(ctx, assessment_id=assessment_id, max_size=2, is_self_assigned=False)
    await denied(ctx, write, NotFound)
