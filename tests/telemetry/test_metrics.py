"""Requests, operations, batches and limits are counted under few labels; who may see the counts."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from app.telemetry.names import BoundedNames
from tests.http.conftest import Served

Counted = Callable[..., Callable[[], float]]


async def test_requests_are_counted_by_template_and_status(served: Served, counted: Counted) -> None:
    labels = {"method": "GET", "route": "/files/{file_id}"}
    refused = counted("requests_total", **labels, status="404")
    timed = counted("request_seconds_count", **labels)
    for place in ("1", "sam@uni.example"):
        assert (await served.client.get(f"/files/{place}")).status_code == 404
    assert (refused(), timed()) == (2, 2)


async def test_operations_are_counted_by_document_and_name(served: Served, counted: Counted) -> None:
    viewer = {"document": "client", "operation": "Viewer"}
    ok = counted("operations_total", **viewer, kind="query", outcome="ok")
    statements = counted("operation_statements_sum", **viewer)
    timed = counted("operation_seconds_count", **viewer)
    nameless = {"document": "client", "operation": "anonymous"}
    failed = counted("operations_total", **nameless, kind="mutation", outcome="error")
    route = {"document": "prairielearn/course_instances", "operation": "CourseInstance"}
    rest = counted("operations_total", **route, kind="query", outcome="ok")
    await served.data("query Viewer { viewer { uid } }")
    await served.post("mutation { dropEnrollment(input: {enrollmentId: 0}) { __typename } }")
    place = f"/pl/api/v1/course_instances/{served.world.course_instance_id}"
    await served.client.get(place, headers={"Private-Token": served.tokens["admin"]})
    assert (ok(), statements(), timed(), failed(), rest()) == (1, 1, 1, 1, 1)


async def test_batches_of_loaders_are_counted(served: Served, counted: Counted) -> None:
    batches, keys = counted("loader_batches_total"), counted("loader_keys_total")
    async with served.set(executor=False) as plain:
        await plain.data("{ viewer { enrollments { totalCount } } }")
    assert (batches(), keys()) == (3, 3)


FILTER = "{users(where: {id: {in: [" + "1," * 20_000 + "]}}) {totalCount}}"
REFUSED = [
    ("page", "{ courseInstances(first: 101) { totalCount } }"),
    ("aliases", "{" + " ".join(f"a{number}: __typename" for number in range(101)) + "}"),
    ("directives", "{" + "__typename " + "@skip(if: false) " * 51 + "}"),
    ("mutations", "mutation {" + " ".join(f"a{number}: __typename" for number in range(26)) + "}"),
    ("nodes", "{users(first: 100) {nodes {enrollments(first: 5000) {nodes {id}}}}}"),
    ("depth", "{viewer " + "{enrollments {nodes {user " * 5 + "{uid}" + "}}}" * 5 + "}"),
    ("body", "{ viewer { uid } }" + " " * 1024 * 1024),
]


@pytest.mark.parametrize(("limit", "query"), REFUSED, ids=[limit for limit, _ in REFUSED])
async def test_what_a_limit_refuses_is_counted(served: Served, counted: Counted, limit: str, query: str) -> None:
    hits = counted("limits_hit_total", limit=limit)
    await served.post(query)
    assert hits() == 1


async def test_a_rate_that_is_too_high_is_counted(served: Served, counted: Counted) -> None:
    hits = counted("limits_hit_total", limit="requests to Blackboard Learn's API")
    async with served.set(blackboard_quota=1) as narrow:
        answers = [
            await narrow.client.get("/learn/api/public/v3/courses", headers=served.signed("admin")) for _ in range(3)
        ]
    assert [each.status_code for each in answers] == [200, 429, 429]
    assert hits() == 2


def test_only_so_many_names_are_labels() -> None:
    names = BoundedNames(most=2)
    asked = ["A", "x" * 65, "B", "C", None, "A", "B"]
    assert [names.label(each) for each in asked] == ["A", "other", "B", "other", "anonymous", "A", "B"]


async def metrics(served: Served, token: str | None) -> httpx.Response:
    """The answer to somebody who asks for the metrics."""
    headers = {b"Authorization": f"Bearer {token}".encode()} if token is not None else {}
    return await served.client.get("/metrics", headers=headers)


async def test_administrators_see_the_metrics(served: Served) -> None:
    response = await metrics(served, served.tokens["admin"])
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    assert "# TYPE campusgraph_requests_total counter\n" in response.text


@pytest.mark.parametrize(
    ("caller", "status", "code"),
    [
        (None, 401, "UNAUTHENTICATED"),
        ("revoked", 401, "UNAUTHENTICATED"),
        ("student", 403, "FORBIDDEN"),
        ("narrow", 403, "FORBIDDEN"),
        ("writer", 403, "INSUFFICIENT_SCOPE"),
    ],
)
async def test_nobody_else_does(served: Served, caller: str | None, status: int, code: str) -> None:
    response = await metrics(served, served.tokens[caller] if caller else None)
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (status, {"code": code})
    assert ("www-authenticate" in response.headers) is (status == 401)


async def test_the_metrics_have_a_token_of_their_own(served: Served) -> None:
    async with served.set(metrics_token="só-many") as guarded:
        tokens = ("só-many", "só", "so-many", served.tokens["student"], served.tokens["admin"])
        found = [(await metrics(guarded, each)).status_code for each in tokens]
    assert found == [200, 401, 401, 403, 200]
    assert (await metrics(served, "")).status_code == 401
