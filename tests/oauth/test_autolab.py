"""Autolab's routes asked with the tokens that its clients get (contracts/autolab.md §1.3, §1.4)."""

from __future__ import annotations

import pytest

from tests.oauth.conftest import Site

pytestmark = pytest.mark.anyio

NO_TOKEN = {"error": "OAuth2 authorization failed"}
CHALLENGE = 'Bearer realm="Doorkeeper", error="invalid_token", error_description="The access token {}"'
USER = {"first_name", "last_name", "email", "school", "major", "year"}


async def unauthorized(site: Site, token: str | None) -> str:
    """What the header of the refusal says is the matter."""
    response = await site.http.get("/api/v1/user", params={} if token is None else {"access_token": token})
    assert (response.status_code, response.json()) == (401, NO_TOKEN)
    start, _, end = CHALLENGE.partition("{}")
    told = response.headers["www-authenticate"]
    assert told.startswith(start)
    return str(told.removeprefix(start).removesuffix(end))


async def test_the_reason_of_a_refusal(site: Site) -> None:
    # autolab case 1
    assert await unauthorized(site, None) == "is invalid"
    found = await site.exchanged()
    token = found["access_token"]
    assert await unauthorized(site, token[:-1] + "0") == "is invalid"
    assert await unauthorized(site, found["refresh_token"]) == "is invalid"
    site.clock.pass_by(hours=2)
    assert await unauthorized(site, token) == "expired"
    await site.http.post("/oauth/revoke", data={"token": token, **site.credentials()})
    assert await unauthorized(site, token) == "was revoked"


async def test_a_token_opens_what_its_scope_is_for(site: Site) -> None:
    # autolab case 2
    token = (await site.exchanged())["access_token"]
    for more in ({"params": {"access_token": token}}, {"headers": {"Authorization": f"Bearer {token}"}}):
        response = await site.http.get("/api/v1/user", **more)
        assert (response.status_code, set(response.json())) == (200, USER)
    # autolab case 3
    response = await site.http.get("/api/v1/courses", params={"access_token": token})
    message = "Your client does not have the required scope for this action"
    assert (response.status_code, response.json()) == (403, {"error": message})


async def test_refreshing_with_fields_in_the_query(site: Site) -> None:
    # autolab case 38
    old = await site.exchanged("other")
    fields = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"], **site.credentials("other")}
    new = await site.http.post("/oauth/token", params=fields)
    assert new.status_code == 200
    for token in (old["access_token"], new.json()["access_token"]):
        assert (await site.http.get("/api/v1/user", params={"access_token": token})).status_code == 200
    assert await unauthorized(site, old["access_token"]) == "was revoked"
