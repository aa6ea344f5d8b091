"""Copies of an SQLite database: made while others write, checked, put in place as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkstemp

from app.db import migrate
from app.db.engine import BUSY_MILLISECONDS, create_engine
from app.errors import ConfigurationError
from app.settings import Settings

COMPANIONS = ("-wal", "-shm", "-journal")
"""Files beside a database that belong to it and to no other."""
LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def back_up(source: Path, target: Path) -> str:
    """Copy a database as it is at one moment, while it is used; the copy's revision. Raises ConfigurationError."""
    with _partial(target) as partial:
        _copy(source, partial)
        revision = _revision(partial)
        _publish(partial, target)
    return revision


async def restore(file: Path, settings: Settings, *, force: bool) -> str:
    """Put a copy in the place of the settings' database, with its tables brought up to date; the copy's revision.

    Raises ConfigurationError when the copy is damaged or of a newer program, and when the database is in use or, unless
    that is forced, holds anything: then nothing has changed.
    """
    target = settings.sqlite_path
    assert target is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    with _claimed(target, force), _partial(target) as partial:
        _copy(file, partial)
        revision = _revision(partial)
        if revision not in migrate.revisions():
            raise ConfigurationError(f"{file} was made by a newer program: revision {revision} is unknown")
        engine = create_engine(replace(settings, database_url=f"sqlite+aiosqlite:///{partial}"))
        try:
            await migrate.upgrade(engine)
        finally:
            await engine.dispose()
        with closing(sqlite3.connect(partial)) as connection:
            _settle(connection)
        if target.exists():
            shutil.copymode(target, partial)
        _discard(target, COMPANIONS)
        _publish(partial, target)
    return revision


def _copy(source: Path, target: Path) -> None:
    """Copy in one step, so that no writer makes it begin anew, into one file; and check it."""
    try:
        address = f"{source.absolute().as_uri()}?mode=rw"
        with (
            closing(sqlite3.connect(address, timeout=BUSY_MILLISECONDS / 1000, uri=True)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing)
            _settle(writing)
            found = writing.execute("PRAGMA integrity_check(1)").fetchall()
            orphans = writing.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"{source} can't be read: {error}") from error
    if found != [("ok",)]:
        raise ConfigurationError(f"{source} is damaged: {found[0][0]}")
    if orphans:
        raise ConfigurationError(f"{source} is damaged: a row of {orphans[0][0]} refers to none of {orphans[0][2]}")


def _settle(connection: sqlite3.Connection) -> None:
    """Have all of the database in its one file."""
    connection.execute("PRAGMA journal_mode = DELETE")


def _revision(path: Path) -> str:
    """The revision of a copy. Raises ConfigurationError for what is no database of this program."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except sqlite3.OperationalError:
            rows = []
    if len(rows) != 1:
        raise ConfigurationError("it holds no database of this program")
    revision: str = rows[0][0]
    return revision


@contextmanager
def _claimed(path: Path, force: bool) -> Iterator[None]:
    """Have a database to oneself, if there is one. Raises ConfigurationError; one that is damaged must be forced."""
    if not path.exists():
        yield
        return
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            _settle(connection)  # refused as long as anybody else has it open
            connection.execute("BEGIN EXCLUSIVE")
            is_empty = _is_empty(connection)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in LOCKED:
                raise ConfigurationError(f"{path} is in use: stop the server first") from error
            is_empty = False
        if not (is_empty or force):
            raise ConfigurationError(f"{path} is not empty: --force replaces it")
        yield


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Whether nothing is in it, or the tables of this program and nobody."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "users" not in tables:
        return not tables
    return connection.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """A file beside the target that only its owner reads; what is left of it in the end is removed."""
    handle, name = mkstemp(prefix=f".{target.name}-", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        _discard(Path(name), ("", *COMPANIONS))


def _discard(path: Path, endings: tuple[str, ...]) -> None:
    for ending in endings:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _publish(partial: Path, target: Path) -> None:
    """Give a finished file its name, so that after a power cut there is either it or what was there before."""
    _flush(partial)
    partial.replace(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
