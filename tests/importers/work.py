"""What is stored of a learner's work on an assessment."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.grades.models import ColumnGrade, GradeChange, Score
from app.domain.identity.models import User

INSTANCE = (
    *("number", "is_open", "points", "released_points", "max_points", "score_perc", "released_score_perc"),
    *("started_at", "modified_at", "closed_at"),
)
QUESTION = (
    *("number", "points", "released_points", "manual_points", "highest_submission_score", "last_submission_score"),
    "number_attempts",
)
SUBMISSION = ("number", "submitted_at", "is_late", "is_banked", "answer", "credit")
SCORE = ("value", "manual_value", "is_released", "graded_at")
GRADE = (
    *("points", "released_points", "max_points", "score_perc", "released_score_perc", "is_exempt"),
    *("first_relevant_at", "last_relevant_at"),
)
CHANGE = ("kind", "changed_by_id", "changed_at", "points_before", "points_after")


async def id_of(ctx: Context, model: Any, assessment: str, username: str) -> int:
    """The id of a learner's instance or grade."""
    statement = select(model.id).join(Assessment, Assessment.id == model.assessment_id)
    statement = statement.join(User, User.id == model.user_id)
    found: int = await ctx.db.scalar(statement.where(Assessment.name == assessment, User.username == username))
    return found


async def work_of(ctx: Context, assessment: str, username: str) -> dict[str, Any]:
    """The rows of all tables as tuples in the order of the column names above, without ids; the first submission."""
    instance_id = await id_of(ctx, AssessmentInstance, assessment, username)
    grade_id = await id_of(ctx, ColumnGrade, assessment, username)
    first = select(Submission.id).where(Submission.assessment_instance_id == instance_id, Submission.number == 1)
    submission_id = await ctx.db.scalar(first)
    return {
        "instance": await _one(ctx, AssessmentInstance, INSTANCE, id=instance_id),
        "question": await _one(ctx, InstanceQuestion, QUESTION, assessment_instance_id=instance_id),
        "submission": await _one(ctx, Submission, SUBMISSION, id=submission_id),
        "score": await _one(ctx, Score, SCORE, submission_id=submission_id),
        "grade": await _one(ctx, ColumnGrade, GRADE, id=grade_id),
        "history": await _all(ctx, GradeChange, CHANGE, column_grade_id=grade_id),
    }


async def _one(ctx: Context, model: Any, names: tuple[str, ...], **where: Any) -> Any:
    found = await _all(ctx, model, names, **where)
    return found[0] if found else None


async def _all(ctx: Context, model: Any, names: tuple[str, ...], **where: Any) -> list[Any]:
    statement = select(*(getattr(model, name) for name in names)).filter_by(**where).order_by(model.id)
    return [tuple(row) for row in await ctx.db.fetch(statement)]
