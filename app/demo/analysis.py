"""Data Analysis for Everyone: an open course at one's own pace, with subsections of problems as in Open edX."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.demo.analysis_bank import ITEMS
from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY, SUNDAY, TUESDAY, WEDNESDAY
from app.demo.chance import pick
from app.demo.learners import Tries, Window, answer_questions, begin
from app.demo.offerings import people_of
from app.demo.plans import Part, Plan, fill_bank, set_assessments
from app.demo.reviews import review
from app.demo.stage import Scene, Stage, scene
from app.demo.versions import Version, hand_in_version
from app.domain.assessments.models import AssessmentCategory, AssessmentKind, GradingType, ScoringModel
from app.domain.assessments.service import create_assessment
from app.domain.attempts.files import NewFile
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_schema

PLACE, TEACHER, ASSISTANT = "data1x-2026t3", "kmorita", "dokello"
QUIZ = {"kind": AssessmentKind.QUIZ, "passing_percentage": 60.0, "max_instances": 1}
BLOCK = "block-v1:NorthbridgeX+DATA1x+2026_T3+type@sequential+block@"
PLANS = (
    Plan(
        "w1-tables",
        "Week 1: Tables",
        "Q",
        (
            Part("The middle", 2.0, "tables/median"),
            Part("Which average?", 1.0, "tables/mean-or-median"),
            Part("Tidy tables", 1.0, "tables/tidy"),
        ),
        details={
            **QUIZ,
            "module": "Tables",
            "weight": 30.0,
            "external_id": f"{BLOCK}w1",
            "description": "After the first three films. Two tries each, the better one counts.",
        },
    ),
    Plan(
        "w2-charts",
        "Week 2: Charts",
        "Q",
        (Part("Choose a chart", 2.0, "charts/choose"), Part("An axis that lies", 2.0, "charts/axis")),
        details={
            **QUIZ,
            "module": "Charts",
            "weight": 30.0,
            "scoring_model": ScoringModel.FIRST,
            "external_id": f"{BLOCK}w2",
            "description": "Only the first try counts; the others are for practice.",
        },
    ),
    Plan(
        "drill",
        "Drill: what may be said?",
        "HW",
        (Part("What may be said?", 4.0, "conclusions/claims"),),
        details={
            "module": "Conclusions",
            "weight": 10.0,
            "scoring_model": ScoringModel.LOWEST,
            "external_id": f"{BLOCK}drill",
            "description": "A test of constancy: the worst try counts.",
        },
    ),
    Plan(
        "notebook",
        "Your own analysis",
        "P",
        (Part("Notebook", 30.0, "conclusions/notebook", None, {"max_manual_points": 30.0}),),
        details={
            "module": "Conclusions",
            "weight": 30.0,
            "max_submissions": 3,
            "external_id": f"{BLOCK}notebook",
            "start_at": AUTUMN_2026.at(8),
            "due_at": AUTUMN_2026.at(14, FRIDAY, "23:59"),
            "description": "A question of your own about the bicycle counts of the city.",
        },
    ),
)
CUT_OFFS = (Symbol("Pass", 50.0, 100.0), Symbol("F", 0.0, 50.0))
WEIGHTS = (("Q", 40.0, 2), ("HW", 20.0, 1), ("P", 40.0, 1))
ROADS = ("Harbour Bridge", "Mill Road", "Station Square", "University Avenue")


async def prepare(stage: Stage) -> None:
    """The bank and what is assessed."""
    await fill_bank(stage, "DATA1x", ITEMS)
    await set_assessments(stage, TEACHER, PLACE, "DATA1x", PLANS)


async def weigh(stage: Stage) -> None:
    """The course grade: the quizzes 40 %, the drill 20 %, one's own analysis 40 %; half of it is a pass."""
    ctx, own = stage.acting(TEACHER), AssessmentCategory
    here: dict[str, Any] = {"course_instance_id": stage.cast.course_instances[PLACE]}
    statement = select(own.abbreviation, own.id).where(own.course_instance_id == here["course_instance_id"])
    categories = {row.abbreviation: row.id for row in await stage.db.fetch(statement)}
    cut_offs: dict[str, Any] = {"scale_type": ScaleType.TABULAR, "symbols": CUT_OFFS}
    told: dict[str, Any] = {"grading_type": GradingType.CALCULATED, "max_points": 100.0, "is_external_grade": True}
    told |= {"grade_schema_id": await create_grade_schema(ctx, **here, title="Cut-offs", **cut_offs)}
    told |= {"name": "course-grade", "title": "Course grade", "category_id": categories["Q"]}
    column_id = await create_assessment(ctx, **here, **told)
    stage.cast.assessments[PLACE, "course-grade"] = column_id
    terms = [Term(categories[name], weight=weight, min_count=least) for name, weight, least in WEIGHTS]
    await set_calculation(
        ctx, assessment_id=column_id, kind=CalculationKind.WEIGHTED_TOTAL, is_running=False, terms=terms
    )


def _notebook(username: str, number: int) -> tuple[NewFile, ...]:
    road = pick(ROADS, "road", username)
    text = f"# Bicycles on {road}\n\nDraft {number}. Weekdays are busier than weekends; rain halves the traffic.\n"
    return (NewFile("analysis.md", text.encode(), "text/markdown"),)


def _window(week: int, day: int, last_week: int, last_day: int) -> Window:
    return Window(AUTUMN_2026.at(week, day, "07:00"), AUTUMN_2026.at(last_week, last_day, "23:00"))


def _subsection(name: str, opens: Window, works: Window, rounds: tuple[int, ...], share: float) -> list[Scene]:
    where: dict[str, Any] = {"place": PLACE, "name": name}
    tries = Tries(rounds, works, most=len(rounds))
    return [
        scene(opens.last, begin, **where, usernames=people_of(PLACE), window=opens, share=share),
        scene(works.last + timedelta(hours=1), answer_questions, **where, tries=tries),
    ]


DRAFTS = _window(10, MONDAY, 11, SUNDAY)
NOTEBOOK: dict[str, Any] = {"place": PLACE, "name": "notebook"}
SCENES = (
    Scene(AUTUMN_2026.at(0, FRIDAY, "13:00"), prepare),
    Scene(AUTUMN_2026.at(0, FRIDAY, "13:30"), weigh),
    *_subsection("w1-tables", _window(1, TUESDAY, 3, SUNDAY), _window(4, MONDAY, 4, SUNDAY), (1, 2), 0.85),
    *_subsection("w2-charts", _window(4, MONDAY, 6, SUNDAY), _window(7, MONDAY, 7, SUNDAY), (1, 2), 0.7),
    *_subsection("drill", _window(7, MONDAY, 8, SUNDAY), _window(9, MONDAY, 9, SUNDAY), (1, 2, 3), 0.6),
    scene(
        AUTUMN_2026.at(9, SUNDAY),
        begin,
        **NOTEBOOK,
        usernames=people_of(PLACE),
        window=_window(8, WEDNESDAY, 9, FRIDAY),
        share=0.5,
    ),
    scene(DRAFTS.last, hand_in_version, **NOTEBOOK, version=Version(1, DRAFTS, share=0.8, files=_notebook)),
    scene(
        AUTUMN_2026.at(12, MONDAY, "10:00"),
        review,
        **{**NOTEBOOK, "grader": ASSISTANT, "problem": "Notebook", "share": 0.5, "release": True},
    ),
)
