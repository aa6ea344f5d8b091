"""The application over the test's database, and a client whose every REST response is held against its contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.applications import Starlette

from app.db.session import Database
from app.main import create_app
from app.settings import Settings
from tests.clock import NOW
from tests.rest.contract import contract_of, system_at


@pytest.fixture(scope="session")
def application(settings: Settings) -> Starlette:
    """One application for all tests: what a test changes is its state."""

    def unopened() -> Database:
        raise AssertionError("no database is open outside of a test")

    return create_app(settings, unopened, lambda: NOW)


@pytest.fixture
def app(application: Starlette, settings: Settings, open_database: Callable[[], Database]) -> Starlette:
    """The application over the test's database."""
    application.state.settings = settings
    application.state.open_database = open_database
    return application


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application."""

    async def conform(response: httpx.Response) -> None:
        request = response.request
        system = system_at(request.method, request.url.path, app.state.settings)
        if system is not None:
            await response.aread()
            contract_of(system, app.state.settings).require(response)

    transport = httpx.ASGITransport(app=app)
    hooks = {"response": [conform]}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", event_hooks=hooks) as client:
        yield client
