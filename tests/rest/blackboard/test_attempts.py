"""Attempts: what was handed in for a column (contracts/blackboard.md §4.7, §5.8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.blackboard.conftest import GRADEBOOK, Blackboard

pytestmark = pytest.mark.anyio

LONG_AFTER = "2099-01-01T00:00:00.000Z"


async def test_attempts(bb: Blackboard) -> None:
    path = bb.column("T") + "/attempts"
    found = await bb.results(path)
    assert [(each["id"], each["userId"], each["status"], each.get("score")) for each in found] == [
        (bb.id("T1"), bb.id("S1"), "Completed", 7.5),
        (bb.id("T2"), bb.id("S1"), "NeedsGrading", None),
        (bb.id("T3"), bb.id("S2"), "NeedsGrading", None),
    ]
    assert found[0]["displayGrade"] == {"scaleType": "Score", "score": 7.5, "possible": 10}
    assert await bb.body(f"{path}/{bb.id('T1')}") == found[0]
    queries = {
        "userId=userName:s2": ["T3"],
        "attemptStatuses=Completed,Canceled": ["T1"],
        "attemptDate=2030-01-01T00:00:00Z": [],
        "created=2030-01-01T00:00:00Z&createdCompare=lessThan&limit=2": ["T1", "T2"],
    }
    for query, names in queries.items():
        assert [each["id"] for each in await bb.results(f"{path}?{query}")] == [bb.id(name) for name in names]


async def test_what_is_no_attempt(bb: Blackboard) -> None:
    path = bb.column("T") + "/attempts"
    assert (await bb.refusal(path + "?attemptStatuses=Done"))[0] == 400
    assert (await bb.refusal(path + "/_999999_1"))[0] == 404
    assert (await bb.refusal(bb.column("M") + "/attempts"))[0] == 400


async def test_learners_see_their_own(bb: Blackboard) -> None:
    path = bb.column("T") + "/attempts"
    own = await bb.results(path, "S2")
    assert [each["id"] for each in own] == [bb.id("T3")]
    assert (await bb.refusal(f"{path}/{bb.id('T1')}", "S2"))[0] == 404
    assert "score" not in (await bb.results(path, "S1"))[0]


async def test_an_attempt_is_made_and_marked(bb: Blackboard) -> None:
    path = bb.column("T") + "/attempts"
    told = {"studentSubmission": "So it is.", "studentComments": "late"}
    made = await bb.body(path, "S2", "POST", 201, json={**told, "status": "NeedsGrading", "score": 10})
    assert {name: made.get(name) for name in (*told, "status", "userId", "score")} == {
        **told,
        "status": "NeedsGrading",
        "userId": bb.id("S2"),
        "score": None,
    }
    one = f"{path}/{made['id']}"
    assert (await bb.body(one, "S2")) == made
    cleared = await bb.body(f"{bb.column('T')}/users/{bb.id('S2')}", method="PATCH", json={"score": None})
    marks = {"status": "Completed", "score": 8, "feedback": "Good.", "notes": "Hm."}
    marked = await bb.body(one, "TA", "PATCH", json=marks)
    assert {name: marked[name] for name in marks} == marks
    assert marked["displayGrade"] == {"scaleType": "Score", "score": 8, "possible": 10}
    changed = await bb.body(bb.column("T") + "/users/lastChanged")
    assert (changed["userId"], changed["displayGrade"]["score"]) == (bb.id("S2"), 8)
    assert changed["changeIndex"] > cleared["changeIndex"]
    own = await bb.body(one, "S2")
    assert (own["score"], own["feedback"], "notes" in own) == (8, "Good.", False)
    assert (await bb.body(one, "I", "PATCH", json={"exempt": True}))["exempt"] is True


async def test_an_attempt_beyond_what_is_allowed(bb: Blackboard) -> None:
    new = {"name": "Once", "score": {"possible": 5}, "grading": {"type": "Attempts", "attemptsAllowed": 1}}
    column = (await bb.body(GRADEBOOK + "/columns", method="POST", status=201, json=new))["id"]
    path = f"{GRADEBOOK}/columns/{column}/attempts"
    await bb.body(path, "S1", "POST", 201)
    assert (await bb.refusal(path, "S1", "POST"))[0] == 422
    assert (await bb.refusal(path, "I", "POST", json={"userId": bb.id("S1")}))[0] == 422
    assert len(await bb.results(path)) == 1


async def test_what_makes_no_attempt(bb: Blackboard) -> None:
    path = bb.column("T") + "/attempts"
    assert (await bb.refusal(bb.column("M") + "/attempts", method="POST", json={"userId": bb.id("S1")}))[0] == 400
    wrong: list[Any] = [{"status": "Completed"}, {"status": 7}, {"studentComments": 7}, {"userId": "S2"}]
    for sent in wrong:
        assert (await bb.refusal(path, method="POST", json={"userId": bb.id("S2"), **sent}))[0] == 400
    for nobody in (bb.id("STRANGER"), "_999999_1", "_99999999999999999999_1"):
        assert (await bb.refusal(path, method="POST", json={"userId": nobody}))[0] == 404
    assert len(await bb.results(path)) == 3
    marks: list[Any] = [
        {"score": 11},
        {"score": -1},
        {"score": "x"},
        {"text": "A"},
        {"status": "Done"},
        {"exempt": None},
    ]
    for sent in marks:
        assert (await bb.refusal(f"{path}/{bb.id('T2')}", method="PATCH", json=sent))[0] == 400
    assert (await bb.refusal(path + "/_999999_1", method="PATCH", json={"score": 1}))[0] == 404
    assert (await bb.refusal(f"{bb.column('M')}/attempts/{bb.id('T2')}", method="PATCH", json={}))[0] == 400
    assert "score" not in await bb.body(f"{path}/{bb.id('T2')}")


async def test_whose_attempt_it_is_while_it_is_anonymous(bb: Blackboard) -> None:
    path = bb.column("T") + "/attempts"
    anonymous = {"grading": {"anonymousGrading": {"type": "Date", "releaseAfter": LONG_AFTER}}}
    await bb.body(bb.column("T"), method="PATCH", json=anonymous)
    for who in ("TA", "I"):
        found = await bb.results(path, who)
        assert [("userId" in each, each["id"]) for each in found] == [
            (False, bb.id(name)) for name in ("T1", "T2", "T3")
        ]
        assert "userId" not in await bb.body(f"{path}/{bb.id('T1')}", who)
        assert await bb.results(f"{path}?userId={bb.id('S1')}", who) == []
    marked = await bb.body(f"{path}/{bb.id('T3')}", "TA", "PATCH", json={"score": 4})
    assert (marked["score"], "userId" in marked) == (4, False)
    await bb.body(f"{bb.column('T')}/users/{bb.id('S2')}", method="PATCH", json={"score": None})
    seen = [{each["userId"] for each in await bb.results(bb.column("T") + "/users", who)} for who in ("APP", "TA")]
    assert seen[0] - seen[1] == {bb.id("S2")}
    assert [each["userId"] for each in await bb.results(path, "S1")] == [bb.id("S1")] * 2
    assert [each["userId"] for each in await bb.results(path)] == [bb.id("S1"), bb.id("S1"), bb.id("S2")]
    over = {"grading": {"anonymousGrading": {"type": "None"}}}
    await bb.body(bb.column("T"), method="PATCH", json=over)
    assert [each["userId"] for each in await bb.results(path, "TA")] == [bb.id("S1"), bb.id("S1"), bb.id("S2")]
