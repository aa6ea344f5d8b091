"""A server is ready when its database answers and has all its tables."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import health
from app.db.migrate import missing, revisions
from tests.http.conftest import Served


async def ready(served: Served) -> tuple[int, Any]:
    """The answer to a probe."""
    response = await served.client.get("/readyz")
    assert response.headers["content-type"] == "application/json"
    return response.status_code, response.json()


async def stamp(served: Served, revision: str) -> None:
    """Say that the database is at a revision."""
    await served.world.admin.db.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def refused(code: str, message: str) -> tuple[int, Any]:
    return 503, {"ready": False, "reasons": [{"code": code, "message": message}]}


async def test_ready(served: Served) -> None:
    assert await ready(served) == (200, {"ready": True, "reasons": []})


async def test_missing_migrations_are_named(served: Served) -> None:
    await stamp(served, revisions()[-3])
    answer = await ready(served)
    await stamp(served, revisions()[-1])
    assert answer == refused("MIGRATIONS_MISSING", f"migrations are missing: {', '.join(revisions()[-2:])}")


async def test_a_database_that_a_newer_program_has_migrated_is_served_on(served: Served) -> None:
    """As while servers are replaced one by one."""
    await stamp(served, "9999")
    answer = await ready(served)
    await stamp(served, revisions()[-1])
    assert answer == (200, {"ready": True, "reasons": []})


def test_what_a_database_lacks() -> None:
    assert revisions()[0] == "0001"
    assert (missing(None), missing(revisions()[-1])) == (revisions(), ())


@pytest.mark.parametrize("error", [OSError("no route to sam"), OperationalError("SELECT", {}, Exception("gone"))])
async def test_a_database_that_is_not_there(served: Served, caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    def broken() -> Any:
        raise error

    intact, served.app.state.open_database = served.app.state.open_database, broken
    with caplog.at_level(logging.WARNING):
        answer = await ready(served)
    served.app.state.open_database = intact
    assert answer == refused("DATABASE_UNREACHABLE", "the database cannot be asked: the log says why")
    assert caplog.messages == ["the database is not ready"]


async def test_a_database_that_does_not_answer_is_asked_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.01)
    answers, asked = asyncio.Event(), 0
    intact = served.app.state.open_database

    def silent() -> Any:
        nonlocal asked
        asked += 1
        database = intact()
        fetch = database.fetch

        async def wait(*arguments: Any) -> Any:
            await answers.wait()
            return await fetch(*arguments)

        database.fetch = wait
        return database

    served.app.state.open_database = silent
    found = [await ready(served) for _ in range(3)]
    answers.set()
    monkeypatch.setattr(health, "PATIENCE", 10.0)
    found.append(await ready(served))
    served.app.state.open_database = intact
    assert found == [refused("DATABASE_SILENT", "the database has not answered for 0.01 seconds")] * 3 + [
        (200, {"ready": True, "reasons": []})
    ]
    assert asked in (1, 2)
