"""Pages of other sites: those that the settings trust ask with a browser's session, all others do not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from app.domain.identity.sessions import open_session
from app.web.origins import TOLD
from app.web.session import COOKIE, CSRF_COOKIE, form_token
from tests.answers import uncounted
from tests.http.conftest import Served

APPS = "https://apps.example.edu"
OTHERS = ["https://evil.example", "http://apps.example.edu", "https://apps.example.edu:444", "null"]
VIEWER = {"query": "{ viewer { username } }"}
TOKEN_PATH, GOAL = "/csrf/api/v1/token", "/api/course_home/save_course_goal"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "use-jwt-cookie,x-csrftoken,content-type",
}


def told(response: httpx.Response) -> dict[str, str]:
    """What an answer says of other sites."""
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


@pytest.fixture
async def trusting(served: Served) -> AsyncIterator[Served]:
    """A server that trusts APPS, and a browser with the cookie of sam's session."""
    text = await open_session(served.world.student, served.world.student_id)
    async with served.set(trusted_origins=f"https://other.example.edu, {APPS}") as trusting:
        trusting.client.cookies.set(COOKIE, text)
        yield trusting


async def test_a_browser_asks_first(trusting: Served) -> None:
    response = await trusting.client.options("/graphql", headers={"Origin": APPS, **PREFLIGHT})
    assert response.status_code == 200
    found = told(response)
    methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    assert found.pop("access-control-max-age") == "600"
    assert found == {
        "access-control-allow-origin": APPS,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": methods,
        "access-control-allow-headers": PREFLIGHT["Access-Control-Request-Headers"],
    }


async def test_a_trusted_page_asks_with_the_session(trusting: Served) -> None:
    for site in ("same-site", "cross-site"):
        headers = {"Origin": APPS, "Sec-Fetch-Site": site}
        response = await trusting.client.post("/graphql", json=VIEWER, headers=headers)
        assert uncounted(response) == {"data": {"viewer": {"username": "sam"}}}
        assert told(response) == {
            "access-control-allow-origin": APPS,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": ", ".join(TOLD),
        }
        assert "Origin" in response.headers["vary"]


async def test_a_trusted_page_writes_with_the_session_and_its_token(trusting: Served) -> None:
    client = trusting.client
    headers = {"Origin": APPS, "Referer": f"{APPS}/learning", "Sec-Fetch-Site": "same-site"}
    token = (await client.get(TOKEN_PATH, headers=headers)).json()["csrfToken"]
    assert token == form_token(client.cookies[COOKIE])
    client.cookies.set(CSRF_COOKIE, token)
    for base in ("http://test", "https://test"):
        url, body = base + GOAL, {"course_id": "course-v1:a+b+c"}
        response = await client.post(url, json=body, headers={**headers, "X-CSRFToken": token})
        assert (response.status_code, response.json()) == (400, {"detail": "'subscribed_to_reminders' is required."})
        response = await client.post(url, json=body, headers=headers)
        assert (response.status_code, response.json()) == (403, {"detail": "CSRF Failed: CSRF token missing."})


@pytest.mark.parametrize("origin", OTHERS)
async def test_any_other_page_does_not(trusting: Served, origin: str) -> None:
    client = trusting.client
    response = await client.options("/graphql", headers={"Origin": origin, **PREFLIGHT})
    assert told(response) == {}
    response = await client.post("/graphql", json=VIEWER, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, told(response)) == (403, {})
    client.cookies.set(CSRF_COOKIE, form_token(client.cookies[COOKIE]))
    headers = {"Origin": origin, "X-CSRFToken": client.cookies[CSRF_COOKIE]}
    response = await client.post("https://test" + GOAL, json={}, headers=headers)
    refused = {"detail": "CSRF Failed: Referer checking failed: no page of this site asks."}
    assert (response.status_code, response.json(), told(response)) == (403, refused, {})


async def test_nobody_is_trusted_by_default(served: Served) -> None:
    response = await served.client.post("/graphql", json=VIEWER, headers={"Origin": APPS, **served.signed()})
    assert uncounted(response) == {"data": {"viewer": {"username": "sam"}}}
    assert told(response) == {}


async def test_what_an_api_lets_all_pages_read_stays_so(trusting: Served) -> None:
    headers = {"Origin": "https://evil.example", **PREFLIGHT}
    path = "/pl/api/v1/course_instances/1"
    response = await trusting.client.get(path, headers=headers)
    assert told(response)["access-control-allow-origin"] == "*"
    response = await trusting.client.get(path, headers={"Origin": APPS})
    assert told(response)["access-control-allow-origin"] == APPS
