"""Alembic, driven from the program: no configuration file, no shell."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from alembic import command

SCRIPTS = Path(__file__).parents[2] / "alembic"


async def upgrade(engine: AsyncEngine) -> bool:
    """Bring the database to the newest revision, in one transaction. True when there was something to do."""
    async with engine.begin() as connection:
        return await connection.run_sync(_upgrade)


async def reset_and_upgrade(engine: AsyncEngine) -> None:
    """Drop every table, then migrate from nothing. For tests and benchmarks only."""
    async with engine.begin() as connection:
        await connection.run_sync(_drop)
        await connection.run_sync(_upgrade)


@cache
def revisions() -> tuple[str, ...]:
    """All revisions that this program knows, oldest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(config()).walk_revisions())[::-1]


def missing(current: str | None) -> tuple[str, ...]:
    """The revisions that a database lacks. Nothing is said of one that a newer program has migrated."""
    known = revisions()
    if current is None:
        return known
    return known[known.index(current) + 1 :] if current in known else ()


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for our scripts, on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: Connection) -> bool:
    made = config(connection)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == ScriptDirectory.from_config(made).get_current_head():
        return False
    command.upgrade(made, "head")
    return True


def _drop(connection: Connection) -> None:
    everything = MetaData()
    everything.reflect(connection)
    everything.drop_all(connection)
