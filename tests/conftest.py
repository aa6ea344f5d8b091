"""Fixtures: a migrated database, a rolled-back transaction around each test, the application on top of it.

SQLite in a temporary file by default; PostgreSQL when CAMPUSGRAPH_TEST_DATABASE_URL is set.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.context import Context
from app.db.engine import FREEZES_GRADES, create_engine
from app.db.migrate import reset_and_upgrade
from app.db.session import Database
from app.principal import SCOPES, Principal
from app.settings import Settings
from tests.clock import NOW
from tests.execution.comparison import comparing
from tests.node.packages import Node, found

TEST_URL = "CAMPUSGRAPH_TEST_DATABASE_URL"
LITTERED = "SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > 5000"
REDIS_URL = "CAMPUSGRAPH_TEST_REDIS_URL"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def compared() -> Iterator[None]:
    """Each query of a test runs by plan and by graphql-core, and must be answered alike (tests/execution)."""
    with comparing():
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real input data; tests that read it are skipped where it is not there."""
    folder = Path(os.environ.get("CAMPUSGRAPH_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the real input data is not on this machine")
    return folder


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis that answers; tests that count in it are skipped where none does."""
    url = os.environ.get(REDIS_URL, "redis://127.0.0.1:6379/9")
    with Redis.from_url(url, socket_connect_timeout=1) as redis:
        try:
            redis.ping()
        except RedisError:
            pytest.skip("no Redis answers")
    return url


@pytest.fixture(scope="session")
def node() -> Node:
    """Node.js with the packages of tests/node; tests that run it are skipped where it is absent."""
    return found()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    url = os.environ.get(TEST_URL) or f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('db') / 'test.sqlite3'}"
    return Settings(database_url=url, files_url=tmp_path_factory.mktemp("files").as_uri())


@pytest.fixture(scope="module", autouse=True)
def swept() -> None:
    """On PostgreSQL rows that were rolled back are swept out where they are many: reading past them takes time."""
    if TEST_URL in os.environ:
        asyncio.run(_sweep(make_url(os.environ[TEST_URL]).set(drivername="postgresql")))


async def _sweep(url: URL) -> None:
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    for (table,) in await connection.fetch(LITTERED):
        await connection.execute(f"VACUUM {table}")
    await connection.close()


@pytest.fixture(scope="session")
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(settings)
    await reset_and_upgrade(engine)
    yield engine
    await engine.dispose()


@pytest.fixture
def freezing(engine: AsyncEngine) -> Iterator[None]:
    """The installation says that grades are final some time after their course instance."""
    engine.update_execution_options(**{FREEZES_GRADES: True})
    yield
    engine.update_execution_options(**{FREEZES_GRADES: False})


class RolledBackDatabase(Database):
    """Databases of one test: one connection, one outer transaction that is never committed, savepoints within."""

    def __init__(self, connection: AsyncConnection, lock: asyncio.Lock) -> None:
        super().__init__(connection.engine)
        self._connection = connection
        self._lock = lock

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        assert self._connection is not None
        async with self._lock:
            savepoint = await self._connection.begin_nested()
        try:
            yield
        except BaseException:
            async with self._lock:
                await savepoint.rollback()
            raise
        else:
            async with self._lock:
                await savepoint.commit()

    async def release(self) -> None:
        """The test's connection outlives its requests."""

    async def close(self) -> None:
        """And so do its databases."""


@asynccontextmanager
async def rolled_back(engine: AsyncEngine) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases that all see, and later forget, what is written."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        lock = asyncio.Lock()
        yield lambda: RolledBackDatabase(connection, lock)
        await outer.rollback()


@asynccontextmanager
async def saved(connection: AsyncConnection) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases on a connection with a transaction of its own, which forgets only what is written from now on."""
    savepoint = await connection.begin_nested()
    lock = asyncio.Lock()
    yield lambda: RolledBackDatabase(connection, lock)
    await savepoint.rollback()


@pytest.fixture
async def open_database(engine: AsyncEngine) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases that all see, and later forget, what this test wrote."""
    async with rolled_back(engine) as opened:
        yield opened


@pytest.fixture
def db(open_database: Callable[[], Database]) -> Database:
    return open_database()


@pytest.fixture
def ctx(db: Database) -> Iterator[Context]:
    """An institution administrator nobody knows, at the tests' moment."""
    yield Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, clock=lambda: NOW)
