"""Approving and denying what a program asks for, and ending its tokens, in a browser."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from authlib.integrations.requests_client import OAuth2Session

from tests.browser.browsing import Tab
from tests.browser.scenes import address, back, recognised, request, sign_in
from tests.oauth.conftest import Site

pytestmark = pytest.mark.anyio

VERIFIER = "v" * 64


def answer(visitor: Tab) -> dict[str, str]:
    """What a client was told when the visitor was sent back to it."""
    uri = visitor.elsewhere.pop()
    assert visitor.page.url == uri
    assert uri.startswith(back(visitor.site) + "&")
    return dict(parse_qsl(urlsplit(uri).query))


async def test_approving(visitor: Tab, site: Site) -> None:
    await sign_in(visitor, request(visitor, site, scope="read user_info", state="a&b"))
    assert await visitor.heading() == "Let Web <b> act for you?"
    assert await visitor.page.locator("main li").all_inner_texts() == [
        "read all that you may see (read)",
        "see your name, e-mail address, school, major and year (user_info)",
    ]
    await visitor.press("Approve")
    told = answer(visitor)
    assert (told["state"], set(told)) == ("a&b", {"x", "code", "state"})
    fields = {"grant_type": "authorization_code", "code": told["code"], "redirect_uri": back(visitor.site)}
    assert (await site.token(**fields)).json()["scope"] == "read user_info"


async def test_denying(person: Tab, site: Site) -> None:
    await person.open(request(person, site, state="s"))
    await person.press("Deny")
    told = answer(person)
    assert (told["error"], told["state"], set(told)) == (
        "access_denied",
        "s",
        {"x", "error", "error_description", "state"},
    )


@pytest.mark.parametrize("changed", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example/"}])
async def test_a_request_of_a_wrong_client_leads_nowhere(person: Tab, site: Site, changed: dict[str, str]) -> None:
    response = await person.open(request(person, site, **changed))
    assert (response.status, await person.heading()) == (400, "This cannot be approved")
    assert person.path == request(person, site, **changed)


async def test_a_form_of_another_site_approves_nothing(person: Tab, site: Site) -> None:
    """The browser sends it without the session's cookie."""
    elsewhere = person.site.replace("127.0.0.1", "localhost")
    await person.page.goto(f"{elsewhere}/healthz")
    action = (person.site + request(person, site)).replace("&", "&amp;")
    await person.page.set_content(f'<form method="post" action="{action}"><button>Win a prize</button></form>')
    await person.press("Win a prize")
    assert await person.heading() == "Sign in"
    await person.open("/account/tokens")
    assert await person.heading() == "Your tokens"
    assert person.elsewhere.pop() == f"{elsewhere}/healthz"


async def test_a_form_without_its_token_approves_nothing(person: Tab, site: Site) -> None:
    await person.open(request(person, site))
    await person.page.locator("main [name=csrf]").evaluate("field => field.remove()")
    response = await person.press("Approve")
    assert (response.status, await person.heading()) == (403, "Please try again")


async def test_ones_tokens_are_listed_and_ended(person: Tab, site: Site) -> None:
    await recognised(person, site, site.world.second_student_id)
    secret = site.clients["web"].secret
    with session(site, "web", client_secret=secret, scope="read write") as program:
        token = await fetched(program, person)
        assert await graph(program, person) == "sue"
        await person.open("/account/tokens")
        assert await person.page.locator("main h2").all_inner_texts() == ["Web <b>"]
        facts = (await person.page.locator("main dd").all_inner_texts())[:2]
        assert facts == [token["access_token"][:10], "read, write"]
        await person.press(f"End Web <b>, {facts[0]}")
        assert (person.path, await person.heading()) == ("/account/tokens", "Your tokens")
        assert "No program acts for you at present." in await person.text()
        assert await graph(program, person) == "UNAUTHENTICATED"


@pytest.mark.parametrize("name", ["web", "public"])
async def test_a_published_client_library_comes_and_goes(person: Tab, site: Site, name: str) -> None:
    """Authlib, as it is: code with PKCE, refresh, revocation; with a secret and without."""
    secret = site.clients[name].secret
    kind = {"client_secret": secret} if secret else {"token_endpoint_auth_method": "none"}
    with session(site, name, scope="read", **kind) as program:
        first = await fetched(program, person)
        assert (first["token_type"], first["expires_in"], first["scope"]) == ("Bearer", 7200, "read")
        assert await graph(program, person) == "sam"
        second = await asyncio.to_thread(program.refresh_token, f"{person.site}/oauth/token")
        assert second["access_token"] != first["access_token"]
        assert await graph(program, person) == "sam"
        assert await site.graph(first["access_token"]) == "UNAUTHENTICATED"
        token = second["access_token"]
        revoked = await asyncio.to_thread(program.revoke_token, f"{person.site}/oauth/revoke", token=token)
        assert revoked.status_code == 200
        assert await graph(program, person) == "UNAUTHENTICATED"


def session(site: Site, name: str, **more: Any) -> Any:
    """Authlib's client for a client of ours."""
    uri = back(address(site))
    return OAuth2Session(site.clients[name].uid, redirect_uri=uri, code_challenge_method="S256", **more)


async def fetched(program: Any, person: Tab) -> dict[str, Any]:
    """The token that a program fetches after sam's approval."""
    url, _ = program.create_authorization_url("/oauth/authorize", code_verifier=VERIFIER)
    await person.open(url)
    await person.press("Approve")
    given = {"authorization_response": person.elsewhere.pop(), "code_verifier": VERIFIER}
    token: dict[str, Any] = await asyncio.to_thread(program.fetch_token, f"{person.site}/oauth/token", **given)
    return token


async def graph(program: Any, person: Tab) -> Any:
    """What the graph answers a program: the username, or the error's code."""
    query = {"query": "{ viewer { username } }"}
    body = (await asyncio.to_thread(program.post, f"{person.site}/graphql", json=query)).json()
    return body["errors"][0]["extensions"]["code"] if "errors" in body else body["data"]["viewer"]["username"]
