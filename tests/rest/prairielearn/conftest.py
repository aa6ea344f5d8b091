"""The contract's fixture over the application, and requests by its tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.context import Context
from app.db.session import Database
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.rest.prairielearn.world import fill

BASE = "/pl/api/v1"
CI = "/course_instances/41"


@dataclass(frozen=True, slots=True)
class Filled:
    """A connection whose open transaction holds the fixture, and the tokens of its people."""

    connection: AsyncConnection
    tokens: dict[str, str]


@dataclass(frozen=True, slots=True)
class PrairieLearn:
    """Requests to the API by the people of the fixture."""

    client: httpx.AsyncClient
    tokens: dict[str, str]
    ctx: Context

    async def get(self, path: str, who: str = "OWNER") -> httpx.Response:
        """The response to GET of a path below the base, by the token of `who`."""
        return await self.client.get(BASE + path, headers={"Private-Token": self.tokens[who]})

    async def body(self, path: str, who: str = "OWNER") -> Any:
        """The body of a success."""
        response = await self.get(path, who)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture(scope="package")
async def filled(engine: AsyncEngine) -> AsyncIterator[Filled]:
    """The fixture, written once for all tests of this package."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        administrator = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
        db = RolledBackDatabase(connection, asyncio.Lock())
        yield Filled(connection, await fill(Context(administrator, db, lambda: NOW)))
        await outer.rollback()


@pytest.fixture
async def open_database(filled: Filled) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases with the fixture in them that all see, and later forget, what this test wrote."""
    savepoint = await filled.connection.begin_nested()
    lock = asyncio.Lock()
    yield lambda: RolledBackDatabase(filled.connection, lock)
    await savepoint.rollback()


@pytest.fixture
def pl(client: httpx.AsyncClient, filled: Filled, ctx: Context) -> PrairieLearn:
    return PrairieLearn(client, filled.tokens, ctx)
