"""Who asks: JWTs, access tokens, browsers' sessions, another server's key (contracts/edx-core.md §0.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update
from starlette.applications import Starlette
from starlette.requests import Request

from app.domain.blocks.models import BlockCompletion
from app.domain.identity.jwts import Signing, jwt_of_session, jwt_of_token
from app.domain.identity.models import AccessToken, User
from app.domain.identity.sessions import open_session
from app.domain.identity.tokens import digest
from app.principal import Principal
from app.rest.openedx.authentication import REASONS, authenticate
from app.web.session import COOKIE, form_token
from tests.clock import NOW
from tests.rest.openedx.conftest import H, OpenEdx, P, R

pytestmark = pytest.mark.anyio
BATCH = "/api/completion/v1/completion-batch"
OWN = f"/api/completion/v1/subsection-completion/ann/{R}/{H}"
OURS = Signing("", "openedx")
STRANGER = (401, {"detail": "Authentication credentials were not provided."})
DONE = (200, {"detail": "ok"})
SAID = {"username": "ann", "course_key": R, "blocks": {P: 1}}


def bad(code: str) -> tuple[int, Any]:
    """Status and body of a refusal of a token."""
    return 401, {"error_code": code, "developer_message": REASONS[code]}


async def by(edx: OpenEdx, authorization: str | bytes, method: str = "GET") -> tuple[int, Any]:
    """What ann's completion is told to who sends this header, or what is said of writing it."""
    headers: Any = {"Authorization": authorization}
    more: Any = {"json": SAID} if method == "POST" else {}
    return await edx.told(BATCH if method == "POST" else OWN, None, method, headers=headers, **more)


async def jwt(edx: OpenEdx, who: str = "ann") -> str:
    return await jwt_of_token(edx.filled.admin, edx.filled.tokens[who], OURS)


async def stored(edx: OpenEdx) -> Any:
    return await edx.filled.admin.db.scalar(select(func.count()).select_from(BlockCompletion))


async def session(edx: OpenEdx, who: str = "ann") -> dict[str, str]:
    """The cookies of a browser that somebody has signed in with."""
    text = await open_session(edx.filled.admin, edx.keys[who])
    return {COOKIE: text, "csrftoken": form_token(text)}


def sent(cookies: dict[str, str], **headers: str) -> dict[str, str]:
    pairs = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": pairs, **{name.replace("_", "-"): value for name, value in headers.items()}}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
async def test_access_tokens_in_any_case_of_the_scheme(edx: OpenEdx, scheme: str) -> None:
    assert await by(edx, f"{scheme} {edx.filled.tokens['ann']}") == (200, {"completion": 0})
    assert await by(edx, f"{scheme}   {edx.filled.tokens['ann']}  ", "POST") == DONE


@pytest.mark.parametrize("scheme", ["JWT", "jwt", "Jwt"])
async def test_jwts_in_any_case_of_the_scheme(edx: OpenEdx, scheme: str) -> None:
    assert await by(edx, f"{scheme} {await jwt(edx)}") == (200, {"completion": 0})
    assert await by(edx, f"{scheme} {await jwt(edx)}", "POST") == DONE


async def test_neither_is_taken_for_the_other(edx: OpenEdx) -> None:
    assert await by(edx, f"Bearer {await jwt(edx)}") == bad("token_nonexistent")
    assert await by(edx, f"JWT {edx.filled.tokens['ann']}") == bad("token_nonexistent")


@pytest.mark.parametrize("scheme", ["Bearer", "JWT"])
async def test_headers_that_are_not_good(edx: OpenEdx, scheme: str) -> None:
    for header, code in (
        (scheme, "token_not_provided"),
        (f"{scheme} ", "token_not_provided"),
        (f"{scheme} a b", "token_malformed"),
        (f"{scheme} x", "token_nonexistent"),
        (f"{scheme} {'x' * 60_000}", "token_nonexistent"),
        (f"{scheme} {'.' * 9_000}", "token_nonexistent"),
        (f"{scheme} null", "token_nonexistent"),
    ):
        assert await by(edx, header) == bad(code)
        assert await by(edx, header, "POST") == bad(code)
    for junk in (b"\xff\xfe", b"\x00", b"\xed\xa0\x80.\xed\xa0\x80.x", "é".encode()):
        assert (await by(edx, scheme.encode() + b" " + junk))[0] == 401
    assert await stored(edx) == 0


@pytest.mark.parametrize("header", ["", " ", "Basic YTpi", "Token x", "Bearerx y", "=" * 50_000, "Digest username=ann"])
async def test_other_schemes_are_nobody(edx: OpenEdx, header: str) -> None:
    assert await by(edx, header, "POST") == STRANGER


async def test_tokens_that_are_over(edx: OpenEdx) -> None:
    text, made = edx.filled.tokens["ann"], await jwt(edx)
    mine = update(AccessToken).where(AccessToken.digest == digest(text))
    for values, code in (
        ({"expires_at": NOW}, "token_expired"),
        ({"expires_at": None, "revoked_at": NOW}, "token_nonexistent"),
    ):
        await edx.filled.admin.db.execute(mine.values(**values))
        assert await by(edx, f"Bearer {text}") == bad(code)
        assert await by(edx, f"JWT {made}") == bad(code)


async def test_people_who_may_do_nothing_any_more(edx: OpenEdx) -> None:
    text, made, cookies = edx.filled.tokens["ann"], await jwt(edx), await session(edx)
    await edx.filled.admin.db.execute(update(User).where(User.id == edx.keys["ann"]).values(is_active=False))
    for header in (f"Bearer {text}", f"JWT {made}"):
        assert await by(edx, header) == bad("user_is_disabled")
        assert await by(edx, header, "POST") == bad("user_is_disabled")
    headers = sent(cookies, X_CSRFToken=cookies["csrftoken"])
    assert await edx.told(BATCH, None, "POST", headers=headers, json=SAID) == STRANGER
    assert await stored(edx) == 0


async def test_a_session_reads_and_with_its_token_writes(edx: OpenEdx) -> None:
    cookies = await session(edx)
    assert await edx.told(OWN, headers=sent(cookies)) == (200, {"completion": 0})
    headers = sent(cookies, X_CSRFToken=cookies["csrftoken"])
    assert await edx.told(BATCH, None, "POST", headers=headers, json=SAID) == DONE


async def test_a_session_has_what_the_person_may(edx: OpenEdx) -> None:
    """Global staff may say what others have done."""
    cookies = await session(edx, "staff")
    headers = sent(cookies, X_CSRFToken=cookies["csrftoken"])
    assert await edx.told(BATCH, None, "POST", headers=headers, json=SAID) == DONE


async def test_what_another_site_has_a_browser_send(edx: OpenEdx) -> None:
    cookies, other = await session(edx), await session(edx, "bob")
    own, foreign = cookies["csrftoken"], other["csrftoken"]
    for given, header, why in (
        ({COOKIE: cookies[COOKIE]}, {}, "CSRF cookie not set."),
        ({COOKIE: cookies[COOKIE]}, {"X_CSRFToken": own}, "CSRF cookie not set."),
        (cookies, {}, "CSRF token missing."),
        (cookies, {"X_CSRFToken": ""}, "CSRF token incorrect."),
        (cookies, {"X_CSRFToken": foreign}, "CSRF token incorrect."),
        ({**cookies, "csrftoken": foreign}, {"X_CSRFToken": foreign}, "CSRF token incorrect."),
        ({**cookies, "csrftoken": foreign}, {"X_CSRFToken": own}, "CSRF token incorrect."),
        ({**cookies, "csrftoken": "x"}, {"X_CSRFToken": "x"}, "CSRF token incorrect."),
        (cookies, {"X_CSRFToken": own.upper()}, "CSRF token incorrect."),
    ):
        expected = (403, {"detail": f"CSRF Failed: {why}"})
        assert await edx.told(BATCH, None, "POST", headers=sent(given, **header), json=SAID) == expected
    assert await stored(edx) == 0


async def test_with_tls_a_page_of_this_site_must_ask(edx: OpenEdx, app: Starlette) -> None:
    cookies = await session(edx)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://test") as client:
        for headers, status in (
            ({}, 403),
            ({"Referer": "https://evil.example/x"}, 403),
            ({"Referer": "http://test/x"}, 403),
            ({"Referer": "https://test.evil.example/"}, 403),
            ({"Referer": "https://[::x"}, 403),
            ({"Referer": "https://test/page", "Origin": "https://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": "https://test"}, 200),
            ({"Referer": "https://test/page?x=1"}, 200),
        ):
            given = {**sent(cookies, X_CSRFToken=cookies["csrftoken"]), **headers}
            response = await client.post(BATCH, headers=given, json=SAID)
            assert response.status_code == status, headers
            if status == 403:
                assert response.json()["detail"].startswith("CSRF Failed: Referer checking failed")


@pytest.mark.parametrize("text", ["", "x", "x" * 20_000, "%00", '"\\000"', "é"])
async def test_cookies_that_are_not_good_are_nobody(edx: OpenEdx, text: str) -> None:
    given = {"csrftoken": form_token(text), COOKIE: text}
    headers = {name: value.encode() for name, value in sent(given, X_CSRFToken=form_token(text)).items()}
    assert await edx.told(BATCH, None, "POST", headers=headers, json=SAID) == STRANGER


async def test_a_token_stands_before_a_session(edx: OpenEdx) -> None:
    cookies = await session(edx, "bob")
    headers = sent(cookies, Authorization=f"Bearer {edx.filled.tokens['ann']}")
    assert await edx.told(OWN, headers=headers) == (200, {"completion": 0})
    assert await edx.told(BATCH, None, "POST", headers=headers, json=SAID) == DONE
    wrong = sent(await session(edx), Authorization="Bearer x")
    assert await edx.told(OWN, headers=wrong) == bad("token_nonexistent")


async def test_the_jwt_of_a_session_in_two_cookies(edx: OpenEdx) -> None:
    """Reads by it, where a front end says that it means it; writes need the session."""
    cookies = await session(edx)
    text = await jwt_of_session(edx.filled.admin, cookies[COOKIE], OURS)
    assert text is not None
    readable, _, signature = text.rpartition(".")
    halves = {"edx-jwt-cookie-header-payload": readable, "edx-jwt-cookie-signature": signature}
    assert await edx.told(OWN, headers=sent(halves, USE_JWT_COOKIE="true")) == (200, {"completion": 0})
    assert await edx.told(OWN, headers=sent(halves)) == STRANGER
    assert await edx.told(OWN, headers=sent(halves, USE_JWT_COOKIE="false")) == STRANGER
    one = {"edx-jwt-cookie-header-payload": readable}
    assert await edx.told(OWN, headers=sent(one, USE_JWT_COOKIE="true")) == STRANGER
    crossed = {**halves, COOKIE: "x", "csrftoken": form_token("x")}
    for given in (halves, {**halves, "csrftoken": form_token("")}, crossed):
        headers = sent(given, USE_JWT_COOKIE="true", X_CSRFToken=given.get("csrftoken", ""))
        assert (await edx.told(BATCH, None, "POST", headers=headers, json=SAID))[0] in (401, 403)
    assert await stored(edx) == 0


@pytest.mark.parametrize("key", ["right", "wrong", ""])
async def test_the_servers_key_opens_nothing_that_does_not_say_so(edx: OpenEdx, app: Starlette, key: str) -> None:
    app.state.settings = replace(app.state.settings, openedx_api_key="right")
    headers = {"X-Edx-Api-Key": key}
    assert await edx.told(BATCH, None, "POST", headers=headers, json=SAID) == STRANGER
    assert await stored(edx) == 0


@pytest.mark.parametrize(
    ("configured", "given", "expected"),
    [
        ("right", b"right", Principal.program),
        ("right", b"Right", Principal.anonymous),
        ("right", b"", Principal.anonymous),
        ("right", b"\xff" * 9_000, Principal.anonymous),
        ("", b"", Principal.anonymous),
        ("", b"x", Principal.anonymous),
    ],
)
async def test_the_servers_key_where_an_operation_takes_it(
    edx: OpenEdx, app: Starlette, configured: str, given: bytes, expected: Principal
) -> None:
    app.state.settings = replace(app.state.settings, openedx_api_key=configured)
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/", "app": app}
    request = Request({**scope, "headers": [(b"x-edx-api-key", given)]})
    assert await authenticate(request, edx.filled.admin.db, by_key=True) == expected
    assert await authenticate(request, edx.filled.admin.db) == Principal.anonymous
    named = f"Bearer {edx.filled.tokens['ann']}".encode()
    request = Request({**scope, "headers": [(b"x-edx-api-key", given), (b"authorization", named)]})
    assert (await authenticate(request, edx.filled.admin.db, by_key=True)).user_id == edx.keys["ann"]
