"""The session of a browser at `/graphql`: it counts for requests of this site's pages, and for no other's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.identity.sessions import close_session, open_session
from app.web.session import COOKIE
from tests.answers import uncounted
from tests.factories import at
from tests.http.conftest import Served, client_of

VIEWER = "{ viewer { username } }"
SITE = "http://test"
OURS = [
    {"Sec-Fetch-Site": "same-origin", "Origin": SITE},
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": SITE},
]
OTHERS = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://other.test"},
    {"Sec-Fetch-Site": "cross-site", "Origin": SITE},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "https://test"},
    {"Origin": "http://test:8080"},
    {"Origin": "http://test.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Referer": "http://test/graphql"},
    {},
]
REFUSED = {
    "errors": [
        {
            "message": "the session counts for requests of this site's own pages: send an access token",
            "extensions": {"code": "FOREIGN_ORIGIN"},
        }
    ]
}


@pytest.fixture
async def browser(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the cookie of sam's session."""
    text = await open_session(served.world.student, served.world.student_id)
    async with client_of(served.app) as client:
        client.cookies.set(COOKIE, text)
        yield client


async def asked(client: httpx.AsyncClient, headers: dict[str, str], query: str = VIEWER) -> Any:
    return uncounted(await client.post("/graphql", json={"query": query}, headers=headers))


@pytest.mark.parametrize("headers", OURS)
async def test_a_page_of_this_site_asks_for_who_has_signed_in(browser: httpx.AsyncClient, headers: Any) -> None:
    assert await asked(browser, headers) == {"data": {"viewer": {"username": "sam"}}}
    response = await browser.get("/graphql", params={"query": VIEWER}, headers=headers)
    assert uncounted(response) == {"data": {"viewer": {"username": "sam"}}}


@pytest.mark.parametrize("headers", OTHERS)
async def test_a_page_of_another_site_is_refused(served: Served, browser: httpx.AsyncClient, headers: Any) -> None:
    profile = f'{{userId: "{served.world.student_id}", pronouns: "evil"}}'
    mutation = f"mutation {{ updateProfile(input: {profile}) {{ userErrors {{ code }} }} }}"
    for query in (VIEWER, mutation):
        response = await browser.post("/graphql", json={"query": query}, headers=headers)
        assert (response.status_code, response.json()) == (403, REFUSED)
    response = await browser.get("/graphql", params={"query": VIEWER}, headers=headers)
    assert (response.status_code, response.json()) == (403, REFUSED)
    found = await asked(browser, OURS[0], "{ viewer { profile { pronouns } } }")
    assert found == {"data": {"viewer": {"profile": None}}}


async def test_a_form_of_another_site_is_refused_twice(browser: httpx.AsyncClient) -> None:
    """A page may send a form anywhere without asking, but not JSON."""
    for headers, status in ((OTHERS[0], 415), (OURS[0], 415)):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            body = b'{"query": "{ viewer { username } }"}'
            response = await browser.post("/graphql", content=body, headers={**headers, "Content-Type": kind})
            assert response.status_code == status


async def test_a_token_beats_the_session(served: Served, browser: httpx.AsyncClient) -> None:
    for headers in (*OURS, *OTHERS):
        assert await asked(browser, {**headers, **served.signed("loner")}) == {"data": {"viewer": {"username": "lou"}}}
    response = await browser.post("/graphql", json={"query": VIEWER}, headers=OURS[0] | {"Authorization": "Bearer x"})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_session_that_is_over_is_nobodys(served: Served, browser: httpx.AsyncClient) -> None:
    past = at(served.world.student, served.world.student.now - timedelta(hours=12))
    over = await open_session(past, served.world.student_id)
    ended = await open_session(served.world.student, served.world.student_id)
    await close_session(served.world.student, ended)
    for text in (over, ended, "unknown", ""):
        browser.cookies.set(COOKIE, text)
        assert await asked(browser, OURS[0]) == {"data": {"viewer": None}}


async def test_an_administrator_is_a_plain_user_with_the_session(served: Served, browser: httpx.AsyncClient) -> None:
    browser.cookies.set(COOKIE, await open_session(served.world.admin, served.world.admin_id))
    counts = "{ viewer { username } users { totalCount } courseInstances { totalCount } }"
    assert await asked(browser, OURS[0], counts) == {
        "data": {"viewer": {"username": "root"}, "users": {"totalCount": 1}, "courseInstances": {"totalCount": 0}}
    }
    mutation = 'mutation { createUser(input: {username: "new"}) { user { id } } }'
    (error,) = (await asked(browser, OURS[0], mutation))["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_a_session_opens_no_other_door(served: Served, browser: httpx.AsyncClient) -> None:
    """Files and the REST systems take tokens alone."""
    for path in ("/files/1", "/files/assessments/1", "/pl/api/v1/course_instances/1/gradebook", "/api/v1/courses"):
        with_session = await browser.get(path, headers=OURS[0])
        without = await served.client.get(path)
        assert (with_session.status_code, with_session.content) == (without.status_code, without.content)
        assert with_session.status_code in (401, 403, 404)
