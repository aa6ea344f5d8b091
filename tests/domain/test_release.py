from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.grades.models import GradeChange
from app.domain.grades.service import release_scores
from app.errors import UserErrorCode
from tests.domain.proof import grades, nothing_changes, refused
from tests.factories import University, coursework, handed_in, scored, team

pytestmark = pytest.mark.anyio


async def test_release_of_some(ctx: Context, world: University) -> None:
    work = await coursework(world)
    for learner in (world.student, world.second_student):
        await scored(world.assistant, await handed_in(learner, work), work, Part_A=50, Style=5)
    here: dict[str, Any] = {"assessment_id": work.assessment_id}
    style = work.problem_ids["Style"]
    assert await release_scores(world.instructor, **here, problem_ids=[style], user_ids=[world.student_id]) == 1
    assert (await grades(ctx, work))[world.student_id][1] == 5.0
    assert (await grades(ctx, work))[world.second_student_id][1] is None
    assert await release_scores(world.instructor, **here, problem_ids=[style]) == 1
    assert await release_scores(world.instructor, **here) == 2
    kinds = await ctx.db.fetch(select(GradeChange.kind).order_by(GradeChange.id))
    assert [row[0] for row in kinds] == ["SCORED"] * 2 + ["RELEASED"] * 4
    async with nothing_changes(ctx):
        assert await release_scores(world.instructor, **here) == 0
    assert await release_scores(world.instructor, **here, user_ids=[world.student_id], is_released=False) == 2
    assert {user_id: grade[1] for user_id, grade in (await grades(ctx, work)).items()} == {
        world.student_id: None,
        world.second_student_id: 55.0,
    }


async def test_release_for_one_member_is_release_for_the_group(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    await scored(world.assistant, await handed_in(world.student, work), work, Part_A=50)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_ids": [world.second_student_id]}
    assert await release_scores(world.instructor, **here) == 1
    assert {grade[1] for grade in (await grades(ctx, work)).values()} == {50.0}


async def test_release_names_what_is_there(ctx: Context, world: University) -> None:
    work, other = await coursework(world), await coursework(world, "lab2")
    here: dict[str, Any] = {"assessment_id": work.assessment_id}
    for problem_id in (999_999, 2**70, other.problem_ids["Style"]):
        named = release_scores(world.instructor, **here, problem_ids=[work.problem_ids["Style"], problem_id])
        await refused(ctx, named, UserErrorCode.NOT_FOUND, "problemIds")
    for user_id in (999_999, 2**70, world.loner_id):
        named = release_scores(world.instructor, **here, user_ids=[world.student_id, user_id])
        await refused(ctx, named, UserErrorCode.NOT_FOUND, "userIds")
