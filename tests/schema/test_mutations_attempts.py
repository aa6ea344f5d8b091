"""Sittings and submissions, written through the graph."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from schema.core.node import global_id
from tests.clock import NOW
from tests.domain.site import Site
from tests.schema.client import denial, refusal, write

pytestmark = pytest.mark.anyio

WORK = "submission { number answer isLate submittedBy { username } instanceQuestion { problem { name } } }"


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def test_a_learner_sits_an_assessment_once_at_a_time(site: Site) -> None:
    selection = "assessmentInstance { id number isOpen startedAt closedAt user { username } }"
    place = {"assessmentId": global_id("Assessment", site.work.assessment_id)}
    first = await write(site.world.student, "startAssessmentInstance", selection, **place)
    key = global_id("AssessmentInstance", site.sitting_id)
    sitting = {"id": key, "number": 1, "startedAt": NOW, "user": {"username": "sam"}}
    assert first == {"assessmentInstance": {**sitting, "isOpen": True, "closedAt": None}}
    for _ in range(2):
        closed = await write(site.world.student, "closeAssessmentInstance", selection, assessmentInstanceId=key)
        assert closed == {"assessmentInstance": {**sitting, "isOpen": False, "closedAt": NOW}}
    second = await write(site.world.student, "startAssessmentInstance", selection, **place)
    assert second["assessmentInstance"]["number"] == 2
    answer = {"problemId": site.work.problem_ids["Style"], "answer": 1}
    late = await refusal(site.world.student, "submit", assessmentInstanceId=key, answers=[answer])
    assert late == ("NOT_OPEN", ["assessmentInstanceId"])


async def test_the_staff_starts_for_a_learner(site: Site) -> None:
    selection = "assessmentInstance { user { username } }"
    place = {"assessmentId": site.work.assessment_id}
    learner = global_id("User", site.world.second_student_id)
    started = await write(site.world.assistant, "startAssessmentInstance", selection, **place, userId=learner)
    assert started == {"assessmentInstance": {"user": {"username": "sue"}}}
    assert await denial(site.world.student, "startAssessmentInstance", **place, userId=learner) == "FORBIDDEN"
    for ctx, user, code in (
        (site.world.assistant, "junk", "NOT_FOUND"),
        (site.world.admin, site.newcomer_id, "NOT_ENROLLED"),
    ):
        assert await refusal(ctx, "startAssessmentInstance", **place, userId=user) == (code, ["userId"])


async def test_a_password_opens_an_assessment(site: Site) -> None:
    place = {"assessmentId": site.work.assessment_id}
    rules = [{"credit": 100, "password": "sesam"}]
    await write(site.world.instructor, "setAssessmentAccessRules", "assessment { id }", **place, rules=rules)
    learner, opened = site.world.second_student, "assessmentInstance { isOpen }"
    wrong = await refusal(learner, "startAssessmentInstance", **place, password="simsalabim")
    assert wrong == ("NOT_OPEN", ["assessmentId"])
    started = await write(learner, "startAssessmentInstance", opened, **place, password="sesam")
    assert started == {"assessmentInstance": {"isOpen": True}}


async def test_answers_to_the_whole_assessment(site: Site) -> None:
    keys = site.work.problem_ids
    answers = [
        {"problemId": global_id("Problem", keys["Part A"]), "answer": {"a": [1, 2.5, None, "x"]}},
        {"problemId": keys["Style"], "answer": None},
    ]
    handed_in = await write(site.world.student, "submit", WORK, assessmentInstanceId=site.sitting_id, answers=answers)
    assert handed_in == {
        "submission": {
            "number": 2,
            "answer": {str(keys["Part A"]): {"a": [1, 2.5, None, "x"]}, str(keys["Style"]): None},
            "isLate": False,
            "submittedBy": {"username": "sam"},
            "instanceQuestion": None,
        }
    }


async def test_an_answer_to_one_question(site: Site) -> None:
    key = global_id("Problem", site.work.problem_ids["Style"])
    answer = {"problemId": key, "answer": "neat"}
    asked = {"assessmentInstanceId": site.sitting_id, "problemId": key, "answers": [answer]}
    handed_in = await write(site.world.student, "submit", WORK, **asked)
    assert handed_in["submission"]["answer"] == {"answer": "neat"}
    assert handed_in["submission"]["instanceQuestion"] == {"problem": {"name": "Style"}}


async def test_files_are_handed_in_and_read_back(site: Site) -> None:
    files = [
        {"name": "src/main.c", "contentType": "text/x-c", "contents": base64_of("int main;")},
        {"name": "empty", "contents": ""},
    ]
    handed_in = await write(
        site.world.student,
        "submit",
        "submission { answer files { name contentType size contents } }",
        assessmentInstanceId=site.sitting_id,
        files=files,
    )
    assert handed_in == {
        "submission": {
            "answer": None,
            "files": [
                {"name": "empty", "contentType": "application/octet-stream", "size": 0, "contents": ""},
                {"name": "main.c", "contentType": "text/x-c", "size": 9, "contents": base64_of("int main;")},
            ],
        }
    }


LARGE = base64.b64encode(bytes(1024 * 1024 + 1)).decode()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ("REQUIRED", ["answers"])),
        ({"problemId": "junk"}, ("NOT_FOUND", ["problemId"])),
        ({"answers": [{"problemId": "1000000", "answer": 1}]}, ("NOT_FOUND", ["answers", "0", "problemId"])),
        ({"answers": [{"problemId": "junk"}]}, ("REQUIRED", ["answers", "0", "answer"])),
        ({"files": [{"name": "a", "contents": "§"}]}, ("INVALID", ["files", "0", "contents"])),
        ({"files": [{"name": "a", "contents": "YQ="}]}, ("INVALID", ["files", "0", "contents"])),
        ({"files": [{"name": "a", "contents": LARGE}]}, ("TOO_LONG", ["files", "0", "contents"])),
        ({"files": [{"name": "..", "contents": "YQ=="}]}, ("INVALID", ["files", "0", "name"])),
        ({"files": [{"name": "a", "contents": ""}] * 2}, ("TAKEN", ["files", "1", "name"])),
        ({"files": [{"name": "a", "contents": ""}] * 21}, ("LIMIT_REACHED", ["files"])),
    ],
)
async def test_what_cannot_be_handed_in(site: Site, values: dict[str, Any], expected: tuple[str, list[str]]) -> None:
    assert await refusal(site.world.student, "submit", assessmentInstanceId=site.sitting_id, **values) == expected


async def test_an_answer_that_nests_too_deep(site: Site) -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    answers = [{"problemId": site.work.problem_ids["Style"], "answer": deep}]
    refused = await refusal(site.world.student, "submit", assessmentInstanceId=site.sitting_id, answers=answers)
    assert refused == ("INVALID", ["answers", "0", "answer"])
