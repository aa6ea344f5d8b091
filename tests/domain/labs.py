"""Labs with due dates, handed in so many days late, in a course where that costs points."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment, ScoringModel
from app.domain.catalog.models import PenaltyUnit
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.service import recompute_grades
from tests.clock import NOW
from tests.domain.proof import grades, nothing_changes
from tests.factories import Coursework, University, at, coursework, handed_in

DAY = timedelta(days=1)
DUE = NOW - 20 * DAY
PROBLEM = {"A": 100.0}
LABS = {"lab1": 0, "lab2": 7, "lab3": 14}
LAST = ScoringModel.LAST


async def lab(world: University, name: str = "lab1", **details: Any) -> Coursework:
    """An assessment that is due so many days after DUE; the last version counts."""
    due_at = DUE + LABS[name] * DAY
    return await coursework(world, name, PROBLEM, **{"due_at": due_at, "scoring_model": LAST, **details})


async def terms(world: University, **details: Any) -> None:
    """What the course instance says: by default ten percent for each day late."""
    penalty: dict[str, Any] = {"late_penalty": 10.0, "late_penalty_unit": PenaltyUnit.PERCENT}
    await update_course_instance(world.admin, course_instance_id=world.course_instance_id, **(penalty | details))


async def late(world: University, work: Coursework, days: float, who: Context | None = None) -> int:
    """A submission that comes so many days after the due date."""
    due_at = await world.admin.db.scalar(select(Assessment.due_at).where(Assessment.id == work.assessment_id))
    return await handed_in(at(who or world.student, due_at + timedelta(days=days)), work)


async def points(world: University, work: Coursework) -> Any:
    """(all, released) points of the student's grade."""
    return (await grades(world.admin, work))[world.student_id][:2]


async def unchanged_by_recomputing(world: University, *works: Coursework) -> None:
    async with nothing_changes(world.admin):
        for work in works:
            await recompute_grades(world.instructor, assessment_id=work.assessment_id)
