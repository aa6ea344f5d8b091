"""The device flow, from both sides."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from tests.oauth.conftest import CALLBACK, Browser, Site

pytestmark = pytest.mark.anyio

INVALID = {"error": "Invalid device_code. User may have denied access"}


async def begun(site: Site) -> tuple[dict[str, str], str]:
    """What the device asks with, and the user code."""
    uid = site.clients["web"].uid
    started = (await site.http.get("/oauth/device_flow_init", params={"client_id": uid})).json()
    assert set(started) == {"device_code", "user_code", "verification_uri"}
    assert re.fullmatch("[0-9a-f]{64}", started["device_code"])
    assert re.fullmatch("[0-9A-Za-z]{6}", started["user_code"])
    assert started["verification_uri"] == "http://test/activate"
    return {"client_id": uid, "device_code": started["device_code"]}, started["user_code"]


async def polled(site: Site, asked: dict[str, str]) -> tuple[int, dict[str, str]]:
    response = await site.http.get("/oauth/device_flow_authorize", params=asked)
    return response.status_code, response.json()


async def asked_for(site: Site, user_code: str) -> Browser:
    """Sam's browser at the consent page."""
    browser = site.browser()
    await browser.sign_in()
    assert "Sign in a device" in (await browser.get("/activate")).text
    response = await browser.get("/device_flow_resolve", user_code=user_code)
    assert response.status_code == 302
    page = await browser.get(response.headers["location"])
    assert f"<code>{user_code}</code>" in page.text
    return browser


async def test_a_device_is_signed_in(site: Site) -> None:
    # autolab case 36
    asked, user_code = await begun(site)
    assert await polled(site, asked) == (400, {"error": "authorization_pending"})
    browser = await asked_for(site, user_code)
    approved = await browser.post("/oauth/authorize")
    assert approved.headers["location"].startswith(CALLBACK + "?code=cgc_")
    assert "Your device is signed in" in (await browser.get(approved.headers["location"])).text
    status, body = await polled(site, asked)
    assert (status, set(body)) == (200, {"code"})
    assert body["code"] not in approved.headers["location"]
    assert await polled(site, asked) == (400, INVALID)
    fields = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, **body}
    response = await site.token(**fields)
    found = response.json()
    assert (response.status_code, found["token_type"], found["expires_in"]) == (200, "Bearer", 7200)
    assert set(found) >= {"access_token", "refresh_token"}
    assert await site.graph(found["access_token"]) == "sam"
    # autolab case 37
    response = await site.token(**fields)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


async def test_a_device_is_denied(site: Site) -> None:
    asked, user_code = await begun(site)
    browser = await asked_for(site, user_code)
    denied = await browser.post("/oauth/authorize", _method="delete")
    assert "<h1>Denied</h1>" in (await browser.get(denied.headers["location"])).text
    assert await polled(site, asked) == (400, {"error": "authorization denied by user"})
    assert await polled(site, asked) == (400, INVALID)


async def test_requests_that_are_wrong(site: Site) -> None:
    asked, user_code = await begun(site)
    absent, unknown = {"error": "Required param 'client_id' not present"}, {"error": "Unrecognized client_id"}
    for path in ("init", "authorize"):
        response = await site.http.get(f"/oauth/device_flow_{path}")
        assert (response.status_code, response.json()) == (400, absent)
        for uid in ("nobody", "\0", "9" * 99):
            response = await site.http.get(f"/oauth/device_flow_{path}", params={"client_id": uid})
            assert (response.status_code, response.json()) == (400, unknown)
    del asked["device_code"]
    assert await polled(site, asked) == (400, {"error": "Required param 'device_code' not present"})
    for junk in ("x", "\0", user_code):
        assert await polled(site, {**asked, "device_code": junk}) == (400, INVALID)


async def test_a_request_waits_for_fifteen_minutes_and_for_its_own_client(site: Site) -> None:
    asked, user_code = await begun(site)
    assert await polled(site, {**asked, "client_id": site.clients["other"].uid}) == (400, INVALID)
    site.clock.pass_by(minutes=15)
    assert await polled(site, asked) == (400, INVALID)
    browser = site.browser()
    await browser.sign_in()
    response = await browser.get("/device_flow_resolve", user_code=user_code)
    assert (response.status_code, "No device waits with this code" in response.text) == (400, True)


async def test_an_answer_is_taken_from_the_person_who_approved_alone(site: Site) -> None:
    asked, user_code = await begun(site)
    approved = await (await asked_for(site, user_code)).post("/oauth/authorize")
    somebody = site.browser()
    response = await somebody.get(approved.headers["location"])
    assert response.headers["location"].startswith("/login?next=%2Fdevice_flow_auth_cb%3F")
    await somebody.sign_in("root@uni.example")
    assert (await somebody.get(approved.headers["location"])).status_code == 400
    assert await polled(site, asked) == (400, {"error": "authorization_pending"})


async def test_guessing_user_codes_is_slowed(site: Site) -> None:
    browser = site.browser()
    await browser.sign_in()
    answers: list[httpx.Response] = [await browser.get("/device_flow_resolve", user_code="nobody") for _ in range(11)]
    assert [each.status_code for each in answers] == [400] * 10 + [429]
    assert answers[-1].headers["retry-after"] == "300"


def limited(site: Site, monkeypatch: pytest.MonkeyPatch, **seconds: int) -> list[float]:
    """Set the limits of the device flow and stop the clock of the counts, which is returned."""
    site.app.state.settings = replace(site.app.state.settings, **seconds)
    now = [1_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    return now


def too_often(response: httpx.Response, reset: int) -> bool:
    told = {name: response.headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset")}
    assert response.json() == {"error": "Too Many Requests. Retry Later."}
    return (response.status_code, told) == (429, {"limit": "1", "remaining": "0", "reset": str(reset)})


async def test_by_default_a_device_may_ask_as_often_as_it_likes(site: Site) -> None:
    asked, _ = await begun(site)
    assert [await polled(site, asked) for _ in range(20)] == [(400, {"error": "authorization_pending"})] * 20


async def test_starts_from_one_address_may_be_limited(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # contracts/autolab.md §2.5
    now = limited(site, monkeypatch, device_start_seconds=30)
    await begun(site)
    assert too_often(await site.http.get("/oauth/device_flow_init"), 1_000_030)
    now[0] += 30
    await begun(site)


async def test_a_device_that_asks_every_five_seconds_is_never_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = limited(site, monkeypatch, device_poll_seconds=60)
    devices = [(await begun(site))[0] for _ in range(3)]
    for late in (0.0, 0.9, -0.9, 0.5, -0.5) * 3:
        for asked in devices:
            monkeypatch.setattr("time.time", lambda late=late: now[0] + late / 2)
            assert await polled(site, asked) == (400, {"error": "authorization_pending"})
        now[0] += 5
    await polled(site, devices[0])
    assert too_often(await site.http.get("/oauth/device_flow_authorize", params=devices[0]), int(now[0]) + 4)
