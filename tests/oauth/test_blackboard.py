"""Tokens as Blackboard Learn's clients ask for them (contracts/blackboard.md §2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from app.domain.identity.clients import IssuedClient, revoke_client
from app.domain.identity.models import OAuthClient, User
from tests.oauth.conftest import BACK, Site, query

TOKEN = "/learn/api/public/v1/oauth2/token"
AUTHORIZE = "/learn/api/public/v1/oauth2/authorizationcode"
OWN = {"grant_type": "client_credentials"}
VERIFIER = "a" * 43
CHALLENGE = "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA"


def basic(client: IssuedClient) -> tuple[str, str]:
    """The client's credentials for HTTP Basic."""
    return client.uid, client.secret or ""


async def ask(site: Site, name: str = "own", **more: Any) -> httpx.Response:
    return await site.http.post(TOKEN, auth=basic(site.clients[name]), **more)


async def approved(site: Site, scope: str = "read write delete offline", **more: str) -> str:
    """The code of sam's approval, asked for as Blackboard's clients do."""
    browser = site.browser()
    await browser.sign_in()
    asked = {"client_id": site.clients["web"].uid, "redirect_uri": BACK, "response_type": "code", "scope": scope}
    page = await browser.get(AUTHORIZE, **asked, state="s1", **more)
    assert page.status_code == 200
    found = query(await browser.post("/oauth/authorize"))
    assert found["state"] == "s1"
    return found["code"]


async def exchanged(site: Site, scope: str = "read write delete offline") -> dict[str, Any]:
    """The token object of a new approval, the code in the query string."""
    where = {"code": await approved(site, scope), "redirect_uri": BACK}
    response = await ask(site, "web", params=where, data={"grant_type": "authorization_code"})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_an_applications_token(site: Site) -> None:  # blackboard case 1
    response = await ask(site, data=OWN)
    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "token_type", "expires_in"}
    assert (response.json()["token_type"], response.json()["expires_in"]) == ("bearer", 3600)
    assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    assert await site.graph(response.json()["access_token"]) == "root"


async def test_the_token_that_lives_is_given_again(site: Site) -> None:  # blackboard case 2
    first = (await ask(site, data=OWN)).json()
    assert (await ask(site, params=OWN)).json() == first
    site.clock.pass_by(minutes=10)
    later = (await ask(site, data=OWN)).json()
    assert (later["access_token"], later["expires_in"]) == (first["access_token"], 3000)
    site.clock.pass_by(minutes=49, seconds=59, milliseconds=500)
    assert (await ask(site, data=OWN)).json()["access_token"] != first["access_token"]


async def test_a_token_of_the_other_endpoint_is_another_one(site: Site) -> None:
    other = (await site.token("own", grant_type="client_credentials")).json()["access_token"]
    own = (await ask(site, data=OWN)).json()["access_token"]
    assert own != other
    assert (await ask(site, data=OWN)).json()["access_token"] == own


async def test_a_wrong_secret(site: Site) -> None:  # blackboard case 3
    uid = site.clients["own"].uid
    for auth in ((uid, "wrong"), ("nobody", "wrong"), (uid, ""), ("", "")):
        response = await site.http.post(TOKEN, auth=auth, data=OWN)
        assert response.status_code == 401
        assert (set(response.json()), response.json()["error"]) == ({"error", "error_description"}, "invalid_client")


async def test_a_public_or_a_revoked_client_has_no_token_of_its_own(site: Site) -> None:
    assert (await ask(site, "public", data=OWN)).status_code == 401
    assert (await ask(site, "web", data=OWN)).json()["error"] == "unauthorized_client"
    await revoke_client(site.world.admin, site.clients["own"].id)
    assert (await ask(site, data=OWN)).status_code == 401


async def test_a_grant_type_that_there_is_not(site: Site) -> None:  # blackboard case 4
    response = await ask(site, data={"grant_type": "password"})
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")
    assert (await ask(site)).json()["error"] == "invalid_request"


async def test_somebodys_approval(site: Site) -> None:
    found = await exchanged(site)
    uuid = await site.world.admin.db.scalar(select(User.uuid).where(User.id == site.world.student_id))
    assert found.pop("access_token") and found.pop("refresh_token")
    assert found == {"token_type": "bearer", "expires_in": 3600, "scope": "read write delete offline", "user_id": uuid}


async def test_without_offline_there_is_nothing_to_refresh_with(site: Site) -> None:
    found = await exchanged(site, "read")
    assert set(found) == {"access_token", "token_type", "expires_in", "scope", "user_id"}
    headers = {"Authorization": f"Bearer {found['access_token']}"}
    response = await site.http.patch("/learn/api/public/v2/courses/_1_1/gradebook/columns/_1_1", headers=headers)
    assert response.status_code in (403, 405)


async def test_a_token_is_refreshed_once(site: Site) -> None:
    found = await exchanged(site)
    again = {"refresh_token": found["refresh_token"], "redirect_uri": BACK}
    response = await ask(site, "web", params=again, data={"grant_type": "refresh_token"})
    assert response.status_code == 200
    assert response.json()["user_id"] == found["user_id"]
    assert await site.graph(response.json()["access_token"]) == "sam"
    second = await ask(site, "web", params=again, data={"grant_type": "refresh_token"})
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("wrong", [{"redirect_uri": "https://other.example/"}, {"code": "nope"}])
async def test_a_wrong_code_or_redirect_uri(site: Site, wrong: dict[str, str]) -> None:
    where = {"code": await approved(site), "redirect_uri": BACK} | wrong
    response = await ask(site, "web", params=where, data={"grant_type": "authorization_code"})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_good_once(site: Site) -> None:
    where = {"code": await approved(site), "redirect_uri": BACK, "grant_type": "authorization_code"}
    assert (await ask(site, "web", data=where)).status_code == 200
    second = await ask(site, "web", data=where)
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(("verifier", "status"), [(VERIFIER, 200), ("b" * 43, 400), ("", 400)])
async def test_proof_of_the_key(site: Site, verifier: str, status: int) -> None:
    code = await approved(site, code_challenge=CHALLENGE, code_challenge_method="S256")
    where = {"code": code, "redirect_uri": BACK, "code_verifier": verifier}
    assert (await ask(site, "web", params=where, data={"grant_type": "authorization_code"})).status_code == status


async def test_a_client_that_acts_for_nobody_any_more(site: Site) -> None:
    own = OAuthClient.id == site.clients["own"].id
    await site.world.admin.db.execute(update(OAuthClient).where(own).values(user_id=None))
    assert (await ask(site, data=OWN)).json()["error"] == "unauthorized_client"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"grant_type=" + b"a" * 5000, b"&" * 5000])
async def test_junk(site: Site, body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        response = await ask(site, content=body, headers={"Content-Type": kind})
        assert response.status_code == 400
