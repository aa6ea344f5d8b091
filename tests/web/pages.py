"""An application without a database, asked for its pages."""

from __future__ import annotations

import httpx

from app.db.session import Database
from app.main import create_app
from app.settings import Settings


async def answer(path: str, accept: str = "text/html", settings: Settings = Settings()) -> httpx.Response:
    """What the application answers."""

    def unopened() -> Database:
        raise AssertionError("nothing is asked")

    transport = httpx.ASGITransport(app=create_app(settings, unopened))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path, headers={"Accept": accept})
