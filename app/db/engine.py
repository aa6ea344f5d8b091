"""Engines for SQLite and PostgreSQL, set up so that the same code runs on both."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from app.db import texts
from app.db.bell import Bell
from app.errors import ConfigurationError
from app.files.store import FileStore
from app.settings import Settings

DRIVERS = {"sqlite+aiosqlite", "postgresql+asyncpg"}
BUSY_MILLISECONDS = 10_000
IMMEDIATE = "campusgraph_immediate"
FILES = "campusgraph_files"
"""The execution option of an engine that holds its installation's FileStore."""
BELL = "campusgraph_bell"
"""The execution option of an engine that holds its process's Bell."""
FREEZES_GRADES = "campusgraph_freezes_grades"
"""The execution option of an engine that says whether its installation's old grades are final."""

INTERPRETED = {"jit": "off"}
"""What PostgreSQL is told: it would compile what it takes for long, seconds for statements of milliseconds."""


def create_engine(settings: Settings) -> AsyncEngine:
    """An engine for the settings' database and files. Raises ConfigurationError for a URL that nothing here serves."""
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        raise ConfigurationError(f"not a database URL: {settings.database_url!r}") from None
    if url.drivername not in DRIVERS:
        raise ConfigurationError(f"unknown database {url.drivername!r}: use {' or '.join(sorted(DRIVERS))}")
    options: dict[str, Any] = {
        "json_serializer": _dump_json,
        "json_deserializer": orjson.loads,
        "hide_parameters": True,  # errors go to logs, which name nobody
        "pool_reset_on_return": None,  # a transaction that was begun is rolled back when its connection is closed
        "execution_options": {FILES: FileStore.of(settings), BELL: Bell(), FREEZES_GRADES: settings.freeze_grades},
    }
    if not settings.is_sqlite:
        options["connect_args"] = {"server_settings": INTERPRETED}
        engine = create_async_engine(url, pool_size=settings.pool_size, max_overflow=0, **options)
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return engine
    path = settings.sqlite_path
    if path is None:
        engine = create_async_engine(url, poolclass=StaticPool, **options)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(url, pool_size=settings.pool_size, max_overflow=0, **options)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _refuse_closed(connection: Any, record: object, proxy: object) -> None:
    """Have the pool replace a connection that the server has closed; asyncpg knows without asking it."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("closed by the server")


def _dump_json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys = ON",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "cache_size = -65536",
        "mmap_size = 268435456",  # connections share what they have read: a tenth faster, more under load
        "temp_store = MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    texts.install(connection)


def _begin_sqlite(connection: Any) -> None:
    """A writing transaction takes SQLite's one write lock at once: upgrading a reading one may fail half-way."""
    immediate = connection.get_execution_options().get(IMMEDIATE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
