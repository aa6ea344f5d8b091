"""The application over a university whose people have passwords, OAuth clients, and browsers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from app.context import Context
from app.db.session import Database
from app.domain.identity.clients import IssuedClient, create_client
from app.domain.identity.models import User
from app.domain.identity.passwords import hashed
from app.domain.rows import update_row
from app.main import create_app
from app.principal import AUTOLAB_SCOPES, OAUTH_SCOPES
from app.settings import Settings
from tests.clock import NOW
from tests.factories import University, university

PASSWORD = "correct horse"
KEPT = hashed(PASSWORD)
BACK = "https://client.example/back?x=1"
CALLBACK = "http://test/device_flow_auth_cb"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class Clock:
    """A clock that tests turn."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **units: float) -> None:
        self.now += timedelta(**units)


@dataclass
class Browser:
    """A browser that fills in forms."""

    http: httpx.AsyncClient
    page: str = field(default="", repr=False)

    async def get(self, path: str, **query: str) -> httpx.Response:
        response = await self.http.get(path, params=query or None)
        self.page = response.text
        return response

    async def post(self, path: str, **more: str) -> httpx.Response:
        """Send the hidden fields of the page that is shown, and what was typed."""
        body = {name: unescape(value) for name, value in HIDDEN.findall(self.page)}
        response = await self.http.post(path, data={**body, **more})
        self.page = response.text
        return response

    async def sign_in(self, login: str = "sam", password: str = PASSWORD) -> httpx.Response:
        await self.get("/login")
        return await self.post("/login", login=login, password=password)


@dataclass
class Site:
    """The application, its clock, and the clients `web`, `public`, `product`, `own` and `other`."""

    app: Starlette
    world: University
    clock: Clock
    http: httpx.AsyncClient
    clients: dict[str, IssuedClient]

    def browser(self) -> Browser:
        transport = httpx.ASGITransport(app=self.app)
        return Browser(httpx.AsyncClient(transport=transport, base_url="http://test"))

    def credentials(self, name: str = "web") -> dict[str, str]:
        client = self.clients[name]
        return {"client_id": client.uid} | ({"client_secret": client.secret} if client.secret else {})

    async def approved(self, name: str = "web", redirect_uri: str = BACK, **more: str) -> str:
        """The code of sam's approval."""
        browser = self.browser()
        await browser.sign_in()
        asked = {"client_id": self.clients[name].uid, "redirect_uri": redirect_uri, "response_type": "code", **more}
        assert (await browser.get("/oauth/authorize", **asked)).status_code == 200
        return query(await browser.post("/oauth/authorize"))["code"]

    async def token(self, name: str = "web", **fields: str) -> httpx.Response:
        return await self.http.post("/oauth/token", data={**self.credentials(name), **fields})

    async def exchanged(self, name: str = "web", **more: str) -> dict[str, Any]:
        """The token object of a new approval."""
        code = await self.approved(name, **more)
        response = await self.token(name, grant_type="authorization_code", code=code, redirect_uri=BACK)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def refreshed(self, refresh_token: str, name: str = "web") -> httpx.Response:
        return await self.token(name, grant_type="refresh_token", refresh_token=refresh_token)

    async def graph(self, token: str) -> Any:
        """What the graph answers the holder of a token: the username, or the error's code."""
        headers = {"Authorization": f"Bearer {token}"}
        body = (await self.http.post("/graphql", json={"query": "{ viewer { username } }"}, headers=headers)).json()
        return body["errors"][0]["extensions"]["code"] if "errors" in body else body["data"]["viewer"]["username"]


def query(response: httpx.Response) -> dict[str, str]:
    """The query of where an answer leads."""
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


async def registered(ctx: Context, back: str = BACK) -> tuple[University, dict[str, IssuedClient]]:
    """A university in which sam, sue and root have passwords, and clients that are sent back there."""
    world = await university(ctx)
    for user_id in (world.student_id, world.second_student_id, world.admin_id):
        await update_row(ctx, User, user_id, {"password_hash": KEPT})
    clients = {
        "web": await create_client(ctx, "Web <b>", redirect_uris=[back], scopes=OAUTH_SCOPES),
        "other": await create_client(ctx, "Other", redirect_uris=[back], scopes=AUTOLAB_SCOPES),
        "public": await create_client(ctx, "Phone", redirect_uris=[back], scopes=["read"], is_public=True),
        "own": await create_client(ctx, "Nightly", redirect_uris=[], scopes=["read", "write"], user_id=world.admin_id),
    }
    return world, clients


@pytest.fixture
async def site(ctx: Context, open_database: Callable[[], Database], settings: Settings) -> AsyncIterator[Site]:
    world, clients = await registered(ctx)
    clock = Clock()
    app = create_app(settings, open_database, clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as http:
        yield Site(app, world, clock, http, clients)
