"""Assessments, their questions, submissions and results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.rest.assessments.endpoint import CREATE, INSTRUCT, READ, SEE_RESULT, SUBMIT
from app.rest.assessments.spelling import (
    ANSWER_NAMES,
    ASSESSMENT_SCHEMA,
    INSTRUCTORS_QUESTION,
    LISTED_SCHEMA,
    QUESTION_SCHEMA,
    RESULT_SCHEMA,
    TYPES,
    asked,
    assessment,
    listed,
    question,
    result,
)
from app.rest.route import Body, Call, Route, Row, Schema, closed


@dataclass(frozen=True, slots=True)
class Spelled(Body):
    """A body that a function spells from the data at `path`; `shape` is its schema."""

    spell: Callable[[Row], Any] = listed
    shape: Schema = field(default_factory=lambda: closed({}))

    @property
    def may_miss(self) -> bool:
        return True

    def __call__(self, data: Row, call: Call) -> Any:
        found: Any = data
        for step in self.path:
            found = found[step]
        return [self.spell(each) for each in found] if isinstance(found, list) else self.spell(found)

    def schema(self, derived: Schema) -> Schema:
        return self.shape


def _questions(row: Row) -> list[Row]:
    return [question(each) for each in asked(row)]


def many(items: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": items}


def _query(name: str, kind: str, description: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}, "description": description}


PAGING = [_query("page", "integer", "Page, from 1."), _query("per_page", "integer", "Objects a page, at most 100.")]
TITLE: Schema = {"type": "string", "minLength": 3, "maxLength": 200}
LIMIT: Schema = {"type": ["integer", "null"], "minimum": 1}
OFFERED: Schema = many({"type": ["string", "object"], "description": "Its text, or an object with `id` and `text`."})
DETAILS: dict[str, Schema] = {
    "title": TITLE,
    "passing_score": {"type": "integer", "minimum": 1, "maximum": 100},
    "time_limit_minutes": LIMIT,
    "max_attempts": LIMIT,
}
NEW: Schema = {
    "type": "object",
    "properties": {"course_id": {"type": "string", "description": "The course, such as `crs_12`."}, **DETAILS},
    "required": ["course_id", "title", "passing_score"],
}
NEW_QUESTION: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": sorted(set(TYPES.values()))},
        "text": {"type": "string", "minLength": 1, "maxLength": 2000},
        "correct_answer": {"description": "Of the form that answers have."},
        "options": OFFERED,
        "choices": OFFERED,
        "points": {"type": "number", "exclusiveMinimum": 0, "default": 1},
        "position": {"type": ["integer", "null"], "minimum": 1},
    },
    "required": ["type", "text", "correct_answer"],
}
ANSWER: Schema = {
    "type": "object",
    "properties": {"question_id": {"type": "string"}, **{name: {} for name in ANSWER_NAMES}},
    "required": ["question_id"],
    "minProperties": 2,
}
ANSWERS: Schema = {"type": "object", "properties": {"answers": many(ANSWER)}, "required": ["answers"]}
ALL, ONE = "/assessments", "/assessments/{id}"
ROUTES = [
    Route(
        "GET",
        ALL,
        "Assessments",
        Spelled(("assessments", "nodes"), spell=listed, shape=many(LISTED_SCHEMA)),
        parameters=[_query("course_id", "string", "Of this course only."), *PAGING],
    ),
    Route(
        "POST",
        ALL,
        "CreateAssessment",
        Spelled(("done", "assessment"), spell=assessment, shape=ASSESSMENT_SCHEMA),
        sent=NEW,
        needs=CREATE,
        status=201,
    ),
    Route("GET", ONE, "Assessment", Spelled(("assessment",), spell=assessment, shape=ASSESSMENT_SCHEMA), needs=READ),
    Route(
        "PATCH",
        ONE,
        "UpdateAssessment",
        Spelled(("done", "assessment"), spell=assessment, shape=ASSESSMENT_SCHEMA),
        sent={"type": "object", "properties": DETAILS},
        needs=INSTRUCT,
    ),
    Route(
        "GET",
        ONE + "/questions",
        "Questions",
        Spelled(("assessment",), spell=_questions, shape=many(QUESTION_SCHEMA)),
        needs=READ,
        parameters=PAGING,
    ),
    Route(
        "POST",
        ONE + "/questions",
        "AddQuestion",
        Spelled(("done", "problem"), spell=question, shape=INSTRUCTORS_QUESTION),
        sent=NEW_QUESTION,
        needs=INSTRUCT,
        status=201,
    ),
    Route(
        "POST",
        ONE + "/submissions",
        "SubmitAnswers",
        Spelled(("done", "submission"), spell=result, shape=RESULT_SCHEMA),
        sent=ANSWERS,
        needs=SUBMIT,
        status=201,
    ),
    Route(
        "GET",
        ONE + "/submissions/{submission_id}",
        "Submission",
        Spelled(("submission",), spell=result, shape=RESULT_SCHEMA),
        needs=SEE_RESULT,
    ),
]
