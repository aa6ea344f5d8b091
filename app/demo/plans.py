"""What is assessed, as data, and how it gets into the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select

from app.context import Context
from app.demo.chance import uuid_of
from app.demo.stage import Stage
from app.domain.assessments.access import AccessRule, set_assessment_access_rules
from app.domain.assessments.models import Assessment, Problem, Question, QuestionKind, Zone
from app.domain.assessments.service import create_assessment, create_category
from app.domain.assessments.zones import counted, zones_of
from app.domain.attempts.drawing import drawn_of
from app.domain.rows import insert_row, update_row

CATEGORIES = {
    "HW": ("Homework", "Homeworks", "green1"),
    "L": ("Lab", "Labs", "blue2"),
    "Q": ("Quiz", "Quizzes", "turquoise1"),
    "P": ("Project", "Projects", "purple1"),
    "E": ("Exam", "Exams", "brown1"),
    "A": ("Attendance", "Attendance and totals", "gray2"),
}
UNSAID: Mapping[str, Any] = {
    "description": "",
    "max_manual_points": 0.0,
    "points_by_try": None,
    "alternative_group": None,
    "alternatives_chosen": None,
    "is_optional": False,
    "is_starred": False,
}


@dataclass(frozen=True, slots=True)
class Draw:
    """A question as it may be drawn: its parameters, and the right answer to it (any JSON)."""

    params: Mapping[str, Any]
    right: Any


@dataclass(frozen=True, slots=True)
class Item:
    """A question of a course's bank, the ways to draw it, and answers to it that are wrong."""

    name: str
    title: str
    topic: str
    tags: tuple[str, ...]
    kind: QuestionKind
    prompt: str
    draws: tuple[Draw, ...]
    wrong: tuple[Any, ...]
    choices: tuple[Mapping[str, str], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A problem: `question` is an item's name, `zone` the number of the zone it is in."""

    name: str
    points: float
    question: str | None = None
    zone: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedZone:
    """A zone, numbered from 1 in order."""

    title: str
    max_points: float | None = None
    best_problems: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """An assessment. `details` are those of `create_assessment`."""

    name: str
    title: str
    category: str
    parts: tuple[Part, ...] = ()
    zones: tuple[PlannedZone, ...] = ()
    rules: tuple[AccessRule, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


async def fill_bank(stage: Stage, course: str, items: Sequence[Item]) -> None:
    """Enter questions into a course's bank."""
    course_id = stage.cast.courses[course]
    rows = [
        {
            "course_id": course_id,
            "uuid": uuid_of("question", course, each.name),
            "name": each.name,
            "title": each.title,
            "topic": each.topic,
            "tags": list(each.tags),
            "kind": each.kind,
            "prompt": each.prompt,
            "choices": [dict(choice) for choice in each.choices],
            "correct_answer": {"answer": each.draws[0].right} if len(each.draws) == 1 else None,
            "options": dict(each.options),
            "created_at": stage.now,
            "updated_at": stage.now,
        }
        for each in items
    ]
    await stage.db.execute(insert(Question), rows)
    made = select(Question.name, Question.id).where(Question.course_id == course_id)
    stage.cast.questions.update({(course, row.name): row.id for row in await stage.db.fetch(made)})


async def set_assessments(stage: Stage, instructor: str, place: str, course: str, plans: Sequence[Plan]) -> None:
    """An instructor sets the assessments of a course instance, and the categories that they are in."""
    ctx, here = stage.acting(instructor), stage.cast.course_instances[place]
    categories = {}
    for abbreviation in [each for each in CATEGORIES if each in {plan.category for plan in plans}]:
        name, heading, color = CATEGORIES[abbreviation]
        categories[abbreviation] = await create_category(
            ctx, course_instance_id=here, name=name, abbreviation=abbreviation, heading=heading, color=color
        )
    for plan in plans:
        made = await create_assessment(
            ctx,
            course_instance_id=here,
            category_id=categories[plan.category],
            name=plan.name,
            title=plan.title,
            **plan.details,
        )
        stage.cast.assessments[place, plan.name] = made
        await _add_parts(stage, ctx, made, course, plan)


async def _add_parts(stage: Stage, ctx: Context, assessment_id: int, course: str, plan: Plan) -> None:
    """Zones, problems and access rules. The maximum is what one sitting can bring."""
    zones = {}
    for number, zone in enumerate(plan.zones, start=1):
        values = {"title": zone.title, "max_points": zone.max_points, "best_problems": zone.best_problems}
        zones[number] = await insert_row(ctx, Zone, {"assessment_id": assessment_id, "number": number, **values})
    rows = []
    for number, part in enumerate(plan.parts, start=1):
        manual = part.details.get("max_manual_points", 0.0)
        rows.append(
            {
                "assessment_id": assessment_id,
                "number": number,
                "name": part.name,
                "max_points": part.points,
                "question_id": None if part.question is None else stage.cast.questions[course, part.question],
                "zone_id": None if part.zone is None else zones[part.zone],
                **UNSAID,
                **part.details,
                "max_auto_points": part.points - manual,
                "created_at": stage.now,
                "updated_at": stage.now,
            }
        )
    if rows:
        await stage.db.execute(insert(Problem), rows)
        problems = await stage.db.fetch(select(Problem.__table__).where(Problem.assessment_id == assessment_id))
        drawn = [(problem.zone_id, problem.max_points) for problem in drawn_of(problems, assessment_id)]
        worth = counted(drawn, await zones_of(ctx, [assessment_id]))
        await update_row(ctx, Assessment, assessment_id, {"max_points": worth})
    if plan.rules:
        await set_assessment_access_rules(ctx, assessment_id=assessment_id, rules=plan.rules)
