"""To whom the statistics of an assessment are shown, and of which grades (contracts/blackboard.md §4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.domain.assessments.service import update_assessment
from app.domain.grades.service import release_scores
from tests.factories import Coursework, University, anonymous, coursework, handed_in, scored, university
from tests.schema.client import ask, execute

pytestmark = pytest.mark.anyio

DOCUMENT = "query ($id: Int!) { assessment(by: {databaseId: $id}) { statistics { count mean } } }"


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def lab(world: University, **details: Any) -> Coursework:
    """An assessment of 110 points: sam has 55, posted, sue 11, not posted."""
    work = await coursework(world, **details)
    await scored(world.assistant, await handed_in(world.student, work), work, release=True, Part_A=55)
    await scored(world.assistant, await handed_in(world.second_student, work), work, Part_A=11)
    return work


async def told(ctx: Context, work: Coursework) -> Any:
    """The statistics as somebody is told them."""
    return (await ask(ctx, DOCUMENT, id=work.assessment_id))["assessment"]["statistics"]


async def test_learners_are_told_where_it_is_allowed_of_what_is_posted(world: University) -> None:
    work = await lab(world)
    assert [await told(who, work) for who in (world.student, world.second_student)] == [None, None]
    await update_assessment(world.instructor, assessment_id=work.assessment_id, shows_statistics=True)
    posted, every = {"count": 1, "mean": 50.0}, {"count": 2, "mean": 30.0}
    assert [await told(who, work) for who in (world.student, world.second_student)] == [posted, posted]
    assert [await told(who, work) for who in (world.assistant, world.instructor, world.admin)] == [every] * 3
    await release_scores(world.instructor, assessment_id=work.assessment_id)
    assert await told(world.student, work) == every
    await update_assessment(world.instructor, assessment_id=work.assessment_id, shows_statistics=False)
    assert await told(world.student, work) is None
    assert await told(world.instructor, work) == every


async def test_who_does_not_see_the_column_is_told_nothing(world: University) -> None:
    work = await lab(world, shows_statistics=True)
    for stranger in (world.outsider, world.loner):
        assert await ask(stranger, DOCUMENT, id=work.assessment_id) == {"assessment": None}
    answer = await execute(anonymous(world.loner), DOCUMENT, {"id": work.assessment_id})
    assert answer.codes == ["UNAUTHENTICATED"]
    await update_assessment(world.instructor, assessment_id=work.assessment_id, is_visible=False)
    assert await ask(world.student, DOCUMENT, id=work.assessment_id) == {"assessment": None}
    assert await told(world.assistant, work) == {"count": 2, "mean": 30.0}
