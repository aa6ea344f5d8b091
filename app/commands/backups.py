"""Commands that copy a whole database, and put a copy back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.program import DatabaseUrl, awaited, settings_with
from app.db import backup as copies
from app.errors import ConfigurationError
from app.files.store import FileStore
from app.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the copy.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Copy an SQLite database to a file, while it is used.

    The copy is the database at one moment, checked, and readable by its owner alone. The files of submissions are in
    the object store, not in it: copy that afterwards. PostgreSQL has pg_dump (app/db/README.md).

    \b
    Examples:
      campusgraph backup /var/backups/campusgraph.sqlite3
      campusgraph backup --force nightly.sqlite3
    """
    settings = settings_with(database_url)
    source = _database(settings, "pg_dump")
    if not source.exists():
        raise ConfigurationError(f"there is no database {source}")
    _refuse_same(source, file)
    if file.exists() and not force:
        raise ConfigurationError(f"{file} exists: --force replaces it")
    revision = copies.back_up(source, file)
    typer.echo(f"{file}: {file.stat().st_size} bytes, revision {revision}.")
    typer.echo(f"The object store is not in it: copy {FileStore.of(settings).url} now.")


@awaited
async def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A copy.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a database that is not empty, or damaged.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Put a copy in the place of the SQLite database.

    The server must not run. The copy is checked first, and its tables are brought up to date; until all is well the
    database stays as it is. Put the object store back as well. PostgreSQL has pg_restore (app/db/README.md).

    \b
    Examples:
      campusgraph restore /var/backups/campusgraph.sqlite3
      campusgraph restore --force nightly.sqlite3
    """
    settings = settings_with(database_url)
    target = _database(settings, "pg_restore")
    _refuse_same(target, file)
    revision = await copies.restore(file, settings, force=force)
    typer.echo(f"{target}: restored from revision {revision}.")
    typer.echo(f"Put the object store back as well: {FileStore.of(settings).url}. `campusgraph files check` compares.")


def _database(settings: Settings, instead: str) -> Path:
    """The file of the settings' database. Raises ConfigurationError when it has none."""
    if not settings.is_sqlite:
        raise ConfigurationError(f"this is for SQLite: use {instead}, as app/db/README.md says")
    if settings.sqlite_path is None:
        raise ConfigurationError("a database in memory has no file")
    return settings.sqlite_path


def _refuse_same(database: Path, file: Path) -> None:
    if database.resolve() == file.resolve():
        raise ConfigurationError(f"{file} is the database itself")
