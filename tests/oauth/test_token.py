"""`/oauth/token` and `/oauth/revoke`: the grants, their refusals, how tokens end."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.domain.identity.models import AccessToken
from app.oauth.token import DESCRIPTIONS
from tests.clock import NOW
from tests.oauth.conftest import BACK, Site

pytestmark = pytest.mark.anyio

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    assert set(body) == {"error", "error_description"}
    return response.status_code, body["error"], body["error_description"]


def expected(error: str, name: str = "") -> tuple[int, str, str]:
    return 401 if error == "invalid_client" else 400, error, DESCRIPTIONS[error].format(name)


async def test_a_code_is_exchanged_for_a_pair_of_tokens(site: Site) -> None:
    found = await site.exchanged(scope="read user_info")
    access, refresh = found.pop("access_token"), found.pop("refresh_token")
    assert found == {
        "token_type": "Bearer",
        "expires_in": 7200,
        "scope": "read user_info",
        "created_at": int(NOW.timestamp()),
    }
    assert (len(access), len(refresh), access[:4], refresh[:4]) == (42, 42, "cgo_", "cgr_")
    assert await site.graph(access) == "sam"
    site.clock.pass_by(hours=2)
    assert await site.graph(access) == "UNAUTHENTICATED"
    assert (await site.refreshed(refresh)).status_code == 200


async def test_scopes_bound_what_a_token_opens(site: Site) -> None:
    """Autolab's scopes alone do not open the graph; the default is `user_info`."""
    default = await site.exchanged()
    assert default["scope"] == "user_info"
    assert await site.graph(default["access_token"]) == "INSUFFICIENT_SCOPE"


async def test_the_code_is_good_once(site: Site) -> None:
    """Coming back, it ends what it gave."""  # autolab case 37
    code = await site.approved(scope="read")
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    first = (await site.token(**fields)).json()
    assert await site.graph(first["access_token"]) == "sam"
    assert refusal(await site.token(**fields)) == expected("invalid_grant")
    assert await site.graph(first["access_token"]) == "UNAUTHENTICATED"
    assert refusal(await site.refreshed(first["refresh_token"])) == expected("invalid_grant")


async def test_codes_that_are_not_good(site: Site) -> None:
    code = await site.approved()
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    for changed in ({"code": "x"}, {"code": "\0"}, {"redirect_uri": BACK + "2"}):
        assert refusal(await site.token(**{**fields, **changed})) == expected("invalid_grant")
    assert refusal(await site.token("other", **fields)) == expected("invalid_grant")
    site.clock.pass_by(minutes=10)
    assert refusal(await site.token(**fields)) == expected("invalid_grant")


async def test_credentials_that_are_not_good(site: Site) -> None:
    good = {"grant_type": "refresh_token", "refresh_token": "x", **site.credentials()}
    for name, value in (
        ("client_id", "nobody"),
        ("client_id", "\0" * 9),
        ("client_secret", ""),
        ("client_secret", "é"),
        ("client_secret", good["client_secret"].swapcase()),
    ):
        response = await site.http.post("/oauth/token", data={**good, name: value})
        assert refusal(response) == expected("invalid_client")
        assert response.headers["www-authenticate"] == 'Basic realm="campusgraph"'
    assert refusal(await site.http.post("/oauth/token", data=good)) == expected("invalid_grant")


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, expected("invalid_request", "grant_type")),
        ({"grant_type": "password"}, expected("unsupported_grant_type")),
        ({"grant_type": "authorization_code"}, expected("invalid_request", "code")),
        ({"grant_type": "authorization_code", "code": "x"}, expected("invalid_request", "redirect_uri")),
        ({"grant_type": "refresh_token"}, expected("invalid_request", "refresh_token")),
        ({"grant_type": "client_credentials"}, expected("unauthorized_client")),
    ],
)
async def test_requests_that_are_not_whole(site: Site, fields: dict[str, str], answer: Any) -> None:
    assert refusal(await site.token(**fields)) == answer


async def test_fields_may_stand_in_the_query_and_in_json_and_credentials_in_a_header(site: Site) -> None:
    """The old pair works until the new access token is used."""  # autolab case 38, up to the route of Autolab
    old = await site.exchanged(scope="read")
    fields = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    response = await site.http.post("/oauth/token", params={**fields, **site.credentials()})
    new = response.json()
    assert (response.status_code, new["scope"], new["expires_in"]) == (200, "read", 7200)
    assert await site.graph(old["access_token"]) == "sam"
    assert await site.graph(new["access_token"]) == "sam"
    assert await site.graph(old["access_token"]) == "UNAUTHENTICATED"
    fields["refresh_token"] = new["refresh_token"]
    web = site.clients["web"]
    response = await site.http.post("/oauth/token", json=fields, auth=(web.uid, web.secret or ""))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"


async def test_a_refresh_token_that_was_replaced_ends_its_family(site: Site) -> None:
    old = await site.exchanged(scope="read")
    new = (await site.refreshed(old["refresh_token"])).json()
    assert await site.graph(new["access_token"]) == "sam"
    assert refusal(await site.refreshed(old["refresh_token"])) == expected("invalid_grant")
    assert await site.graph(new["access_token"]) == "UNAUTHENTICATED"
    assert refusal(await site.refreshed(new["refresh_token"])) == expected("invalid_grant")


async def test_a_refresh_token_is_the_clients_own_and_never_gives_more(site: Site) -> None:
    found = await site.exchanged(scope="read user_info")
    assert refusal(await site.refreshed(found["refresh_token"], "other")) == expected("invalid_grant")
    fields = {"grant_type": "refresh_token", "refresh_token": found["refresh_token"]}
    assert refusal(await site.token(**fields, scope="read write")) == expected("invalid_scope")
    assert (await site.token(**fields, scope="read")).json()["scope"] == "read"


async def test_a_public_client_needs_pkce(site: Site) -> None:
    code = await site.approved("public", **PKCE)
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    assert refusal(await site.token("public", **fields)) == expected("invalid_request", "code_verifier")
    assert refusal(await site.token("public", **fields, code_verifier="w" * 43)) == expected("invalid_grant")
    found = (await site.token("public", **fields, code_verifier=VERIFIER)).json()
    assert await site.graph(found["access_token"]) == "sam"
    assert (await site.refreshed(found["refresh_token"], "public")).status_code == 200


async def test_a_client_acts_for_whom_it_was_given(site: Site) -> None:
    response = await site.token("own", grant_type="client_credentials", scope="read")
    found = response.json()
    assert response.status_code == 200
    assert set(found) == {"access_token", "token_type", "expires_in", "scope", "created_at"}
    assert await site.graph(found["access_token"]) == "root"
    response = await site.token("own", grant_type="client_credentials", scope="admin")
    assert refusal(response) == expected("invalid_scope")


async def test_revoking(site: Site) -> None:
    found = await site.exchanged(scope="read")
    new = (await site.refreshed(found["refresh_token"])).json()
    for credentials in ({}, site.credentials("other"), {**site.credentials(), "client_secret": "x"}):
        response = await site.http.post("/oauth/revoke", data={"token": found["access_token"], **credentials})
        assert (response.status_code, response.json()["error"]) == (403, "unauthorized_client")
    assert await site.graph(found["access_token"]) == "sam"
    for token in ("unknown", "", "\0", found["access_token"], found["access_token"]):
        response = await site.http.post("/oauth/revoke", data={"token": token, **site.credentials()})
        assert (response.status_code, response.json()) == (200, {})
    for each in (found, new):
        assert await site.graph(each["access_token"]) == "UNAUTHENTICATED"
        assert refusal(await site.refreshed(each["refresh_token"])) == expected("invalid_grant")


async def test_a_client_makes_no_tokens_that_outlive_its_own(site: Site) -> None:
    token = (await site.exchanged(scope="read write"))["access_token"]
    document = 'mutation { issueToken(input: {name: "mine"}) { accessToken { name } } }'
    headers = {"Authorization": f"Bearer {token}"}
    body = (await site.http.post("/graphql", json={"query": document}, headers=headers)).json()
    assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await site.world.student.db.scalar(select(func.count()).select_from(AccessToken)) == 1


async def test_the_fields_may_be_parts_of_a_form(site: Site) -> None:
    found = await site.exchanged(scope="read")
    fields = {"grant_type": "refresh_token", "refresh_token": found["refresh_token"], **site.credentials()}
    response = await site.http.post("/oauth/token", files={name: (None, value) for name, value in fields.items()})
    assert (response.status_code, response.json()["scope"]) == (200, "read")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=b"),
        (b"", "multipart/form-data; boundary=b"),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 70_000, "multipart/form-data; boundary=b"),
    ],
)
async def test_a_form_that_cannot_be_read(site: Site, content: bytes, kind: str) -> None:
    response = await site.http.post("/oauth/token", content=content, headers={"Content-Type": kind})
    assert response.status_code == 400
