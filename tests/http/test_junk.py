"""Whatever bytes arrive, the answer is never a failure of the server."""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.http.conftest import Served

CHECKED = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORDS = some.sampled_from(
    [
        *("{", "}", "(", ")", "[", "]", ":", "!", "$", "@", "...", "=", "|", "&", "#", ",", "\n", " ", '"', '"""'),
        *("query", "mutation", "subscription", "fragment", "on", "null", "true", "A", "skip", "include", "if", "oneOf"),
        *("viewer", "users", "nodes", "node", "edges", "cursor", "pageInfo", "totalCount", "uid", "id", "__typename"),
        *("first", "after", "where", "orderBy", "by", "ids", "and", "or", "not", "name", "eq", "in", "databaseId"),
        *("User", "Int", "ID", "1", "-1", "1e400", "99999999999", "0.5", '"VXNlcjox"', "$x", "DESC", "updateUser"),
    ]
)
KNOWN = ["", "\0", "VXNlcjox", "WzFd", "_", "%", "\\", "2024-01-01T00:00:00Z"]
TEXTS = some.text(max_size=12) | some.sampled_from(KNOWN)
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**70), 2**70) | some.floats(allow_nan=False) | TEXTS,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXTS | WORDS, inner, max_size=4),
    max_leaves=12,
)
QUERIES = some.lists(WORDS, max_size=40).map(" ".join) | some.text(max_size=60)
PERSISTED = some.fixed_dictionaries({"version": some.just(1) | VALUES, "sha256Hash": some.just("0" * 64) | VALUES})
BODIES = some.fixed_dictionaries(
    {},
    optional={
        "query": QUERIES | VALUES,
        "variables": VALUES,
        "operationName": VALUES,
        "extensions": VALUES | some.fixed_dictionaries({"persistedQuery": VALUES | PERSISTED}),
        "documentId": VALUES | some.sampled_from(["sha256:" + "0" * 64, "sha256:"]),
    },
)


def written(value: Any) -> bytes:
    """JSON, also of numbers that orjson does not write."""
    return json.dumps(value).encode()


BYTES = some.binary(max_size=200) | BODIES.map(written) | VALUES.map(written)
HEADER_BYTES = some.binary(max_size=40).map(lambda raw: bytes(each for each in raw if each not in b"\0\r\n"))
HEADERS = some.dictionaries(
    some.sampled_from(
        [b"accept", b"content-type", b"authorization", b"content-encoding", b"content-length", b"cookie", b"x", b"host"]
    ),
    HEADER_BYTES
    | some.sampled_from(
        [
            *(b"application/json", b"application/graphql-response+json;q=0.1", b"*/*", b"text/html", b";;q=,"),
            *(b"Bearer x", b"Bearer cgp_" + b"a" * 38, b"multipart/form-data", b"application/json;charset=utf-16"),
        ]
    ),
)


@pytest.fixture
def unforeseen(caplog: pytest.LogCaptureFixture) -> Any:
    """What has been logged as an error."""
    caplog.set_level(logging.ERROR)
    return lambda: [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]


@CHECKED
@given(body=BYTES, headers=HEADERS, is_signed=some.booleans())
async def test_bodies_and_headers(
    served: Served, unforeseen: Any, body: bytes, headers: dict[bytes, bytes], is_signed: bool
) -> None:
    headers = {b"content-type": b"application/json", **headers}
    if is_signed:
        headers[b"authorization"] = f"Bearer {served.tokens['admin']}".encode()
    response = await served.client.post("/graphql", content=body, headers=headers)
    assert response.status_code in (200, 400, 401, 404, 406, 413, 415, 422)
    assert "data" in response.json() or response.json()["errors"]
    assert unforeseen() == []


PARAMETERS = ["query", "variables", "operationName", "extensions", "documentId", "x"]


@CHECKED
@given(parameters=some.dictionaries(some.sampled_from(PARAMETERS), TEXTS | QUERIES))
async def test_parameters(served: Served, unforeseen: Any, parameters: dict[str, str]) -> None:
    sendable = {name: value.encode("utf-8", "replace").decode() for name, value in parameters.items()}
    response = await served.client.get("/graphql", params=sendable, headers=served.signed("admin"))
    assert response.status_code in (200, 400, 405)
    assert unforeseen() == []


@CHECKED
@given(
    method=some.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]),
    path=some.binary(max_size=30)
    | some.sampled_from([b"graphql", b"graphql", b"openapi/x.json", b"pl/api/v1/course_instances/1"]),
    query=some.binary(max_size=30),
    body=some.binary(max_size=60),
)
async def test_paths(served: Served, unforeseen: Any, method: str, path: bytes, query: bytes, body: bytes) -> None:
    """As they reach the application: the path decoded as far as it can be, the rest as it came."""
    started: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(message["status"])

    scope: dict[str, Any] = {"type": "http", "http_version": "1.1", "scheme": "http", "root_path": ""}
    scope |= {"method": method, "path": "/" + path.decode("utf-8", "replace"), "raw_path": b"/" + path}
    scope |= {"query_string": query, "headers": [(b"host", b"test")], "server": ("test", 80), "client": ("x", 1)}
    await served.app(scope, receive, send)
    assert len(started) == 1
    assert started[0] < 500
    assert unforeseen() == []


NUMBERS = some.integers(-(2**33), 2**33) | some.floats(allow_nan=False) | some.booleans() | TEXTS | some.none()
CONDITIONS = some.recursive(
    some.dictionaries(
        some.sampled_from(["databaseId", "name", "username", "createdAt"]),
        some.dictionaries(
            some.sampled_from(["eq", "in", "gt", "lte", "contains", "startsWith", "isNull"]),
            NUMBERS | some.lists(NUMBERS, max_size=3),
            max_size=3,
        ),
        max_size=2,
    ),
    lambda inner: some.fixed_dictionaries(
        {}, optional={"and": some.lists(inner, max_size=3), "or": some.lists(inner, max_size=3), "not": inner}
    ),
    max_leaves=6,
)
ORDERS = [{"field": "USERNAME"}, {"field": "CREATED_AT", "direction": "DESC"}]
USERS = """query ($where: UserFilter, $order: [UserOrder!], $first: Int, $after: String) {
    users(where: $where, orderBy: $order, first: $first, after: $after) { totalCount nodes { uid } }
}"""


@CHECKED
@given(
    where=CONDITIONS,
    order=some.lists(some.sampled_from(ORDERS), max_size=2),
    first=some.integers(-1, 101),
    cursor=some.none() | some.lists(NUMBERS, max_size=3),
)
async def test_filters_orders_and_cursors(
    served: Served, unforeseen: Any, where: Any, order: Any, first: int, cursor: list[Any] | None
) -> None:
    """What fits is answered, everything else refused with a code."""
    after = None if cursor is None else urlsafe_b64encode(written(cursor)).decode()
    body = {"query": USERS, "variables": {"where": where, "order": order, "first": first, "after": after}}
    headers = served.signed("admin") | {"Content-Type": "application/json"}
    response = await served.client.post("/graphql", content=written(body), headers=headers)
    answer = orjson.loads(response.content)
    if response.status_code == 200 and "errors" not in answer:
        found = answer["data"]["users"]
        assert len(found["nodes"]) <= min(found["totalCount"], first, 8)
    else:
        codes = {error["extensions"]["code"] for error in answer["errors"]}
        assert codes <= {"BAD_REQUEST", "BAD_USER_INPUT", "LIMIT_EXCEEDED", "BAD_JSON"}
    assert unforeseen() == []
