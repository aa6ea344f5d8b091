"""How often may be tried: for an account, for an address; what a body may have."""

from __future__ import annotations

import pytest

from app.domain.identity.service import update_user
from app.rates import Rates, Throttle
from tests.oauth.conftest import BACK, Site

pytestmark = pytest.mark.anyio


async def test_an_account_has_ten_tries_in_any_capitals_until_one_succeeds() -> None:
    throttle = Throttle(Rates())
    assert [await throttle.admits("x", "sam", "1.2.3.4") for _ in range(10)] == [True] * 10
    assert await throttle.admits("x", "SAM", "5.6.7.8") is False
    assert await throttle.admits("x", "sue", "1.2.3.4") is True
    assert await throttle.admits("y", "sam", "1.2.3.4") is True
    await throttle.succeeded("x", "sam")
    assert await throttle.admits("x", "sam", "1.2.3.4") is True


async def test_an_address_has_a_hundred_failures() -> None:
    throttle = Throttle(Rates())
    for _ in range(100):
        assert await throttle.admits("x", "sam", "1.2.3.4") is True
        await throttle.failed("x", "1.2.3.4")
        await throttle.succeeded("x", "sam")
    assert await throttle.admits("x", "sue", "1.2.3.4") is False
    assert await throttle.admits("x", "sue", "5.6.7.8") is True


async def test_a_person_who_is_inactive_can_do_nothing_more(site: Site) -> None:
    browser = site.browser()
    await browser.sign_in()
    pair, code = await site.exchanged(scope="read"), await site.approved(scope="read")
    await update_user(site.world.admin, user_id=site.world.student_id, is_active=False)
    assert (await browser.get("/account/tokens")).status_code == 302
    assert (await browser.sign_in()).status_code == 403
    assert await site.graph(pair["access_token"]) == "UNAUTHENTICATED"
    for fields in (
        {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]},
        {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK},
    ):
        response = await site.token(**fields)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


async def test_a_body_that_is_too_long(site: Site) -> None:
    response = await site.http.post("/oauth/token", data={"code": "x" * site.app.state.settings.body_limit})
    assert response.status_code == 413
