"""What the server does by itself: at its start, every hour, and without harm when the database fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import hourly
from app.context import Context
from app.db.session import Database
from app.domain.identity.models import BrowserSession
from app.domain.identity.sessions import open_session
from tests.clock import NOW
from tests.factories import person

pytestmark = pytest.mark.anyio


async def sessions(ctx: Context) -> int:
    found: int = await ctx.db.scalar(select(func.count(BrowserSession.id)))
    return found


async def test_at_the_start_and_every_hour(
    ctx: Context, open_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hourly, "SECONDS", 0.001)
    user_id = await person(ctx, "ada")
    await open_session(ctx, user_id)
    async with hourly.tidied(open_database, lambda: NOW + timedelta(days=1)):
        assert await sessions(ctx) == 0
        await open_session(ctx, user_id)
        while await sessions(ctx):
            await asyncio.sleep(0.001)
    assert await sessions(ctx) == 0


async def test_a_database_that_fails_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Database:
        raise OperationalError("DELETE", {}, Exception("no such\ntable"))

    async with hourly.tidied(broken, lambda: NOW):
        pass
    [line] = caplog.messages
    assert line.startswith("old tokens were not removed: (builtins.Exception) no such table")
