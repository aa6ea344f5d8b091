"""Databases for writers at the same moment: each has a connection of its own, and commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.context import Context
from app.db.base import Base
from app.db.engine import create_engine
from app.db.migrate import reset_and_upgrade
from app.db.session import Database
from app.errors import RuleBroken
from app.principal import SCOPES, Principal
from app.settings import Settings
from tests.clock import NOW
from tests.factories import Coursework, University, coursework, university

MACHINE = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
Write = Callable[[Context], Awaitable[Any]]
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@asynccontextmanager
async def own_database(settings: Settings, folder: Path) -> AsyncIterator[AsyncEngine]:
    """A migrated database beside the one of the other tests."""
    if settings.is_sqlite:
        url = f"sqlite+aiosqlite:///{folder / 'test.sqlite3'}"
    else:
        url = f"{settings.database_url}_concurrency"
        name = make_url(url).database
        await administer(settings, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    engine = create_engine(replace(settings, database_url=url))
    await reset_and_upgrade(engine)
    yield engine
    await engine.dispose()
    if not settings.is_sqlite:
        await administer(settings, f'DROP DATABASE "{name}"')


async def administer(settings: Settings, *statements: str) -> None:
    """Run statements that PostgreSQL takes outside of transactions only."""
    server = create_async_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await server.dispose()


@asynccontextmanager
async def committing(engine: AsyncEngine) -> AsyncIterator[Context]:
    """An administrator whose writes are seen by everybody; afterwards the database is empty."""
    async with Database(engine) as db:
        yield Context(MACHINE, db, clock=lambda: NOW)
    async with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(delete(table))


async def built(ctx: Context, **details: Any) -> tuple[University, Coursework]:
    async with ctx.db.transaction():
        world = await university(ctx)
        return world, await coursework(world, **details)


async def at_once(engine: AsyncEngine, principal: Principal, writes: list[Write]) -> list[Any]:
    """What each write returned, or the reason why it was refused; each in a transaction of its own."""

    async def run(write: Write) -> Any:
        async with Database(engine) as db:
            try:
                async with db.transaction():
                    return await write(Context(principal, db, clock=lambda: NOW))
            except RuleBroken as error:
                return error.reason

    return await asyncio.gather(*map(run, writes))


async def as_one(engine: AsyncEngine, principal: Principal, write: Write) -> Any:
    """A write in a transaction of its own. SQLite lets writers wait in no order, so that one may wait for long."""
    async with Database(engine) as db:
        if engine.dialect.name == "sqlite":
            await db.execute(text("PRAGMA busy_timeout = 60000"))
        async with db.transaction():
            return await write(Context(principal, db, clock=lambda: NOW))


async def all_wait(engine: AsyncEngine, tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Return once all tasks are done or wait for a lock. On SQLite, as soon as they had their turn."""
    await asyncio.sleep(0)
    if engine.dialect.name == "sqlite":
        return
    while await _waiting(engine) < sum(not task.done() for task in tasks):
        await asyncio.sleep(0)


async def _waiting(engine: AsyncEngine) -> int:
    """How many connections wait for a lock; asked in a new transaction, since within one the answer stays the same."""
    async with Database(engine) as db:
        return int(await db.scalar(WAITING))
