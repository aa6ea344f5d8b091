"""A whole assessment is answered and scored by rule at once; the scores are released (contracts/assessments.md §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, Problem, Question
from app.domain.assessments.scoring import SCORED_KINDS, checked_answer, score
from app.domain.attempts.drawing import draw_added
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, Work, submit_for_all
from app.domain.enrollment.models import EnrollmentStatus
from app.domain.enrollment.presence import standing_of
from app.domain.grades.service import MARKED, NewScore, write_scores
from app.domain.identity.policy import may_write
from app.domain.rows import update_row, visible_row
from app.errors import Forbidden, RuleBroken, UserErrorCode

Own = AssessmentInstance
HUNDREDTH = Decimal("0.01")


async def submit_answers(ctx: Context, *, assessment_id: int, answers: Sequence[Answer] = ()) -> int:
    """Answer a whole assessment for oneself; every question that a rule scores is marked at once; the submission's id.

    What is not answered counts as wrong. The sitting is the open one or a new one, without a time limit: there is no
    start. `max_submissions` binds everybody, over all sittings. Who is actively enrolled. Raises NotFound, Forbidden;
    RuleBroken: at `assessmentId` like `start_assessment_instance`, LIMIT_REACHED, and INVALID when there is nothing to
    be answered; at (`answers`, index, …) NOT_FOUND, INVALID.
    """
    may_write(ctx)
    columns = (Assessment.course_instance_id, Assessment.max_submissions, Assessment.passing_percentage)
    assessment = await visible_row(ctx, Assessment, assessment_id, *columns, lock=True)
    ((_, status),) = (await standing_of(ctx, assessment.course_instance_id, [ctx.user_id], "assessmentId")).values()
    if status != EnrollmentStatus.ACTIVE:
        raise Forbidden("only who is actively enrolled may answer")
    instance_id = await _sitting(ctx, assessment_id)
    await _require_attempt(ctx, assessment_id, instance_id, assessment.max_submissions)
    problems = await _problems(ctx, instance_id)
    if not problems:
        raise RuleBroken(UserErrorCode.INVALID, "the assessment has no questions", "assessmentId")
    given = _given(problems, answers)
    work = Work([Answer(key, given.get(key)) for key in problems])
    made = await submit_for_all(ctx, instance_id, work, "assessmentId")
    results = [_result(problem, given.get(key)) for key, problem in problems.items()]
    scores = [NewScore(each["problem_id"], each["points"]) for each in results]
    handed_in = member_of(Submission.id, made)
    summary = {"results": _summary(results, assessment.passing_percentage)}
    await ctx.db.execute(update(Submission).where(handed_in).values(summary))
    rows = await ctx.db.fetch(select(Submission.id, *MARKED).where(handed_in))
    await write_scores(ctx, {row.id: row for row in rows}, scores, release=True, grader_id=None)
    return made[0]


async def _sitting(ctx: Context, assessment_id: int) -> int:
    """The caller's open sitting; a new one has no time limit. It asks every problem that there is by now."""
    last = await ctx.db.scalar(select(func.max(Own.id)).where(Own.assessment_id == assessment_id))
    found = await start_assessment_instance(ctx, assessment_id=assessment_id)
    if found > (last or 0):
        await update_row(ctx, Own, found, {"closes_at": None})
    else:
        await draw_added(ctx, assessment_id, found)
    return found


async def _require_attempt(ctx: Context, assessment_id: int, instance_id: int, limit: int | None) -> None:
    if limit is None:
        return
    owner = (await ctx.db.fetch(select(Own.user_id, Own.group_id).where(Own.id == instance_id)))[0]
    whose = Own.group_id == owner.group_id if owner.user_id is None else Own.user_id == owner.user_id
    handed_in = (
        select(func.count(Submission.id))
        .join(Own, Own.id == Submission.assessment_instance_id)
        .where(Own.assessment_id == assessment_id, whose)
    )
    if await ctx.db.scalar(handed_in) >= limit:
        raise RuleBroken(UserErrorCode.LIMIT_REACHED, "handed in as often as allowed", "assessmentId")


async def _problems(ctx: Context, instance_id: int) -> dict[int, Any]:
    """The problems of a sitting that a rule scores, with their questions, in order, by id."""
    asked = (Question.kind, Question.choices, Question.correct_answer, Question.options)
    statement = (
        select(Problem.id, Problem.max_points, *asked)
        .select_from(InstanceQuestion)
        .join(Problem, Problem.id == InstanceQuestion.problem_id)
        .join(Question, Question.id == Problem.question_id)
        .where(InstanceQuestion.assessment_instance_id == instance_id, Question.kind.in_(SCORED_KINDS))
        .order_by(Problem.number, Problem.id)
    )
    return {row.id: row for row in await ctx.db.fetch(statement)}


def _given(problems: Mapping[int, Any], answers: Sequence[Answer]) -> dict[int, Any]:
    """The answers by problem. Null is no answer."""
    found: dict[int, Any] = {}
    for index, each in enumerate(answers):
        path = ("answers", str(index))
        if each.problem_id not in problems:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "not a question of this assessment", *path, "problemId")
        if each.problem_id in found:
            raise RuleBroken(UserErrorCode.INVALID, "the question is answered twice", *path, "problemId")
        problem = problems[each.problem_id]
        is_given = each.value is not None
        found[each.problem_id] = (
            checked_answer(problem.kind, problem.choices, each.value, *path, "value") if is_given else None
        )
    return found


def _result(problem: Any, answer: Any) -> dict[str, Any]:
    correct = (problem.correct_answer or {}).get("answer")
    is_correct = score(problem.kind, correct, problem.options, answer)
    return {
        "problem_id": problem.id,
        "answer": answer,
        "is_correct": is_correct,
        "points": problem.max_points if is_correct else 0.0,
        "max_points": problem.max_points,
    }


def _summary(results: Sequence[dict[str, Any]], passing_percentage: float | None) -> dict[str, Any]:
    """What `Submission.results` holds. The percentage is rounded half up to 2 decimals, passing is not rounded."""
    earned = sum(Decimal(each["points"]) for each in results)
    possible = sum(Decimal(each["max_points"]) for each in results)
    share = 100 * earned / possible if possible else Decimal(0)
    passed = None if passing_percentage is None else 100 * earned >= Decimal(passing_percentage) * possible
    rounded = float(share.quantize(HUNDREDTH, ROUND_HALF_UP))
    return {"percentage": rounded, "is_passed": passed, "answers": list(results)}
