"""Tokens as Open edX's clients ask for them, and a browser's session for scripts (contracts/edx-core.md §0.2, §0.9)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy import func, select

from app.context import Context
from app.domain.identity.clients import create_client, revoke_client
from app.domain.identity.jwts import Signing, authenticate_jwt
from app.domain.identity.models import AccessToken, SigningKey
from app.errors import Unauthenticated
from app.principal import Principal
from app.web.session import COOKIE
from tests.clock import NOW
from tests.oauth.conftest import BACK, PASSWORD, Site

pytestmark = pytest.mark.anyio

TOKEN = "/oauth2/access_token"
OWN = {"grant_type": "client_credentials"}
SHOWN = {"grant_type": "password", "username": "sam", "password": PASSWORD}
SCOPES = ["read", "write", "profile", "email"]
READABLE, SIGNATURE = "edx-jwt-cookie-header-payload", "edx-jwt-cookie-signature"


@pytest.fixture(autouse=True)
async def clients(site: Site, ctx: Context) -> None:
    """`mobile` is trusted with passwords, `worker` acts for root."""
    root = site.world.admin_id
    site.clients["mobile"] = await create_client(ctx, "M", redirect_uris=[BACK], scopes=SCOPES, is_trusted=True)
    site.clients["worker"] = await create_client(
        ctx, "W", redirect_uris=[], scopes=[*SCOPES, "admin", "user_info"], user_id=root
    )


async def ask(site: Site, name: str, path: str = TOKEN, **fields: str) -> httpx.Response:
    return await site.http.post(path, data={**site.credentials(name), **fields})


async def made(site: Site, name: str, **fields: str) -> dict[str, Any]:
    response = await ask(site, name, **fields)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def refusal(response: httpx.Response) -> tuple[int, str]:
    assert set(response.json()) == {"error", "error_description"}
    return response.status_code, response.json()["error"]


async def holder(site: Site, ctx: Context, text: str, audience: str = "openedx", secret: str = "") -> Principal:
    return await authenticate_jwt(ctx.db, text, site.clock(), Signing(secret, audience))


async def claims(ctx: Context, text: str) -> dict[str, Any]:
    """What is in a JWT that the database's secret signed."""
    key = await ctx.db.scalar(select(SigningKey.secret))
    unclocked: Any = {"verify_exp": False, "verify_iat": False}
    found: dict[str, Any] = jwt.decode(text, key, ["HS256"], unclocked, audience="openedx")
    return found


@pytest.mark.parametrize("path", [TOKEN, TOKEN + "/"])
async def test_a_clients_own_token(site: Site, path: str) -> None:
    response = await ask(site, "worker", path, **OWN)
    assert response.status_code == 200
    found = response.json()
    access = found.pop("access_token")
    assert found == {"token_type": "Bearer", "expires_in": 7200, "scope": "read write admin profile email"}
    assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    assert await site.graph(access) == "root"


async def test_the_credentials_may_stand_in_the_header(site: Site) -> None:
    client = site.clients["worker"]
    response = await site.http.post(TOKEN, data=OWN, auth=(client.uid, client.secret or ""))
    assert response.status_code == 200


async def test_a_jwt_tells_of_the_person(site: Site, ctx: Context) -> None:
    found = await made(site, "worker", **OWN, token_type="JWT")
    text = found.pop("access_token")
    assert found == {"token_type": "JWT", "expires_in": 3600, "scope": "read write admin profile email"}
    told = await claims(ctx, text)
    kind, _, of = told.pop("jti").partition(":")
    assert (kind, len(of), len(told.pop("sub"))) == ("token", 64, 32)
    assert told == {
        "aud": "openedx",
        "iss": "http://test/oauth2",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
        "user_id": site.world.admin_id,
        "preferred_username": "root",
        "scopes": ["read", "write", "admin", "profile", "email"],
        "version": "1.2.0",
        "filters": [],
        "is_restricted": False,
        "email": "root@uni.example",
        "email_verified": True,
        "name": "Root",
        "given_name": "",
        "family_name": "",
        "administrator": True,
        "superuser": True,
    }
    principal = await holder(site, ctx, text)
    assert (principal.user_id, principal.is_admin, principal.is_delegated) == (site.world.admin_id, True, True)


async def test_names_and_address_are_told_with_their_scopes(site: Site, ctx: Context) -> None:
    text = (await made(site, "mobile", **SHOWN, token_type="jwt", scope="read"))["access_token"]
    assert set(await claims(ctx, text)) & {"email", "name", "administrator"} == set()
    assert (await holder(site, ctx, text)).scopes == {"read"}


async def test_the_secret_is_made_once_and_kept(site: Site, ctx: Context) -> None:
    for _ in range(3):
        await made(site, "worker", **OWN, token_type="jwt")
    rows = await ctx.db.fetch(select(SigningKey.purpose, func.length(SigningKey.secret)))
    assert [tuple(row) for row in rows] == [("jwt", 43)]


async def test_a_password_opens_for_a_trusted_client(site: Site) -> None:
    found = await made(site, "mobile", **SHOWN)
    assert set(found) == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
    assert (found["scope"], await site.graph(found["access_token"])) == ("read write profile email", "sam")
    again = await made(site, "mobile", grant_type="refresh_token", refresh_token=found["refresh_token"])
    assert (again["scope"], await site.graph(again["access_token"])) == ("read write profile email", "sam")
    assert await site.graph(found["access_token"]) == "UNAUTHENTICATED"
    stolen = await ask(site, "mobile", grant_type="refresh_token", refresh_token=found["refresh_token"])
    assert refusal(stolen) == (400, "invalid_grant")
    assert await site.graph(again["access_token"]) == "UNAUTHENTICATED"


@pytest.mark.parametrize("name", ["web", "worker", "public"])
async def test_a_password_opens_for_no_other_client(site: Site, ctx: Context, name: str) -> None:
    expected = (401, "invalid_client") if name == "public" else (400, "unauthorized_client")
    assert refusal(await ask(site, name, **SHOWN)) == expected
    assert await ctx.db.scalar(select(func.count()).select_from(AccessToken)) == 0


async def test_a_wrong_password_and_guessing(site: Site, ctx: Context) -> None:
    wrong = {**SHOWN, "password": "x"}
    for changed in (wrong, {**SHOWN, "username": "nobody"}, {**SHOWN, "username": "s\0m"}):
        assert refusal(await ask(site, "mobile", **changed)) == (400, "invalid_grant")
    assert refusal(await ask(site, "mobile", grant_type="password", username="sam")) == (400, "invalid_request")
    for _ in range(9):
        assert refusal(await ask(site, "mobile", **wrong)) == (400, "invalid_grant")
    for changed in (wrong, SHOWN, {**SHOWN, "username": "SAM"}):
        response = await ask(site, "mobile", **changed)
        assert (refusal(response), response.headers["retry-after"]) == ((429, "too_many_requests"), "300")
    assert await ctx.db.scalar(select(func.count()).select_from(AccessToken)) == 0


async def test_a_wrong_secret_tells_nothing_of_passwords(site: Site) -> None:
    fields = {**SHOWN, "client_id": site.clients["mobile"].uid, "client_secret": "x"}
    for _ in range(20):
        assert refusal(await site.http.post(TOKEN, data=fields)) == (401, "invalid_client")
    assert (await ask(site, "mobile", **SHOWN)).status_code == 200


async def test_a_code_is_exchanged(site: Site, ctx: Context) -> None:
    browser = site.browser()
    await browser.sign_in()
    asked = {"client_id": site.clients["mobile"].uid, "redirect_uri": BACK, "response_type": "code"}
    page = await browser.get("/oauth2/authorize/", **asked)
    assert (page.status_code, "see your e-mail address" in page.text) == (200, True)
    location = (await browser.post("/oauth/authorize")).headers["location"]
    code = httpx.URL(location).params["code"]
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "token_type": "jwt"}
    found = await made(site, "mobile", **fields)
    assert (await holder(site, ctx, found["access_token"])).user_id == site.world.student_id
    assert refusal(await ask(site, "mobile", **fields)) == (400, "invalid_grant")
    with pytest.raises(Unauthenticated):
        await holder(site, ctx, found["access_token"])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (400, "invalid_request")),
        ({"grant_type": "x"}, (400, "unsupported_grant_type")),
        ({**OWN, "token_type": "saml"}, (400, "invalid_request")),
        ({**OWN, "client_secret": "x"}, (401, "invalid_client")),
        ({**OWN, "client_id": "x"}, (401, "invalid_client")),
        ({**OWN, "client_id": "\0"}, (401, "invalid_client")),
        ({**OWN, "scope": "grades:read"}, (400, "invalid_scope")),
        ({"grant_type": "refresh_token"}, (400, "invalid_request")),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, (400, "invalid_grant")),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}, (400, "invalid_grant")),
    ],
)
async def test_what_is_refused(site: Site, fields: dict[str, str], expected: tuple[int, str]) -> None:
    assert refusal(await ask(site, "worker", **fields)) == expected


async def test_a_client_that_acts_for_nobody_has_no_token_of_its_own(site: Site) -> None:
    assert refusal(await ask(site, "mobile", **OWN)) == (400, "unauthorized_client")


@pytest.mark.parametrize("body", [b"{}", b'{"grant_type":"client_credentials"}', b"\xff\0", b""])
async def test_a_body_of_another_kind_is_refused_kindly(site: Site, body: bytes) -> None:
    for kind in ("application/json", "text/plain", ""):
        response = await site.http.post(TOKEN, content=body, headers={"Content-Type": kind})
        assert refusal(response) == (400, "invalid_request")
        assert response.json()["error_description"] == "The body must be application/x-www-form-urlencoded."
    junk = await site.http.post(TOKEN, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert refusal(junk)[0] in (400, 401)
    assert (await site.http.get(TOKEN)).status_code == 405


async def test_revoking_a_token_ends_the_jwt_beside_it(site: Site, ctx: Context) -> None:
    found = await made(site, "mobile", **SHOWN, token_type="jwt")
    ended = {"token": found["refresh_token"]}
    assert (await holder(site, ctx, found["access_token"])).user_id == site.world.student_id
    assert (await ask(site, "worker", "/oauth2/revoke_token/", **ended)).status_code == 403
    assert (await ask(site, "mobile", "/oauth2/revoke_token/", **ended)).json() == {}
    with pytest.raises(Unauthenticated):
        await holder(site, ctx, found["access_token"])
    assert (await ask(site, "mobile", "/oauth2/revoke_token", token="junk")).status_code == 200


async def test_a_client_that_is_revoked_takes_its_jwts_with_it(site: Site, ctx: Context) -> None:
    text = (await made(site, "worker", **OWN, token_type="jwt"))["access_token"]
    await revoke_client(ctx, site.clients["worker"].id)
    with pytest.raises(Unauthenticated):
        await holder(site, ctx, text)


async def test_the_token_of_scripts_belongs_to_the_session(site: Site) -> None:
    browser = site.browser()
    first = await browser.get("/csrf/api/v1/token")
    assert (first.json(), COOKIE in browser.http.cookies) == ({"csrfToken": browser.http.cookies["csrftoken"]}, True)
    await browser.sign_in()
    second = await browser.get("/csrf/api/v1/token")
    assert second.json() != first.json()
    assert (await browser.get("/csrf/api/v1/token")).json() == second.json()
    kept = browser.http.cookies[COOKIE]
    assert (await browser.http.post("/csrf/api/v1/token")).json() == second.json()
    assert browser.http.cookies[COOKIE] == kept
    assert "HttpOnly" not in second.headers["set-cookie"]
    assert "SameSite=lax" in second.headers["set-cookie"]


async def test_another_sites_form_gets_no_session(site: Site) -> None:
    response = await site.http.post("/csrf/api/v1/token")
    assert COOKIE not in response.headers["set-cookie"]


async def test_a_session_is_told_in_two_cookies(site: Site, ctx: Context) -> None:
    browser = site.browser()
    refused = await browser.http.post("/login_refresh")
    assert (refused.status_code, refused.json(), (await browser.get("/login_refresh")).status_code) == (
        401,
        "Unauthorized",
        405,
    )
    await browser.sign_in()
    response = await browser.http.post("/login_refresh", headers={"USE-JWT-COOKIE": "true"})
    assert response.json() == {
        "success": True,
        "user_id": site.world.student_id,
        "response_epoch_seconds": int(NOW.timestamp()),
        "response_http_date": f"{NOW:%a, %d %b %Y %H:%M:%S} GMT",
        "expires": f"{NOW.replace(hour=NOW.hour + 1):%a, %d %b %Y %H:%M:%S} GMT",
        "expires_epoch_seconds": int(NOW.timestamp()) + 3600,
    }
    flags = {each.partition("=")[0]: "HttpOnly" in each for each in response.headers.get_list("set-cookie")}
    assert flags == {READABLE: False, SIGNATURE: True}
    text = f"{browser.http.cookies[READABLE]}.{browser.http.cookies[SIGNATURE]}"
    assert (await claims(ctx, text))["preferred_username"] == "sam"
    assert (await holder(site, ctx, text)).user_id == site.world.student_id
    await browser.get("/account/tokens")
    await browser.post("/logout")
    with pytest.raises(Unauthenticated):
        await holder(site, ctx, text)


async def test_what_front_ends_may_read_is_for_their_domain(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    state = site.app.state
    monkeypatch.setattr(state, "settings", replace(state.settings, openedx_cookie_domain="uni.example"))
    browser = site.browser()
    for expected in ({READABLE: True, SIGNATURE: False}, {READABLE: True, SIGNATURE: False}):
        response = await browser.http.post("/login_refresh")
        cookies = response.headers.get_list("set-cookie")
        assert {each.partition("=")[0]: "Domain=uni.example" in each for each in cookies} == expected
        await browser.sign_in()
