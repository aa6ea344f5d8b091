"""A browser for all tests, the sign-in behind a socket for a module of them, a visitor for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Browser
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.session import Database
from app.main import create_app
from app.principal import SCOPES, Principal
from app.rates import Rates, Throttle
from app.settings import Settings
from tests.browser.browsing import Tab, launched, tab
from tests.browser.scenes import address, back, recognised
from tests.browser.serving import serving
from tests.conftest import RolledBackDatabase
from tests.oauth.conftest import Clock, Site, registered


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
async def served(chromium: Browser, engine: AsyncEngine, settings: Settings) -> AsyncIterator[Site]:
    """The sign-in's site behind a socket. Its clients live behind the same socket, under another name (`back`)."""
    async with engine.connect() as connection:
        outer, lock, clock = await connection.begin(), asyncio.Lock(), Clock()

        def open_database() -> Database:
            return RolledBackDatabase(connection, lock)

        app = create_app(settings, open_database, clock)
        async with serving(app) as url, httpx.AsyncClient(base_url=url) as http:
            program = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), open_database(), clock)
            world, clients = await registered(program, back(url))
            yield Site(app, world, clock, http, clients)
        await outer.rollback()


@pytest.fixture
def site(served: Site) -> Site:
    """The site, when nobody has guessed anything."""
    served.app.state.throttle = Throttle(Rates())
    return served


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
async def visitor(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> AsyncIterator[Tab]:
    """A visitor's tab: once in a browser that runs scripts, and once in one that does not."""
    async with tab(chromium, address(site), scripts=request.param) as made:
        yield made


@pytest.fixture
async def person(visitor: Tab, site: Site) -> Tab:
    """The tab of somebody who has signed in: sam."""
    await recognised(visitor, site)
    return visitor
