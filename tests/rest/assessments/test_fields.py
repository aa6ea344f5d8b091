"""The fields of bodies that are described are those that are read."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.openapi import document
from app.rest.assessments import fields
from app.rest.systems import system_named
from tests.rest.recording import Recording

NEW = {"course_id": "crs_1", "title": "Mid", "passing_score": 70, "time_limit_minutes": 5, "max_attempts": None}
CHOICE = {"type": "multiple_choice", "text": "Which?", "correct_answer": "opt_1", "options": ["a", "b"], "position": 1}
ANSWER = {"question_id": "qst_7", "value": True}
BODIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "CreateAssessment": (lambda body: fields.details(body, "course_id", "title", "passing_score"), NEW),
    "UpdateAssessment": (fields.details, {"title": "Mid"}),
    "AddQuestion": (fields.question, CHOICE),
    "Login": (lambda body: fields.texts(body, email=1, password=8), {"email": "a", "password": "correct horse"}),
    "Refresh": (lambda body: fields.texts(body, refresh_token=1), {"refresh_token": "cgr_x"}),
    "SubmitAnswers": (lambda body: fields.answers(body, {7: "TRUE_FALSE"}), {"answers": [ANSWER]}),
}


@pytest.mark.parametrize("operation", BODIES)
def test_what_is_described_is_read(operation: str) -> None:
    read, body = BODIES[operation]
    paths = document(system_named("assessments"))["paths"].values()
    found = next(each for path in paths for each in path.values() if each["operationId"] == operation)
    schema = found["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(body)
    names: set[str] = set()
    read(Recording(body, names))
    assert names == set(schema["properties"])


def test_every_body_is_here() -> None:
    routes = [each for each in system_named("assessments").routes if each.method in ("POST", "PATCH", "PUT")]
    assert set(BODIES) == {each.operation for each in routes if each.sent is not None}
    assert [each.operation for each in routes if each.sent is None] == ["Logout"]
