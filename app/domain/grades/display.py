"""Grades as their columns show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, GradingType
from app.domain.gradebook.models import GradeNotation, GradeSchema, ScaleType
from app.domain.gradebook.scales import DisplayGrade, shown
from app.domain.grades.models import ColumnGrade

POSTED = {
    ColumnGrade.points: ColumnGrade.released_points,
    ColumnGrade.max_points: func.coalesce(ColumnGrade.released_max_points, ColumnGrade.max_points),
    ColumnGrade.score_perc: ColumnGrade.released_score_perc,
}
"""What a calculated grade is without what learners do not see yet."""


async def display_grades(
    ctx: Context, keys: Sequence[int], includes_unposted: bool = True
) -> list[DisplayGrade | None]:
    """For each column grade id what its column's schema makes of what the caller sees of it. One statement.

    A notation stands for the grade, then an override that is a text. Without `includes_unposted` calculated grades are
    what is posted comes to, for everybody (contracts/blackboard.md §5.6).
    """
    own, notation = ColumnGrade, GradeNotation
    numbers: list[Any] = [ctx.readable(each) for each in POSTED]
    if not includes_unposted:
        is_calculated = Assessment.grading_type == GradingType.CALCULATED
        numbers = [case((is_calculated, POSTED[each]), else_=ctx.readable(each)) for each in POSTED]
    statement = (
        select(own.id, func.coalesce(GradeSchema.scale_type, ScaleType.SCORE), GradeSchema.symbols, *numbers)
        .add_columns(func.coalesce(notation.description, notation.code, own.override_text))
        .join(Assessment, Assessment.id == own.assessment_id)
        .outerjoin(GradeSchema, GradeSchema.id == Assessment.grade_schema_id)
        .outerjoin(notation, notation.id == own.grade_notation_id)
        .where(member_of(own.id, keys), ctx.visible(own))
    )
    found = {row[0]: shown(row[1], row[2] or (), *row[3:]) for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]
