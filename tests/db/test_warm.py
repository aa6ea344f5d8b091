"""Connections of PostgreSQL that stay at hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.engine import create_engine
from app.db.session import Database
from app.db.warm import WarmConnections
from app.settings import Settings


@pytest.fixture
async def own(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine with a single connection."""
    if settings.is_sqlite:
        pytest.skip("SQLite reads without a connection")
    engine = create_engine(Settings(database_url=settings.database_url, pool_size=1))
    yield engine
    await engine.dispose()


async def process_of(db: Database) -> int:
    """The server's process behind a connection."""
    found: int = await db.scalar(text("SELECT pg_backend_pid()"))
    return found


async def test_the_next_request_has_the_same_connection(own: AsyncEngine) -> None:
    warm, processes = WarmConnections(own, 1), []
    for _ in range(3):
        async with asyncio.timeout(10), Database(own, None, warm) as db:
            processes.append(await process_of(db))
    await warm.close()
    assert len(set(processes)) == 1


async def test_a_broken_connection_is_replaced(own: AsyncEngine, engine: AsyncEngine) -> None:
    """Also one that breaks within a transaction: its place is given back."""
    warm = WarmConnections(own, 1)
    for _ in range(3):
        with pytest.raises((DBAPIError, asyncpg.PostgresError, OSError)):
            async with asyncio.timeout(10), Database(own, None, warm) as db, db.transaction():
                process = await process_of(db)
                async with engine.connect() as other:
                    await other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
                await db.fetch(text("SELECT 1"))
    async with asyncio.timeout(10), Database(own, None, warm) as db:
        assert await process_of(db) > 0
    await warm.close()
