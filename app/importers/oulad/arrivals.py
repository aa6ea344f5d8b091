"""New marks: staged in a temporary table once, spread over six tables by the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, Table, insert, literal, null, select

from app.context import Context
from app.db.base import Base
from app.db.bulk import Advance, allocate, staged
from app.db.types import Instant
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.grades.history import draw
from app.domain.grades.models import ChangeKind, ColumnGrade, GradeChange, Score
from app.importers.merge import table_of
from app.importers.oulad.assessments import MAX_POINTS

if TYPE_CHECKING:
    from app.importers.oulad.marks import Mark

IDS = {
    "instance_id": AssessmentInstance,
    "question_id": InstanceQuestion,
    "submission_id": Submission,
    "score_id": Score,
    "grade_id": ColumnGrade,
    "change_id": GradeChange,
}
STAGE = Table(
    "arriving_marks",
    MetaData(),
    Column("assessment_id", Integer),
    Column("user_id", Integer),
    Column("course_instance_id", Integer),
    Column("problem_id", Integer),
    Column("submitted_at", Instant()),
    Column("is_late", Boolean),
    Column("is_banked", Boolean),
    Column("value", Float),
    Column("manual_value", Float),
    Column("change_index", Integer),
    *(Column(name, Integer) for name in IDS),
    prefixes=["TEMPORARY"],
)


async def insert_marks(ctx: Context, marks: Sequence[Mark], advance: Advance) -> None:
    """Insert marks of (assessment, user) pairs of which nothing is stored yet, with all that follows from them."""
    if not marks:
        return
    drawn = [await allocate(ctx.db, table_of(model), len(marks)) for model in IDS.values()]
    last = await draw(ctx, len(marks))
    indexes = range(last - len(marks) + 1, last + 1)
    rows = [(*mark, *ids) for mark, *ids in zip(marks, indexes, *drawn, strict=True)]
    async with staged(ctx.db, STAGE, STAGE.columns.keys(), rows):
        for model, values in _spread(ctx).items():
            chosen = select(*values.values())
            if model is Score:
                chosen = chosen.where(STAGE.c.value.is_not(None))
            await ctx.db.execute(insert(model).from_select(list(values), chosen))
    advance(len(marks))


def _spread(ctx: Context) -> dict[type[Base], dict[str, Any]]:
    """The columns of each table in terms of the stage's; a table comes after those that it refers to."""
    c = STAGE.c
    points = {"points": c.value, "released_points": c.value}
    percentages = {"score_perc": c.value, "released_score_perc": c.value}  # of 100 points
    place = {"assessment_id": c.assessment_id, "course_instance_id": c.course_instance_id, "user_id": c.user_id}
    instance = {
        **{"id": c.instance_id, **place, **points, **percentages, "max_points": literal(MAX_POINTS)},
        **{"is_open": literal(False), "closed_at": c.submitted_at},
        **{"started_at": c.submitted_at, "modified_at": c.submitted_at},
    }
    grade = {
        **{"id": c.grade_id, **place, **points, **percentages, "max_points": literal(MAX_POINTS)},
        **{"assessment_instance_id": c.instance_id, "change_index": c.change_index},
        **{"first_relevant_at": c.submitted_at, "last_relevant_at": c.submitted_at},
    }
    change = {
        **{"id": c.change_id, "column_grade_id": c.grade_id, "change_index": c.change_index},
        **{"kind": literal(ChangeKind.IMPORTED.value), "changed_by_id": literal(ctx.principal.user_id, Integer)},
        **{"changed_at": literal(ctx.now, Instant()), "points_before": null(), "points_after": c.value},
    }
    return {
        AssessmentInstance: instance,
        InstanceQuestion: _question(points),
        Submission: _submission(),
        Score: _score(),
        ColumnGrade: grade,
        GradeChange: change,
    }


def _question(points: dict[str, Any]) -> dict[str, Any]:
    c, fraction = STAGE.c, STAGE.c.value / MAX_POINTS
    return {
        **{"id": c.question_id, "assessment_instance_id": c.instance_id, "problem_id": c.problem_id},
        **{"number": literal(1), **points, "manual_points": c.manual_value},
        **{"highest_submission_score": fraction, "last_submission_score": fraction},
        "number_attempts": c.value.is_not(None).cast(Integer),
    }


def _submission() -> dict[str, Any]:
    c = STAGE.c
    return {
        **{"id": c.submission_id, "assessment_instance_id": c.instance_id, "instance_question_id": c.question_id},
        **{"course_instance_id": c.course_instance_id, "submitted_by_id": c.user_id, "number": literal(1)},
        **{"submitted_at": c.submitted_at, "is_late": c.is_late, "is_banked": c.is_banked},
    }


def _score() -> dict[str, Any]:
    c = STAGE.c
    return {
        **{"id": c.score_id, "submission_id": c.submission_id, "problem_id": c.problem_id},
        **{"value": c.value, "manual_value": c.manual_value},
        **{"is_released": literal(True), "graded_at": c.submitted_at},
    }
