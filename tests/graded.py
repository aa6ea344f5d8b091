"""Of a university: graded blocks of an assignment type, and the policy that makes course grades of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.domain.assessments.models import GradingType, Problem
from app.domain.assessments.service import create_assessment, create_category
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.service import create_block
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_schema
from tests.factories import Coursework, University

RUN = "uni+EE210+f24"
PASS = (Symbol("Pass", 50.0, 100.0), Symbol("F", 0.0, 50.0))


def block_key(kind: str, name: str) -> str:
    """The key of a block of the first course instance."""
    return f"block-v1:{RUN}+type@{kind}+block@{name}"


@dataclass(frozen=True, slots=True)
class Graded:
    """Homework of a problem of two points each in one chapter, and a text; ids of blocks by name."""

    world: University
    category_id: int
    total_id: int
    blocks: dict[str, int]
    sets: list[Coursework]

    @property
    def first(self) -> Coursework:
        """The first homework."""
        return self.sets[0]


async def graded(
    world: University, *names: str, min_count: int = 1, drops: int = 0, cutoffs: Sequence[Symbol] = PASS
) -> Graded:
    """The homework of these names, which is all that counts; the final column is `total`."""
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    blocks: dict[str, int] = {}

    async def block(kind: str, name: str, parent: str | None) -> int:
        where: dict[str, Any] = {**place, "parent_id": blocks.get(parent or ""), "usage_key": block_key(kind, name)}
        blocks[name] = await create_block(world.admin, kind=kind, name=name.capitalize(), weight=2.0, **where)
        return blocks[name]

    await block("course", "course", None)
    await block("chapter", "chapter", "course")
    category = await create_category(world.admin, **place, name="Homework", abbreviation="HW")
    sets: list[Coursework] = []
    for name in names or ("set",):
        key = await block("sequential", name, "chapter")
        await block("problem", f"{name}-problem", name)
        assessment = await assess_block(world.admin, block_id=key, category_id=category)
        problem = await world.admin.db.scalar(select(Problem.id).where(Problem.assessment_id == assessment))
        sets.append(Coursework(assessment, category, {"problem": problem}))
    await block("html", "text", "chapter")
    total = await _total(world, category, min_count, drops, cutoffs)
    return Graded(world, category, total, blocks, sets)


async def _total(world: University, category_id: int, min_count: int, drops: int, cutoffs: Sequence[Symbol]) -> int:
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    scale: dict[str, Any] = {"scale_type": ScaleType.TABULAR, "symbols": cutoffs}
    schema = await create_grade_schema(world.admin, **place, title="Cut-offs", **scale)
    told: dict[str, Any] = {"category_id": category_id, "name": "total", "title": "Total", "max_points": 100.0}
    told |= {"grading_type": GradingType.CALCULATED, "is_external_grade": True, "grade_schema_id": schema}
    column = await create_assessment(world.admin, **place, **told)
    terms = [Term(category_id, weight=100.0, min_count=min_count, drop_lowest=drops)]
    how: dict[str, Any] = {"kind": CalculationKind.WEIGHTED_TOTAL, "is_running": False, "terms": terms}
    return await set_calculation(world.admin, assessment_id=column, **how)
