"""Copies of SQLite databases: made while others write, refused when they are not whole, restored to the last row."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from alembic import command
from app.db.engine import create_engine
from app.db.migrate import config, revisions
from app.settings import Settings
from tests.answers import uncounted
from tests.commands.conftest import Run
from tests.commands.test_serving import PATIENCE, serving

PAIR = """INSERT INTO organizations (key, name, created_at, updated_at)
VALUES ('{0}-a', '{0}', '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00'),
       ('{0}-b', '{0}', '2026-01-01 00:00:00.000000+00:00', '2026-01-01 00:00:00.000000+00:00')"""
IN_USE, NOT_EMPTY = "{} is in use: stop the server first", "{} is not empty: --force replaces it"


@pytest.fixture(scope="module")
def university(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo university in it."""
    from app import cli

    path = tmp_path_factory.mktemp("university") / "campusgraph.sqlite3"
    assert cli.main(["demo", "--database-url", address(path)]) == 0
    return path


@pytest.fixture
def source(university: Path, tmp_path: Path) -> Path:
    """A database of this test's own, with the demo university in it."""
    made = tmp_path / "source.sqlite3"
    shutil.copy(university, made)
    return made


@pytest.fixture
def refused(run: Run) -> Callable[..., None]:
    """Runs a command that must fail with one line."""

    def refused(line: str, *arguments: str) -> None:
        assert run(*arguments) == (2, "", f"campusgraph: {line}\n")

    return refused


def address(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def at(path: Path) -> tuple[str, str]:
    """The option that names a database."""
    return "--database-url", address(path)


def rows(path: Path) -> dict[str, list[Any]]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(statement)


def only(folder: Path, *names: str) -> None:
    """Nothing else is in a folder."""
    assert sorted(each.name for each in folder.iterdir()) == sorted(names)


@pytest.fixture
def writer(source: Path) -> Iterator[None]:
    """Somebody who writes pairs of rows all the time, each pair in a transaction."""
    begun, ended = Event(), Event()

    def write() -> None:
        with closing(sqlite3.connect(source, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            number = 0
            while not ended.is_set():
                connection.execute(PAIR.format(number))
                number += 1
                begun.set()

    thread = Thread(target=write)
    thread.start()
    assert begun.wait(PATIENCE)
    yield
    ended.set()
    thread.join()


def test_a_copy_made_while_others_write_is_one_moment_and_boots(
    source: Path, writer: None, tmp_path: Path, run: Run
) -> None:
    copy, restored = tmp_path / "copy.sqlite3", tmp_path / "new" / "campusgraph.sqlite3"
    run("user", "create", "ada", "--email", "ada@example.edu", "--staff", *at(source))
    token = run("token", "create", "ada", "--scope", "read", "--scope", "admin", *at(source))[1].strip()
    status, output, errors = run("backup", str(copy), *at(source))
    size = copy.stat().st_size
    assert (status, errors) == (0, "")
    assert output == (
        f"{copy}: {size} bytes, revision {revisions()[-1]}.\n"
        f"The object store is not in it: copy {(tmp_path / 'files').as_uri()} now.\n"
    )
    assert run("restore", str(copy), *at(restored))[0] == 0
    assert rows(restored) == rows(copy)
    keys = {key for key, *_ in rows(copy)["organizations"]}
    written = {key for key in keys if key[-2:] in ("-a", "-b")}
    assert written == {f"{number}-{side}" for number in range(len(written) // 2) for side in "ab"}
    assert written >= {"0-a", "0-b"}
    with serving(*at(restored)) as (_, _, base):
        headers = {"Authorization": f"Bearer {token}"}
        query = {"query": "{ organizations { totalCount } users { totalCount } }"}
        found = uncounted(httpx.post(f"{base}/graphql", json=query, headers=headers, timeout=PATIENCE))
        assert run("restore", "--force", str(copy), *at(restored))[2] == f"campusgraph: {IN_USE.format(restored)}\n"
    counts = {name: {"totalCount": len(rows(copy)[name])} for name in ("organizations", "users")}
    assert found == {"data": counts}


def test_what_is_not_committed_is_not_in_a_copy(source: Path, tmp_path: Path, run: Run) -> None:
    copy, before = tmp_path / "copy.sqlite3", rows(source)
    with closing(sqlite3.connect(source, isolation_level=None)) as writing:
        writing.execute("PRAGMA journal_mode = WAL")
        writing.execute("BEGIN IMMEDIATE")
        writing.execute(PAIR.format("late"))
        assert run("backup", str(copy), *at(source))[0] == 0
        writing.execute("COMMIT")
    assert rows(copy) == before
    assert len(rows(source)["organizations"]) == len(before["organizations"]) + 2
    assert copy.stat().st_mode & 0o777 == 0o600
    only(tmp_path, "copy.sqlite3", "source.sqlite3")


def test_nothing_is_overwritten_unless_that_is_forced(
    source: Path, tmp_path: Path, run: Run, refused: Callable[..., None]
) -> None:
    copy = tmp_path / "copy.sqlite3"
    copy.write_text("mine")
    refused(f"{copy} exists: --force replaces it", "backup", str(copy), *at(source))
    assert copy.read_text() == "mine"
    assert run("backup", "--force", str(copy), *at(source))[0] == 0
    assert rows(copy) == rows(source)
    change(source, "UPDATE organizations SET name = 'Changed'")
    changed = rows(source)
    refused(NOT_EMPTY.format(source), "restore", str(copy), *at(source))
    assert rows(source) == changed
    assert run("restore", "--force", str(copy), *at(source))[:2] == (
        0,
        f"{source}: restored from revision {revisions()[-1]}.\nPut the object store back as well: "
        f"{(tmp_path / 'files').as_uri()}. `campusgraph files check` compares.\n",
    )
    assert rows(source) == rows(copy)
    for name in ("backup", "restore"):
        refused(f"{source} is the database itself", name, "--force", str(source), *at(source))


def test_a_database_with_nobody_in_it_is_empty(source: Path, tmp_path: Path, run: Run) -> None:
    empty = tmp_path / "empty.sqlite3"
    run("migrate", *at(empty))
    assert run("restore", str(source), *at(empty))[0] == 0
    assert rows(empty) == rows(source)


def test_a_database_in_use_stays_as_it_is(source: Path, tmp_path: Path, run: Run, refused: Callable[..., None]) -> None:
    copy, before = tmp_path / "copy.sqlite3", rows(source)
    run("backup", str(copy), *at(source))
    with closing(sqlite3.connect(source)) as idle:
        idle.execute("PRAGMA journal_mode = WAL")
        idle.execute("SELECT 1 FROM users").fetchone()
        refused(IN_USE.format(source), "restore", "--force", str(copy), *at(source))
    assert rows(source) == before
    only(tmp_path, "copy.sqlite3", "source.sqlite3")


def test_an_older_copy_is_brought_up_to_date(tmp_path: Path, run: Run) -> None:
    old, new = tmp_path / "old.sqlite3", tmp_path / "new.sqlite3"
    asyncio.run(migrate_to("0010", old))
    assert run("restore", str(old), *at(new))[1].startswith(f"{new}: restored from revision 0010.\n")
    assert run("migrate", *at(new)) == (0, "The tables were up to date already.\n", "")
    assert rows(old)["alembic_version"] == [("0010",)]


async def migrate_to(revision: str, path: Path) -> None:
    """Make a database as an older program would have left it."""
    engine = create_engine(Settings(database_url=address(path)))
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), revision))
    await engine.dispose()


def test_a_copy_of_a_newer_program_is_refused(source: Path, tmp_path: Path, refused: Callable[..., None]) -> None:
    change(source, "UPDATE alembic_version SET version_num = '9999'")
    target = tmp_path / "target.sqlite3"
    refused(f"{source} was made by a newer program: revision 9999 is unknown", "restore", str(source), *at(target))
    only(tmp_path, "source.sqlite3")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "it holds no database of this program"), (b"no database" * 999, "{} can't be read: file is not a database")],
)
def test_a_file_that_is_no_copy_is_refused(
    source: Path, tmp_path: Path, refused: Callable[..., None], content: bytes, message: str
) -> None:
    file, before = tmp_path / "file", rows(source)
    file.write_bytes(content)
    refused(message.format(file), "restore", "--force", str(file), *at(source))
    assert rows(source) == before
    only(tmp_path, "file", "source.sqlite3")


DAMAGED = [
    ("DELETE FROM courses", "a row of course_staff refers to none of courses"),
    (
        "UPDATE sqlite_master SET sql = replace(sql, '(name)', '(key)') WHERE name = 'ix_organizations_name'",
        "row 1 missing from index ix_organizations_name",
    ),
]


@pytest.mark.parametrize(("statement", "message"), DAMAGED)
def test_a_copy_that_is_damaged_is_refused(
    source: Path, tmp_path: Path, refused: Callable[..., None], statement: str, message: str
) -> None:
    change(source, statement)
    refused(f"{source} is damaged: {message}", "restore", str(source), *at(tmp_path / "target.sqlite3"))
    only(tmp_path, "source.sqlite3")


def test_a_damaged_database_is_replaced_together_with_its_log(
    source: Path, tmp_path: Path, run: Run, refused: Callable[..., None]
) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    for ending in ("", "-wal", "-shm"):
        damaged.with_name(damaged.name + ending).write_bytes(b"no database" * 999)
    refused(NOT_EMPTY.format(damaged), "restore", str(source), *at(damaged))
    assert run("restore", "--force", str(source), *at(damaged))[0] == 0
    only(tmp_path, "damaged.sqlite3", "source.sqlite3")
    assert rows(damaged) == rows(source)


@pytest.mark.parametrize(("command", "instead"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_what_has_no_file_is_refused(source: Path, refused: Callable[..., None], command: str, instead: str) -> None:
    elsewhere = ("--database-url", "postgresql+asyncpg://localhost/campus")
    refused(f"this is for SQLite: use {instead}, as app/db/README.md says", command, str(source), *elsewhere)
    memory = ("--database-url", "sqlite+aiosqlite://")
    refused("a database in memory has no file", command, str(source), *memory)


def test_there_must_be_a_database(tmp_path: Path, refused: Callable[..., None]) -> None:
    absent = tmp_path / "absent.sqlite3"
    refused(f"there is no database {absent}", "backup", str(tmp_path / "copy"), *at(absent))
    only(tmp_path)
