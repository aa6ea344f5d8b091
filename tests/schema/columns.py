"""Of the semester's gradebook: a hidden column, calculated ones, a schema, a notation, a period."""

from __future__ import annotations

from typing import Any

from app.domain.assessments.models import GradingType
from app.domain.assessments.service import create_assessment, delete_assessment
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_notation, create_grade_schema, create_grading_period
from app.domain.grades.overrides import override_grade
from tests.factories import University


async def set_columns(world: University, category_id: int) -> None:
    """hidden1, a column of which learners see nothing; sum1 and gone2, computed from all labs; gone2 is deleted."""
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await set_terms(world, world.course_instance_id)
    columns = {}
    for name, kind in (
        ("hidden1", GradingType.MANUAL),
        ("sum1", GradingType.CALCULATED),
        ("gone2", GradingType.CALCULATED),
    ):
        told: dict[str, Any] = {"name": name, "title": name, "grading_type": kind, "is_visible": name != "hidden1"}
        columns[name] = await create_assessment(world.admin, **place, category_id=category_id, max_points=10.0, **told)
    for name in ("sum1", "gone2"):
        terms = [Term(category_id=category_id)]
        await set_calculation(world.admin, assessment_id=columns[name], kind=CalculationKind.TOTAL, terms=terms)
    grade: dict[str, Any] = {"assessment_id": columns["hidden1"], "user_id": world.student_id}
    await override_grade(world.instructor, **grade, points=5.0)
    await delete_assessment(world.admin, assessment_id=columns["gone2"])


async def set_terms(world: University, course_instance_id: int) -> None:
    """A schema of letters, a notation, a period."""
    place: dict[str, Any] = {"course_instance_id": course_instance_id}
    letters = [Symbol("A", 90.0, 100.0), Symbol("B", 0.0, 90.0)]
    await create_grade_schema(world.admin, **place, title="Letters", scale_type=ScaleType.TABULAR, symbols=letters)
    await create_grade_notation(world.admin, **place, code="I")
    await create_grading_period(world.admin, **place, title="Autumn")
