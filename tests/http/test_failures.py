"""What nobody foresaw is told as INTERNAL_ERROR and logged once; what the application answers beside GraphQL."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from app.db.compiled import Read
from app.db.session import Database
from app.errors import Unauthenticated
from tests.answers import uncounted
from tests.conftest import RolledBackDatabase
from tests.http.conftest import Served, client_of

JSON, RESPONSE = "application/json", "application/graphql-response+json"
LISTS = "{ viewer { username } users { totalCount nodes { uid } } }"


class Failing(RolledBackDatabase):
    """A database that gives way once so many statements have gone well."""

    good = 0

    async def read(self, read: Read, given: Mapping[str, Any]) -> Any:
        self._fail()
        return await super().read(read, given)

    async def read_raw(self, read: Read, given: Mapping[str, Any]) -> Any:
        self._fail()
        return await super().read_raw(read, given)

    def _fail(self) -> None:
        if self.statements >= self.good:
            raise RuntimeError("the disk is on fire")


async def failing(served: Served, good: int, query: str, accept: str = JSON) -> Any:
    """The answer of an application whose database fails after so many statements."""
    intact = served.app.state.open_database

    def open_database() -> Database:
        whole = intact()
        made = Failing(whole._connection, whole._lock)
        made.good = good
        return made

    served.app.state.open_database = open_database
    try:
        return await served.post(query, "admin", accept)
    finally:
        served.app.state.open_database = intact


@pytest.mark.parametrize("accept", [JSON, RESPONSE])
async def test_a_failure_before_execution_is_masked(
    served: Served, caplog: pytest.LogCaptureFixture, accept: str
) -> None:
    with caplog.at_level(logging.INFO):
        response = await failing(served, 0, LISTS, accept)
    assert (response.status_code, response.headers["content-type"]) == (500, f"{accept}; charset=utf-8")
    extensions = {"code": "INTERNAL_ERROR", "requestId": response.headers["x-request-id"]}
    assert response.json() == {"errors": [{"message": "Internal server error", "extensions": extensions}]}
    (record,) = (each for each in caplog.records if each.levelno >= logging.ERROR)
    assert (record.name, record.getMessage()) == ("campusgraph.graphql", "unforeseen error")
    assert "on fire" in str(record.exc_info and record.exc_info[1])


FIELDS = ["viewer", "course"]


@pytest.mark.parametrize("good", [1, 2])
async def test_a_failure_of_a_field_is_masked_with_its_path(
    served: Served, caplog: pytest.LogCaptureFixture, good: int
) -> None:
    """The plan is given up; graphql-core starts again, as far as the database lets it."""
    with caplog.at_level(logging.INFO):
        response = await failing(served, good, "{ viewer { username } course(by: {databaseId: 1}) { id } }")
    body = uncounted(response)
    assert (response.status_code, set(body)) == (200, {"data", "errors"})
    assert [error["path"] for error in body["errors"]] == [[name] for name in FIELDS]
    extensions = {"code": "INTERNAL_ERROR", "requestId": response.headers["x-request-id"]}
    for error in body["errors"]:
        assert (error["message"], error["extensions"]) == ("Internal server error", extensions)
    assert {name for name, value in body["data"].items() if value is None} == set(FIELDS)
    logged = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert logged == [f"unforeseen error at {[name]}" for name in FIELDS]


async def test_a_refusal_is_not_logged(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for token in ("revoked", None, "student"):
            await served.post("{ users(first: 101) { totalCount } }", token)
        await served.post("{ nobody }")
        await served.post("{")
    assert [each.getMessage() for each in caplog.records if each.name.startswith("campusgraph")] == ["request"] * 5


async def test_a_client_that_goes_away_is_no_failure(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/graphql", "raw_path": b"/graphql"}
    scope |= {"headers": [(b"content-type", b"application/json")], "query_string": b"", "app": served.app}
    with caplog.at_level(logging.INFO):
        await served.app(scope, receive, send)
    assert sent == []
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


EQUAL = [
    LISTS,
    "{ courseInstances { nodes { name gradebook { user { uid } cells { points startedAt } } } } }",
    "{ submissions { totalCount nodes { number submittedAt answer scores { value problem { name } } } } }",
    "query ($n: Int = 2) { users(first: $n, orderBy: [{field: USERNAME}]) { edges { cursor node { id } } } }",
    '{ __typename viewer { __typename } node(id: "VXNlcjox") { __typename id } __schema { queryType { name } } }',
    "{ viewer { name } users(first: 101) { totalCount } }",
    '{ users(after: "x") { totalCount } viewer { uid } }',
    'mutation { createUser(input: {username: ""}) { user { id } userErrors { code field message } } }',
    "{ nobody }",
    "{",
    "query A { viewer { uid } } query B { viewer { uid } }",
]


@pytest.mark.parametrize("query", EQUAL)
async def test_answers_are_the_same_without_the_executor(served: Served, query: str) -> None:
    """CAMPUSGRAPH_EXECUTOR off: byte for byte, for those who may and those who may not."""
    async with served.set(cost_limit=0) as planning, served.set(executor=False, cost_limit=0) as plain:
        for token in ("admin", "student", "loner", None):
            for accept in (JSON, RESPONSE):
                by_plan, by_core = [await each.post(query, token, accept) for each in (planning, plain)]
                assert by_plan.status_code == by_core.status_code
                assert by_plan.content == by_core.content
                assert by_plan.headers["content-type"] == by_core.headers["content-type"]


async def test_without_the_executor_there_is_no_plan_to_tell(served: Served) -> None:
    async with served.set(executor=False) as plain:
        response = await plain.post("{ viewer { username } }", "admin", extensions={"plan": True})
    assert uncounted(response) == {"data": {"viewer": {"username": "root"}}}


async def test_health(served: Served) -> None:
    """Says that the server is up, and asks no database."""

    def none() -> Database:
        raise Unauthenticated("nobody opens a database")

    intact, served.app.state.open_database = served.app.state.open_database, none
    for method, content in (("GET", b"ok\n"), ("HEAD", b"")):
        response = await served.client.request(method, "/healthz")
        assert (response.status_code, response.content) == (200, content)
    served.app.state.open_database = intact
    response = await served.client.post("/healthz")
    assert (response.status_code, set(response.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


PATHS = [
    *("/graphql/", "/graphql/x", "/GraphQL", "/%67raphql%00", "/healthz/"),
    *("/openapi", "/openapi/", "/favicon.ico", "/%00", "/pl"),
]


@pytest.mark.parametrize("path", PATHS)
async def test_other_paths_are_not_found(served: Served, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        response = await served.client.request(method, path, headers=served.signed())
        assert (response.status_code, response.headers.get("location")) == (404, None)


async def test_the_application_has_a_connection_of_its_own_for_each_request(served: Served) -> None:
    opened: list[Database] = []
    intact = served.app.state.open_database

    def open_database() -> Database:
        opened.append(intact())
        return opened[-1]

    served.app.state.open_database = open_database
    async with client_of(served.app) as client:
        for _ in range(3):
            await client.post("/graphql", json={"query": LISTS}, headers=served.signed())
        await client.post("/graphql", json={"query": ""}, headers=served.signed())
        await client.get("/healthz")
    served.app.state.open_database = intact
    assert len(set(map(id, opened))) == 3
