"""What scoring adds to the event log of an assessment instance (contracts/prairielearn.md §3.9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from app.context import Context
from app.domain.assessments.models import Problem
from app.domain.attempts.models import Event, EventKind, InstanceQuestion
from app.domain.grades.counting import percentage
from app.domain.grades.flow import Flow


async def note_scoring(
    ctx: Context, submission_id: int, submission: Any, by_hand: Sequence[dict[str, Any]], flow: Flow
) -> None:
    """Log the scores that a person gave and the points of questions and instances that changed by it."""
    entries = await _by_hand(ctx, submission, by_hand) if by_hand else []
    for question in flow.questions:
        data = _points(question.points, question.max_points)
        data["correct"] = None if question.points is None else question.points >= question.max_points
        entries.append({"kind": EventKind.SCORE_QUESTION, "instance_question_id": question.id, "data": data})
    for instance in flow.instances:
        data = _points(instance.points, instance.max_points)
        entries.append({"kind": EventKind.SCORE_ASSESSMENT, "instance_question_id": None, "data": data})
    common = {
        "assessment_instance_id": submission.assessment_instance_id,
        "happened_at": ctx.now,
        "actor_id": ctx.principal.user_id,
    }
    rows = [{**common, "submission_id": None, **entry} for entry in entries]
    for row in rows:
        row["submission_id"] = None if row["kind"] == EventKind.SCORE_ASSESSMENT else submission_id
    if rows:
        await ctx.db.execute(insert(Event), rows)


def _points(points: float | None, max_points: float) -> dict[str, Any]:
    return {"points": points, "max_points": max_points, "score_perc": percentage(points, max_points)}


async def _by_hand(ctx: Context, submission: Any, scores: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    statement = (
        select(InstanceQuestion.problem_id, InstanceQuestion.id, Problem.max_points)
        .select_from(InstanceQuestion)
        .join(Problem, Problem.id == InstanceQuestion.problem_id)
        .where(InstanceQuestion.assessment_instance_id == submission.assessment_instance_id)
    )
    questions = {row.problem_id: row for row in await ctx.db.fetch(statement)}
    entries = []
    for score in scores:
        question = questions[score["problem_id"]]
        fraction = score["value"] / question.max_points if question.max_points else 0.0
        data = {
            "correct": fraction >= 1,
            "score": fraction,
            "manual_points": score["manual_value"],
            "auto_points": score["value"] - score["manual_value"],
            "submitted_answer": submission.answer,
        }
        entries.append({"kind": EventKind.MANUAL_GRADING, "instance_question_id": question.id, "data": data})
    return entries
