"""Late days and versions take points from grades (contracts/autolab.md §5, decision 0009)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.access import grant_extension
from app.domain.assessments.models import ScoringModel
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion
from app.domain.attempts.service import close_assessment_instance
from app.domain.catalog.models import PenaltyUnit
from app.domain.grades.models import GradeChange
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.service import release_scores
from tests.clock import NOW
from tests.domain.labs import lab, late, points, terms, unchanged_by_recomputing
from tests.domain.proof import grades, key_of, only_row
from tests.factories import University, sat, scored, team

pytestmark = pytest.mark.anyio


async def test_days_late_take_percents_of_the_raw_points(ctx: Context, world: University) -> None:
    await terms(world, version_penalty=5.0)
    work = await lab(world, max_unpenalized_submissions=1)
    await scored(world.assistant, await late(world, work, -1), work, release=True, A=60)
    await scored(world.assistant, await late(world, work, 1.5), work, A=80)
    question = await only_row(ctx, InstanceQuestion, await key_of(ctx, InstanceQuestion))
    assert (question.points, question.released_points) == (80.0, 60.0)
    sitting = await only_row(ctx, AssessmentInstance, await key_of(ctx, AssessmentInstance))
    assert (sitting.points, sitting.score_perc) == (80 - 16 - 5, 59.0)
    assert (sitting.released_points, sitting.released_score_perc) == (60.0, 60.0)
    assert await grades(ctx, work) == {world.student_id: (59.0, 60.0, 59.0, 60.0)}
    await release_scores(world.instructor, assessment_id=work.assessment_id)
    assert await points(world, work) == (59.0, 59.0)


async def test_nothing_is_below_nothing(world: University) -> None:
    await terms(world, late_penalty=30.0, late_penalty_unit=PenaltyUnit.POINTS)
    work = await lab(world)
    await scored(world.assistant, await late(world, work, 2.5), work, release=True, A=80)
    assert await points(world, work) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({}, 80.0),
        ({"late_penalty": 0.0}, 100.0),
        ({"late_penalty": 3.0}, 94.0),
        ({"late_penalty": 1.0, "late_penalty_unit": PenaltyUnit.PERCENT}, 98.0),
        ({"version_penalty": 4.0, "max_unpenalized_submissions": 0}, 76.0),
        ({"version_penalty": 4.0, "max_unpenalized_submissions": -1}, 80.0),
        ({"version_penalty": 4.0}, 80.0),
    ],
)
async def test_an_assessments_own_penalties(world: University, details: dict[str, Any], expected: float) -> None:
    await terms(world)
    work = await lab(world, **details)
    await scored(world.assistant, await late(world, work, 1.5), work, A=100)
    assert await points(world, work) == (expected, None)


async def test_a_penalty_of_another_assessment_costs_nothing_here(world: University) -> None:
    await lab(world, late_penalty=50.0)
    other = await lab(world, "lab2")
    await scored(world.assistant, await late(world, other, 3.5), other, A=100)
    assert await points(world, other) == (100.0, None)


@pytest.mark.parametrize(("slack", "expected"), [(0, 90.0), (59, 90.0), (60, 100.0)])
async def test_slack(world: University, slack: int, expected: float) -> None:
    await terms(world, late_slack_seconds=slack)
    work = await lab(world)
    await scored(world.assistant, await late(world, work, 60 / 86_400), work, A=100)
    assert await points(world, work) == (expected, None)


async def test_an_excuse_is_one_line_of_history(ctx: Context, world: University) -> None:
    await terms(world)
    work = await lab(world)
    await scored(world.assistant, await late(world, work, 1.5), work, A=100)
    made = await exempt_grade(world.instructor, assessment_id=work.assessment_id, user_id=world.student_id)
    rows = await ctx.db.fetch(select(GradeChange.column_grade_id, GradeChange.kind, GradeChange.points_after))
    assert [tuple(row) for row in rows] == [(made, "SCORED", 80.0), (made, "EXEMPTED", 100.0)]
    second: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.second_student_id}
    assert await exempt_grade(world.instructor, **second) is not None
    assert (await grades(ctx, work))[world.second_student_id] == (None, None, None, None)


async def test_only_marked_submissions_count(world: University) -> None:
    """Handing in late costs nothing before somebody has marked it; of the first that counts the others cost nothing."""
    await terms(world)
    work = await lab(world)
    submission = await late(world, work, -1)
    await late(world, work, 3.5)
    await scored(world.assistant, submission, work, A=100)
    assert await points(world, work) == (100.0, None)
    first = await lab(world, "lab2", scoring_model=ScoringModel.FIRST)
    for days, value in ((-1, 90), (3.5, 100)):
        await scored(world.assistant, await late(world, first, days), first, A=value)
    assert await points(world, first) == (90.0, None)


async def test_members_of_a_group_pay_for_themselves(ctx: Context, world: University) -> None:
    """The group's sitting keeps the raw points: one has a grace day left and the other an extension."""
    await terms(world, grace_days=1, version_penalty=1.0, max_unpenalized_submissions=0)
    pairs = await team(world)
    alone = await lab(world)
    work = await lab(world, "lab2", group_set_id=pairs.group_set_id)
    await grant_extension(
        world.instructor, assessment_id=work.assessment_id, user_id=world.second_student_id, due_at=NOW
    )
    await scored(world.assistant, await late(world, work, 2.5), work, release=True, A=100)
    left = {world.student_id: 79.0, world.second_student_id: 99.0}
    assert {key: row[:2] for key, row in (await grades(ctx, work)).items()} == {k: (v, v) for k, v in left.items()}
    sitting = await only_row(ctx, AssessmentInstance, await key_of(ctx, AssessmentInstance, group_id=pairs.group_id))
    assert (sitting.points, sitting.released_points) == (100.0, 100.0)
    await scored(world.assistant, await late(world, alone, 0.5), alone, A=100)
    left[world.student_id] = 69.0
    assert {key: row[0] for key, row in (await grades(ctx, work)).items()} == left
    await override_grade(world.instructor, assessment_id=work.assessment_id, user_id=world.student_id, notes="Late")
    await exempt_grade(world.instructor, assessment_id=alone.assessment_id, user_id=world.student_id)
    left[world.student_id] = 79.0
    assert {key: row[0] for key, row in (await grades(ctx, work)).items()} == left
    await exempt_grade(world.instructor, assessment_id=work.assessment_id, user_id=world.student_id)
    left[world.student_id] = 99.0
    assert {key: row[0] for key, row in (await grades(ctx, work)).items()} == left
    await unchanged_by_recomputing(world, alone, work)


async def test_versions_are_counted_over_all_sittings(ctx: Context, world: University) -> None:
    """The second sitting's first version is the learner's third; the best of both sittings counts."""
    await terms(world, version_penalty=5.0, max_unpenalized_submissions=1)
    work = await lab(world, scoring_model=ScoringModel.HIGHEST)
    for value in (40, 50):
        await scored(world.assistant, await late(world, work, -1), work, A=value)
    await close_assessment_instance(world.student, **await sat(world.student, work))
    await scored(world.assistant, await late(world, work, -0.5), work, A=60)
    own = AssessmentInstance
    assert [tuple(row) for row in await ctx.db.fetch(select(own.number, own.points).order_by(own.number))] == [
        (1, 45.0),
        (2, 50.0),
    ]
    assert await points(world, work) == (50.0, None)
    await unchanged_by_recomputing(world, work)
