"""What scoring adds to the event log of an assessment instance (contracts/prairielearn.md §3.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Problem
from app.domain.attempts.models import Event, EventKind, InstanceQuestion
from app.domain.grades.counting import percentage
from app.domain.grades.flow import Flow


async def note_scoring(
    ctx: Context, submissions: Mapping[int, Any], by_hand: Sequence[dict[str, Any]], flow: Flow
) -> None:
    """Log the scores that a person gave and the points of questions and instances that changed by it.

    `submissions` are of different instances, by id; `by_hand` are scores with the parts that people awarded.
    """
    entries = await _by_hand(ctx, submissions, by_hand) if by_hand else []
    sources = {row.assessment_instance_id: key for key, row in submissions.items()}
    for question in flow.questions:
        data = _points(question.points, question.max_points)
        data["correct"] = None if question.points is None else question.points >= question.max_points
        place = _place(question.assessment_instance_id, sources.get(question.assessment_instance_id), question.id)
        entries.append({**place, "kind": EventKind.SCORE_QUESTION, "data": data})
    for instance in flow.instances:
        data = _points(instance.points, instance.max_points)
        entries.append({**_place(instance.id), "kind": EventKind.SCORE_ASSESSMENT, "data": data})
    by = {"happened_at": ctx.now, "actor_id": ctx.principal.user_id}
    if entries:
        await ctx.db.execute(insert(Event), [{**by, **entry} for entry in entries])


def _place(instance_id: int, submission_id: int | None = None, question_id: int | None = None) -> dict[str, Any]:
    return {
        "assessment_instance_id": instance_id,
        "submission_id": submission_id,
        "instance_question_id": question_id,
    }


def _points(points: float | None, max_points: float) -> dict[str, Any]:
    return {"points": points, "max_points": max_points, "score_perc": percentage(points, max_points)}


async def _by_hand(
    ctx: Context, submissions: Mapping[int, Any], scores: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    own = InstanceQuestion.assessment_instance_id
    statement = (
        select(own, InstanceQuestion.problem_id, InstanceQuestion.id, Problem.max_points)
        .select_from(InstanceQuestion)
        .join(Problem, Problem.id == InstanceQuestion.problem_id)
        .where(member_of(own, {row.assessment_instance_id for row in submissions.values()}))
    )
    questions = {(row.assessment_instance_id, row.problem_id): row for row in await ctx.db.fetch(statement)}
    entries = []
    for score in scores:
        submission_id = score["submission_id"]
        submission = submissions[submission_id]
        question = questions[submission.assessment_instance_id, score["problem_id"]]
        fraction = score["value"] / question.max_points if question.max_points else 0.0
        data = {
            "correct": fraction >= 1,
            "score": fraction,
            "manual_points": score["manual_value"],
            "auto_points": score["value"] - score["manual_value"],
            "submitted_answer": submission.answer,
        }
        place = _place(submission.assessment_instance_id, submission_id, question.id)
        entries.append({**place, "kind": EventKind.MANUAL_GRADING, "data": data})
    return entries
