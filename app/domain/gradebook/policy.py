"""Who sees the terms of a gradebook: everybody in the course instance; a calculation with its column."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from app.db.base import Base
from app.domain.assessments.policy import deleted_assessments, visible_assessments
from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.policy import attended, staffed
from app.domain.gradebook.models import Calculation, CalculationTerm, GradeNotation, GradeSchema, GradingPeriod
from app.policy import Viewing, exists_unless, exists_with, visibility

exists_unless(GradeSchema.course_instance_id, deleted_course_instances)
exists_unless(GradeNotation.course_instance_id, deleted_course_instances)
exists_unless(GradingPeriod.course_instance_id, deleted_course_instances)
exists_unless(Calculation.assessment_id, deleted_assessments)
exists_with(CalculationTerm, Calculation, Calculation.id == CalculationTerm.calculation_id)


@visibility(GradeSchema)
def schema_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody in the course instance."""
    return _in_course_instance(GradeSchema, viewing)


@visibility(GradeNotation)
def notation_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody in the course instance."""
    return _in_course_instance(GradeNotation, viewing)


@visibility(GradingPeriod)
def period_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody in the course instance."""
    return _in_course_instance(GradingPeriod, viewing)


@visibility(Calculation)
def calculation_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the column (contracts/blackboard.md §7: learners see the formula)."""
    return Calculation.assessment_id.in_(visible_assessments(viewing))


@visibility(CalculationTerm)
def term_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the calculation."""
    return CalculationTerm.calculation_id.in_(select(Calculation.id).where(calculation_visible(viewing)))


def _in_course_instance(model: type[Base], viewing: Viewing) -> ColumnElement[bool]:
    column = model.__table__.c.course_instance_id
    return or_(column.in_(attended(viewing)), column.in_(staffed(viewing)))
