from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.problems import create_problem
from app.domain.attempts.models import AssessmentInstance, Event, InstanceQuestion, Submission
from app.domain.grades.models import ColumnGrade, GradeChange, Score
from app.domain.grades.service import NewScore, score_problems
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University, at, coursework, handed_in, scored

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(days=1)
CODES = UserErrorCode


async def test_a_new_score_starts_unreleased(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    score = NewScore(
        work.problem_ids["Part A"],
        92.5,
        manual_value=2.5,
        feedback=" well\ndone ",
        feedback_data={"a": 1},
        partial_scores={"b": 2},
    )
    assert await score_problems(world.assistant, submission_id=submission, scores=[score]) == submission
    row = await only_row(ctx, Score, await key_of(ctx, Score, submission_id=submission))
    assert (row.problem_id, row.value, row.manual_value) == (work.problem_ids["Part A"], 92.5, 2.5)
    assert (row.is_released, row.grader_id, row.graded_at) == (False, world.assistant_id, NOW)
    assert (row.feedback, row.feedback_data, row.partial_scores) == ("well\ndone", {"a": 1}, {"b": 2})


async def test_overwriting_keeps_what_is_released_and_what_is_not_given(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    part, style = work.problem_ids.values()
    first = [NewScore(part, 50, feedback="f", partial_scores={"b": 2})]
    await score_problems(world.instructor, submission_id=submission, scores=first, release=True)
    again = [NewScore(style, 4), NewScore(part, 60, feedback=None)]
    await score_problems(at(world.assistant, LATER), submission_id=submission, scores=again)
    columns = (Score.problem_id, Score.value, Score.is_released, Score.feedback, Score.partial_scores, Score.grader_id)
    rows = await ctx.db.fetch(select(*columns, Score.graded_at).order_by(Score.problem_id))
    assert [tuple(row) for row in rows] == [
        (part, 60.0, True, None, {"b": 2}, world.assistant_id, LATER),
        (style, 4.0, False, None, None, world.assistant_id, LATER),
    ]
    await score_problems(world.instructor, submission_id=submission, scores=[NewScore(style, 4)], release=True)
    assert [row[0] for row in await ctx.db.fetch(select(Score.is_released))] == [True, True]


@pytest.mark.parametrize(
    ("score", "reason", "field"),
    [
        ({"value": -0.5}, CODES.OUT_OF_RANGE, "value"),
        ({"value": 10.5}, CODES.OUT_OF_RANGE, "value"),
        ({"value": float("nan")}, CODES.INVALID, "value"),
        ({"value": float("inf")}, CODES.INVALID, "value"),
        ({"value": 10**400}, CODES.INVALID, "value"),
        ({"value": 5, "manual_value": 5.5}, CODES.OUT_OF_RANGE, "manualValue"),
        ({"value": 5, "manual_value": -1}, CODES.OUT_OF_RANGE, "manualValue"),
        ({"value": None, "manual_value": 0}, CODES.INVALID, "manualValue"),
        ({"value": 5, "feedback": "\0"}, CODES.INVALID, "feedback"),
        ({"value": 5, "feedback_data": {"a": "\0"}}, CODES.INVALID, "feedbackData"),
        ({"value": 5, "problem_id": 999_999}, CODES.NOT_FOUND, "problemId"),
        ({"value": 5, "problem_id": 2**70}, CODES.NOT_FOUND, "problemId"),
    ],
)
async def test_a_score_that_breaks_a_rule(
    ctx: Context, world: University, score: dict[str, Any], reason: UserErrorCode, field: str
) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    good = NewScore(work.problem_ids["Part A"], 1)
    bad = NewScore(**{"problem_id": work.problem_ids["Style"], **score})
    write = score_problems(world.instructor, submission_id=submission, scores=[good, bad])
    await refused(ctx, write, reason, "scores", "1", field)


async def test_what_is_scored(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    style = NewScore(work.problem_ids["Style"], 1)
    here: dict[str, Any] = {"submission_id": submission}
    await refused(ctx, score_problems(ctx, **here, scores=[]), CODES.REQUIRED, "scores")
    twice = score_problems(ctx, **here, scores=[style, style])
    await refused(ctx, twice, CODES.INVALID, "scores", "1", "problemId")
    one = await handed_in(world.student, work, "Part A")
    other = score_problems(ctx, submission_id=one, scores=[style])
    await refused(ctx, other, CODES.NOT_FOUND, "scores", "0", "problemId")
    await denied(ctx, score_problems(ctx, submission_id=2**40, scores=[style]), NotFound)
    await denied(ctx, score_problems(world.student, **here, scores=[style]), Forbidden)


async def test_bonus_points_raise_the_highest_score(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={"A": 10, "Free": 0}, max_bonus_points=2)
    submission = await handed_in(world.student, work)
    await scored(world.instructor, submission, work, A=12, Free=1000)
    above = score_problems(ctx, submission_id=submission, scores=[NewScore(work.problem_ids["A"], 12.5)])
    await refused(ctx, above, CODES.OUT_OF_RANGE, "scores", "0", "value")


async def test_the_log_tells_of_scoring(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    part, style = work.problem_ids.values()
    question = await key_of(ctx, InstanceQuestion, problem_id=part)
    marks = [NewScore(part, 100, manual_value=40), NewScore(style, None)]
    await score_problems(world.assistant, submission_id=submission, scores=marks)
    own = Event
    events = await ctx.db.fetch(
        select(own.kind, own.instance_question_id, own.submission_id, own.actor_id, own.happened_at, own.data).order_by(
            own.id
        )
    )
    answer = (await only_row(ctx, Submission, submission)).answer
    by_hand = {"correct": True, "score": 1.0, "manual_points": 40.0, "auto_points": 60.0, "submitted_answer": answer}
    points = {"points": 100.0, "max_points": 100.0, "score_perc": 100.0, "correct": True}
    total = {"points": 100.0, "max_points": 110.0, "score_perc": 100 * 100 / 110}
    assert [tuple(row) for row in events] == [
        ("MANUAL_GRADING", question, submission, world.assistant_id, NOW, by_hand),
        ("SCORE_QUESTION", question, submission, world.assistant_id, NOW, points),
        ("SCORE_ASSESSMENT", None, None, world.assistant_id, NOW, total),
    ]
    await score_problems(world.assistant, submission_id=submission, scores=[NewScore(part, 100)])
    assert len(await ctx.db.fetch(select(Event.id))) == 3


async def test_a_problem_made_later_is_scored_too(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    extra = await create_problem(ctx, assessment_id=work.assessment_id, name="Extra", max_points=5)
    await score_problems(world.assistant, submission_id=submission, scores=[NewScore(extra, 4)])
    question = await only_row(ctx, InstanceQuestion, await key_of(ctx, InstanceQuestion, problem_id=extra))
    assert (question.number, question.points, question.highest_submission_score) == (None, 4.0, 0.8)
    sitting = await only_row(ctx, AssessmentInstance, question.assessment_instance_id)
    assert (sitting.points, sitting.max_points) == (4.0, 115.0)


async def test_the_same_score_again_changes_no_grade(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, Part_A=50)
    async with nothing_changes(ctx):
        await scored(world.assistant, submission, work, Part_A=50)
    lower = await handed_in(world.student, work)
    await scored(world.assistant, lower, work, Part_A=40)
    assert len(await ctx.db.fetch(select(GradeChange.id))) == 1
    grade = await only_row(ctx, ColumnGrade, await key_of(ctx, ColumnGrade, user_id=world.student_id))
    assert (grade.points, grade.change_index) == (50.0, 1)


async def test_a_score_may_be_taken_back(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, release=True, Part_A=50)
    await scored(world.assistant, submission, work, Part_A=None)
    grade = await only_row(ctx, ColumnGrade, await key_of(ctx, ColumnGrade, user_id=world.student_id))
    assert (grade.points, grade.released_points, grade.score_perc) == (None, None, None)
    assert (grade.assessment_instance_id, grade.max_points, grade.change_index) == (None, 110.0, 2)
    lines = await ctx.db.fetch(
        select(GradeChange.kind, GradeChange.points_before, GradeChange.points_after).order_by(GradeChange.id)
    )
    assert [tuple(row) for row in lines] == [("SCORED", None, 50.0), ("SCORED", 50.0, None)]
