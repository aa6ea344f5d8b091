"""Signing in a device with a browser, while the device asks again and again (contracts/autolab.md §2.3)."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.browsing import Tab
from tests.browser.scenes import activate, begun
from tests.oauth.conftest import Site

pytestmark = pytest.mark.anyio

FIELD = "The code that your device shows"


async def polled(site: Site, asked: dict[str, str]) -> tuple[int, dict[str, str]]:
    response = await site.http.get("/oauth/device_flow_authorize", params=asked)
    return response.status_code, response.json()


async def test_a_device_is_signed_in(person: Tab, site: Site) -> None:
    # autolab case 36
    asked, user_code = await begun(site)
    await activate(person, f" {user_code} ")
    assert await person.heading() == "Let Web <b> act for you?"
    assert f"Approve only if you hold the device yourself and it shows the code {user_code}." in await person.text()
    assert await polled(site, asked) == (400, {"error": "authorization_pending"})
    await person.press("Approve")
    assert await person.heading() == "Your device is signed in"
    assert "You can close this page and go back to your device." in await person.text()
    status, body = await polled(site, asked)
    fields = {"grant_type": "authorization_code", "redirect_uri": f"{person.site}/device_flow_auth_cb", **body}
    token = (await site.token(**fields)).json()["access_token"]
    assert (status, await site.graph(token)) == (200, "sam")


async def test_a_device_is_denied(person: Tab, site: Site) -> None:
    asked, user_code = await begun(site)
    await activate(person, user_code)
    await person.press("Deny")
    assert await person.heading() == "Denied"
    assert await polled(site, asked) == (400, {"error": "authorization denied by user"})


async def test_a_wrong_code_can_be_put_right(person: Tab, site: Site) -> None:
    _, user_code = await begun(site)
    await activate(person, user_code.swapcase() + "0")
    assert await person.heading() == "Sign in a device"
    field = person.page.get_by_label(FIELD)
    await expect(field).to_have_value(user_code.swapcase() + "0")
    await expect(field).to_have_accessible_description(
        "No device waits with this code. Look at it again, capitals matter. Six letters and digits; capitals matter."
    )
    await person.fill(FIELD, user_code)
    await person.press("Continue")
    assert await person.heading() == "Let Web <b> act for you?"


@pytest.mark.parametrize("visitor", [False], indirect=True, ids=["no scripts"])
async def test_guessing_codes_is_stopped(person: Tab) -> None:
    await activate(person, "nobody")
    for _ in range(8):
        await person.page.request.get(person.page.url)
    await person.press("Continue")
    assert await person.heading() == "Sign in a device"
    await person.press("Continue")
    assert await person.heading() == "Too many tries"
