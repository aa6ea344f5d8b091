"""Whatever is sent is answered in the envelope, and never as an error that nobody foresaw."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.assessments.conftest import ROOT, Ask, Place

pytestmark = pytest.mark.anyio

DEEP: Any = "x"
for _ in range(100):
    DEEP = [DEEP]
VALUES: list[Any] = [None, True, -1, 10**15, 0.5, "", "\0", "x" * 3000, [], [None], {}, {"id": [1]}, DEEP]


async def test_no_value_of_any_field_is_an_error_of_ours(ask: Ask, place: Place) -> None:
    course = {"course_id": place.course, "title": "Mid", "passing_score": 70}
    question = {"type": "multiple_choice", "text": "?", "options": ["A", "B"], "correct_answer": "opt_1"}
    told = set()
    for value in VALUES:
        for name in ("title", "max_attempts", "course_id"):
            told.add((await ask("i", "POST", ROOT, course | {name: value}))[0])
        for name in ("type", "options", "correct_answer", "points"):
            told.add((await ask("x", "POST", place.path + "/questions", question | {name: value}))[0])
        sent = {"answers": [{"question_id": place.answers(1)["answers"][0]["question_id"], "answer": value}]}
        told.add((await ask("a", "POST", place.path + "/submissions", sent))[0])
    assert told <= {201, 400, 403, 404, 422}
