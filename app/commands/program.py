"""The program itself as the caller of the domain: its settings, its database, an administrator's Context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import wraps
from typing import Annotated, Any, ParamSpec

import asyncpg
import typer
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db import migrate
from app.db.engine import create_engine
from app.db.session import Database
from app.errors import ConfigurationError
from app.principal import Principal
from app.settings import Settings

PROGRAM = Principal.program

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="The database, instead of the one that CAMPUSGRAPH_DATABASE_URL names.",
        show_default=False,
    ),
]

Arguments = ParamSpec("Arguments")


def awaited(function: Callable[Arguments, Coroutine[Any, Any, None]]) -> Callable[Arguments, None]:
    """The coroutine function as a plain one, for Typer, which knows only these."""

    @wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        asyncio.run(function(*args, **kwargs))

    return run


def settings_with(database_url: str | None, **others: str | int | None) -> Settings:
    """The environment's settings, but with the arguments that were given. Raises ConfigurationError."""
    named: dict[str, Any] = {"database_url": database_url, **others}
    given = {name: value for name, value in named.items() if value is not None}
    return replace(Settings.from_environment(), **given)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine that has reached its database. Raises ConfigurationError, also when the database fails later."""
    try:
        engine = create_engine(settings)
    except ConfigurationError:
        raise
    except ValueError as error:
        raise ConfigurationError(f"not a database URL: {error}") from None
    where = engine.url.render_as_string(hide_password=True)
    try:
        await _reach(engine, where)
        yield engine
    except (OperationalError, InterfaceError) as error:
        raise ConfigurationError(f"the database {where} fails: {_reason(error)}") from error
    finally:
        await engine.dispose()


@asynccontextmanager
async def acting(settings: Settings, *, upgrading: bool = False) -> AsyncIterator[Context]:
    """The program's Context on the settings' database.

    With `upgrading` the tables are brought up to date first; otherwise they must be. From now on all policies are
    known, whoever the command lets act. Raises ConfigurationError.
    """
    from app.domain.all import POLICIES

    assert POLICIES
    path = settings.sqlite_path
    if path is not None and not upgrading and not path.exists():
        raise ConfigurationError(f"there is no database {path}: run `campusgraph migrate` first")
    async with opened(settings) as engine:
        if upgrading:
            await migrate.upgrade(engine)
        elif not await is_current(engine):
            raise ConfigurationError("the database's tables are missing or old: run `campusgraph migrate` first")
        async with Database(engine) as db:
            yield Context(PROGRAM, db)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below their columns' names, aligned."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


async def is_current(engine: AsyncEngine) -> bool:
    """Whether the database is at the newest revision."""

    def compare(connection: Connection) -> bool:
        newest = ScriptDirectory.from_config(migrate.config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == newest

    async with engine.connect() as connection:
        return await connection.run_sync(compare)


async def _reach(engine: AsyncEngine, where: str) -> None:
    try:
        async with engine.connect():
            pass
    except (OSError, TypeError, asyncpg.PostgresError, DBAPIError) as error:
        raise ConfigurationError(f"cannot open the database {where}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(original).partition("\n")[0] or type(original).__name__
