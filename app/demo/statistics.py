"""Statistics for Scientists: one gradebook for two sections, marked by people, with columns of every kind."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY, SATURDAY, SUNDAY, THURSDAY, TUESDAY, WEDNESDAY
from app.demo.chance import lot, pick
from app.demo.learners import Window, begin, leave
from app.demo.offerings import people_of
from app.demo.plans import Part, Plan, set_assessments
from app.demo.remarks import Remark, note
from app.demo.reviews import review
from app.demo.stage import Scene, Stage, scene
from app.demo.versions import Version, hand_in_version
from app.domain.assessments.models import AssessmentKind, GradingType, ScoringModel
from app.domain.grades.models import ColumnGrade
from app.domain.grades.overrides import exempt_grade, override_grade

PLACE, TEACHER, ASSISTANT = "stat200-f26", "radeyemi", "lsato"
COMPLAINT = "vpetrov"
CLAIMS = ("The median is the better summary here.", "The difference may well be chance.", "The trend is clear.")


def _dates(first: int, last: int) -> dict[str, Any]:
    return {
        "start_at": AUTUMN_2026.at(first, MONDAY, "08:00"),
        "due_at": AUTUMN_2026.at(last, FRIDAY, "23:59"),
        "end_at": AUTUMN_2026.at(last, SUNDAY, "23:59"),
    }


PLANS = (
    Plan(
        "ps01",
        "Describing data",
        "HW",
        (Part("Answers", 20.0, details={"max_manual_points": 20.0, "description": "Exercises 1 to 4."}),),
        details={
            **_dates(2, 3),
            "external_id": "stat200:ps01",
            "scoring_model": ScoringModel.AVERAGE,
            "max_instances": 3,
            "weight": 15.0,
            "module": "Describing",
            "description": "You may write it up to three times; the mean of your attempts counts.",
        },
    ),
    Plan(
        "ps02",
        "Probability",
        "HW",
        (
            Part("Computation", 10.0, details={"description": "Checked by a program."}),
            Part("Interpretation", 10.0, details={"max_manual_points": 10.0, "description": "What does it mean?"}),
        ),
        details={
            **_dates(6, 7),
            "external_id": "stat200:ps02",
            "scoring_model": ScoringModel.LAST,
            "weight": 15.0,
            "max_instances": 1,
            "module": "Probability",
            "description": "The last version counts.",
        },
    ),
    Plan(
        "midterm",
        "Midterm on paper",
        "E",
        (Part("Paper", 50.0, details={"max_manual_points": 50.0, "description": "Scanned and marked by hand."}),),
        details={
            "start_at": AUTUMN_2026.at(9, WEDNESDAY, "10:00"),
            "due_at": AUTUMN_2026.at(9, WEDNESDAY, "12:30"),
            "kind": AssessmentKind.EXAM,
            "scoring_model": ScoringModel.FIRST,
            "passing_percentage": 50.0,
            "external_id": "stat200:midterm",
            "max_instances": 1,
            "weight": 30.0,
            "module": "Probability",
            "description": "Ninety minutes in the great hall.",
        },
    ),
    Plan(
        "participation",
        "Participation",
        "A",
        details={
            "grading_type": GradingType.MANUAL,
            "max_points": 20.0,
            "weight": 10.0,
            "external_id": "stat200:part",
            "description": "Kept by hand.",
        },
    ),
    Plan(
        "total",
        "Weighted total",
        "A",
        details={
            "grading_type": GradingType.CALCULATED,
            "max_points": 100.0,
            "external_id": "stat200:total",
            "description": "Computed from the other columns by their weights.",
        },
    ),
    Plan(
        "average",
        "Usual homework",
        "A",
        details={
            "grading_type": GradingType.CALCULATED,
            "max_points": 100.0,
            "description": "The mean of the problem sets without the best.",
        },
    ),
    Plan(
        "sum",
        "All points",
        "A",
        details={"grading_type": GradingType.CALCULATED, "description": "What is missing counts as nothing."},
    ),
)


async def prepare(stage: Stage) -> None:
    """What is assessed."""
    await set_assessments(stage, TEACHER, PLACE, "STAT200", PLANS)


async def note_participation(stage: Stage) -> None:
    """Points for half of the learners so far; the one who teaches elsewhere is exempted."""
    ctx, key = stage.acting(TEACHER), stage.cast.assessments[PLACE, "participation"]
    remarks = {
        stage.cast.people[name]: Remark(float(8 + int(lot("participation", name) * 13)))
        for name in people_of(PLACE)
        if lot("seen", name) < 0.5 and name not in ("jkeller", "npierce")
    }
    await note(ctx, key, remarks)
    await exempt_grade(ctx, assessment_id=key, user_id=stage.cast.people["jkeller"])


async def overrule(stage: Stage) -> None:
    """After a complaint a midterm is worth three points more than its marks."""
    ctx, key = stage.acting(TEACHER), stage.cast.assessments[PLACE, "midterm"]
    own, user_id = ColumnGrade, stage.cast.people[COMPLAINT]
    points = await stage.db.scalar(select(own.points).where(own.assessment_id == key, own.user_id == user_id))
    feedback, notes = "Question 3 was ambiguous: three points more.", "Agreed with the second examiner."
    await override_grade(ctx, assessment_id=key, user_id=user_id, points=points + 3, feedback=feedback, notes=notes)


def _essay(username: str, number: int) -> dict[str, Any]:
    claim = pick(CLAIMS, "claim", username, number)
    return {"text": f"{claim} See the table in my notes.", "attempt": number}


def _figures(username: str, number: int) -> dict[str, Any]:
    return {"p_value": round(0.2 * lot("p", username, number), 3), "text": pick(CLAIMS, "p", username)}


def _scan(username: str, number: int) -> dict[str, Any]:
    return {"pages": 3 + int(lot("pages", username) * 4)}


def _window(week: int, day: int, last_week: int, last_day: int) -> Window:
    return Window(AUTUMN_2026.at(week, day, "08:00"), AUTUMN_2026.at(last_week, last_day, "21:00"))


def _round(name: str, opens: Window, version: Version, **how: Any) -> list[Scene]:
    """Learners start and hand a version in."""
    where: dict[str, Any] = {"place": PLACE, "name": name}
    return [
        scene(opens.last, begin, **where, usernames=people_of(PLACE), window=opens, **how),
        scene(version.window.last, hand_in_version, **where, version=version),
    ]


def _review(week: int, day: int, name: str, problem: str, **how: Any) -> Scene:
    at = AUTUMN_2026.at(week, day, "17:00")
    return scene(at, review, grader=ASSISTANT, place=PLACE, name=name, problem=problem, **how)


PAPER = Window(AUTUMN_2026.at(9, WEDNESDAY, "10:00"), AUTUMN_2026.at(9, WEDNESDAY, "10:05"))
COLLECTED = Window(AUTUMN_2026.at(9, WEDNESDAY, "11:30"), AUTUMN_2026.at(9, WEDNESDAY, "12:00"))
SCENES = (
    Scene(AUTUMN_2026.at(0, FRIDAY, "12:00"), prepare),
    *_round("ps01", _window(2, MONDAY, 2, WEDNESDAY), Version(1, _window(2, THURSDAY, 2, SUNDAY), words=_essay)),
    scene(AUTUMN_2026.at(3, MONDAY, "12:00"), leave, place=PLACE, name="ps01"),
    _review(3, TUESDAY, "ps01", "Answers"),
    *_round(
        "ps01",
        _window(3, WEDNESDAY, 3, THURSDAY),
        Version(1, _window(3, FRIDAY, 3, SATURDAY), words=_essay),
        share=0.4,
        number=2,
    ),
    _review(4, TUESDAY, "ps01", "Answers"),
    *_round(
        "ps02",
        _window(6, MONDAY, 6, WEDNESDAY),
        Version(1, _window(6, THURSDAY, 7, THURSDAY), ("Computation",), words=_figures),
    ),
    _review(8, TUESDAY, "ps02", "Interpretation", share=0.9),
    *_round("midterm", PAPER, Version(1, COLLECTED, words=_scan), share=0.97),
    scene(AUTUMN_2026.at(9, WEDNESDAY, "13:00"), leave, place=PLACE, name="midterm"),
    _review(11, MONDAY, "midterm", "Paper", share=0.7, release=False),
    Scene(AUTUMN_2026.at(11, THURSDAY, "11:00"), note_participation),
    Scene(AUTUMN_2026.at(11, FRIDAY, "11:00"), overrule),
)
