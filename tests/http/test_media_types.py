"""Media types: what the answer is written in, what a body is read as, and the page for browsers."""

from __future__ import annotations

import orjson
import pytest

from tests.answers import uncounted
from tests.http.conftest import Served
from tests.http.test_requests import JSON, RESPONSE, SAM, VIEWER, code_of

ACCEPTED = [
    (None, JSON),
    ("", JSON),
    ("*/*", JSON),
    ("application/*", JSON),
    (JSON, JSON),
    (JSON.upper(), JSON),
    (RESPONSE, RESPONSE),
    (f"{RESPONSE}; charset=utf-8", RESPONSE),
    (f"{RESPONSE}, {JSON}", JSON),
    (f"{RESPONSE}, {JSON};q=0.9", RESPONSE),
    (f"{JSON};q=0.9,{RESPONSE};q=1.000", RESPONSE),
    (f"{JSON};q=0.5, {RESPONSE};q=0.4", JSON),
    (f"{JSON};q=0, */*;q=0.1", RESPONSE),
    (f"*/*, {RESPONSE}", RESPONSE),
    (f"*/*;q=0.1, {RESPONSE};q=0.2", RESPONSE),
    (f"image/png, {JSON};q=0.001", JSON),
    (f"text/html;q=0.9, {RESPONSE}", RESPONSE),
    (f'{RESPONSE};CharSet="UTF-8";Q=0.9, {JSON};q=.8', RESPONSE),
    (f"{RESPONSE};charset=latin1, {JSON};q=0.1", JSON),
    (f'{RESPONSE};v="1;q=0", image/png', RESPONSE),
    (f"{JSON};q=0.1, {JSON};q=0.9, {RESPONSE};q=0.5", JSON),
    (f"{RESPONSE}, {JSON};q=0, */*;q=0.1", RESPONSE),
    (f"text/html, {RESPONSE}", RESPONSE),
    ("text/html, */*;q=0.1", JSON),
]


@pytest.mark.parametrize(("accept", "media_type"), ACCEPTED)
async def test_the_media_type_that_the_client_prefers(served: Served, accept: str | None, media_type: str) -> None:
    headers = served.signed() | ({} if accept is None else {"Accept": accept})
    if accept is None:
        served.client.headers.pop("accept", None)
    response = await served.client.post("/graphql", json={"query": VIEWER}, headers=headers)
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert (response.status_code, uncounted(response)) == (200, SAM)


UNACCEPTABLE = [
    *("text/html", "image/*", "application/xml", ",", ";"),
    *(f"{JSON};q=0", "*/*;q=0", f"{JSON};q=0.0, {RESPONSE};q=0"),
    *(f"{JSON};charset=utf-16", f"{JSON}; charset=latin1, text/plain", "*/*;charset=ascii", f"{JSON};charset="),
]


async def test_accept_headers_count_together(served: Served) -> None:
    headers = [*served.signed().items(), ("Accept", f"{JSON};q=0.1"), ("Accept", RESPONSE)]
    response = await served.client.post("/graphql", json={"query": VIEWER}, headers=headers)
    assert response.headers["content-type"] == f"{RESPONSE}; charset=utf-8"


@pytest.mark.parametrize("accept", UNACCEPTABLE)
async def test_a_client_that_takes_no_json(served: Served, accept: str) -> None:
    response = await served.post(VIEWER, accept=accept)
    assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("quality", ["x", "", "2", "1.5", "-1", "nan", "1e3", "0.1234", "1.001"])
async def test_a_quality_that_is_none(served: Served, quality: str) -> None:
    response = await served.post(VIEWER, accept=f"{JSON};q={quality}")
    assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST")


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PAGES = ["text/html", "Text/HTML; charset=utf-8", "text/*", BROWSER, f"text/html, {JSON};q=0.9", "text/html, */*"]


@pytest.mark.parametrize("accept", PAGES)
async def test_browsers_get_a_page(served: Served, accept: str) -> None:
    response = await served.client.get("/graphql", headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<html" in response.text.lower()
    assert "graphiql" in response.text.lower()


@pytest.mark.parametrize("accept", ["*/*", f"text/html, {JSON}", f"text/html;q=0.1, {RESPONSE}", "text/html;q=0, */*"])
async def test_programs_get_no_page(served: Served, accept: str) -> None:
    headers = served.signed() | {"Accept": accept}
    response = await served.client.get("/graphql", params={"query": VIEWER}, headers=headers)
    assert (response.status_code, uncounted(response)) == (200, SAM)


async def test_there_may_be_no_page(served: Served) -> None:
    accept = BROWSER
    async with served.set(graphiql=False) as plain:
        response = await plain.client.get("/graphql", params={"query": VIEWER}, headers={"Accept": accept})
        assert (response.status_code, uncounted(response)) == (200, {"data": {"viewer": None}})
        response = await plain.client.get("/graphql", headers={"Accept": "text/html"})
        assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")


READ = [JSON, "application/json; charset=utf-8", "Application/JSON ;x=y", 'application/json;charset="UTF-8"']


@pytest.mark.parametrize("content_type", READ)
async def test_content_types_that_are_read(served: Served, content_type: str) -> None:
    body, headers = orjson.dumps({"query": VIEWER}), served.signed() | {"Content-Type": content_type}
    response = await served.client.post("/graphql", content=body, headers=headers)
    assert (response.status_code, uncounted(response)) == (200, SAM)


OTHER_TYPES = [
    *(None, "", "text/plain", "application/graphql", RESPONSE),
    *("application/x-www-form-urlencoded", "multipart/form-data", "application/json-seq", ";", "*/*"),
    *(f"{JSON}; charset=utf-16", f"{JSON};charset=latin1", f'{JSON};charset=""', f"{JSON}; charset=UTF-8x"),
]


@pytest.mark.parametrize("content_type", OTHER_TYPES)
async def test_content_types_that_are_not_read(served: Served, content_type: str | None) -> None:
    headers = served.signed() | ({} if content_type is None else {"Content-Type": content_type})
    response = await served.client.post("/graphql", content=orjson.dumps({"query": VIEWER}), headers=headers)
    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_that_is_encoded(served: Served) -> None:
    body = orjson.dumps({"query": VIEWER})
    for encoding, status in (("identity", 200), ("gzip", 415), ("br, gzip", 415), ("", 415), ("identity, gzip", 415)):
        headers = served.signed() | {"Content-Type": JSON, "Content-Encoding": encoding}
        response = await served.client.post("/graphql", content=body, headers=headers)
        assert response.status_code == status
        assert response.headers.get("accept-encoding") == (None if status == 200 else "identity")
    assert code_of(response) == "UNSUPPORTED_MEDIA_TYPE"
