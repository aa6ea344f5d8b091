"""Who asks: tokens in the Authorization header, what they may do, and who is told how a query was executed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from app.domain.identity.models import AccessToken
from tests.answers import uncounted
from tests.clock import NOW
from tests.http.conftest import Served

VIEWER = "{ viewer { username } }"
USERS = "{ users { totalCount } }"
NOBODY = "sign in: this needs an access token"


async def test_without_a_token_one_is_nobody(served: Served) -> None:
    assert await served.data(VIEWER, None) == {"viewer": None}
    response = await served.post(USERS, None)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="campusgraph"')
    assert response.json() == {"errors": [{"message": NOBODY, "extensions": {"code": "UNAUTHENTICATED"}}]}


PUBLIC = [
    ("{ __typename viewer { username } }", {"__typename": "Query", "viewer": None}),
    ("{ ...F } fragment F on Query { ... { me: viewer { uid } } }", {"me": None}),
    ("{ limits { page } }", {"limits": {"page": 100}}),
]


@pytest.mark.parametrize(("query", "data"), PUBLIC)
async def test_what_the_graph_tells_anybody(served: Served, query: str, data: Any) -> None:
    assert await served.data(query, None) == data


PRIVATE = [
    USERS,
    "{ nobody }",
    "{ viewer { uid } users { totalCount } }",
    "{ viewer: users { totalCount } }",
    "{ ...F } fragment F on Query { viewer { uid } ...G } fragment G on Query { ... on Query { nobody } }",
    "{ ...F } fragment F on Query { ...F users { totalCount } }",
    "query A { viewer { uid } } query B { users { totalCount } }",
    'mutation { createUser(input: {username: "new"}) { user { id } } }',
    "mutation { __typename }",
    "subscription { viewer { uid } }",
]


@pytest.mark.parametrize("query", PRIVATE)
async def test_anything_else_needs_somebody_before_it_is_validated(served: Served, query: str) -> None:
    """Also a document that was validated already, for somebody else: nothing tells whether the fields exist."""
    for _ in range(2):
        response = await served.post(query, None, operationName="A" if query.startswith("query A") else None)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="campusgraph"')
        assert response.json() == {"errors": [{"message": NOBODY, "extensions": {"code": "UNAUTHENTICATED"}}]}
        assert (await served.post(query, "student")).status_code != 401


@pytest.mark.parametrize("token", ["student", "last moment"])
async def test_a_token_that_works(served: Served, token: str) -> None:
    assert await served.data(VIEWER, token) == {"viewer": {"username": "sam"}}


@pytest.mark.parametrize("token", ["revoked", "expired", "inactive", "mistyped", "empty"])
async def test_a_token_that_does_not_work(served: Served, token: str) -> None:
    """Every reason is the same answer, with and without a document that could be executed."""
    for query in (VIEWER, USERS, "{", "{ nobody }"):
        response = await served.client.post("/graphql", json={"query": query}, headers=served.signed(token))
        assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="campusgraph"')
        message = "the access token is not valid"
        assert response.json() == {"errors": [{"message": message, "extensions": {"code": "UNAUTHENTICATED"}}]}


HEADERS = [
    *("", "Bearer", "Bearer  ", "Basic c2FtOnNhbQ==", "Token {}", "{}"),
    *("Bearer {} x", "Bearer\u00a0{}", "Bearer é", "Bearer {},{}"),
]


@pytest.mark.parametrize("header", HEADERS)
async def test_a_header_that_holds_no_token(served: Served, header: str) -> None:
    value = header.replace("{}", served.tokens["student"]).encode("latin-1")
    response = await served.client.post("/graphql", json={"query": VIEWER}, headers={b"authorization": value})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="campusgraph"')
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "BEARER  {} "])
async def test_a_header_that_holds_a_token(served: Served, header: str) -> None:
    headers = {"Authorization": header.replace("{}", served.tokens["student"])}
    response = await served.client.get("/graphql", params={"query": VIEWER}, headers=headers)
    assert (response.status_code, uncounted(response)) == (200, {"data": {"viewer": {"username": "sam"}}})


async def test_a_token_that_may_not_read(served: Served) -> None:
    response = await served.post(VIEWER, "writer")
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "INSUFFICIENT_SCOPE"}
    assert "www-authenticate" not in response.headers


async def test_a_token_that_only_reads_writes_nothing(served: Served) -> None:
    mutation = f'mutation {{ updateUser(input: {{userId: "{served.world.admin_id}", name: "X"}}) {{ user {{ id }} }} }}'
    body = (await served.post(mutation, "reader")).json()
    assert body["data"] == {"updateUser": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INSUFFICIENT_SCOPE"]


async def test_an_administrator_is_a_plain_user_without_the_scope(served: Served) -> None:
    counts = "{ users { totalCount } courseInstances { totalCount } submissions { totalCount } }"
    assert [each["totalCount"] for each in (await served.data(counts, "admin")).values()] == [8, 2, 1]
    for token in ("narrow", "reader"):
        assert [each["totalCount"] for each in (await served.data(counts, token)).values()] == [1, 0, 0]
    mutation = 'mutation { createUser(input: {username: "new"}) { user { id } } }'
    body = (await served.post(mutation, "narrow")).json()
    assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]


async def test_the_use_of_a_token_is_noted(served: Served) -> None:
    db, used = served.world.admin.db, select(AccessToken.last_used_at).where(AccessToken.name == "loner")
    for before in (None, NOW):
        await db.execute(update(AccessToken).where(AccessToken.name == "loner").values(last_used_at=before))
        assert await served.data(VIEWER, "loner") == {"viewer": {"username": "lou"}}
        assert await db.scalar(used) == NOW


PLAN = {"lines": ["viewer: root", "  User (attributes): username"], "statements": 1, "rows": 2, "givenUp": None}


async def test_a_plan_is_told_to_administrators_who_ask(served: Served) -> None:
    expected = {"data": {"viewer": {"username": "root"}}, "extensions": {"plan": PLAN}}
    assert uncounted(await served.post(VIEWER, "admin", extensions={"plan": True})) == expected
    parameters = {"query": VIEWER, "extensions": '{"plan": true}'}
    response = await served.client.get("/graphql", params=parameters, headers=served.signed("admin"))
    assert uncounted(response) == expected
    for token in ("admin", "narrow", "student", None):
        for extensions in ({"plan": token != "admin"}, {"plan": "true"}, {"plan": 1}, {}, None):
            body = uncounted(await served.post(VIEWER, token, extensions=extensions))
            assert set(body) == {"data"}
