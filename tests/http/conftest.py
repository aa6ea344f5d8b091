"""The application over one university for a module of tests, and clients with the tokens of its people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from app.context import Context
from app.db.session import Database
from app.domain.identity.models import AccessToken
from app.domain.identity.service import update_user
from app.domain.identity.tokens import issue_token, revoke_token
from app.main import create_app
from app.principal import SCOPES, Principal
from app.settings import Settings
from tests.answers import uncounted
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.factories import University, at, coursework, handed_in, scored, university


@dataclass(frozen=True, slots=True)
class Served:
    """The application, a client without a token, the university behind it, and tokens by what they are."""

    app: Starlette
    client: httpx.AsyncClient
    world: University
    tokens: dict[str, str]

    def signed(self, token: str = "student") -> dict[str, str]:
        """The header that signs in."""
        return {"Authorization": f"Bearer {self.tokens[token]}"}

    async def post(self, query: str, token: str | None = "student", accept: str | None = None, **more: Any) -> Any:
        """The answer to a GraphQL request."""
        headers = {"Accept": accept} if accept else {}
        headers |= self.signed(token) if token else {}
        return await self.client.post("/graphql", json={"query": query, **more}, headers=headers)

    async def data(self, query: str, token: str | None = "student", **variables: Any) -> Any:
        """The data of an answer without errors."""
        response = await self.post(query, token, variables=variables)
        body = uncounted(response)
        assert (response.status_code, set(body)) == (200, {"data"}), body
        return body["data"]

    @asynccontextmanager
    async def set(self, **settings: Any) -> AsyncIterator[Served]:
        """The same university, served by an application with other settings."""
        app = create_app(replace(self.app.state.settings, **settings), self.app.state.open_database, lambda: NOW)
        async with client_of(app) as client:
            yield Served(app, client, self.world, self.tokens)


@asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application, whose unforeseen errors are answers as they are on a server."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture(scope="module")
async def served(engine: AsyncEngine, settings: Settings) -> AsyncIterator[Served]:
    """The application over a university with a scored submission of sam's."""
    async with engine.connect() as connection:
        outer, lock = await connection.begin(), asyncio.Lock()

        def open_database() -> Database:
            return RolledBackDatabase(connection, lock)

        program = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
        world = await university(Context(program, open_database(), clock=lambda: NOW))
        work = await coursework(world)
        await scored(world.instructor, await handed_in(world.student, work), work, release=True, Part_A=92.5, Style=8.0)
        tokens = await issued(world)
        app = create_app(settings, open_database, lambda: NOW)
        async with client_of(app) as client:
            yield Served(app, client, world, tokens)
        await outer.rollback()


async def issued(world: University) -> dict[str, str]:
    """A token of each kind; all but one have just been used."""
    tokens = {name: (await issue_token(getattr(world, name), name=name)).text for name in ("admin", "student", "loner")}
    for name, scopes in (("narrow", ["read", "write"]), ("writer", ["write"]), ("reader", ["read"])):
        tokens[name] = (await issue_token(world.admin, name=name, scopes=scopes)).text
    past = at(world.student, NOW - timedelta(days=1))
    tokens["expired"] = (await issue_token(past, name="expired", expires_at=NOW)).text
    tokens["last moment"] = (await issue_token(past, name="last", expires_at=NOW + timedelta(microseconds=1))).text
    revoked = await issue_token(world.student, name="revoked")
    await revoke_token(world.student, token_id=revoked.id)
    tokens["revoked"] = revoked.text
    tokens["inactive"] = (await issue_token(world.previewer, name="inactive")).text
    await update_user(world.admin, user_id=world.previewer_id, is_active=False)
    tokens |= {"mistyped": tokens["student"][:-1] + ("0" if tokens["student"][-1] != "0" else "1"), "empty": ""}
    await world.admin.db.execute(update(AccessToken).values(last_used_at=NOW))
    return tokens
