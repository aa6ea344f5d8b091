"""Requests that take longer than they may: stopped, told, and without consequences for the next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.session import Database
from app.domain.catalog.models import Organization
from app.domain.identity.models import AccessToken, User
from app.domain.identity.service import create_user
from app.domain.identity.tokens import issue_token
from app.main import create_app
from app.principal import Principal
from app.settings import Settings
from schema.core.needs import declared
from schema.graph import build
from tests.answers import uncounted
from tests.http.conftest import client_of

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i > 0) SELECT max(i) FROM n"
SECONDS = 0.5
MESSAGE = "the request took longer than 0.5 seconds and was stopped"
CREATE = '%s: createOrganization(input: {key: "%s", name: "%s"}) { userErrors { code } organization { key } }'
RESPONSE = "application/graphql-response+json"


@pytest.fixture
async def impatient(engine: AsyncEngine, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with little time and one connection, signed in as an administrator."""
    async with Database(engine) as db, db.transaction():
        ctx = Context(Principal.program, db)
        user_id = await create_user(ctx, username="root", is_staff=True)
        token = (await issue_token(ctx, user_id=user_id, name="time")).text
    app = create_app(replace(settings, pool_size=1, max_seconds=SECONDS))
    async with app.router.lifespan_context(app), client_of(app) as client, asyncio.timeout(60):
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
    async with engine.begin() as connection:
        for table in (AccessToken, User, Organization):
            await connection.execute(delete(table))


async def endless(context: Any, **arguments: Any) -> Any:
    """A root field that reads for ever."""
    return await context.domain.db.fetch(text(ENDLESS))


def replaced(monkeypatch: pytest.MonkeyPatch, root: Any, field: str, function: Any) -> None:
    monkeypatch.setattr(declared(root.fields[field]), "function", function)


@pytest.mark.parametrize("media_type", ["application/json", RESPONSE])
async def test_a_query_is_stopped(
    impatient: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, media_type: str
) -> None:
    schema = build().schema
    accepted = {"Accept": media_type}
    with monkeypatch.context() as patched:
        replaced(patched, schema.query_type, "viewer", endless)
        for query in ("{ viewer { uid } }", "{ organizations { totalCount } viewer { uid } __typename }"):
            response = await impatient.post("/graphql", json={"query": query}, headers=accepted)
            assert (response.status_code, response.headers["content-type"]) == (504, f"{media_type}; charset=utf-8")
            assert response.json() == {"errors": [{"message": MESSAGE, "extensions": {"code": "TIMEOUT"}}]}
    response = await impatient.post("/graphql", json={"query": "{ viewer { username } }"}, headers=accepted)
    assert (response.status_code, uncounted(response)) == (200, {"data": {"viewer": {"username": "root"}}})


async def test_a_mutation_is_rolled_back_and_those_before_it_are_told(
    impatient: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation_type = build().schema.mutation_type
    assert mutation_type is not None
    create = declared(mutation_type.fields["createOrganization"]).function  # type: ignore[union-attr]

    async def slow(ctx: Context, **arguments: Any) -> Any:
        made = await create(ctx, **arguments)
        if arguments["key"] == "slow":
            await ctx.db.fetch(text(ENDLESS))
        return made

    fields = " ".join(CREATE % (key, key, key) for key in ("quick", "slow", "next"))
    with monkeypatch.context() as patched:
        replaced(patched, mutation_type, "createOrganization", slow)
        response = await impatient.post("/graphql", json={"query": f"mutation {{ {fields} }}"})
    assert (response.status_code, uncounted(response)) == (
        504,
        {
            "data": {
                "quick": {"userErrors": [], "organization": {"key": "quick"}},
                "slow": None,
                "next": None,
            },
            "errors": [
                {
                    "message": MESSAGE,
                    "locations": response.json()["errors"][place]["locations"],
                    "path": [key],
                    "extensions": {"code": "TIMEOUT"},
                }
                for place, key in enumerate(("slow", "next"))
            ],
        },
    )
    async with Database(engine) as db:
        assert [key for (key,) in await db.fetch(select(Organization.key))] == ["quick"]
    again = await impatient.post("/graphql", json={"query": f"mutation {{ {CREATE % ('slow', 'slow', 'slow')} }}"})
    assert uncounted(again) == {"data": {"slow": {"userErrors": [], "organization": {"key": "slow"}}}}
