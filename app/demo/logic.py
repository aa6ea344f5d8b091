"""Logic and Argument, next spring: prepared, and not yet open."""

from __future__ import annotations

from typing import Any

from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY, SPRING_2027, THURSDAY
from app.demo.plans import Part, Plan, set_assessments
from app.demo.stage import Scene, Stage

PLACE, TEACHER = "phil110-s27", "cwhitfield"


def _dates(first: int, last: int) -> dict[str, Any]:
    return {
        "start_at": SPRING_2027.at(first, MONDAY, "08:00"),
        "due_at": SPRING_2027.at(last, FRIDAY, "23:59"),
        "end_at": SPRING_2027.at(last + 1, FRIDAY, "23:59"),
    }


PLANS = (
    Plan(
        "essay01",
        "What is an argument?",
        "HW",
        (
            Part("Thesis", 10.0, details={"max_manual_points": 10.0, "description": "One sentence."}),
            Part("Reasons", 30.0, details={"max_manual_points": 30.0, "description": "Two pages at most."}),
        ),
        details={**_dates(3, 5), "weight": 40.0, "module": "Argument", "description": "A first essay."},
    ),
    Plan(
        "essay02",
        "A fallacy of your choice",
        "HW",
        (Part("Essay", 40.0, details={"max_manual_points": 40.0, "description": "Find it, name it, mend it."}),),
        details={**_dates(9, 12), "weight": 60.0, "module": "Fallacies", "description": "A second essay."},
    ),
)


async def prepare(stage: Stage) -> None:
    """The two essays."""
    await set_assessments(stage, TEACHER, PLACE, "PHIL110", PLANS)


SCENES = (Scene(AUTUMN_2026.at(10, THURSDAY, "15:00"), prepare),)
