"""Which grades: the filter and the orders of lists and of subscriptions."""

from __future__ import annotations

from app.domain.grades.models import ColumnGrade
from schema.core.filters import Columns
from schema.core.scalars import BigInt

COLUMN_GRADES = Columns(
    "ColumnGrade",
    ColumnGrade.id,
    ColumnGrade.course_instance_id,
    ColumnGrade.assessment_id,
    ColumnGrade.user_id,
    ColumnGrade.points,
    ColumnGrade.released_points,
    ColumnGrade.is_exempt,
    ColumnGrade.change_index,
    ColumnGrade.overridden_at,
    ColumnGrade.first_relevant_at,
    ColumnGrade.last_relevant_at,
    orders=(ColumnGrade.id, ColumnGrade.assessment_id, ColumnGrade.user_id, ColumnGrade.change_index),
    change_index=BigInt,
)
