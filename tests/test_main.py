"""The application as a server runs it: on a database of its own, from the environment, opened and closed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app import files_view
from app.context import Context
from app.db.engine import create_engine
from app.db.migrate import upgrade
from app.db.session import Database
from app.db.types import utc_now
from app.domain.catalog.service import create_organization
from app.domain.identity.service import create_user
from app.domain.identity.tokens import issue_token
from app.errors import ConfigurationError
from app.main import create_app
from app.oauth.routes import ROUTES
from app.principal import SCOPES, Principal
from app.rest.openedx.companions import COMPANIONS
from app.rest.systems import SYSTEMS
from app.settings import Settings
from tests.answers import uncounted
from tests.documentation import ROOT

QUERY = "{ organizations { nodes { key } } }"


@pytest.fixture
async def token(engine: AsyncEngine) -> AsyncIterator[str]:
    """A token in the tests' database itself, where an application of its own connection sees it; removed again."""
    program = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
    async with Database(engine) as db, db.transaction():
        ctx = Context(program, db)
        await create_organization(ctx, key="uni", name="University")
        user_id = await create_user(ctx, username="root", is_staff=True)
        text = (await issue_token(ctx, user_id=user_id, name="main")).text
    yield text
    async with engine.begin() as connection:
        for table in ("access_tokens", "users", "organizations"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")


async def test_the_application_serves_the_database_of_its_settings(settings: Settings, token: str) -> None:
    """Several requests at a time, each with a connection of its own, from a pool that is closed in the end."""
    app = create_app(replace(settings, pool_size=2))
    headers = {"Authorization": f"Bearer {token}"}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            responses = await asyncio.gather(*(client.post("/graphql", json={"query": QUERY}) for _ in range(6)))
    assert [uncounted(each) for each in responses] == [{"data": {"organizations": {"nodes": [{"key": "uni"}]}}}] * 6


async def test_what_the_application_has(settings: Settings) -> None:
    def unopened() -> Database:
        raise AssertionError("nothing is asked")

    settings = replace(settings, graphiql=False)
    app = create_app(settings, unopened)
    assert (app.state.settings, app.state.open_database, app.state.clock) == (settings, unopened, utc_now)
    assert [route for route in app.routes if route in files_view.ROUTES] == files_view.ROUTES
    paths = [getattr(route, "path", None) for route in app.routes if route not in files_view.ROUTES]
    pages = ["/openapi/{system}.json", "/", "/openapi/{system}"]
    assert paths[:8] == ["/healthz", "/readyz", "/metrics", "/graphql", "/graphql", *pages]
    oauth = [route.path for route in ROUTES]
    assert paths[8 : 8 + len(oauth)] == oauth
    assert paths[8 + len(oauth) :] == list(dict.fromkeys(system.prefix for system in (*SYSTEMS, *COMPANIONS)))
    async with app.router.lifespan_context(app):
        pass


def test_a_database_that_no_driver_serves_is_told_at_once() -> None:
    for url in ("mysql://localhost/x", "nonsense", ""):
        with pytest.raises(ConfigurationError):
            create_app(Settings(database_url=url))


PROGRAM = """
import asyncio, gc, json, logging, sys
import httpx
from app.main import create

async def main():
    app = create()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            health = (await client.get("/healthz")).text
            answer = (await client.post("/graphql", json={"query": "{ viewer { uid } }"})).json()["data"]
    settled = gc.get_freeze_count() > 0, sys.getswitchinterval()
    print(json.dumps([health, answer, app.state.settings.max_depth, settled, logging.getLogger().level]))

asyncio.run(main())
"""


async def test_the_application_of_the_environment(tmp_path: Path) -> None:
    """In a process of its own: it settles the interpreter and the logging for serving."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'main.sqlite3'}"
    engine = create_engine(Settings(database_url=url))
    await upgrade(engine)
    await engine.dispose()
    environment = {**os.environ, "CAMPUSGRAPH_DATABASE_URL": url, "CAMPUSGRAPH_MAX_DEPTH": "9"}
    command = [sys.executable, "-c", PROGRAM]
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["ok\n", {"viewer": None}, 9, [True, 0.0005], 20]
    assert "ERROR" not in done.stderr


def test_a_bad_environment_is_told_by_the_name_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.main import create

    monkeypatch.setenv("CAMPUSGRAPH_MAX_DEPTH", "deep")
    with pytest.raises(ConfigurationError, match="CAMPUSGRAPH_MAX_DEPTH"):
        create()
