"""Junk is refused in the API's own form, and never fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from app.rates import Rates
from tests.rest.blackboard.conftest import GRADEBOOK, A, Blackboard
from tests.rest.blackboard.operations import OPERATIONS, request_to

pytestmark = pytest.mark.anyio

IDS = [
    "1",
    "_1",
    "_1_",
    "_-1_1",
    "_1_1_1",
    "_99999999999999999999999999_1",
    "_１_1",
    "courseId:",
    "courseId:%00",
    "externalId:%ed%a0%80",
    "uuid:xyz",
    "uuid:" + "0" * 32,
    "nope:1",
    "%F0%9F%92%A9",
    "%0A",
    "_1_1%0A",
    "externalId:" + "x" * 3000,
    "finalGrade",
    "lastChanged",
]
QUERIES = [
    "limit=0",
    "limit=-1",
    "limit=x",
    "limit=1e3",
    "offset=-1",
    "offset=x",
    "created=yesterday",
    "created=0001-01-01T00:00:00%2B14:00",
    "created=2024-01-01T00:00:00Z&createdCompare=equal",
    "includeDisabledMemberships=perhaps",
    "sort=%00",
    "changeIndex=x",
]


@pytest.mark.parametrize("sent", IDS)
async def test_ids(bb: Blackboard, sent: str) -> None:
    paths = (
        "/v3/courses/{}",
        A + "/users/{}",
        GRADEBOOK + "/columns/{}",
        A + "/gradebook/categories/{}",
        "/v1/users/{}",
    )
    for path in paths:
        for method in ("GET", "PATCH"):
            response = await bb.send(method, path.format(sent), json={})
            assert response.status_code in (400, 404, 405), f"{method} {path}: {response.text}"


@pytest.mark.parametrize("query", QUERIES)
async def test_queries(bb: Blackboard, query: str) -> None:
    found = {}
    for path in ("/v3/courses", A + "/users", GRADEBOOK + "/columns", bb.column("M") + "/users", "/v1/users"):
        found[path] = (await bb.get(f"{path}?{query}")).status_code
    assert set(found.values()) <= {200, 400}
    assert 400 in found.values()


async def test_instants_at_the_ends_of_the_calendar(bb: Blackboard) -> None:
    for sent in (
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "2024-02-30T00:00:00Z",
        "2024-01-01T00:00:00.1234567Z",
    ):
        assert (await bb.get(f"/v3/courses?created={sent}")).status_code in (200, 400)


async def test_large_change_indices(bb: Blackboard) -> None:
    for sent, count in ((str(2**63), 0), ("9" * 40, 0), ("-5", 10), (str(2**33), 0)):
        assert len(await bb.results(f"{bb.column('M')}/users?changeIndex={sent}")) == count


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_bodies(bb: Blackboard, operation: str) -> None:
    method, path, _ = request_to(bb, operation)
    bodies = (b"{", b"[]", b"1", b'"x"', b"null", b"\xff\xfe", b"[" * 5000, b'{"name": 1e999}')
    for content in bodies:
        response = await bb.send(method, path, content=content, headers={"Content-Type": "application/json"})
        if method in ("GET", "DELETE"):
            assert response.status_code in (200, 202, 204, 404)
        else:
            assert response.status_code == 400, content
    if method not in ("GET", "DELETE"):
        response = await bb.send(method, path, content=b"a=1", headers={"Content-Type": "text/plain"})
        assert response.status_code == 415


WRONG: tuple[Any, ...] = ({}, [], "\0", 1e308, 2**70, True, "x" * 100_000, None, {"given": 1})


@pytest.mark.parametrize(
    "operation", [name for name, (method, *_) in OPERATIONS.items() if method not in ("GET", "DELETE")]
)
async def test_wrong_values(bb: Blackboard, operation: str) -> None:
    keys = ("name", "score", "text", "grading", "availability", "userName", "courseRoleId", "externalId", "exempt")
    method, path, _ = request_to(bb, operation)
    found = set()
    for key in keys:
        for value in WRONG:
            response = await bb.send(method, path, json={key: value})
            found.add(response.status_code)
    not_a_member = {404} if operation == "CreateAttempt" else set()
    assert found <= {200, 201, 400, 409} | not_a_member


async def test_paths_and_methods(bb: Blackboard) -> None:
    assert (await bb.refusal("/v9/nothing"))[0] == 404
    assert (await bb.refusal("/V3/courses"))[0] == 404
    assert (await bb.refusal("/v9/nothing", None))[0] == 401
    assert (await bb.refusal("/v3/courses", method="PUT"))[0] == 405
    assert (await bb.get("/v3/courses/")).status_code == 200
    spaced = f"{bb.column('M')}?%20fields=%E2%80%9Did,%20gradebookCategoryId%E2%80%9D"
    assert await bb.body(spaced) == {"id": bb.id("M"), "gradebookCategoryId": bb.id("E")}


async def test_the_quota_is_used_up(bb: Blackboard, app: Starlette) -> None:
    app.state.settings = replace(app.state.settings, blackboard_quota=2)
    app.state.rates = Rates()
    found = [await bb.get("/v3/courses") for _ in range(3)]
    assert [each.status_code for each in found] == [200, 200, 429]
    assert [each.headers["X-Rate-Limit-Remaining"] for each in found] == ["1", "0", "0"]
    assert found[2].headers["Retry-After"] == found[2].headers["X-Rate-Limit-Reset"]
    assert (await bb.get("/v3/courses", "S1")).status_code == 200
