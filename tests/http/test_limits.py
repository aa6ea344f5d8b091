"""Limits of bodies and documents, to the byte and the level; values that no database takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from tests.http.conftest import Served

JSON, RESPONSE = "application/json", "application/graphql-response+json"
VIEWER = "{ viewer { username } }"


async def outcome(served: Served, query: str, **variables: Any) -> str | None:
    """The code of the first error of an answer, None without one; 200 and 422 or 400 as the media type wants it."""
    codes = []
    for accept in (JSON, RESPONSE):
        response = await served.post(query, "admin", accept, variables=variables)
        body = response.json()
        code = body["errors"][0]["extensions"]["code"] if "errors" in body else None
        is_request_error = "data" not in body
        assert response.status_code in ((400, 422) if accept == RESPONSE and is_request_error else (200,)), body
        codes.append(code)
    assert codes[0] == codes[1] != "INTERNAL_ERROR"
    return codes[0]


async def test_a_body_as_large_as_allowed(served: Served) -> None:
    body = orjson.dumps({"query": VIEWER})
    headers = served.signed() | {"Content-Type": JSON}
    async with served.set(body_limit=1000) as small:
        for size, status in ((1000, 200), (1001, 413), (5000, 413)):
            response = await small.client.post("/graphql", content=body.ljust(size), headers=headers)
            assert response.status_code == status
        assert response.json()["errors"][0]["extensions"] == {"code": "BODY_TOO_LARGE"}
        assert response.json()["errors"][0]["message"] == "A body has at most 1000 bytes."


async def test_a_body_in_pieces_is_read_no_further_than_the_limit(served: Served) -> None:
    read = []

    async def pieces() -> AsyncIterator[bytes]:
        for piece in range(100):
            read.append(piece)
            yield b" " * 100

    headers = served.signed() | {"Content-Type": JSON}
    async with served.set(body_limit=1000) as small:
        response = await small.client.post("/graphql", content=pieces(), headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (413, {"code": "BODY_TOO_LARGE"})
    assert len(read) <= 12


async def test_tokens_of_a_document(served: Served) -> None:
    """Braces, names, colons and comments count; commas and spaces do not."""
    exact = "{ viewer { u1: uid, u2: uid, # a comment\n } }"
    async with served.set(max_tokens=12) as small:
        assert await outcome(small, exact) is None
        assert await outcome(small, exact.replace("u2: uid", "u2: uid name")) == "GRAPHQL_PARSE_FAILED"


async def test_levels_of_a_document(served: Served) -> None:
    """Fragments count where they are spread; introspection and the connection's own levels as everything else."""
    async with served.set(max_depth=3) as small:
        for query, code in (
            ("{ users { nodes { name } } }", None),
            ("{ users { nodes { enrollments { totalCount } } } }", "LIMIT_EXCEEDED"),
            ("{ users { ...A } } fragment A on UserConnection { nodes { name } }", None),
            ("{ users { ...B } } fragment B on UserConnection { nodes { ...C } } fragment C on User { name }", None),
            ("{ ...D } fragment D on Query { users { nodes { enrollments { totalCount } } } }", "LIMIT_EXCEEDED"),
            ("{ ... { ... on Query { ... { users { nodes { uid } } } } } }", None),
            ("query A { viewer { uid } } query B { users { nodes { enrollments { totalCount } } } }", "LIMIT_EXCEEDED"),
            ("{ __schema { types { fields { type { ofType { name } } } } } }", None),
        ):
            accept = await small.post(query, "admin", operationName="A" if query.startswith("query A") else None)
            body = accept.json()
            found = body["errors"][0]["extensions"]["code"] if "errors" in body else None
            assert (accept.status_code, found) == (200, code), query


async def test_aliases_of_a_document(served: Served) -> None:
    """An alias of a field without arguments counts as well; one in a fragment once, however often it is spread."""
    names = " ".join(f"a{number}: uid" for number in range(3))
    async with served.set(max_aliases=3) as small:
        assert await outcome(small, f"{{ viewer {{ {names} }} }}") is None
        assert await outcome(small, f"{{ me: viewer {{ {names} }} }}") == "LIMIT_EXCEEDED"
        spread = f"{{ viewer {{ ...F ...F }} user(by: {{databaseId: 1}}) {{ ...F }} }} fragment F on User {{ {names} }}"
        assert await outcome(small, spread) is None
        assert await outcome(small, spread.replace("fragment", "fragment G on Course { b: key } fragment"))


async def test_directives_of_a_document(served: Served) -> None:
    """On fields, fragments and operations, each counts once, however often its fragment is spread."""
    async with served.set(max_directives=2) as small:
        fields = "uid @skip(if: false) name @include(if: true)"
        assert await outcome(small, f"{{ viewer {{ {fields} }} }}") is None
        assert await outcome(small, f"{{ viewer @skip(if: false) {{ {fields} }} }}") == "LIMIT_EXCEEDED"
        spread = f"{{ viewer {{ ...F ...F }} }} fragment F on User {{ {fields} }}"
        assert await outcome(small, spread) is None
        assert await outcome(small, spread.replace("...F ...F", "...F @skip(if: true)")) == "LIMIT_EXCEEDED"
        assert await outcome(small, "{ viewer @x @x @x { uid } }") == "LIMIT_EXCEEDED"


async def test_root_fields_of_a_mutation(served: Served) -> None:
    """Those of fragments as well; queries may have as many as they like."""
    rename = f'updateUser(input: {{userId: "{served.world.admin_id}", name: "Root"}}) {{ userErrors {{ code }} }}'
    async with served.set(max_mutations=2) as small:
        two = f"a: {rename} b: {rename}"
        assert await outcome(small, f"mutation {{ {two} }}") is None
        assert await outcome(small, f"mutation {{ {two} c: {rename} }}") == "LIMIT_EXCEEDED"
        spread = f"mutation {{ ...F ... {{ ...F }} }} fragment F on Mutation {{ {two} }}"
        assert await outcome(small, spread) is None
        assert await outcome(small, spread.replace("... {", f"c: {rename} ... {{")) == "LIMIT_EXCEEDED"
        assert await outcome(small, "{ a: viewer { uid } b: viewer { uid } c: viewer { uid } }") is None


async def test_objects_of_a_page(served: Served) -> None:
    async with served.set(max_page=3) as small:
        for size, code in ((3, None), (4, "LIMIT_EXCEEDED")):
            query = (
                "query ($n: Int) { users(first: $n) { totalCount } viewer { enrollments(first: $n) { totalCount } } }"
            )
            assert await outcome(small, query, n=size) == code
            ids = ["VXNlcjox"] * size
            assert await outcome(small, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids) == code


async def test_nodes_of_an_answer(served: Served) -> None:
    """Reckoned before anything runs, with the variables of the request."""
    query = "query ($n: Int) { users(first: $n) { nodes { enrollments(first: 9) { nodes { id } } } } }"
    async with served.set(max_nodes=30) as small:
        assert await outcome(small, query, n=3) is None
        assert await outcome(small, query, n=4) == "LIMIT_EXCEEDED"
        response = await small.post(query, "admin", RESPONSE, variables={"n": 4})
        message = "the operation may return 40 nodes: at most 30 are allowed"
        assert (response.status_code, response.json()["errors"][0]["message"]) == (422, message)


async def test_limits_are_told_to_everybody(served: Served) -> None:
    query = "{ limits { tokens depth aliases directives mutations page nodes seconds points } }"
    told: dict[str, Any] = {"tokens": 10_000, "depth": 15, "aliases": 100, "directives": 50, "mutations": 25}
    for token in (None, "student", "admin"):
        found = await served.data(query, token)
        assert found == {"limits": told | {"page": 100, "nodes": 500_000, "seconds": 30.0, "points": 200_000}}
    async with served.set(max_depth=4, max_page=7, max_seconds=1.5, cost_limit=9) as small:
        found = await small.data("{ limits { depth page seconds points } }", None)
        assert found == {"limits": {"depth": 4, "page": 7, "seconds": 1.5, "points": 9}}


async def test_the_limits_of_an_installation_that_says_nothing(served: Served) -> None:
    aliases = " ".join(f"a{number}: uid" for number in range(101))
    assert await outcome(served, f"{{ viewer {{ {aliases} }} }}") == "LIMIT_EXCEEDED"
    deep = "{ viewer " + "{ enrollments { nodes { user " * 5 + "{ uid }" + " } } }" * 5 + " }"
    assert await outcome(served, deep) == "LIMIT_EXCEEDED"
    assert await outcome(served, VIEWER + "#\n" * 9_995) == "GRAPHQL_PARSE_FAILED"
    assert await outcome(served, VIEWER + "#\n" * 9_994) is None


NESTED = [
    ("{ viewer " * 3_000, "GRAPHQL_PARSE_FAILED"),
    ("{ viewer " * 190 + "{ uid }" + " }" * 190, "LIMIT_EXCEEDED"),
    ("{ users(where: " + "{not: " * 3_000, "GRAPHQL_PARSE_FAILED"),
    ("{ users(where: " + "{not: " * 180 + "{}" + "}" * 180 + ") { totalCount } }", "LIMIT_EXCEEDED"),
    ("{ users(where: {and: " + "[" * 180 + "]" * 180 + "}) { totalCount } }", "LIMIT_EXCEEDED"),
    ("{ users(where: " + "{not: " * 63 + "{}" + "}" * 63 + ") { totalCount } }", "LIMIT_EXCEEDED"),
    ("query ($w: UserFilter = " + "{not: " * 64 + "{}" + "}" * 64 + ") { viewer { uid } }", "LIMIT_EXCEEDED"),
    ("query ($a: " + "[" * 180 + "Int" + "]" * 180 + ") { viewer { uid } }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ ...F } fragment F on Query { ...F }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ ...F } fragment F on Query { ...G } fragment G on Query { ...F viewer { uid } }", "GRAPHQL_VALIDATION_FAILED"),
    ("query @skip(if: " + "[" * 5_000, "GRAPHQL_PARSE_FAILED"),
]


@pytest.mark.parametrize(("query", "code"), NESTED, ids=lambda value: repr(value)[:32])
async def test_documents_that_nest_without_end(served: Served, query: str, code: str) -> None:
    assert await outcome(served, query) == code


@pytest.mark.parametrize("levels", [1, 15, 16, 17, 40, 62, 63, 64, 100, 500, 900])
async def test_filters_that_nest_in_variables(served: Served, levels: int) -> None:
    query = "query ($w: UserFilter) { users(where: $w) { totalCount } }"
    where: dict[str, Any] = {}
    for _ in range(levels - 1):
        where = {"not": where}
    expected = None if levels <= 16 else "LIMIT_EXCEEDED" if levels <= 63 else "BAD_USER_INPUT"
    assert await outcome(served, query, w=where) == expected


TEXTS = {
    "{ user(by: {username: %s}) { id } }": "String",
    "{ node(id: %s) { id } }": "ID",
    "{ users(where: {name: {contains: %s}}) { totalCount } }": "String",
    "{ users(after: %s) { nodes { id } } }": "String",
    "{ users(where: {or: [{name: {in: [%s]}}]}) { totalCount } }": "String",
}


@pytest.mark.parametrize("query", TEXTS)
async def test_texts_that_no_database_takes(served: Served, query: str) -> None:
    assert await outcome(served, query % '"a\\u0000b"') == "GRAPHQL_VALIDATION_FAILED"
    assert await outcome(served, query % '"""a\0b"""') in ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED")
    assert await outcome(served, query % '"a\\ud83d"') == "GRAPHQL_PARSE_FAILED"
    assert await outcome(served, query % '"a\\u{d800}"') == "GRAPHQL_PARSE_FAILED"
    assert await outcome(served, query % '"a\\u{110000}"') == "GRAPHQL_PARSE_FAILED"
    document = f"query ($t: {TEXTS[query]}!) {query % '$t'}"
    assert await outcome(served, document, t="a\0b") == "BAD_USER_INPUT"
    smile = await outcome(served, document, t="\U0001f600")
    assert smile == (None if "after" not in query else "BAD_REQUEST")
    assert await outcome(served, query % '"\\ud83d\\ude00"') == smile


async def test_texts_in_variables_that_nobody_uses_are_looked_at_too(served: Served) -> None:
    assert await outcome(served, VIEWER, unused="\0") == "BAD_USER_INPUT"
    assert await outcome(served, VIEWER, unused={"\0": 1}) == "BAD_USER_INPUT"
    assert await outcome(served, VIEWER, unused=2**63) == "BAD_USER_INPUT"
    assert await outcome(served, VIEWER, unused={"a": [1.5, None, True, 2**63 - 1]}) is None


INTEGERS = [
    (2**31 - 1, None),
    (-(2**31), None),
    (2**31, "BAD_USER_INPUT"),
    (-(2**31) - 1, "BAD_USER_INPUT"),
    (2**53 + 1, "BAD_USER_INPUT"),
    (2**63, "BAD_USER_INPUT"),
    (2**64, "BAD_USER_INPUT"),
    (10**300, "BAD_USER_INPUT"),
    (1.0, None),
    (1.5, "BAD_USER_INPUT"),
    (True, "BAD_USER_INPUT"),
    ("1", "BAD_USER_INPUT"),
]


@pytest.mark.parametrize(("value", "code"), INTEGERS, ids=repr)
async def test_integers(served: Served, value: Any, code: str | None) -> None:
    headers = served.signed("admin") | {"Content-Type": JSON}
    for query in (
        "query ($n: Int!) { user(by: {databaseId: $n}) { id } }",
        "query ($n: Int!) { users(where: {databaseId: {gte: $n}}) { totalCount } }",
        "query ($n: Int!) { users(where: {databaseId: {in: [1, $n, null]}}) { totalCount } }",
    ):
        spelled = orjson.dumps(value).decode() if not isinstance(value, int) or abs(value) < 2**53 else str(int(value))
        body = f'{{"query": {orjson.dumps(query).decode()}, "variables": {{"n": {spelled}}}}}'
        answer = (await served.client.post("/graphql", content=body, headers=headers)).json()
        found = answer["errors"][0]["extensions"]["code"] if "errors" in answer else None
        assert found == code, answer
    if isinstance(value, int) and not isinstance(value, bool):
        literal = await outcome(served, f"{{ user(by: {{databaseId: {value}}}) {{ id }} }}")
        assert literal == (None if code is None else "GRAPHQL_VALIDATION_FAILED")


NUMBERS = ["0", "-0.0", "1e300", "1e-320", "5e-324", "123456789012345678901234567890", "0.1", "2147483648"]


@pytest.mark.parametrize("number", NUMBERS)
async def test_numbers(served: Served, number: str) -> None:
    query = "query ($x: Float) { assessmentInstances(where: {points: {lt: $x}}) { totalCount } }"
    assert await outcome(served, query, x=float(number)) is None
    query = f"{{ assessmentInstances(where: {{points: {{gt: {number}}}}}) {{ totalCount }} }}"
    assert await outcome(served, query) is None


async def test_numbers_that_are_none(served: Served) -> None:
    for literal in ("1e400", "-1e400", "9" * 400):
        query = f"{{ assessmentInstances(where: {{points: {{lt: {literal}}}}}) {{ totalCount }} }}"
        assert await outcome(served, query) in (None, "GRAPHQL_VALIDATION_FAILED")
