"""The latest submission of a learner, and of their group, is scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.service import update_assessment
from app.domain.attempts.models import Event
from app.domain.grades.latest import score_latest_submission
from app.domain.grades.models import ColumnGrade, Score
from app.domain.grades.service import NewScore
from app.domain.groups.service import delete_group
from app.errors import UserErrorCode
from tests.domain.proof import refused
from tests.factories import Coursework, Team, University, coursework, handed_in, scored, team

pytestmark = pytest.mark.anyio

CODES = UserErrorCode


async def mark(ctx: Context, work: Coursework, user_id: int, *values: float | None, with_group: bool = False) -> int:
    """Score the first problems of somebody's latest submission."""
    keys = list(work.problem_ids.values())[: len(values)]
    scores = [NewScore(key, value) for key, value in zip(keys, values, strict=True)]
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": user_id}
    return await score_latest_submission(ctx, **here, scores=scores, with_group=with_group)


async def marks(ctx: Context) -> list[tuple[int, float | None]]:
    """(submission, points) of all scores."""
    rows = await ctx.db.fetch(select(Score.submission_id, Score.value).order_by(Score.submission_id, Score.problem_id))
    return [(row[0], row[1]) for row in rows]


async def in_turn(world: University, work: Coursework, pairs: Team, *who: Context | None) -> list[int]:
    """Submissions of these people alone, None for the pair's, one after another; the ids."""
    made = []
    for each in who:
        group_set_id = pairs.group_set_id if each is None else None
        await update_assessment(world.admin, assessment_id=work.assessment_id, group_set_id=group_set_id)
        made.append(await handed_in(each or world.second_student, work))
    await update_assessment(world.admin, assessment_id=work.assessment_id, group_set_id=pairs.group_set_id)
    return made


async def test_the_last_of_several_is_scored(ctx: Context, world: University) -> None:
    work = await coursework(world)
    first, last = [await handed_in(world.student, work) for _ in range(2)]
    await handed_in(world.second_student, work)
    await scored(world.instructor, first, work, Part_A=1.0)
    assert await mark(world.assistant, work, world.student_id, 5.0, None) == work.assessment_id
    assert await marks(ctx) == [(first, 1.0), (last, 5.0), (last, None)]
    assert await ctx.db.scalar(select(ColumnGrade.points).where(ColumnGrade.user_id == world.student_id)) == 5.0


async def test_the_groups_work_counts_as_ones_own_while_there_is_the_group(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world)
    own, theirs = await in_turn(world, work, pairs, world.student, None)
    await mark(world.instructor, work, world.student_id, 5.0)
    assert await marks(ctx) == [(theirs, 5.0)]
    await delete_group(world.instructor, group_id=pairs.group_id)
    await mark(world.instructor, work, world.student_id, 7.0)
    assert await marks(ctx) == [(own, 7.0), (theirs, 5.0)]


async def test_every_member_is_scored_once(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world)
    together, alone = await in_turn(world, work, pairs, None, world.second_student)
    await mark(world.instructor, work, world.student_id, 5.0)
    assert await marks(ctx) == [(together, 5.0)]
    await mark(world.instructor, work, world.student_id, 6.0, with_group=True)
    assert await marks(ctx) == [(together, 6.0), (alone, 6.0)]
    events = select(Event.submission_id, Event.kind).where(Event.kind == "SCORE_QUESTION").order_by(Event.id)
    logged = [row.submission_id for row in await ctx.db.fetch(events)]
    assert logged == [together, together, alone]
    grades = await ctx.db.fetch(select(ColumnGrade.user_id, ColumnGrade.points).order_by(ColumnGrade.user_id))
    assert [tuple(row) for row in grades] == [(world.student_id, 6.0), (world.second_student_id, 6.0)]


async def test_a_mate_without_work_is_passed_over(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world)
    (own,) = await in_turn(world, work, pairs, world.student)
    await mark(world.instructor, work, world.student_id, 5.0, with_group=True)
    assert await marks(ctx) == [(own, 5.0)]
    nothing = mark(world.instructor, work, world.second_student_id, 5.0, with_group=True)
    await refused(ctx, nothing, CODES.NOT_FOUND, "userId")


async def broken(ctx: Context, work: Coursework, user_id: int, scores: Sequence[NewScore]) -> int:
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": user_id}
    return await score_latest_submission(ctx, **here, scores=scores, with_group=True)


async def test_what_breaks_a_rule_scores_nobody(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work, other = await coursework(world), await coursework(world, "lab2")
    await in_turn(world, work, pairs, world.student, world.second_student)
    part, foreign = work.problem_ids["Part A"], other.problem_ids["Part A"]
    good = NewScore(part, 5.0)
    style = work.problem_ids["Style"]
    cases: list[tuple[list[NewScore], UserErrorCode, list[str]]] = [
        ([], CODES.REQUIRED, ["scores"]),
        ([good, good], CODES.INVALID, ["scores", "1", "problemId"]),
        ([good, NewScore(foreign, 1.0)], CODES.NOT_FOUND, ["scores", "1", "problemId"]),
        ([good, NewScore(2**70, 1.0)], CODES.NOT_FOUND, ["scores", "1", "problemId"]),
        ([good, NewScore(style, 10.5)], CODES.OUT_OF_RANGE, ["scores", "1", "value"]),
        ([good, NewScore(style, -1.0)], CODES.OUT_OF_RANGE, ["scores", "1", "value"]),
        ([good, NewScore(style, float("nan"))], CODES.INVALID, ["scores", "1", "value"]),
        ([good, NewScore(style, 5.0, manual_value=6.0)], CODES.OUT_OF_RANGE, ["scores", "1", "manualValue"]),
    ]
    for scores, reason, field in cases:
        await refused(ctx, broken(world.instructor, work, world.student_id, scores), reason, *field)
    for user_id in (999_999, 2**70, world.loner_id):
        await refused(ctx, broken(world.instructor, work, user_id, [good]), CODES.NOT_FOUND, "userId")
