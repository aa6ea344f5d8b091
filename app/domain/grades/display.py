"""Grades as their columns show them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.gradebook.models import GradeSchema, ScaleType
from app.domain.gradebook.scales import DisplayGrade, shown
from app.domain.grades.models import ColumnGrade


async def display_grades(ctx: Context, keys: Sequence[int]) -> list[DisplayGrade | None]:
    """For each column grade id what its column's schema makes of the points that the caller sees. One statement."""
    own = ColumnGrade
    statement = (
        select(own.id, func.coalesce(GradeSchema.scale_type, ScaleType.SCORE), GradeSchema.symbols)
        .add_columns(ctx.readable(own.points), ctx.readable(own.max_points), ctx.readable(own.score_perc))
        .join(Assessment, Assessment.id == own.assessment_id)
        .outerjoin(GradeSchema, GradeSchema.id == Assessment.grade_schema_id)
        .where(member_of(own.id, keys), ctx.visible(own))
    )
    found = {row[0]: shown(row[1], row[2] or (), *row[3:]) for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]
