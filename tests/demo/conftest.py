"""The demo university, made once for all tests of the folder, and forgotten after them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.demo import fill
from app.demo.calendar import PRESENT
from app.demo.names import ADMINISTRATOR
from app.domain.identity.models import User
from app.principal import SCOPES, Principal
from tests.conftest import RolledBackDatabase

PROGRAM = Principal(None, is_admin=True, scopes=frozenset(SCOPES))


@dataclass(frozen=True, slots=True)
class Filled:
    """The database after `fill`; contexts of the program and of the administrator, and what `fill` said."""

    program: Context
    administrator: Context
    lines: list[str]


@pytest.fixture(scope="package")
async def filled(engine: AsyncEngine) -> AsyncIterator[Filled]:
    async with engine.connect() as connection:
        outer = await connection.begin()
        db = RolledBackDatabase(connection, asyncio.Lock())
        lines = await fill(Context(PROGRAM, db))
        assert lines is not None
        user_id = await db.scalar(select(User.id).where(User.username == ADMINISTRATOR))
        administrator = Principal.of(user_id, is_staff=True, scopes=frozenset(SCOPES))
        yield Filled(
            Context(PROGRAM, db, clock=lambda: PRESENT),
            Context(administrator, db, clock=lambda: PRESENT),
            lines,
        )
        await outer.rollback()
