"""Assessments, their questions, submissions and results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.rest.assessments.endpoint import CREATE, INSTRUCT, READ, SEE_RESULT, SUBMIT
from app.rest.assessments.spelling import (
    ASSESSMENT_SCHEMA,
    INSTRUCTORS_QUESTION,
    LISTED_SCHEMA,
    QUESTION_SCHEMA,
    RESULT_SCHEMA,
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
        needs=CREATE,
        status=201,
    ),
    Route("GET", ONE, "Assessment", Spelled(("assessment",), spell=assessment, shape=ASSESSMENT_SCHEMA), needs=READ),
    Route(
        "PATCH",
        ONE,
        "UpdateAssessment",
        Spelled(("done", "assessment"), spell=assessment, shape=ASSESSMENT_SCHEMA),
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
        needs=INSTRUCT,
        status=201,
    ),
    Route(
        "POST",
        ONE + "/submissions",
        "SubmitAnswers",
        Spelled(("done", "submission"), spell=result, shape=RESULT_SCHEMA),
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
