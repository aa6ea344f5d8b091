"""What a gradebook has besides grades, once of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.assessments.models import GradingType
from app.domain.assessments.service import create_assessment
from app.domain.gradebook.models import ScaleType
from app.domain.gradebook.service import create_grade_notation, create_grade_schema, create_grading_period
from tests.factories import Coursework, University


@dataclass(frozen=True, slots=True)
class Terms:
    """Of the gradebook: a schema, a notation, a period, and a column that can be calculated."""

    schema_id: int
    notation_id: int
    period_id: int
    total_id: int


async def terms(world: University, work: Coursework) -> Terms:
    """All of them."""
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    total: dict[str, Any] = {**here, "category_id": work.category_id, "name": "total", "title": "Total"}
    return Terms(
        schema_id=await create_grade_schema(world.admin, **here, title="Percent", scale_type=ScaleType.PERCENT),
        notation_id=await create_grade_notation(world.admin, **here, code="I"),
        period_id=await create_grading_period(world.admin, **here, title="First half"),
        total_id=await create_assessment(world.admin, **total, grading_type=GradingType.CALCULATED),
    )
