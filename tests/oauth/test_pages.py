"""The pages: signing in and out, consent, one's tokens; what junk and strangers get."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.domain.identity.clients import create_client
from tests.oauth.conftest import BACK, Site, query

pytestmark = pytest.mark.anyio

PAGES = ("/login", "/activate", "/account/tokens", "/oauth/authorize", "/device_flow_resolve", "/device_flow_auth_cb")
API = ("/oauth/token", "/oauth/revoke", "/oauth/device_flow_init", "/oauth/device_flow_authorize", "/logout")


def asked(site: Site, name: str = "web", **more: str) -> dict[str, str]:
    return {"client_id": site.clients[name].uid, "redirect_uri": BACK, "response_type": "code", **more}


async def test_signing_in_and_out(site: Site) -> None:
    browser = site.browser()
    response = await browser.get("/account/tokens")
    assert (response.status_code, response.headers["location"]) == (302, "/login?next=%2Faccount%2Ftokens")
    page = await browser.get(response.headers["location"])
    cookie = page.headers.get("set-cookie", response.headers.get("set-cookie", ""))
    assert re.fullmatch(r"campusgraph_session=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", cookie), cookie
    before = browser.http.cookies["campusgraph_session"]
    response = await browser.post("/login", login="SAM@uni.example", password="correct horse")
    assert (response.status_code, response.headers["location"]) == (302, "/account/tokens")
    assert browser.http.cookies["campusgraph_session"] != before
    assert "Signed in as sam" in (await browser.get("/account/tokens")).text
    kept = browser.http.cookies["campusgraph_session"]
    assert (await browser.post("/logout")).headers["location"] == "/login"
    browser.http.cookies.set("campusgraph_session", kept)
    assert (await browser.get("/account/tokens")).status_code == 302


async def test_a_session_ends_after_twelve_hours(site: Site) -> None:
    browser = site.browser()
    await browser.sign_in()
    assert (await browser.get("/account/tokens")).status_code == 200
    site.clock.pass_by(hours=12)
    assert (await browser.get("/account/tokens")).status_code == 302


@pytest.mark.parametrize("login", ["nobody", "ida", "", "\0", "x" * 300])
async def test_a_wrong_name_or_password(site: Site, login: str) -> None:
    response = await site.browser().sign_in(login, "wrong")
    assert (response.status_code, "nobody with this name and this password" in response.text) == (403, True)


async def test_guessing_passwords_is_slowed_for_the_account(site: Site) -> None:
    browser = site.browser()
    answers = [(await browser.sign_in("sam", "wrong")).status_code for _ in range(10)]
    assert answers == [403] * 10
    response = await browser.sign_in("SAM")
    assert (response.status_code, "Wait five minutes" in response.text) == (429, True)
    assert (await browser.sign_in("root")).status_code == 302


@pytest.mark.parametrize("following", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\n/b", ""])
async def test_signing_in_leads_to_no_other_site(site: Site, following: str) -> None:
    browser = site.browser()
    await browser.get("/login", next=following)
    response = await browser.post("/login", login="sam", password="correct horse")
    assert response.headers["location"] == "/account/tokens"


async def test_the_headers_confine_a_page(site: Site) -> None:
    browser = site.browser()
    await browser.sign_in()
    headers = (await browser.get("/oauth/authorize", **asked(site))).headers
    policy = re.sub("sha256-[^']+", "sha256-…", headers["content-security-policy"])
    assert policy == (
        "default-src 'none'; style-src 'sha256-…'; form-action 'self' https://client.example; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    assert (headers["x-frame-options"], headers["referrer-policy"]) == ("DENY", "no-referrer")


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("https://a.example:8443/b?c", "https://a.example:8443"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("http://[::1]:9000/", "http:"),
        ("org.example.phone:/back", "org.example.phone:"),
        ("org.example.phone://back/", "org.example.phone:"),
    ],
)
async def test_the_form_may_lead_back_to_its_client(site: Site, uri: str, source: str) -> None:
    client = await create_client(site.world.admin, "x", redirect_uris=[uri], scopes=["user_info"])
    browser = site.browser()
    await browser.sign_in()
    asked = {"client_id": client.uid, "redirect_uri": uri, "response_type": "code"}
    policy = (await browser.get("/oauth/authorize", **asked)).headers["content-security-policy"]
    assert f"form-action 'self' {source};" in policy


async def test_consent_names_the_client_and_its_scopes(site: Site) -> None:
    browser = site.browser()
    await browser.sign_in()
    page = (await browser.get("/oauth/authorize", **asked(site, scope="read user_submit", state='"><i>'))).text
    assert "<strong>Web &lt;b&gt;</strong> asks to act for you" in page
    assert re.findall("<code>([^<]+)</code>", page) == ["read", "user_submit"]
    assert "<i>" not in page
    response = await browser.post("/oauth/authorize")
    assert response.headers["location"].startswith(BACK + "&code=cgc_")
    assert query(response)["state"] == '"><i>'


async def test_denying(site: Site) -> None:
    browser = site.browser()
    await browser.sign_in()
    await browser.get("/oauth/authorize", **asked(site, state="s"))
    answer = query(await browser.post("/oauth/authorize", _method="delete"))
    assert (answer["error"], answer["state"], set(answer)) == (
        "access_denied",
        "s",
        {"x", "error", "error_description", "state"},
    )


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"client_id": "nobody"}, 400),
        ({"redirect_uri": BACK + "/more"}, 400),
        ({"redirect_uri": "relative"}, 400),
        ({"redirect_uri": ""}, 400),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
async def test_requests_that_cannot_be_approved(site: Site, changed: dict[str, str], answer: Any) -> None:
    """A wrong client or redirect URI is told here and leads nowhere; the rest is told to the client."""
    response = await site.http.get("/oauth/authorize", params={**asked(site), **changed})
    assert (response.status_code if answer == 400 else query(response)["error"]) == answer


async def test_a_public_client_without_pkce_is_refused(site: Site) -> None:
    for more in ({}, {"code_challenge": "c" * 43}, {"code_challenge": "c" * 43, "code_challenge_method": "plain"}):
        response = await site.http.get("/oauth/authorize", params=asked(site, "public", **more))
        assert query(response)["error"] == "invalid_request"


async def test_forms_of_others_change_nothing(site: Site) -> None:
    token = (await site.exchanged(scope="read"))["access_token"]
    browser = site.browser()
    await browser.sign_in()
    await browser.get("/account/tokens")
    for path, more in (("/oauth/authorize", asked(site)), ("/account/tokens", {}), ("/logout", {}), ("/login", {})):
        for csrf in ("", "é", "0" * 64):
            assert (await browser.post(path, **{**more, "csrf": csrf})).status_code == 403
            await browser.get("/account/tokens")
    assert await site.graph(token) == "sam"


async def test_ending_ones_tokens(site: Site) -> None:
    found = await site.exchanged(scope="read")
    stranger, browser = site.browser(), site.browser()
    await stranger.sign_in("root")
    await browser.sign_in()
    page = (await browser.get("/account/tokens")).text
    assert re.findall("<h2>([^<]+)</h2>", page) == ["Web &lt;b&gt;"]
    (token_id,) = re.findall('name="token_id" value="([0-9]+)"', page)
    await stranger.get("/account/tokens")
    for junk in (token_id, "0", "9" * 30, "²", "x", ""):
        assert (await stranger.post("/account/tokens", token_id=junk)).status_code == 404
        await stranger.get("/account/tokens")
    assert await site.graph(found["access_token"]) == "sam"
    assert (await browser.post("/account/tokens")).headers["location"] == "/account/tokens"
    assert await site.graph(found["access_token"]) == "UNAUTHENTICATED"
    assert "No program acts for you at present." in (await browser.get("/account/tokens")).text


@pytest.mark.parametrize("path", [*PAGES, *API])
async def test_junk_is_no_error_of_ours(site: Site, path: str) -> None:
    browser = site.browser()
    await browser.sign_in()
    form, json = "application/x-www-form-urlencoded", "application/json"
    bodies = [(b"\xff\x00=%zz&&", form), (b"{", json), (b"[1]", json), (b'{"client_id": 1}', json), (b"&a" * 200, form)]
    for method in ("GET", "POST", "PUT", "DELETE"):
        for body, kind in bodies:
            headers = {"Content-Type": kind, "Host": "[::", "Authorization": "Basic \xff"}
            url = path + "?state=%ff%00&user_code=%00&code=%00&client_id=%00&next=%00&token_id=%00&%"
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            response = await browser.http.request(method, url, content=body, headers=raw)
            assert response.status_code < 500
