"""Requests and answers: methods, media types, bodies, operations, tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from schema.core.errors import VALIDATION_FAILED
from tests.answers import uncounted
from tests.http.conftest import Served

JSON, RESPONSE = "application/json", "application/graphql-response+json"
VIEWER = "{ viewer { username } }"
SAM = {"data": {"viewer": {"username": "sam"}}}
RENAME = 'mutation { updateUser(input: {userId: "%d", name: "Samuel"}) { user { name } userErrors { code } } }'


def code_of(response: Any) -> str:
    """The code of the one error of an answer without data."""
    body = response.json()
    assert set(body) == {"errors"}
    (error,) = body["errors"]
    assert error["message"]
    return str(error["extensions"]["code"])


async def test_a_query_by_post(served: Served) -> None:
    query = "query Me($is: Boolean!) { viewer @include(if: $is) { username } }"
    response = await served.post(query, variables={"is": True})
    assert (response.status_code, uncounted(response)) == (200, SAM)
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["content-length"] == str(len(response.content))


async def test_a_query_by_get(served: Served) -> None:
    query = "query A { viewer { uid } } query B($is: Boolean!) { viewer @skip(if: $is) { username } }"
    parameters = {"query": query, "operationName": "B", "variables": '{"is": false}', "extensions": '{"x": [1]}'}
    response = await served.client.get("/graphql", params=parameters, headers=served.signed())
    assert (response.status_code, uncounted(response)) == (200, SAM)
    blank = {"query": VIEWER, "operationName": "", "variables": "", "extensions": "null"}
    response = await served.client.get("/graphql", params=blank, headers=served.signed())
    assert (response.status_code, uncounted(response)) == (200, SAM)


async def test_a_mutation_by_post_and_never_by_get(served: Served) -> None:
    mutation, name = RENAME % served.world.student_id, "query { viewer { name } }"
    response = await served.client.get("/graphql", params={"query": mutation}, headers=served.signed())
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert code_of(response) == "METHOD_NOT_ALLOWED"
    both = {"query": f"query Q {name[6:]} {mutation.replace('mutation', 'mutation M')}", "operationName": "M"}
    response = await served.client.get("/graphql", params=both, headers=served.signed())
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert await served.data(name) == {"viewer": {"name": "Sam"}}
    changed = await served.data(mutation)
    assert changed == {"updateUser": {"user": {"name": "Samuel"}, "userErrors": []}}
    assert await served.data(name) == {"viewer": {"name": "Samuel"}}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
async def test_other_methods(served: Served, method: str) -> None:
    response = await served.client.request(method, "/graphql", json={"query": VIEWER})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


BODIES = [b"null", b"1", b"true", b'"{ viewer { uid } }"', b"[]", b'[{"query": "{ viewer { uid } }"}]', b"{}", b"0.5"]
ENTRIES: list[dict[str, Any]] = [
    {"qeury": VIEWER},
    {"query": None},
    {"query": ""},
    {"query": 1},
    {"query": [VIEWER]},
    {"query": {"a": 1}},
    {"query": VIEWER, "variables": []},
    {"query": VIEWER, "variables": "{}"},
    {"query": VIEWER, "variables": 0},
    {"query": VIEWER, "variables": False},
    {"query": VIEWER, "extensions": []},
    {"query": VIEWER, "extensions": "x"},
    {"query": VIEWER, "operationName": 1},
    {"query": VIEWER, "operationName": False},
    {"query": VIEWER, "operationName": ["A"]},
]
BATCHES: list[list[Any]] = [[], [{"query": VIEWER}], [{"query": VIEWER}] * 2, [[]], [None]]
BATCH = "Send requests one at a time: batches are not served."


async def test_batches(served: Served) -> None:
    for batch in BATCHES:
        response = await served.client.post("/graphql", json=batch, headers=served.signed())
        assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
        assert response.json()["errors"][0]["message"] == BATCH


@pytest.mark.parametrize("media_type", [JSON, RESPONSE])
async def test_bodies_that_are_no_graphql_request(served: Served, media_type: str) -> None:
    headers = served.signed() | {"Accept": media_type, "Content-Type": JSON}
    for body in (*BODIES, *map(orjson.dumps, ENTRIES)):
        response = await served.client.post("/graphql", content=body, headers=headers)
        assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST"), body
        assert response.headers["content-type"] == f"{media_type}; charset=utf-8"


NO_JSON = [
    b"",
    b" ",
    b"{",
    b"nonsense",
    b"query={viewer{uid}}",
    b'{"query": "{ viewer { uid } }"}{}',
    b"{'query': 1}",
    b'{"query": NaN}',
    b'{"query": 1e999}',
    b"\xff\xfe{}",
    b'{"query": "\xc3\x28"}',
    b'{"query": "\\ud800"}',
    b"[" * 100_000,
    b'{"variables": ' + b'{"a": ' * 100_000,
]


@pytest.mark.parametrize("body", NO_JSON, ids=lambda body: repr(body[:24]))
async def test_bodies_that_are_no_json(served: Served, body: bytes) -> None:
    headers = served.signed() | {"Content-Type": JSON}
    response = await served.client.post("/graphql", content=body, headers=headers)
    assert (response.status_code, code_of(response)) == (400, "BAD_JSON")
    assert response.json()["errors"][0]["message"].startswith("The body is not JSON: ")


async def test_parameters_that_are_no_json(served: Served) -> None:
    for name in ("variables", "extensions"):
        parameters = {"query": VIEWER, name: "{x}"}
        response = await served.client.get("/graphql", params=parameters, headers=served.signed())
        assert (response.status_code, code_of(response)) == (400, "BAD_JSON")
        assert response.json()["errors"][0]["message"].startswith(f"`{name}` is not JSON: ")
    response = await served.client.get("/graphql", headers=served.signed())
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")


async def test_a_parameter_that_is_given_twice(served: Served) -> None:
    """A proxy may have looked at the other one."""
    for name, values in (("query", [VIEWER, VIEWER]), ("variables", ["{}", ""]), ("x", ["", ""])):
        parameters = [*([("query", VIEWER)] if name != "query" else []), *((name, each) for each in values)]
        response = await served.client.get(f"/graphql?{urlencode(parameters)}", headers=served.signed())
        assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")
        assert response.json()["errors"][0]["message"] == f"The parameter `{name}` is given twice."


STREAMS = [
    {"query": "subscription { viewer { uid } }"},
    {"query": "subscription S { nothing } query Q { viewer { uid } }", "operationName": "S"},
    {"query": "{ ... @defer { viewer { uid } } }"},
    {"query": 'query Q { ...F @defer(label: "x") } fragment F on Query { viewer { uid } }'},
    {"query": "{ users { nodes @stream(initialCount: 1) { uid } } }"},
]


@pytest.mark.parametrize("body", STREAMS)
async def test_what_is_answered_by_a_stream(served: Served, body: dict[str, Any]) -> None:
    """By one JSON document it can't be answered: that is no fault of the document, so the status is never 200."""
    for media_type in (JSON, RESPONSE):
        response = await served.post(**body, accept=media_type)
        assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")
        response = await served.client.get("/graphql", params=body, headers=served.signed() | {"Accept": media_type})
        assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")


WRONG = [
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED", 400),
    ({"query": "# nothing"}, "GRAPHQL_PARSE_FAILED", 400),
    ({"query": "{ nobody }"}, VALIDATION_FAILED, 422),
    ({"query": "fragment F on Query { viewer { uid } }"}, VALIDATION_FAILED, 422),
    ({"query": "{ viewer { uid } } query A { viewer { uid } }"}, VALIDATION_FAILED, 422),
    ({"query": "query A { viewer { uid } } query B { viewer { uid } }"}, "OPERATION_UNDETERMINED", 422),
    ({"query": "query A { viewer { uid } }", "operationName": "B"}, "OPERATION_UNDETERMINED", 422),
    ({"query": VIEWER, "operationName": "A"}, "OPERATION_UNDETERMINED", 422),
    ({"query": "query ($n: Int!) { users(first: $n) { totalCount } }"}, "BAD_USER_INPUT", 400),
    ({"query": "query ($n: Int) { users(first: $n) { totalCount } }", "variables": {"n": "1"}}, "BAD_USER_INPUT", 400),
]


@pytest.mark.parametrize(("body", "code", "status"), WRONG)
async def test_a_wrong_document_is_an_error_of_the_request(
    served: Served, body: dict[str, Any], code: str, status: int
) -> None:
    """With application/json the status is 200: it can't be told from a proxy's (GraphQL over HTTP)."""
    for media_type, expected in ((JSON, 200), (RESPONSE, status)):
        response = await served.post(**body, accept=media_type)
        assert (response.status_code, code_of(response)) == (expected, code)


UNFIT = 'query ($n: Int!, $m: Nothing, $o: Int = "x") { viewer { uid } }'


async def test_variables_that_do_not_fit_a_document_that_is_wrong_too(served: Served) -> None:
    """400 for the variables; what is wrong with the types of others or with their defaults is the document's: 422."""
    for variables, status, codes in (
        ({"n": "1"}, 400, [*[VALIDATION_FAILED] * 5, "BAD_USER_INPUT"]),
        ({}, 400, [*[VALIDATION_FAILED] * 5, "BAD_USER_INPUT"]),
        ({"n": 1, "m": []}, 422, [VALIDATION_FAILED] * 5),
        ({"n": 1, "o": "\0"}, 400, [*[VALIDATION_FAILED] * 5, "BAD_USER_INPUT"]),
    ):
        response = await served.post(UNFIT, accept=RESPONSE, variables=variables)
        body = response.json()
        assert (response.status_code, set(body)) == (status, {"errors"})
        assert [error["extensions"]["code"] for error in body["errors"]] == codes


async def test_an_error_of_a_field_leaves_the_rest(served: Served) -> None:
    query = "{ viewer { username } users(first: 101) { totalCount } }"
    for media_type in (JSON, RESPONSE):
        response = await served.post(query, accept=media_type)
        body = response.json()
        assert (response.status_code, body["data"]) == (200, None)
        (error,) = body["errors"]
        assert (error["path"], error["extensions"]) == (["users"], {"code": "LIMIT_EXCEEDED"})
    query = '{ viewer { username } course(by: {key: "a", databaseId: 1}) { id } }'
    body = (await served.post(query)).json()
    assert body["data"] == {"viewer": {"username": "sam"}, "course": None}
