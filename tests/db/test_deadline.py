"""The end of a request's time: statements are cancelled in the database, and their connection works on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import column, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.db import deadline
from app.db.compiled import compile_read
from app.db.engine import create_engine
from app.db.quick import QuickReader
from app.db.session import Database
from app.db.warm import WarmConnections
from app.domain.catalog.models import Organization
from app.errors import TimedOut
from app.settings import Settings

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i > 0) SELECT max(i) AS i FROM n"
END_WHAT_RUNS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE query = :statement AND datname = current_database()
"""
SECONDS = 0.05
STOPPED = "the request took longer than 0.05 seconds and was stopped"


@pytest.fixture
async def own(engine: AsyncEngine, settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine with a single connection to the tests' database, where nobody else waits for it."""
    own = create_engine(Settings(database_url=settings.database_url, pool_size=1))
    yield own
    await own.dispose()


@pytest.fixture
async def opened(own: AsyncEngine, settings: Settings) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases as the application does: with a quick reader or with warm connections."""
    path = settings.sqlite_path
    quick, warm = (QuickReader(path), None) if path else (None, WarmConnections(own, 1))
    yield lambda: Database(own, quick, warm)
    if quick is not None:
        quick.close()
    if warm is not None:
        await warm.close()


async def by_statement(db: Database) -> Any:
    return await db.fetch(text(ENDLESS))


async def by_reader(db: Database) -> Any:
    endless = text(ENDLESS).columns(column("i")).subquery()
    return await db.read(compile_read(select(endless.c.i), db.sqlalchemy_dialect), {})


async def driver_of(db: Database) -> Any:
    """The driver's own connection."""
    return (await (await db.connection()).get_raw_connection()).driver_connection


async def organizations(db: Database) -> list[str]:
    """The keys of all organizations."""
    return [key for (key,) in await db.fetch(select(Organization.key))]


@pytest.mark.parametrize("ask", [by_statement, by_reader])
async def test_a_statement_is_cancelled_and_the_connection_works_on(opened: Callable[[], Database], ask: Any) -> None:
    async with opened() as db:
        before = await driver_of(db)
        with db.within(SECONDS):
            with pytest.raises(TimedOut) as refused:
                await ask(db)
            assert str(refused.value) == STOPPED
            with pytest.raises(TimedOut):
                await organizations(db)
    async with opened() as db:
        assert await organizations(db) == []
        assert await driver_of(db) is before


async def test_nothing_of_a_transaction_stays(opened: Callable[[], Database]) -> None:
    async with opened() as db, asyncio.timeout(30):
        with db.within(SECONDS), pytest.raises(TimedOut):
            async with db.transaction():
                await db.execute(insert(Organization), {"key": "slow", "name": "Slow"})
                await by_statement(db)
        assert await organizations(db) == []
        async with db.transaction():
            assert await organizations(db) == []


async def test_a_transaction_whose_time_is_over_is_not_committed(opened: Callable[[], Database]) -> None:
    async with opened() as db:
        with db.within(SECONDS), pytest.raises(TimedOut):
            async with db.transaction():
                await db.execute(insert(Organization), {"key": "late", "name": "Late"})
                await asyncio.sleep(2 * SECONDS)
        assert await organizations(db) == []


async def test_what_waits_for_the_connection_does_not_begin(opened: Callable[[], Database]) -> None:
    async with opened() as db:
        with db.within(SECONDS):
            found = await asyncio.gather(*(by_statement(db) for _ in range(3)), return_exceptions=True)
        assert [type(each) for each in found] == [TimedOut] * 3
    async with opened() as db:
        assert await organizations(db) == []


async def test_in_time_nothing_happens(opened: Callable[[], Database]) -> None:
    async with opened() as db:
        with db.within(30):
            assert await organizations(db) == []
        await asyncio.sleep(0)
        assert await organizations(db) == []


async def test_an_error_in_time_is_told_as_it_is(opened: Callable[[], Database]) -> None:
    async with opened() as db:
        with db.within(30), pytest.raises(Exception, match="nowhere"):
            await db.fetch(text("SELECT * FROM nowhere"))


async def test_a_server_that_takes_no_other_connection(
    opened: Callable[[], Database], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if settings.is_sqlite:
        pytest.skip("SQLite needs no other connection")
    monkeypatch.setattr(
        deadline, "create_async_engine", lambda url, **more: create_async_engine(url.set(port=1), poolclass=NullPool)
    )
    async with opened() as db:
        with db.within(SECONDS), pytest.raises(TimedOut):
            await by_statement(db)
    async with opened() as db:
        assert await organizations(db) == []
        assert await db.scalar(text(END_WHAT_RUNS), {"statement": ENDLESS}) == 1
