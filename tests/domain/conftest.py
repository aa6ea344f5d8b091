"""A database connection for each module, so that its tests may share a world: each forgets what it wrote itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.context import Context
from app.db.session import Database
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.factories import University, university

Connected = tuple[AsyncConnection, asyncio.Lock]


@pytest.fixture(scope="module")
async def connected(engine: AsyncEngine) -> AsyncIterator[Connected]:
    """A connection in a transaction that is never committed."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        yield connection, asyncio.Lock()
        await outer.rollback()


@pytest.fixture(scope="module")
def founder(connected: Connected) -> Context:
    """An administrator whose writes stay for the module."""
    principal = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
    return Context(principal, RolledBackDatabase(*connected), clock=lambda: NOW)


@pytest.fixture(scope="module")
async def campus(founder: Context) -> University:
    """The university, made once for the module."""
    return await university(founder)


@pytest.fixture
async def open_database(connected: Connected) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases that all see, and later forget, what this test wrote."""
    connection, lock = connected
    savepoint = await connection.begin_nested()
    yield lambda: RolledBackDatabase(connection, lock)
    await savepoint.rollback()


@pytest.fixture
def world(campus: University, open_database: Callable[[], Database]) -> University:
    """The university, for one test to change."""
    return campus
