"""Short reads without a thread."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.context import Context
from app.db.engine import create_engine
from app.db.migrate import upgrade
from app.db.quick import TURNS_IN_THREADS, QuickReader
from app.db.session import Database
from app.domain.catalog.models import Organization
from app.domain.catalog.service import create_organization
from app.principal import SCOPES, Principal
from app.reading import relations
from app.settings import Settings

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT max(i) FROM n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with one table of one row."""
    path = tmp_path / "a file?.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("INSERT INTO things VALUES (1, 'first')")
    connection.commit()
    connection.close()
    return path


def test_rows_are_as_last_committed(path: Path) -> None:
    reader = QuickReader(path)
    assert reader.rows("SELECT id, name FROM things WHERE id = ?", [1]) == [(1, "first")]
    writer = sqlite3.connect(path)
    writer.execute("INSERT INTO things VALUES (2, 'second')")
    assert reader.rows("SELECT count(*) FROM things", []) == [(1,)]
    writer.commit()
    assert reader.rows("SELECT count(*) FROM things", []) == [(2,)]
    writer.close()
    reader.close()
    assert reader.rows("SELECT count(*) FROM things", []) == [(2,)]
    reader.close()


def test_what_takes_long_is_left_to_threads_for_a_while(path: Path) -> None:
    reader = QuickReader(path)
    assert reader.rows(LONG, [1_000_000]) is None
    assert [reader.rows(LONG, [10]) for _ in range(TURNS_IN_THREADS)] == [None] * TURNS_IN_THREADS
    assert reader.rows(LONG, [10]) == [(10,)]
    reader.close()


def test_short_reads_are_short_however_often(path: Path) -> None:
    """SQLite counts the instructions of all runs of a statement."""
    reader = QuickReader(path)
    assert {str(reader.rows(LONG, [20])) for _ in range(500)} == {"[(20,)]"}
    reader.close()


@pytest.mark.parametrize("sql", ["INSERT INTO things VALUES (3, 'x')", "SELECT nothing FROM nowhere", "no SQL"])
def test_failures_and_writes_are_left_to_others(path: Path, sql: str) -> None:
    reader = QuickReader(path)
    assert reader.rows(sql, []) is None
    assert reader.rows("SELECT count(*) FROM things", []) == [(1,)]
    reader.close()


def test_no_file_is_made(tmp_path: Path) -> None:
    assert QuickReader(tmp_path / "none.sqlite3").rows("SELECT 1", []) is None
    assert list(tmp_path.iterdir()) == []


async def test_a_transaction_reads_what_it_wrote(tmp_path: Path) -> None:
    """And others do not, until it is committed; reads outside of one need no connection."""
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'campus.sqlite3'}")
    engine = create_engine(settings)
    await upgrade(engine)
    assert settings.sqlite_path is not None
    reader = QuickReader(settings.sqlite_path)

    async def named(db: Database) -> list[str | None]:
        ctx = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db)
        row = await relations.look_up(ctx, Organization.key, ("name",), "uni")
        return [row.name if row else None]

    async with Database(engine, reader) as db, Database(engine, reader) as other:
        async with db.transaction():
            ctx = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db)
            await create_organization(ctx, key="uni", name="University")
            assert (await named(db), await named(other)) == (["University"], [None])
        assert (await named(db), await named(other)) == (["University"], ["University"])
        assert (other._connection, other.statements) == (None, 2)
        await other.fetch(select(text("1")))
        assert await named(other) == ["University"]
    reader.close()
    await engine.dispose()
