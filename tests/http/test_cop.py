"""The checks of graphql-cop, a published auditor of GraphQL servers, asked again with its own requests.

GET is for queries, and the audits of GraphQL over HTTP ask for it without signing in: what a stranger gets by it is the
name of the root type. The page for browsers is an installation's choice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import httpx
import pytest
from graphql import get_introspection_query

from tests.answers import uncounted
from tests.http.conftest import Served
from tests.http.sockets import opened
from tests.http.test_requests import VIEWER, code_of

Check: TypeAlias = Callable[[httpx.AsyncClient], Awaitable[bool]]
TYPENAME = "query cop { __typename }"
FIELDS = "fields { type { " * 4 + "fields { name }" + " } }" * 4


async def answered(client: httpx.AsyncClient, query: str) -> Any:
    """The body of the answer to a query by POST."""
    return (await client.post("/graphql", json={"query": query, "operationName": "cop"})).json()


async def overloads_aliases(client: httpx.AsyncClient) -> bool:
    body = await answered(client, "query cop { " + " ".join(f"alias{n}:__typename" for n in range(101)) + " }")
    return "alias100" in (body.get("data") or {})


async def batches(client: httpx.AsyncClient) -> bool:
    response = await client.post("/graphql", json=[{"query": TYPENAME, "operationName": "cop"}] * 10)
    return isinstance(response.json(), list)


async def overloads_directives(client: httpx.AsyncClient) -> bool:
    body = await answered(client, "query cop { __typename " + "@aa" * 10 + " }")
    return len(body.get("errors", ())) >= 10


async def introspects_in_circles(client: httpx.AsyncClient) -> bool:
    body = await answered(client, f"query cop {{ __schema {{ types {{ {FIELDS} }} }} }}")
    return bool(body.get("data"))


async def duplicates_fields(client: httpx.AsyncClient) -> bool:
    body = await answered(client, "query cop { " + "__typename \n" * 500 + " }")
    return bool(body.get("data"))


async def suggests_fields(client: httpx.AsyncClient) -> bool:
    bodies = [await answered(client, f"query cop {{ {each} }}") for each in ("__schema { directive }", "viewer { ui }")]
    return any("Did you mean" in error["message"] for body in bodies for error in body["errors"])


async def mutates_by_get(client: httpx.AsyncClient) -> bool:
    response = await client.get("/graphql", params={"query": "mutation cop { __typename }"})
    return "data" in response.json()


async def queries_by_get(client: httpx.AsyncClient) -> bool:
    response = await client.get("/graphql", params={"query": TYPENAME})
    return "data" in response.json()


async def queries_by_form(client: httpx.AsyncClient) -> bool:
    """A form of any site can send this with the browser's cookies."""
    response = await client.post("/graphql", data={"query": TYPENAME})
    return "data" in response.json()


async def introspects(client: httpx.AsyncClient) -> bool:
    body = await answered(client, "query cop { __schema { types { name fields { name } } } }")
    return bool(body.get("data"))


async def traces(client: httpx.AsyncClient) -> bool:
    return "tracing" in (await answered(client, TYPENAME)).get("extensions", {})


async def shows_exceptions(client: httpx.AsyncClient) -> bool:
    (error,) = (await answered(client, "qwerty cop { abc }"))["errors"]
    return set(error["extensions"]) != {"code"}


CHECKS: dict[str, Check] = {
    "alias overloading": overloads_aliases,
    "batching": batches,
    "circular introspection": introspects_in_circles,
    "directive overloading": overloads_directives,
    "field duplication": duplicates_fields,
    "field suggestions": suggests_fields,
    "GET mutations": mutates_by_get,
    "GET queries": queries_by_get,
    "introspection": introspects,
    "queries by form": queries_by_form,
    "trace mode": traces,
    "unhandled errors": shows_exceptions,
}
ALLOWED = {
    None: ["GET queries"],
    "student": ["GET queries", "introspection"],
    "admin": ["GET queries", "introspection"],
}


@pytest.mark.parametrize("token", ALLOWED)
async def test_what_an_auditor_finds(served: Served, token: str | None) -> None:
    async with served.set() as plain:
        if token:
            plain.client.headers.update(plain.signed(token))
        assert [name for name, check in CHECKS.items() if await check(plain.client)] == ALLOWED[token]


async def test_the_page_says_nothing_of_the_schema_and_may_be_absent(served: Served) -> None:
    headers = {"Accept": "text/html"}
    page = await served.client.get("/graphql", headers=headers)
    assert (page.status_code, "courseInstance" in page.text) == (200, False)
    async with served.set(graphiql=False) as plain:
        assert (await plain.client.get("/graphql", headers=headers)).status_code == 406


SCHEMA = [
    "{ __schema { queryType { name } } }",
    "{ viewer { uid } ...F } fragment F on Query { ... { s: __schema { types { name } } } }",
    "query A { __typename } query B { __schema { types { name } } }",
]


async def test_strangers_read_no_schema_unless_it_is_public(served: Served) -> None:
    for query in SCHEMA:
        response = await served.post(query, None, operationName="A" if query.startswith("query A") else None)
        assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == 'Bearer realm="campusgraph"'
    assert await served.data(VIEWER, None) == {"viewer": None}
    async with served.set(public_introspection=True) as public:
        for query in SCHEMA[:2]:
            assert set(uncounted(await public.post(query, None))) == {"data"}
    for token in ("student", "reader", "admin"):
        assert await served.data(SCHEMA[0], token) == {"__schema": {"queryType": {"name": "Query"}}}


TYPES = [
    '{ __typename __type(name: "User") { name } }',
    '{ __typename ...F } fragment F on Query { ... { __type(name: "User") @include(if: true) { kind } } }',
]


async def test_to_strangers_no_type_is_there(served: Served) -> None:
    """The audits of GraphQL over HTTP ask for a type without signing in."""
    named = "query ($name: String!) { __typename __type(name: $name) { name } }"
    for query, variables in ((TYPES[0], {}), (TYPES[1], {}), (named, {"name": "User"}), (named, {"name": ""})):
        response = await served.post(query, None, variables=variables)
        assert uncounted(response) == {"data": {"__typename": "Query", "__type": None}}
    assert (await served.data(named, name="User"))["__type"] == {"name": "User"}
    found = await served.data('{ a: __type(name: "User") { name } b: __type(name: "Int") { name } }', None)
    assert found == {"a": None, "b": None}
    response = await served.post(named, None, variables={"name": 1})
    assert code_of(response) == "BAD_USER_INPUT"


async def test_strangers_learn_no_more_by_a_socket(served: Served) -> None:
    async with opened(served.app) as socket:
        await socket.greet()
        await socket.ask("1", SCHEMA[0])
        message = await socket.hear()
        assert (message["type"], message["payload"][0]["extensions"]) == ("error", {"code": "UNAUTHENTICATED"})
        await socket.ask("2", TYPES[0])
        assert (await socket.hear())["payload"] == {"data": {"__typename": "Query", "__type": None}}
    async with opened(served.app, served.signed()) as socket:
        await socket.greet()
        await socket.ask("1", SCHEMA[0])
        assert (await socket.hear())["payload"] == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


async def test_the_usual_introspection_is_answered(served: Served) -> None:
    """As GraphiQL and code generators ask for it."""
    options = {"input_value_deprecation": True, "specified_by_url": True, "directive_is_repeatable": True}
    body = uncounted(await served.post(get_introspection_query(**options)))
    assert (set(body), body["data"]["__schema"]["queryType"]) == ({"data"}, {"name": "Query", "kind": "OBJECT"})


async def test_at_most_five_errors_are_told(served: Served) -> None:
    for number, told in ((1, 1), (5, 5), (6, 6), (1000, 6)):
        query = "{ " + " ".join(f"nothing{each}" for each in range(number)) + " }"
        errors = (await served.post(query)).json()["errors"]
        assert len(errors) == told
    assert errors[-1]["message"] == "Too many validation errors, error limit reached. Validation aborted."
