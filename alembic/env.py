"""Migrations, run on the URL of the settings (or on the connection that the caller hands over)."""

from __future__ import annotations

import asyncio
from typing import Literal

import sqlalchemy as sa
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import app.domain.all
from alembic import context
from app.db.base import Base
from app.db.engine import create_engine
from app.db.types import Instant
from app.settings import Settings

assert app.domain.all.MODELS, "the models must be imported before their metadata is read"


def render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Spell our own column types by name, whatever the database that a revision was generated on."""
    if kind == "type" and isinstance(item, Instant):
        autogen.imports.add("from app.db.types import Instant")
        return "Instant()"
    if kind == "type" and isinstance(item, sa.JSON):
        autogen.imports.add("from app.db.base import Json")
        return "Json"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_on_settings() -> None:
    engine = create_engine(Settings.from_environment())
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


handed_over = context.config.attributes.get("connection")
if handed_over is None:
    asyncio.run(run_on_settings())
else:
    run(handed_over)
