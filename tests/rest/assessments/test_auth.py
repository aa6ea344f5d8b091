"""The sign-in of the assessments API (contract, §2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from app.context import Context
from app.db.session import Database
from app.domain.identity.models import AccessToken, User
from app.domain.identity.passwords import hashed
from app.domain.identity.service import update_user
from app.domain.rows import update_row
from app.rates import Rates, Throttle
from tests.clock import NOW
from tests.factories import University, university
from tests.rest.assessments.conftest import ROOT

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse"
KEPT = hashed(PASSWORD)
AUTH = "/api/v1/auth"
Tokens = dict[str, Any]


@pytest.fixture
async def world(ctx: Context, app: Starlette) -> University:
    """The university; sam and root have a password, and nobody has tried one yet."""
    app.state.throttle, app.state.clock = Throttle(Rates()), lambda: NOW
    made = await university(ctx)
    for user_id in (made.student_id, made.admin_id):
        await update_row(ctx, User, user_id, {"password_hash": KEPT})
    return made


async def sent(client: httpx.AsyncClient, path: str, body: Any = None, token: str = "") -> tuple[int, Any, Any]:
    """Status, data, and the code of the error or its fields."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = await client.post(AUTH + path, json=body, headers=headers)
    assert response.headers["x-ratelimit-limit"] == "100"
    told = response.json()
    error = told["error"] and (
        [each["field"] for each in told["error"]["details"]] if "details" in told["error"] else told["error"]["code"]
    )
    return response.status_code, told["data"], error


async def signed_in(client: httpx.AsyncClient, email: str = "sam@uni.example") -> Tokens:
    status, data, error = await sent(client, "/login", {"email": email, "password": PASSWORD})
    assert (status, error, set(data)) == (200, None, {"access_token", "refresh_token", "expires_in", "token_type"})
    assert (data["expires_in"], data["token_type"]) == (3600, "Bearer")
    return dict(data)


async def opens(client: httpx.AsyncClient, token: str) -> int:
    return (await client.get(ROOT, headers={"Authorization": f"Bearer {token}"})).status_code


def later(app: Starlette, **units: float) -> None:
    now: datetime = app.state.clock() + timedelta(**units)
    app.state.clock = lambda: now


async def test_a_password_gives_tokens_of_an_hour(client: httpx.AsyncClient, app: Starlette, world: University) -> None:
    tokens = await signed_in(client, " SAM@uni.example ")
    assert await opens(client, tokens["access_token"]) == 200
    assert await opens(client, tokens["refresh_token"]) == 401
    later(app, hours=1)
    assert await opens(client, tokens["access_token"]) == 401
    status, data, _ = await sent(client, "/refresh", {"refresh_token": tokens["refresh_token"]})
    assert (status, await opens(client, data["access_token"])) == (200, 200)


@pytest.mark.parametrize(("email", "scopes"), [("sam@uni.example", []), ("root@uni.example", ["admin"])])
async def test_the_tokens_are_for_all_that_the_person_may_do(
    client: httpx.AsyncClient, world: University, email: str, scopes: list[str]
) -> None:
    await signed_in(client, email)
    token = AccessToken.__table__.c
    rows = await world.admin.db.fetch(select(token.name, token.prefix, token.scopes, token.client_id))
    [(name, prefix, granted, client_id)] = rows
    assert (name, prefix[:4], granted, client_id) == (
        "signed in with a password",
        "cgp_",
        ["read", "write", *scopes],
        None,
    )


async def test_refreshing_ends_the_old_tokens_at_once(client: httpx.AsyncClient, world: University) -> None:
    old = await signed_in(client)
    _, new, _ = await sent(client, "/refresh", {"refresh_token": old["refresh_token"]})
    assert await opens(client, old["access_token"]) == 401
    assert await opens(client, new["access_token"]) == 200
    # a refresh token that comes back ends what came of it, and no other sign-in
    other = await signed_in(client)
    assert await sent(client, "/refresh", {"refresh_token": old["refresh_token"]}) == (401, None, "UNAUTHORIZED")
    assert await opens(client, new["access_token"]) == 401
    assert await sent(client, "/refresh", {"refresh_token": new["refresh_token"]}) == (401, None, "UNAUTHORIZED")
    assert await opens(client, other["access_token"]) == 200


async def test_a_sign_in_that_is_not_used_is_over(client: httpx.AsyncClient, app: Starlette, world: University) -> None:
    old = await signed_in(client)
    later(app, days=29)
    status, new, _ = await sent(client, "/refresh", {"refresh_token": old["refresh_token"]})
    assert status == 200
    later(app, days=30)
    assert (await sent(client, "/refresh", {"refresh_token": new["refresh_token"]}))[0] == 401


async def test_logging_out(client: httpx.AsyncClient, world: University) -> None:
    tokens, other = await signed_in(client), await signed_in(client)
    assert await sent(client, "/logout", token=tokens["access_token"]) == (200, None, None)
    assert await opens(client, tokens["access_token"]) == 401
    assert (await sent(client, "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    assert await opens(client, other["access_token"]) == 200
    for token in ("", tokens["access_token"], "cgp_x"):
        assert await sent(client, "/logout", token=token) == (401, None, "UNAUTHORIZED")


async def test_who_is_inactive_has_no_tokens(client: httpx.AsyncClient, world: University) -> None:
    tokens = await signed_in(client)
    await update_user(world.admin, user_id=world.student_id, is_active=False)
    assert await opens(client, tokens["access_token"]) == 401
    assert (await sent(client, "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    assert (await sent(client, "/login", {"email": "sam@uni.example", "password": PASSWORD}))[0] == 401


async def test_guessing_is_slowed_down(client: httpx.AsyncClient, world: University) -> None:
    wrong = {"email": "sam@uni.example", "password": "wrong horse"}
    told = [await sent(client, "/login", wrong) for _ in range(10)]
    assert told == [(401, None, "UNAUTHORIZED")] * 10
    assert await sent(client, "/login", wrong | {"password": PASSWORD}) == (429, None, "RATE_LIMITED")
    assert (await signed_in(client, "root@uni.example"))["expires_in"] == 3600


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        ("/login", {}, (422, ["email", "password"])),
        ("/login", {"email": 1, "password": ["correct horse"]}, (422, ["email", "password"])),
        ("/login", {"email": "sam@uni.example", "password": "short"}, (422, ["password"])),
        ("/login", {"email": "\0", "password": "\0" * 8}, (401, "UNAUTHORIZED")),
        ("/login", {"email": "x" * 9999, "password": "x" * 9999}, (401, "UNAUTHORIZED")),
        ("/login", [], (400, "BAD_REQUEST")),
        ("/refresh", {}, (422, ["refresh_token"])),
        ("/refresh", {"refresh_token": None}, (422, ["refresh_token"])),
        ("/refresh", {"refresh_token": "\0 cgr_"}, (401, "UNAUTHORIZED")),
        ("/refresh", "x", (400, "BAD_REQUEST")),
    ],
)
async def test_junk(
    client: httpx.AsyncClient, world: University, path: str, body: Any, answer: tuple[int, Any]
) -> None:
    status, data, error = await sent(client, path, body)
    assert (status, error, data) == (*answer, None)


async def test_a_body_that_is_no_json(client: httpx.AsyncClient, world: University) -> None:
    for content in (b"", b"{", b"\xff"):
        assert (await client.post(AUTH + "/login", content=content)).status_code == 400


async def test_the_number_of_statements(
    client: httpx.AsyncClient, app: Starlette, world: University, open_database: Callable[[], Database]
) -> None:
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    tokens = await signed_in(client)
    _, tokens, _ = await sent(client, "/refresh", {"refresh_token": tokens["refresh_token"]})
    await sent(client, "/logout", token=tokens["access_token"])
    assert [each.statements for each in opened] == [3, 4, 5]
