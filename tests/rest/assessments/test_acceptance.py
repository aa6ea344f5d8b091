"""The acceptance cases of the contract, by their numbers."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.context import Context
from app.domain.attempts.models import Submission
from app.domain.grades.service import release_scores
from tests.rest.assessments.conftest import ROOT, Ask, Place

pytestmark = pytest.mark.anyio

ALL_RIGHT = ("opt_a", True, ["opt_c", "opt_a"])
LISTED = {"id", "course_id", "title", "passing_score", "time_limit_minutes", "question_count", "max_attempts"}
LISTED |= {"created_at", "updated_at"}


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    """The status and the code of a refusal."""
    status, body = answer
    assert (body["data"], body["meta"]) == (None, None)
    return status, body["error"]["code"]


def fields(answer: tuple[int, Any]) -> list[str]:
    """The fields of a 422."""
    assert code(answer) == (422, "VALIDATION_ERROR")
    return [each["field"] for each in answer[1]["error"]["details"]]


async def count(ctx: Context) -> int:
    found: int = await ctx.db.scalar(select(func.count(Submission.id)))
    return found


async def test_lists(ask: Ask, place: Place, client: httpx.AsyncClient) -> None:
    # assessments case 1
    assert code(await ask("", "GET", ROOT)) == (401, "UNAUTHORIZED")
    made_up = await client.get(ROOT, headers={"Authorization": "Bearer cgp_madeup"})
    assert (made_up.status_code, made_up.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    # assessments case 2
    status, body = await ask("i", "GET", f"{ROOT}?course_id={place.course}")
    assert (status, len(body["data"]), body["error"]) == (200, 20, None)
    assert body["meta"] == {"total": 26, "page": 1, "per_page": 20}
    assert all(set(each) == LISTED and re.fullmatch(r"asmnt_[A-Za-z0-9]+", each["id"]) for each in body["data"])
    assert body["data"][0]["id"] == place.quiz
    # assessments case 3
    status, second = await ask("i", "GET", f"{ROOT}?course_id={place.course}&page=2")
    first_ids, second_ids = ({each["id"] for each in found["data"]} for found in (body, second))
    assert (status, len(second_ids), first_ids & second_ids) == (200, 6, set())
    # assessments case 4
    status, body = await ask("i", "GET", f"{ROOT}?per_page=500")
    assert (status, body["meta"]["per_page"], len(body["data"])) == (200, 100, 26)
    # assessments case 5
    assert fields(await ask("i", "GET", f"{ROOT}?page=0")) == ["page"]
    assert fields(await ask("i", "GET", f"{ROOT}?per_page=abc")) == ["per_page"]
    # assessments case 6
    status, body = await ask("x", "GET", f"{ROOT}?course_id=crs_none")
    assert (status, body["data"], body["meta"]["total"]) == (200, [], 0)


async def test_what_nobody_may_see_is_not_listed(ask: Ask, place: Place) -> None:
    totals = {who: (await ask(who, "GET", ROOT))[1]["meta"]["total"] for who in "itjabdnx"}
    assert totals == {"i": 26, "t": 26, "j": 0, "a": 26, "b": 26, "d": 0, "n": 0, "x": 26}
    status, body = await ask("a", "GET", f"{ROOT}?page=99999")
    assert (status, body["data"], body["meta"]["total"]) == (200, [], 26)


async def test_one(ask: Ask, place: Place) -> None:
    # assessments case 7
    status, body = await ask("a", "GET", place.path)
    assert (status, set(body["data"])) == (200, LISTED | {"questions"})
    assert (body["data"]["time_limit_minutes"], body["data"]["passing_score"], body["meta"]) == (None, 70, None)
    assert body["data"]["question_count"] == len(body["data"]["questions"]) == 3
    assert "correct_answer" not in str(body)
    # assessments case 8
    for who in "ix":
        questions = (await ask(who, "GET", place.path))[1]["data"]["questions"]
        assert [each["correct_answer"] for each in questions] == ["opt_a", True, ["opt_a", "opt_c"]]
    # assessments case 9
    for junk in ("asmnt_none", "asmnt_999999", "asmnt_0", "asmnt_" + "9" * 40, "x", "asmnt_-1", "asmnt_1%0A"):
        assert code(await ask("a", "GET", f"{ROOT}/{junk}")) == (404, "NOT_FOUND"), junk
    # assessments case 10
    for who in "ndj":
        assert code(await ask(who, "GET", place.path)) == (403, "FORBIDDEN")
    status, body = await ask("a", "GET", place.path + "/questions?per_page=2&page=2")
    assert (status, len(body["data"]), body["meta"]) == (200, 1, {"total": 3, "page": 2, "per_page": 2})


async def test_make(ask: Ask, place: Place) -> None:
    mid = {"course_id": place.course, "title": "Mid", "passing_score": 70}
    # assessments case 11
    status, body = await ask("i", "POST", ROOT, mid)
    made = body["data"]
    assert (status, made["title"], made["time_limit_minutes"], made["question_count"]) == (201, "Mid", None, 0)
    assert (made["max_attempts"], made["course_id"]) == (None, place.course)
    # assessments case 12
    status, body = await ask("x", "POST", ROOT, mid | {"time_limit_minutes": 30, "questions": [1]})
    assert (status, body["data"]["time_limit_minutes"]) == (201, 30)
    # assessments case 13
    for who in "atdnj":
        assert code(await ask(who, "POST", ROOT, mid)) == (403, "FORBIDDEN")
    # assessments case 14
    other = f"crs_{place.world.other_course_instance_id}"
    assert code(await ask("i", "POST", ROOT, mid | {"course_id": other})) == (403, "FORBIDDEN")
    assert code(await ask("i", "POST", ROOT, mid | {"course_id": "crs_999999"})) == (404, "NOT_FOUND")


async def test_fields_of_a_new_one(ask: Ask, place: Place) -> None:
    mid = {"course_id": place.course, "title": "Mid", "passing_score": 70}
    # assessments case 15
    for length, expected in ((2, 422), (3, 201), (200, 201), (201, 422)):
        answer = await ask("i", "POST", ROOT, mid | {"title": "x" * length})
        assert answer[0] == expected
        assert expected == 201 or fields(answer) == ["title"]
    # assessments case 16
    for score, expected in ((0, 422), (1, 201), (100, 201), (101, 422), (70.5, 422), ("70", 422), (True, 422)):
        answer = await ask("i", "POST", ROOT, mid | {"passing_score": score})
        assert answer[0] == expected
        assert expected == 201 or fields(answer) == ["passing_score"]
    # assessments case 17
    assert fields(await ask("i", "POST", ROOT, {"title": "x", "passing_score": 0})) == [
        "course_id",
        "title",
        "passing_score",
    ]
    # assessments case 18
    for junk in (b"{bad", b"", b"[]", b"\xff", b"1"):
        assert code(await ask("i", "POST", ROOT, content=junk)) == (400, "BAD_REQUEST")


async def test_add_a_question(ask: Ask, place: Place) -> None:
    mid = {"course_id": place.course, "title": "Mid", "passing_score": 70}
    # assessments case 19
    path = f"{ROOT}/{(await ask('i', 'POST', ROOT, mid))[1]['data']['id']}"
    question = {"type": "true_false", "text": "New?", "correct_answer": False}
    status, body = await ask("i", "POST", path + "/questions", question)
    assert (status, body["data"]["position"], body["data"]["points"], body["data"]["correct_answer"]) == (
        201,
        1,
        1,
        False,
    )
    assert (await ask("a", "GET", path))[1]["data"]["question_count"] == 1
    for who in "atdnj":
        assert code(await ask(who, "POST", path + "/questions", question)) == (403, "FORBIDDEN")
    assert fields(await ask("i", "POST", path + "/questions", {})) == ["type", "text", "correct_answer"]


async def test_change(ask: Ask, place: Place) -> None:
    status, body = await ask("i", "PATCH", place.path, {"title": " New ", "max_attempts": None, "passing_score": 9})
    assert (status, body["data"]["title"], body["data"]["max_attempts"], body["data"]["passing_score"]) == (
        200,
        "New",
        None,
        9,
    )
    assert fields(await ask("i", "PATCH", place.path, {"time_limit_minutes": 0, "max_attempts": 10**30})) == [
        "time_limit_minutes",
        "max_attempts",
    ]
    for who in "atdnj":
        assert code(await ask(who, "PATCH", place.path, {"title": "Mine"})) == (403, "FORBIDDEN")


async def test_submit(ask: Ask, place: Place, ctx: Context) -> None:
    path = place.path + "/submissions"
    # assessments case 20
    status, body = await ask("a", "POST", path, place.answers("opt_a", True, ["opt_a"]) | {"user_id": "usr_1"})
    first = body["data"]
    assert (status, first["score"], first["passed"], first["attempt"]) == (201, 66.67, False, 1)
    assert [each["correct"] for each in first["results"]] == [True, True, False]
    assert [each["answer"] for each in first["results"]] == ["opt_a", True, ["opt_a"]]
    assert first["user_id"] == f"usr_{place.world.student_id}"
    # assessments case 21
    for who in "aixt":
        assert await ask(who, "GET", f"{path}/{first['id']}") == (200, body)
    # assessments case 22
    for who in "bdnj":
        assert code(await ask(who, "GET", f"{path}/{first['id']}")) == (403, "FORBIDDEN")
    # assessments case 23
    status, body = await ask("a", "POST", path, place.answers(*ALL_RIGHT))
    second = body["data"]
    assert (status, second["score"], second["passed"], second["attempt"]) == (201, 100, True, 2)
    # assessments case 24
    assert code(await ask("a", "POST", path, place.answers(*ALL_RIGHT))) == (403, "ATTEMPT_LIMIT_REACHED")
    for made in (first, second):
        assert (await ask("a", "GET", f"{path}/{made['id']}"))[1]["data"] == made
    # assessments case 30
    other = (await ask("i", "GET", f"{ROOT}?page=2"))[1]["data"][0]["id"]
    assert code(await ask("a", "GET", f"{ROOT}/{other}/submissions/{first['id']}")) == (404, "NOT_FOUND")
    assert fields(await ask("a", "POST", f"{ROOT}/{other}/submissions", {"answers": []})) == ["answers"]


async def test_refused_submissions_do_not_count(ask: Ask, place: Place, ctx: Context) -> None:
    path = place.path + "/submissions"
    # assessments case 25
    for who in "dnjx":
        assert code(await ask(who, "POST", path, place.answers(*ALL_RIGHT))) == (403, "FORBIDDEN")
    # assessments case 26
    foreign = {"answers": [{"question_id": "qst_999999", "answer": 1}]}
    twice = {"answers": place.answers("opt_a")["answers"] * 2}
    assert fields(await ask("b", "POST", path, foreign)) == ["answers.0.question_id"]
    assert fields(await ask("b", "POST", path, twice)) == ["answers.1.question_id"]
    assert fields(await ask("b", "POST", path, {})) == ["answers"]
    assert fields(await ask("b", "POST", path, place.answers("opt_z"))) == ["answers.0.answer"]
    assert await count(ctx) == 0
    # assessments case 28, one after another; at once: tests/domain/test_concurrency.py
    await ask("i", "PATCH", place.path, {"max_attempts": 1})
    told = [(await ask("b", "POST", path, place.answers(*ALL_RIGHT)))[0] for _ in range(10)]
    assert told == [201] + [403] * 9


async def test_exactly_the_mark(ask: Ask, place: Place) -> None:
    # assessments case 27
    made = {"course_id": place.course, "title": "Half", "passing_score": 50}
    path = f"{ROOT}/{(await ask('i', 'POST', ROOT, made))[1]['data']['id']}"
    for text in ("One?", "Two?"):
        await ask("i", "POST", path + "/questions", {"type": "short_answer", "text": text, "correct_answer": ["Yes"]})
    questions = (await ask("a", "GET", path))[1]["data"]["questions"]
    answers = [{"question_id": questions[0]["id"], "value": " yes "}]
    status, body = await ask("a", "POST", path + "/submissions", {"answers": answers})
    assert (status, body["data"]["score"], body["data"]["passed"]) == (201, 50, True)


async def test_matching(ask: Ask, place: Place) -> None:
    sides = {"options": [{"id": "opt_p", "text": "P"}], "choices": [{"id": "opt_q", "text": "Q"}, "R"]}
    asked = {"type": "matching", "text": "Match.", "correct_answer": {"opt_p": "opt_q"}, **sides}
    status, body = await ask("i", "POST", place.path + "/questions", asked)
    assert (status, body["data"]["correct_answer"]) == (201, {"opt_p": "opt_q"})
    assert body["data"]["choices"] == [{"id": "opt_q", "text": "Q"}, {"id": "opt_c2", "text": "R"}]


async def test_a_hundred_requests_a_minute(ask: Ask, place: Place) -> None:
    # assessments case 29
    told = [(await ask("n", "GET", f"{ROOT}/x"))[0] for _ in range(101)]
    assert told == [404] * 100 + [429]


async def test_a_result_whose_scores_are_hidden(ask: Ask, place: Place) -> None:

    made = (await ask("a", "POST", place.path + "/submissions", place.answers(*ALL_RIGHT)))[1]["data"]
    await release_scores(place.world.instructor, assessment_id=place.work.assessment_id, is_released=False)
    path = f"{place.path}/submissions/{made['id']}"
    assert code(await ask("a", "GET", path)) == (403, "FORBIDDEN")
    assert (await ask("i", "GET", path))[1]["data"] == made
