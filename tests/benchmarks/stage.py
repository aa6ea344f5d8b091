"""A database and the applications on it: ours, with and without its executor, and the endpoints written by hand."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Route

from app.context import Context
from app.db.engine import create_engine
from app.db.migrate import reset_and_upgrade
from app.db.session import Database
from app.main import create_app
from app.principal import SCOPES, Principal
from app.settings import Settings
from tests.benchmarks.comparison import Answer, Run
from tests.benchmarks.exchange import Request, send
from tests.benchmarks.plain import Connect
from tests.clock import NOW

TEST_URL = "CAMPUSGRAPH_TEST_DATABASE_URL"
UNREACHED = 10**9
"""Points a minute: what a request costs is counted, and no request is refused."""
PROGRAM = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Stage:
    """All of them in one process; the clock stands still, so that a token's use is noted once."""

    def __init__(
        self, settings: Settings, open_database: Callable[[], Database], connect: Connect, routes: Sequence[Route]
    ) -> None:
        self.settings = settings
        self.open_database = open_database
        self.graph = create_app(settings, self._open, lambda: NOW)
        self.core = create_app(replace(settings, executor=False), self._open, lambda: NOW)
        self.plain = Starlette(routes=routes)
        self.plain.state.connect = connect
        self._opened: Database | None = None

    def _open(self) -> Database:
        self._opened = self.open_database()
        return self._opened

    @property
    def database(self) -> str:
        """The name of the database, for people."""
        return NAMES["sqlite" if self.settings.is_sqlite else "postgresql"]

    @asynccontextmanager
    async def filling(self) -> AsyncIterator[Context]:
        """A transaction of the program itself; PostgreSQL then counts rows, as its daemon would a minute later."""
        async with self.open_database() as db, db.transaction():
            yield Context(PROGRAM, db, lambda: NOW)
            if not self.settings.is_sqlite:
                await db.execute(text("ANALYZE"))

    def ours(self, request: Request, *, planned: bool = True) -> Run:
        """Sends a request to our application; unless `planned`, graphql-core alone executes it."""
        app = self.graph if planned else self.core

        async def run() -> Answer:
            content = await send(app, request)
            return Answer(content, self._opened.statements if self._opened else None)

        return run

    def theirs(self, request: Request) -> Run:
        """Sends a request to the endpoints written by hand."""

        async def run() -> Answer:
            self.plain.state.reader = None
            content = await send(self.plain, request)
            reader = self.plain.state.reader
            return Answer(content, reader.statements if reader else 0)

        return run


def databases(folder: Path) -> list[Settings]:
    """A fresh SQLite file and, when CAMPUSGRAPH_TEST_DATABASE_URL names one, the PostgreSQL database for tests."""
    urls = [f"sqlite+aiosqlite:///{folder / 'benchmarks.sqlite3'}", os.environ.get(TEST_URL) or ""]
    return [Settings(database_url=url, cost_limit=UNREACHED) for url in urls if url]


@asynccontextmanager
async def staged(settings: Settings, routes: Sequence[Route]) -> AsyncIterator[Stage]:
    """A stage on a database that holds our tables and nothing else: what was there is dropped."""
    engine = create_engine(settings)
    try:
        await reset_and_upgrade(engine)
        yield Stage(settings, lambda: Database(engine), engine.connect, routes)
    finally:
        await engine.dispose()
