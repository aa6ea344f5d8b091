"""The event log of an assessment instance. All ids in it are text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.rest.prairielearn.assessment_instances import INSTANCE
from app.rest.prairielearn.dialect import LEARNER_DATA
from app.rest.prairielearn.spelling import Displayed
from app.rest.prairielearn.words import spell_question
from app.rest.route import Body, Call, Route, Row, Schema, spells

LOG = INSTANCE + "/log"
EVENTS = {
    "BEGIN": ("Begin", "gray3"),
    "NEW_VARIANT": ("New variant", "gray1"),
    "SUBMISSION": ("Submission", "blue3"),
    "MANUAL_GRADING": ("Manual grading results", "blue2"),
    "GRADE_SUBMISSION": ("Grade submission", "orange3"),
    "SCORE_QUESTION": ("Score question", "brown1"),
    "SCORE_ASSESSMENT": ("Score assessment", "brown3"),
    "OPEN": ("Open", "gray3"),
    "CLOSE": ("Close", "gray3"),
    "VIEW_VARIANT": ("View variant", "green3"),
    "VIEW_ASSESSMENT": ("View assessment overview", "green1"),
    "GROUP_JOIN": ("Group join", "gray2"),
    "GROUP_LEAVE": ("Group leave", "gray2"),
}
GRADINGS = ("Manual grading results", "Grade submission")
TEXT_IDS = ("question_id", "instance_question_id", "variant_id", "submission_id", "student_question_number")
ID: Schema = {"type": ["string", "null"], "pattern": "^[0-9]+$"}
COLORS = sorted({color for _, color in EVENTS.values()})


def _data(row: Row) -> Any:
    """What the graph does not tell with the event itself."""
    data, true_answer = row["data"], row.pop("true_answer")
    match row["event_name"]:
        case "GRADE_SUBMISSION":
            return {**data, "true_answer": true_answer}
        case "MANUAL_GRADING":
            key = row["submission_id"]
            more = {"feedback": None, "rubric_grading": None, "submission_id": None if key is None else str(key)}
            return {**more, **(data or {})}
    return data


@spells(
    event_name={"type": "string", "enum": list(dict.fromkeys(name for name, _ in EVENTS.values()))},
    event_color={"type": "string", "enum": COLORS, "description": "A name of PrairieLearn's palette."},
    event_date={
        "type": "string",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
        "description": "When, in UTC.",
    },
    date_iso8601={"type": "string", "format": "date-time", "description": "When, in the course instance's time zone."},
    formatted_date={"type": "string", "description": "The same for people: `2024-09-03 10:07:40 (CDT)`."},
    qid={"type": ["string", "null"], "description": "The question's name."},
    student_question_number={**ID, "description": "The question's number as learners see it."},
    instructor_question_number={**ID, "description": "The question's number as the staff sees it."},
    client_fingerprint={"type": ["object", "null"], "description": "Not kept: always null."},
    client_fingerprint_number={"type": ["integer", "null"], "description": "Not kept: always null."},
    **dict.fromkeys(TEXT_IDS[:-1], ID),
    **dict.fromkeys(("problem_id", "problem_name", "question_name", "true_answer")),
)
def entry(row: Row, call: Call) -> Row:
    """One thing that happened, its instant in three spellings."""
    row["data"] = _data(row)
    spell_question(row)
    name, color = EVENTS[row["event_name"]]
    instant: datetime = row["event_date"]
    qid = row.pop("question_name")
    row |= {key: None if row[key] is None else str(row[key]) for key in TEXT_IDS}
    return row | {
        "event_name": name,
        "event_color": color,
        "event_date": instant.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "date_iso8601": instant,
        "formatted_date": Displayed(instant),
        "qid": qid,
        "client_fingerprint": None,
        "client_fingerprint_number": None,
        "instructor_question_number": row["student_question_number"],
    }


class Log(Body):
    """The entries; a submission's tells whether it turned out to be correct."""

    __slots__ = ()

    def __call__(self, data: Row, call: Call) -> Any:
        """The body."""
        entries = super().__call__(data, call)
        correct = {_answer(row): row["data"].get("correct") for row in entries if row["event_name"] in GRADINGS}
        for row in entries:
            if row["event_name"] == "Submission":
                row["data"] = {**row["data"], "correct": correct.get(_answer(row))}
        return entries


def _answer(row: Row) -> tuple[str | None, str | None]:
    return row["submission_id"], row["instance_question_id"]


ROUTES = [
    Route(
        "GET",
        LOG,
        "AssessmentInstanceLog",
        Log(("assessmentInstances", "nodes", 0, "log"), entry),
        needs=LEARNER_DATA,
    ),
]
