"""Migrations say what the models say, in both directions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

import app.domain.all
from alembic import command
from app.db.base import Base
from app.db.engine import create_engine
from app.db.migrate import config, upgrade
from app.files.store import FileStore
from app.settings import Settings

assert app.domain.all.MODELS


@pytest.fixture
async def scratch(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An SQLite file that nobody else uses."""
    engine = create_engine(Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'scratch.sqlite3'}"))
    yield engine
    await engine.dispose()


def differences(connection: Connection) -> list[Any]:
    """What autogenerate would write into the next revision."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Base.metadata))


def checks(connection: Connection) -> dict[str, list[tuple[str | None, str]]]:
    """The CHECK constraints of each table, which autogenerate does not compare."""
    found = inspect(connection)
    return {
        table: sorted((each["name"], each["sqltext"]) for each in found.get_check_constraints(table))
        for table in Base.metadata.tables
    }


def tables(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


async def test_the_newest_revision_is_exactly_the_models(engine: AsyncEngine) -> None:
    """On the database under test, which its fixture has migrated from nothing."""
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_newest_revision_checks_exactly_what_the_models_check(scratch: AsyncEngine, tmp_path: Path) -> None:
    await upgrade(scratch)
    created = create_engine(Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'created.sqlite3'}"))
    async with scratch.begin() as migrated, created.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        assert await migrated.run_sync(checks) == await connection.run_sync(checks)
    await created.dispose()


async def test_down_to_nothing_and_up_again(scratch: AsyncEngine) -> None:
    assert await upgrade(scratch) is True
    async with scratch.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(config(sync), "base"))
        assert await connection.run_sync(tables) == ["alembic_version"]
    assert await upgrade(scratch) is True
    assert await upgrade(scratch) is False
    async with scratch.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_bytes_of_files_move_to_the_store_and_back(scratch: AsyncEngine, tmp_path: Path) -> None:
    contents = {sha256(content).hexdigest(): content for content in (b"", b"one", b"x" * 3_000_000)}
    bytes_of = text("SELECT sha256, size, content FROM file_contents ORDER BY size")
    expected = [(digest, len(content), content) for digest, content in contents.items()]
    async with scratch.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), "0009"))
        insert = text("INSERT INTO file_contents (sha256, size, content) VALUES (:digest, :size, :content)")
        for digest, content in contents.items():
            await connection.execute(insert, {"digest": digest, "size": len(content), "content": content})
    assert await upgrade(scratch) is True
    store = FileStore((tmp_path / "files").as_uri())
    async with scratch.connect() as connection:
        rows = await connection.execute(text("SELECT sha256, size FROM files ORDER BY size"))
        assert [tuple(row) for row in rows] == [row[:2] for row in expected]
    assert {digest: await store.read(digest) for digest in contents} == contents
    async with scratch.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(config(sync), "0009"))
        assert [tuple(row) for row in await connection.execute(bytes_of)] == expected


def test_revisions_are_one_line_numbered_without_gaps() -> None:
    scripts = ScriptDirectory.from_config(config())
    assert len(scripts.get_heads()) == 1
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]
    assert [Path(script.path).name[:5] for script in scripts.walk_revisions()] == [f"{each}_" for each in revisions]


def test_our_migrations_are_no_package() -> None:
    """`alembic` must stay the library."""
    assert list((Path(__file__).parents[1] / "alembic").rglob("__init__.py")) == []
