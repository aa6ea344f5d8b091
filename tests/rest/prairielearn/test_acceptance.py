"""The contract's acceptance cases, one by one (case 32 is test_download.py)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import BASE, CI, PrairieLearn

NO_TOKEN = {"message": "An authentication token must be provided"}
BAD_TOKEN = {"message": "The provided authentication token was invalid"}
FORBIDDEN = {"message": "Forbidden", "status": 403}
NOT_FOUND = {"message": "Not Found"}
ASSESSMENTS = BASE + CI + "/assessments"
pytestmark = pytest.mark.anyio


# prairielearn case 1
async def test_no_token(pl: PrairieLearn) -> None:
    response = await pl.client.get(ASSESSMENTS)
    assert response.status_code == 401
    assert response.text == '{"message":"An authentication token must be provided"}'


# prairielearn case 2
async def test_an_unknown_token(pl: PrairieLearn) -> None:
    headers = {"Private-Token": "12345678-1234-1234-1234-1234567890ab"}
    response = await pl.client.get(ASSESSMENTS, headers=headers)
    assert (response.status_code, response.json()) == (401, BAD_TOKEN)


# prairielearn case 3
async def test_the_assessments(pl: PrairieLearn) -> None:
    found = await pl.body(CI + "/assessments")
    assert [each["assessment_label"] for each in found] == ["HW1", "E1"]
    assert found[0]["assessment_number"] == "1"


# prairielearn case 4
async def test_the_token_in_the_query(pl: PrairieLearn) -> None:
    response = await pl.client.get(ASSESSMENTS, params={"private_token": pl.tokens["OWNER"]})
    assert response.status_code == 200
    assert response.content == (await pl.get(CI + "/assessments")).content


# prairielearn case 5
async def test_the_query_beats_the_header(pl: PrairieLearn) -> None:
    headers, params = {"Private-Token": "bad"}, {"private_token": pl.tokens["OWNER"]}
    assert (await pl.client.get(ASSESSMENTS, headers=headers, params=params)).status_code == 200


# prairielearn case 6
async def test_an_empty_token_in_the_query(pl: PrairieLearn) -> None:
    response = await pl.client.get(ASSESSMENTS, params={"private_token": ""})
    assert (response.status_code, response.json()) == (401, BAD_TOKEN)


# prairielearn case 7
async def test_an_unknown_path_without_a_token(pl: PrairieLearn) -> None:
    response = await pl.client.get(BASE + "/nope")
    assert (response.status_code, response.json()) == (401, NO_TOKEN)


# prairielearn case 8
async def test_an_unknown_path(pl: PrairieLearn) -> None:
    response = await pl.get("/nope")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


# prairielearn case 9
async def test_the_course_instance(pl: PrairieLearn) -> None:
    assert await pl.body(CI) == examples.COURSE_INSTANCE


# prairielearn case 10
async def test_an_unknown_course_instance(pl: PrairieLearn) -> None:
    response = await pl.get("/course_instances/999999")
    assert (response.status_code, response.json()) == (403, FORBIDDEN)


# prairielearn case 11
@pytest.mark.parametrize("who", ["STUD", "OUT"])
async def test_the_course_instance_is_for_its_staff(pl: PrairieLearn, who: str) -> None:
    response = await pl.get(CI, who)
    assert (response.status_code, response.json()) == (403, FORBIDDEN)


# prairielearn case 12
async def test_the_course_instance_for_a_previewer(pl: PrairieLearn) -> None:
    assert await pl.body(CI, "PREV") == examples.COURSE_INSTANCE


# prairielearn case 13
async def test_the_gradebook_is_not_for_a_previewer(pl: PrairieLearn) -> None:
    response = await pl.get(CI + "/gradebook", "PREV")
    assert (response.status_code, response.json()) == (403, FORBIDDEN)


# prairielearn case 14
async def test_the_gradebook(pl: PrairieLearn) -> None:
    found = await pl.body(CI + "/gradebook", "DATA")
    assert [each for each in found if each["user_uid"] == "rin@uni.example"] == [examples.ENTRY]


# prairielearn case 15
async def test_students_come_before_staff_in_the_gradebook(pl: PrairieLearn) -> None:
    found = await pl.body(CI + "/gradebook")
    assert [(each["user_uid"], each["user_role"]) for each in found] == [
        ("kim@uni.example", "Student"),
        ("rin@uni.example", "Student"),
        ("ida@uni.example", "Staff"),
        ("tom@uni.example", "Staff"),
    ]


# prairielearn case 16
async def test_one_assessment(pl: PrairieLearn) -> None:
    found = await pl.body(CI + "/assessments/7")
    assert found == examples.ASSESSMENT
    assert found == (await pl.body(CI + "/assessments"))[0]


# prairielearn case 17
async def test_an_unknown_assessment(pl: PrairieLearn) -> None:
    response = await pl.get(CI + "/assessments/999999")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


# prairielearn case 18
async def test_an_assessment_that_is_no_number(pl: PrairieLearn) -> None:
    response = await pl.get(CI + "/assessments/abc")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


# prairielearn case 19
async def test_the_instances_of_an_unknown_assessment(pl: PrairieLearn) -> None:
    assert await pl.body(CI + "/assessments/999999/assessment_instances") == []


# prairielearn case 20
async def test_the_instances_of_an_assessment(pl: PrairieLearn) -> None:
    assert await pl.body(CI + "/assessments/7/assessment_instances", "DATA") == [examples.INSTANCE]
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"
    assert re.fullmatch(pattern, examples.INSTANCE["start_date"])  # in winter: test_spelling.py


# prairielearn case 21
async def test_one_instance(pl: PrairieLearn) -> None:
    assert await pl.body(CI + "/assessment_instances/31") == examples.INSTANCE


# prairielearn case 22
async def test_an_unknown_instance(pl: PrairieLearn) -> None:
    response = await pl.get(CI + "/assessment_instances/999999")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


# prairielearn case 23
async def test_below_an_unknown_instance(pl: PrairieLearn) -> None:
    response = await pl.get(CI + "/assessment_instances/999999/log")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert await pl.body(CI + "/assessment_instances/999999/submissions") == []
    assert await pl.body(CI + "/assessment_instances/999999/instance_questions") == []


# prairielearn case 24
async def test_the_questions_of_an_instance(pl: PrairieLearn) -> None:
    found = await pl.body(CI + "/assessment_instances/31/instance_questions")
    assert [each["instance_question_id"] for each in found] == [61, 62, 63]
    assert found[0] == examples.QUESTION
    assert [set(each) for each in found] == [set(examples.QUESTION)] * 3


# prairielearn case 25
async def test_the_submissions_of_an_instance_and_one(pl: PrairieLearn) -> None:
    found = await pl.body(CI + "/assessment_instances/31/submissions")
    assert [each for each in found if each["submission_id"] == 880] == [examples.SUBMISSION]
    assert await pl.body(CI + "/submissions/880") == examples.SUBMISSION


# prairielearn case 26
async def test_an_unknown_submission(pl: PrairieLearn) -> None:
    response = await pl.get(CI + "/submissions/999999")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


# prairielearn case 27
async def test_the_log(pl: PrairieLearn) -> None:
    found = await pl.body(CI + "/assessment_instances/31/log")
    assert found[0] == examples.LOG[0]
    assert next(each for each in found if each["submission_id"] == "880") == examples.LOG[1]


# prairielearn case 28
async def test_the_access_rules_of_an_assessment(pl: PrairieLearn) -> None:
    found = await pl.body(CI + "/assessments/7/assessment_access_rules")
    assert [each["assessment_access_rule_number"] for each in found] == [1, 2]
    assert found[0] == examples.ASSESSMENT_RULE


# prairielearn case 29
async def test_post(pl: PrairieLearn) -> None:
    response = await pl.client.post(ASSESSMENTS, headers={"Private-Token": pl.tokens["OWNER"]})
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


# prairielearn case 30
@pytest.mark.parametrize("path", ["", "/gradebook", "/assessments", "/assessment_instances/31/log"])
async def test_every_success_says_how_long_it_is(pl: PrairieLearn, path: str) -> None:
    response = await pl.get(CI + path)
    assert response.headers["content-length"] == str(len(response.content))
    assert response.headers["content-type"] == "application/json; charset=utf-8"


FOREIGN: list[tuple[str, Any]] = [
    ("/assessments/17", 404),
    ("/assessment_instances/51", 404),
    ("/submissions/990", 404),
    ("/assessment_instances/51/log", 404),
    ("/assessments/17/assessment_instances", 200),
    ("/assessments/17/assessment_access_rules", 200),
    ("/assessment_instances/51/instance_questions", 200),
    ("/assessment_instances/51/submissions", 200),
]


# prairielearn case 31
@pytest.mark.parametrize(("path", "status"), FOREIGN)
@pytest.mark.parametrize("who", ["OWNER", "ADMIN"])
async def test_objects_of_another_course_instance(pl: PrairieLearn, path: str, status: int, who: str) -> None:
    response = await pl.get(CI + path, who)
    assert (response.status_code, response.json()) == (status, NOT_FOUND if status == 404 else [])
