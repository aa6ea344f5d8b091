"""Signing in and out in a browser."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.browser.browsing import Tab
from tests.browser.scenes import sign_in
from tests.oauth.conftest import Site

pytestmark = pytest.mark.anyio

WRONG = "There is nobody with this name and this password."


async def test_signing_in_leads_where_one_wanted_to_go_and_signing_out_ends_it(visitor: Tab) -> None:
    await sign_in(visitor, "/activate?x=1%262")
    assert (visitor.path, await visitor.heading()) == ("/activate?x=1%262", "Sign in a device")
    assert "Signed in as sam" in await visitor.text()
    await visitor.press("Sign out")
    assert (visitor.path, await visitor.heading()) == ("/login", "Sign in")
    await visitor.open("/account/tokens")
    assert visitor.path == "/login?next=%2Faccount%2Ftokens"


async def test_a_wrong_password_is_told_beside_the_fields(visitor: Tab) -> None:
    await visitor.open("/login")
    await expect(visitor.page.get_by_label("Password")).to_have_accessible_description("")
    await sign_in(visitor, password="wrong")
    for label, text in (("Username or e-mail address", "sam"), ("Password", "")):
        await expect(visitor.page.get_by_label(label)).to_have_value(text)
        await expect(visitor.page.get_by_label(label)).to_have_accessible_description(WRONG)
    await visitor.fill("Password", "correct horse")
    await visitor.press("Sign in")
    assert visitor.path == "/account/tokens"


@pytest.mark.parametrize("visitor", [False], indirect=True, ids=["no scripts"])
async def test_guessing_is_stopped(visitor: Tab, site: Site) -> None:
    for _ in range(9):
        await site.browser().sign_in("sue", "wrong")
    await sign_in(visitor, login="sue", password="wrong")
    assert await visitor.heading() == "Sign in"
    await sign_in(visitor, login="sue")
    assert await visitor.heading() == "Too many tries"


@pytest.mark.parametrize(
    "following", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/\t/evil.example"]
)
async def test_signing_in_leads_to_no_other_site(visitor: Tab, following: str) -> None:
    await sign_in(visitor, f"/login?next={quote(following)}")
    assert visitor.path == "/account/tokens"


async def test_the_keyboard_is_enough(visitor: Tab) -> None:
    keyboard = visitor.page.keyboard
    await visitor.open("/login")
    await expect(visitor.page.get_by_label("Username or e-mail address")).to_be_focused()
    await keyboard.type("sam")
    await keyboard.press("Tab")
    await keyboard.type("correct horse")
    await keyboard.press("Tab")
    await expect(visitor.page.get_by_role("button", name="Sign in")).to_be_focused()
    await expect(visitor.page.get_by_role("button", name="Sign in")).to_have_css("outline-style", "solid")
    async with visitor.page.expect_navigation():
        await keyboard.press("Enter")
    assert visitor.path == "/account/tokens"


@pytest.mark.parametrize("token", ["", "another visitor's"])
async def test_a_form_of_somebody_else_signs_nobody_in(visitor: Tab, site: Site, token: str) -> None:
    if token:
        page = (await site.http.get("/login")).text
        (token,) = re.findall('name="csrf" value="([^"]+)"', page)
    await visitor.open("/login")
    await visitor.page.locator("[name=csrf]").evaluate("(field, token) => field.value = token", token)
    await visitor.fill("Username or e-mail address", "sam")
    await visitor.fill("Password", "correct horse")
    response = await visitor.press("Sign in")
    assert (response.status, await visitor.heading()) == (403, "Please try again")
    await visitor.open("/account/tokens")
    assert await visitor.heading() == "Sign in"


async def test_no_page_is_framed(visitor: Tab) -> None:
    for host in (visitor.site, visitor.site.replace("127.0.0.1", "localhost")):
        await visitor.page.goto(host + "/healthz")
        async with visitor.page.expect_event("console", lambda it: "frame" in it.text) as told:
            await visitor.page.set_content(f'<iframe src="{visitor.site}/login"></iframe>')
        assert "frame-ancestors 'none'" in (await told.value).text
        assert await visitor.page.frames[1].locator("form").count() == 0
    visitor.complaints.clear()
    visitor.elsewhere.clear()
