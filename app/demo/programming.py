"""Introduction to Programming: what is assessed, last spring and now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY, SUNDAY, THURSDAY, Term
from app.demo.chance import uuid_of
from app.demo.names import DOMAIN
from app.demo.plans import Part, Plan, PlannedZone
from app.domain.assessments.access import AccessRule
from app.domain.assessments.models import AssessmentKind, GradingType

PASSWORD = "kestrel-4831"
MAKE_UP = ("mreed", "njansen")


def plans(term: Term) -> tuple[Plan, ...]:
    """What is assessed in every term."""
    return (
        _homework(term, 1, "Expressions and types", "Foundations", _FIRST),
        _homework(term, 2, "Loops and conditions", "Control flow", _SECOND),
        Plan(
            "quiz01",
            "Values and variables",
            "Q",
            tuple(Part(name, 2.0 if name == "Values and their types" else 1.0, item) for name, item in _QUIZ),
            details={
                **_dates(term, (3, MONDAY), (3, FRIDAY), (3, FRIDAY)),
                "kind": AssessmentKind.QUIZ,
                "module": "Foundations",
                "weight": 10.0,
                "max_instances": 1,
                "max_submissions": 2,
                "passing_percentage": 60.0,
                "external_id": f"quiz-bank:{term.code}:1",
                "is_embedded_quiz": True,
                "description": "Six short questions. You may answer twice; the better attempt counts.",
            },
        ),
    )


def exam(term: Term, make_up: Sequence[str]) -> Plan:
    """The midterm: three easy questions of which two count, one of two alternatives, one for all.

    It is a reserved examination in the testing centre, and for those who were ill one with a password.
    """
    monday = term.at(8, MONDAY, "00:00")
    return Plan(
        "exam01",
        "Midterm",
        "E",
        _MIDTERM,
        (PlannedZone("Warm-up: the best two count", best_problems=2), PlannedZone("Programs", max_points=28.0)),
        (
            AccessRule("Exam", 100, monday, term.at(8, FRIDAY, "23:59"), 50, exam_uuid=_exam_uuid(term)),
            *_make_up(term, make_up),
            AccessRule(
                None,
                0,
                term.at(13, MONDAY, "00:00"),
                None,
                shows_closed_assessment=False,
                shows_closed_assessment_score=True,
            ),
        ),
        {
            "kind": AssessmentKind.EXAM,
            "module": "Control flow",
            "weight": 25.0,
            "time_limit_minutes": 50,
            "are_handins_disabled": True,
            "start_at": monday,
            "max_instances": 1,
            "max_bonus_points": 4.0,
            "passing_percentage": 50.0,
            "description": "Fifty minutes in the testing centre; the make-up is taken at home with a password.",
        },
    )


def final(term: Term) -> Plan:
    """The final examination, which learners do not see before it begins."""
    begins, ends = term.at(term.weeks, MONDAY, "08:00"), term.at(term.weeks, FRIDAY, "18:00")
    return Plan(
        "exam02",
        "Final examination",
        "E",
        (
            Part("Digits", 20.0, "functions/recursion", None, _tries(20.0, 14.0)),
            Part("Counting words", 20.0, "files/word-count", None, _tries(20.0, 14.0)),
            Part("Initials", 10.0, "strings/slicing", None, _tries(10.0, 7.0)),
        ),
        details={
            "kind": AssessmentKind.EXAM,
            "module": "Functions",
            "weight": 35.0,
            "time_limit_minutes": 110,
            "start_at": begins,
            "due_at": ends,
            "end_at": ends,
            "max_instances": 1,
            "passing_percentage": 50.0,
            "description": "Everything, with a little more weight on functions and files.",
        },
    )


def autumn() -> tuple[Plan, ...]:
    """What is assessed in autumn alone; `project01` is given its division into groups when this exists."""
    term = AUTUMN_2026
    return (
        _homework(term, 3, "Functions", "Functions", _THIRD, weeks=(11, 13)),
        Plan(
            "attendance",
            "Participation",
            "A",
            details={
                "grading_type": GradingType.MANUAL,
                "max_points": 10.0,
                "weight": 5.0,
                "description": "Kept by hand: two points for each discussion that one has led.",
            },
        ),
    )


def project(group_set_id: int) -> Plan:
    """The project in pairs."""
    return Plan(
        "project01",
        "Text adventure",
        "P",
        (
            Part("Design", 20.0, details={"max_manual_points": 20.0, "description": "A page on rooms, things, verbs."}),
            Part("Code", 50.0, details={"max_manual_points": 10.0, "description": "It runs, and it can be read."}),
            Part(
                "Demo",
                10.0,
                None,
                None,
                {"max_manual_points": 10.0, "is_optional": True, "description": "Two minutes before the class."},
            ),
        ),
        details={
            **_dates(AUTUMN_2026, (9, MONDAY), (12, THURSDAY), (13, SUNDAY)),
            "group_set_id": group_set_id,
            "module": "Functions",
            "weight": 15.0,
            "max_submissions": 5,
            "description": "In pairs: a small world that one walks through by typing.",
        },
    )


_FIRST = (
    Part("Whole parts", 2.0, "arithmetic/integer-division"),
    Part("Adding prices", 3.0, "types/float-sum", None, {"description": "Mind the brackets."}),
    Part("Initials", 5.0, "strings/slicing", None, {"is_starred": True}),
)
_SECOND = (
    Part("Count-down", 4.0, "loops/count-down"),
    Part("A chessboard", 6.0, "loops/grid", None, {"is_optional": True, "description": "For the curious."}),
    Part("Review a loop", 6.0, "style/loop-review", None, {"max_manual_points": 6.0}),
)
_THIRD = (Part("Composition", 5.0, "functions/compose"), Part("Digits", 5.0, "functions/recursion"))
_QUIZ = (
    ("What `=` does", "quiz/assignment"),
    ("What cannot change", "quiz/immutable"),
    ("Indentation", "quiz/indent"),
    ("Powers", "quiz/power"),
    ("A name that is not there", "quiz/error-name"),
    ("Values and their types", "quiz/types"),
)


def _homework(
    term: Term, number: int, title: str, module: str, parts: tuple[Part, ...], weeks: tuple[int, int] | None = None
) -> Plan:
    """A homework: open for two weeks, then a week for half of the credit, then to look at."""
    first, last = weeks or (2 * number - 1, 2 * number)
    opens, due, ends = (first, MONDAY), (last, FRIDAY), (last + 1, FRIDAY)
    dates = _dates(term, opens, due, ends)
    return Plan(
        f"hw{number:02}",
        title,
        "HW",
        parts,
        rules=(
            AccessRule(None, 100, dates["start_at"], dates["due_at"]),
            AccessRule(None, 50, dates["due_at"], dates["end_at"]),
            AccessRule(None, 0, dates["end_at"], None, shows_closed_assessment_score=True),
        ),
        details={**dates, "module": module, "weight": 10.0, "description": f"{title}: try as often as you like."},
    )


def _dates(term: Term, opens: tuple[int, int], due: tuple[int, int], ends: tuple[int, int]) -> dict[str, Any]:
    return {
        "start_at": term.at(*opens, "08:00"),
        "due_at": term.at(*due, "23:59"),
        "end_at": term.at(*ends, "23:59"),
    }


def _make_up(term: Term, usernames: Sequence[str]) -> list[AccessRule]:
    if not usernames:
        return []
    uids = [f"{username}@{DOMAIN}" for username in usernames]
    opens, ends = term.at(11, MONDAY, "08:00"), term.at(12, FRIDAY, "18:00")
    return [AccessRule("Public", 100, opens, ends, 50, PASSWORD, uids=uids)]


def _tries(*points: float, group: int | None = None, star: bool = False) -> dict[str, Any]:
    details: dict[str, Any] = {"points_by_try": list(points), "is_starred": star}
    return details if group is None else {**details, "alternative_group": group, "alternatives_chosen": 1}


def _exam_uuid(term: Term) -> str:
    digits = uuid_of("reserved exam", term.code)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


_MIDTERM = (
    Part("Whole parts", 6.0, "arithmetic/integer-division", 1, _tries(6.0, 3.0)),
    Part("What is left over", 6.0, "arithmetic/remainder", 1, _tries(6.0, 3.0)),
    Part("Powers", 6.0, "quiz/power", 1, _tries(6.0, 2.0)),
    Part("Count-down", 12.0, "loops/count-down", 2, _tries(12.0, 8.0, 4.0, group=1)),
    Part("Initials", 12.0, "strings/slicing", 2, _tries(12.0, 8.0, 4.0, group=1)),
    Part("Composition", 16.0, "functions/compose", 2, _tries(16.0, 12.0, 8.0, star=True)),
)
