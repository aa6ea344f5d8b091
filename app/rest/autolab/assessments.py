"""Assessments: the list, and one with its limits."""

from __future__ import annotations

from app.rest.autolab.endpoint import Made, Operation
from app.rest.autolab.words import DATES, FLAG, INSTANT, INTEGER, MAYBE_TEXT, NUMBER, TEXT, dates, listed
from app.rest.route import Call, Row, Schema, closed, nullable

COURSE = "/courses/{course_name}"
ASSESSMENT = COURSE + "/assessments/{assessment_name}"
NO_LIMIT = -1
SHORT: dict[str, Schema] = {"name": TEXT, "display_name": TEXT, "category_name": TEXT, **DATES}
FORMAT: Schema = {"type": "string", "enum": ["none", "url", "file"]}
FULL: dict[str, Schema] = {
    **SHORT,
    "description": MAYBE_TEXT,
    "updated_at": INSTANT,
    "max_grace_days": nullable(INTEGER),
    "max_submissions": INTEGER,
    "max_unpenalized_submissions": INTEGER,
    "disable_handins": FLAG,
    "group_size": INTEGER,
    "writeup_format": FORMAT,
    "handout_format": FORMAT,
    "has_scoreboard": FLAG,
    "has_autograder": FLAG,
    "max_total_score": NUMBER,
    "max_scores": {"type": "object", "additionalProperties": NUMBER},
}
AS_THEY_ARE = ("description", "updated_at", "max_grace_days", "disable_handins", "has_scoreboard", "has_autograder")


def short(row: Row, course: Row) -> Row:
    """An assessment of a list."""
    names = {"name": row["name"], "display_name": row["display_name"], "category_name": row["category"]["name"]}
    return names | dates(row, course)


def assessments(data: Row, call: Call) -> list[Row]:
    """All, by due date and name."""
    rows = [short(row, data["asked"].place) for row in data["assessments"]["nodes"]]
    return sorted(rows, key=lambda row: (row["due_at"], row["name"]))


def assessment(data: Row, call: Call) -> Row:
    """One; -1 is no limit, and 1 a group of one."""
    row, course = data["assessment"], data["asked"].place
    unpenalized = row["max_unpenalized_submissions"]
    if unpenalized is None:
        unpenalized = course["max_unpenalized_submissions"]
    maxima = {problem["name"]: problem["max_points"] for problem in row["problems"]}
    return {
        **short(row, course),
        **{name: row[name] for name in AS_THEY_ARE},
        "max_submissions": NO_LIMIT if row["max_submissions"] is None else row["max_submissions"],
        "max_unpenalized_submissions": NO_LIMIT if unpenalized is None else unpenalized,
        "group_size": row["group_set"]["max_size"] if row["group_set"] else 1,
        "writeup_format": row["writeup"]["format"].lower(),
        "handout_format": row["handout"]["format"].lower(),
        "max_total_score": float(sum(maxima.values())),
        "max_scores": maxima,
    }


ROUTES = [
    Operation(
        "GET",
        COURSE + "/assessments",
        "Assessments",
        Made(make=assessments, made=listed(closed(SHORT))),
        scopes=("user_courses",),
    ),
    Operation("GET", ASSESSMENT, "Assessment", Made(make=assessment, made=closed(FULL)), scopes=("user_courses",)),
]
