"""One site for a module of tests: each writes within a savepoint that is rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.domain.site import Site
from tests.domain.site import site as build_site


@pytest.fixture(scope="module")
async def shared_site(engine: AsyncEngine) -> AsyncIterator[Site]:
    """A site that is made once for the module."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        db = RolledBackDatabase(connection, asyncio.Lock())
        program = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
        yield await build_site(Context(program, db, clock=lambda: NOW))
        await outer.rollback()


@pytest.fixture
async def site(shared_site: Site) -> AsyncIterator[Site]:
    """The module's site, which forgets what the test writes."""
    connection = await shared_site.world.admin.db.connection()
    savepoint = await connection.begin_nested()
    yield shared_site
    await savepoint.rollback()
