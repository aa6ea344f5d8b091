"""What learners see of scores that are not released yet: nothing, however they ask."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion
from app.domain.grades.models import ColumnGrade, Score
from app.domain.grades.service import NewScore, score_problems
from tests.factories import Coursework, University, coursework, handed_in

pytestmark = pytest.mark.anyio

Own = InstanceQuestion
SECRETS: dict[type[Any], list[Any]] = {
    Score: [Score.value, Score.manual_value, Score.feedback],
    InstanceQuestion: [
        Own.points,
        Own.released_points,
        Own.manual_points,
        Own.highest_submission_score,
        Own.last_submission_score,
    ],
    AssessmentInstance: [AssessmentInstance.points, AssessmentInstance.score_perc],
    ColumnGrade: [ColumnGrade.points, ColumnGrade.score_perc],
}


async def seen(ctx: Context) -> dict[str, list[tuple[Any, ...]]]:
    """What a caller reads in the columns that betray scores."""
    found = {}
    for model, columns in SECRETS.items():
        statement = select(*map(ctx.readable, columns)).where(ctx.visible(model)).order_by(model.id)
        found[model.__name__] = [tuple(row) for row in await ctx.db.fetch(statement)]
    return found


async def mark(world: University, work: Coursework, value: float, *, release: bool) -> None:
    submission = await handed_in(world.student, work)
    given = NewScore(work.problem_ids["A"], value, manual_value=value, feedback=f"{value:g}")
    await score_problems(world.assistant, submission_id=submission, scores=[given], release=release)


@pytest.mark.parametrize("value", [0, 7])
async def test_an_unreleased_score_is_not_seen(ctx: Context, world: University, value: float) -> None:
    work = await coursework(world, problems={"A": 10})
    await mark(world, work, value, release=False)
    assert await seen(world.student) == {
        "Score": [(None, None, None)],
        "InstanceQuestion": [(None, None, None, None, None)],
        "AssessmentInstance": [(None, None)],
        "ColumnGrade": [(None, None)],
    }
    assert await seen(world.second_student) == {name: [] for name in (model.__name__ for model in SECRETS)}
    fraction, percent = value / 10, 10.0 * value
    assert await seen(world.assistant) == {
        "Score": [(value, value, f"{value:g}")],
        "InstanceQuestion": [(value, None, value, fraction, fraction)],
        "AssessmentInstance": [(value, percent)],
        "ColumnGrade": [(value, percent)],
    }


@pytest.mark.parametrize("later", [2, 5, 9])
async def test_a_released_score_does_not_betray_a_later_one(ctx: Context, world: University, later: float) -> None:
    work = await coursework(world, problems={"A": 10})
    await mark(world, work, 5, release=True)
    assert (await seen(world.student))["InstanceQuestion"] == [(5.0, 5.0, 5.0, 0.5, 0.5)]
    await mark(world, work, later, release=False)
    assert await seen(world.student) == {
        "Score": [(5.0, 5.0, "5"), (None, None, None)],
        "InstanceQuestion": [(5.0, 5.0, None, None, None)],
        "AssessmentInstance": [(5.0, 50.0)],
        "ColumnGrade": [(5.0, 50.0)],
    }
