"""Whole assessments that are answered and scored at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import QuestionKind
from app.domain.assessments.problems import update_problem
from app.domain.assessments.questions import add_question
from app.domain.assessments.service import update_assessment
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.attempts.service import close_assessment_instance, start_assessment_instance
from app.domain.attempts.submitting import Answer
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.service import drop_enrollment, update_enrollment
from app.domain.grades.answering import submit_answers
from app.domain.grades.models import ColumnGrade, Score
from app.domain.grades.service import release_scores
from app.errors import Forbidden, RuleBroken, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import key_of, refused
from tests.factories import Asked, Coursework, University, at, coursework, quiz, university

pytestmark = pytest.mark.anyio

THREE: dict[str, Asked] = {
    "Q1": (QuestionKind.SINGLE_CHOICE, "a", "abc"),
    "Q2": (QuestionKind.TRUE_FALSE, True, ""),
    "Q3": (QuestionKind.MULTIPLE_CHOICE, ["a", "c"], "abc"),
}
ALL_RIGHT = {"Q1": "a", "Q2": True, "Q3": ["c", "a"]}


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def answered(ctx: Context, work: Coursework, **values: Any) -> int:
    answers = [Answer(work.problem_ids[name], value) for name, value in values.items()]
    return await submit_answers(ctx, assessment_id=work.assessment_id, answers=answers)


async def results_of(ctx: Context, submission_id: int) -> Any:
    return await ctx.db.scalar(select(Submission.results).where(Submission.id == submission_id))


async def test_every_answer_is_scored_at_once(ctx: Context, world: University) -> None:
    work = await quiz(world, THREE, passing_percentage=70)
    made = await answered(world.student, work, Q1="a", Q2=True, Q3=["a"])
    keys = list(work.problem_ids.values())
    common = {"points": 1.0, "max_points": 1.0, "is_correct": True}
    assert await results_of(ctx, made) == {
        "percentage": 66.67,
        "is_passed": False,
        "answers": [
            {"problem_id": keys[0], "answer": "a", **common},
            {"problem_id": keys[1], "answer": True, **common},
            {"problem_id": keys[2], "answer": ["a"], "points": 0.0, "max_points": 1.0, "is_correct": False},
        ],
    }
    scores = await ctx.db.fetch(select(Score.value, Score.is_released, Score.grader_id).order_by(Score.problem_id))
    assert [tuple(row) for row in scores] == [(1.0, True, None), (1.0, True, None), (0.0, True, None)]
    await answered(world.student, work, **ALL_RIGHT)
    grade = (await ctx.db.fetch(select(ColumnGrade.points, ColumnGrade.released_points, ColumnGrade.max_points)))[0]
    assert tuple(grade) == (3.0, 3.0, 3.0)


async def test_what_is_left_out_is_wrong(ctx: Context, world: University) -> None:
    work = await quiz(world, {"Q": (QuestionKind.TRUE_FALSE, False, "")}, passing_percentage=1)
    made = await answered(world.student, work)
    found = await results_of(ctx, made)
    assert (found["percentage"], found["is_passed"], found["answers"][0]["answer"]) == (0.0, False, None)


async def test_exactly_the_mark_passes_and_no_mark_is_no_matter(ctx: Context, world: University) -> None:
    two = {"Q1": THREE["Q1"], "Q2": THREE["Q2"]}
    for mark, passed in ((50, True), (50.001, False), (None, None)):
        work = await quiz(world, two, f"quiz {mark}", passing_percentage=mark)
        found = await results_of(ctx, await answered(world.student, work, Q2=True))
        assert (found["percentage"], found["is_passed"]) == (50.0, passed)


async def test_later_edits_change_no_result(ctx: Context, world: University) -> None:
    work = await quiz(world, THREE, passing_percentage=70)
    made = await answered(world.student, work, **ALL_RIGHT)
    before = await results_of(ctx, made)
    await update_problem(world.instructor, problem_id=work.problem_ids["Q1"], max_points=5.0)
    await update_assessment(world.instructor, assessment_id=work.assessment_id, passing_percentage=100.0)
    added = await add_question(
        world.instructor, assessment_id=work.assessment_id, kind=QuestionKind.NUMERIC, prompt="2?", correct_answer=2
    )
    assert await results_of(ctx, made) == before
    more = Coursework(work.assessment_id, work.category_id, work.problem_ids | {"Q4": added})
    found = await results_of(ctx, await answered(world.student, more, **ALL_RIGHT, Q4="2.0"))
    assert (found["percentage"], len(found["answers"])) == (100.0, 4)


async def test_as_often_as_allowed(ctx: Context, world: University) -> None:
    work = await quiz(world, THREE, max_submissions=2)
    for _ in range(2):
        await answered(world.student, work, **ALL_RIGHT)
    limit = UserErrorCode.LIMIT_REACHED
    await refused(world.student, answered(world.student, work, **ALL_RIGHT), limit, "assessmentId")
    sitting = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    await close_assessment_instance(world.student, assessment_instance_id=sitting)
    with pytest.raises(RuleBroken, match="as often as allowed"):
        await answered(world.student, work, **ALL_RIGHT)
    await update_assessment(world.instructor, assessment_id=work.assessment_id, max_submissions=3)
    await answered(world.student, work, **ALL_RIGHT)
    await answered(world.second_student, work, Q1="b")


async def test_a_time_limit_ends_nothing(ctx: Context, world: University) -> None:
    work = await quiz(world, THREE, time_limit_minutes=30)
    first = await answered(world.student, work, **ALL_RIGHT)
    second = await answered(at(world.student, NOW + timedelta(hours=2)), work, **ALL_RIGHT)
    rows = await ctx.db.fetch(select(Submission.id, Submission.number).order_by(Submission.id))
    assert [tuple(row) for row in rows] == [(first, 1), (second, 2)]
    assert await ctx.db.scalar(select(AssessmentInstance.closes_at)) is None


@pytest.mark.parametrize(
    ("answers", "reason", "field"),
    [
        ([("Q1", "z")], "INVALID", ["answers", "0", "value"]),
        ([("Q1", "a"), ("Q2", "true")], "INVALID", ["answers", "1", "value"]),
        ([("Q1", "a"), ("Q1", "a")], "INVALID", ["answers", "1", "problemId"]),
        ([("Foreign", True)], "NOT_FOUND", ["answers", "0", "problemId"]),
        ([("Huge", True)], "NOT_FOUND", ["answers", "0", "problemId"]),
    ],
)
async def test_answers_that_do_not_fit(
    world: University, answers: list[tuple[str, Any]], reason: str, field: list[str]
) -> None:
    work = await quiz(world, THREE)
    other = await quiz(world, {"Foreign": THREE["Q2"]}, "quiz2")
    await answered(world.student, work)
    keys = work.problem_ids | other.problem_ids | {"Huge": 2**70}
    given = [Answer(keys[name], value) for name, value in answers]
    write = submit_answers(world.student, assessment_id=work.assessment_id, answers=given)
    await refused(world.student, write, UserErrorCode[reason], *field)


async def test_nothing_to_answer(world: University) -> None:
    work = await coursework(world)
    await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    write = submit_answers(world.student, assessment_id=work.assessment_id)
    await refused(world.student, write, UserErrorCode.INVALID, "assessmentId")


@pytest.mark.parametrize("status", [EnrollmentStatus.DROPPED, EnrollmentStatus.COMPLETED])
async def test_only_who_takes_part_answers(world: University, status: EnrollmentStatus) -> None:
    work = await quiz(world, THREE)
    here = {"course_instance_id": world.course_instance_id, "user_id": world.student_id}
    enrollment_id = await key_of(world.admin, Enrollment, **here)
    if status == EnrollmentStatus.DROPPED:
        await drop_enrollment(world.instructor, enrollment_id=enrollment_id)
    else:
        await update_enrollment(world.instructor, enrollment_id=enrollment_id, status=status)
    with pytest.raises(Forbidden):
        await answered(world.student, work, **ALL_RIGHT)


async def test_hidden_scores_hide_the_result(world: University) -> None:
    work = await quiz(world, THREE)
    made = await answered(world.student, work, **ALL_RIGHT)

    async def seen_by(ctx: Context) -> Any:
        statement = select(ctx.readable(Submission.results)).where(ctx.visible(Submission), Submission.id == made)
        found = await ctx.db.scalar(statement)
        return found and found["percentage"]

    assert await seen_by(world.student) == 100.0
    await release_scores(world.instructor, assessment_id=work.assessment_id, is_released=False)
    assert (await seen_by(world.student), await seen_by(world.assistant)) == (None, 100.0)
    assert await seen_by(world.second_student) is None
