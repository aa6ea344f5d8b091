"""A database for each test of the command line, and the running of commands.

The database is a copy of a migrated file or, on PostgreSQL, of a migrated database.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest
from sqlalchemy import make_url

from app import cli
from tests.conftest import TEST_URL

Run: TypeAlias = Callable[..., tuple[int, str, str]]
NUMBERS = count(1)


def postgres(*statements: str) -> None:
    """Run statements on the server under test, outside of a transaction."""

    async def run() -> None:
        url = make_url(os.environ[TEST_URL]).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


@contextmanager
def migrated(folder: Path, name: str) -> Iterator[str]:
    """The URL of a migrated, empty database: a file in the folder or, on PostgreSQL, one that is dropped at the end."""
    if TEST_URL not in os.environ:
        url = f"sqlite+aiosqlite:///{folder / name}.sqlite3"
        assert cli.main(["migrate", "--database-url", url]) == 0
        yield url
        return
    name = f"campusgraph_{name}_{os.getpid()}_{next(NUMBERS)}"
    postgres(f"CREATE DATABASE {name}")
    url = make_url(os.environ[TEST_URL]).set(database=name).render_as_string(hide_password=False)
    try:
        assert cli.main(["migrate", "--database-url", url]) == 0
        yield url
    finally:
        postgres(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a migrated, empty database."""
    with migrated(tmp_path_factory.mktemp("cli"), "template") as url:
        yield url


@pytest.fixture
def url(template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a database that only this test uses; the environment names it."""
    source = make_url(template)
    if TEST_URL not in os.environ:
        made = source.set(database=str(tmp_path / "campusgraph.sqlite3"))
        shutil.copy(str(source.database), str(made.database))
    else:
        made = source.set(database=f"campusgraph_cli_{os.getpid()}")
        postgres(f"CREATE DATABASE {made.database} TEMPLATE {source.database}")
    text = made.render_as_string(hide_password=False)
    monkeypatch.setenv("CAMPUSGRAPH_DATABASE_URL", text)
    monkeypatch.setenv("CAMPUSGRAPH_FILES_URL", (tmp_path / "files").as_uri())
    yield text
    if TEST_URL in os.environ:
        postgres(f"DROP DATABASE {made.database}")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command: (exit status, standard output, standard error)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.main(arguments)
        output = capsys.readouterr()
        return status, output.out, output.err

    return run
