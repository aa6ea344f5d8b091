"""What other published programs for Autolab send: a command line and an examination site in Go, a portal in Python.

Their requests differ from those of the official client in where parameters stand and in the headers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import pytest

from tests.clients.conftest import Place
from tests.clients.wire import Answer, exchange, fields, form, posted

GO = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}
PYTHON = {"User-Agent": "python-requests/2.31.0", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
SUBMISSIONS = "/api/v1/courses/sig-f24/assessments/lab1/submissions"


def in_form(host: str, asked: dict[str, str]) -> Answer:
    headers, body = posted(fields(**asked))
    return exchange(host, "POST /oauth/token", {**GO, **headers}, body)


def in_json(host: str, asked: dict[str, str]) -> Answer:
    """With the scopes, which a form of the same program leaves out."""
    body = orjson.dumps({**asked, "scope": "user_info user_courses user_scores user_submit"})
    headers = {**GO, "Content-Length": str(len(body)), "Content-Type": "application/json"}
    return exchange(host, "POST /oauth/token", headers, body)


def in_query(host: str, asked: dict[str, str]) -> Answer:
    return exchange(host, f"POST /oauth/token?{fields(**asked)}", {**PYTHON, "Content-Length": "0"})


@pytest.fixture(scope="module", params=[in_form, in_json, in_query], ids=lambda way: way.__name__)
def tokens(place: Place, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Tokens of Sam's, taken and at once refreshed in one of the ways."""
    asked = {"client_id": place.uid}
    started = exchange(place.host, f"GET /oauth/device_flow_init?{fields(**asked)}", PYTHON).json()
    place.approve("sam", started["user_code"])
    waiting = fields(**asked, device_code=started["device_code"])
    code = exchange(place.host, f"GET /oauth/device_flow_authorize?{waiting}", PYTHON).json()["code"]
    asked["client_secret"] = place.secret
    taken = request.param(
        place.host, {"code": code, "grant_type": "authorization_code", **asked, "redirect_uri": place.callback}
    )
    again = {"grant_type": "refresh_token", "refresh_token": taken.json()["refresh_token"]}
    answer: Answer = request.param(place.host, {**again, **asked})
    assert (taken.status, answer.status) == (200, 200)
    found: dict[str, Any] = answer.json()
    return found


def test_go(place: Place, tokens: dict[str, Any]) -> None:
    headers = {**GO, "Authorization": f"Bearer {tokens['access_token']}"}
    answer = exchange(place.host, f"GET {SUBMISSIONS}", headers)
    first = answer.json()[-1]
    assert (answer.status, first["version"]) == (200, 1)
    assert datetime.strptime(first["created_at"], "%Y-%m-%dT%H:%M:%S.%f%z").utcoffset() is not None
    user = exchange(place.host, "GET /api/v1/user", headers).json()
    assert (user["email"], user["year"], user["major"]) == ("sam@uni.example", "2", None)


def test_go_submits_a_file_by_its_path(place: Place, tokens: dict[str, Any]) -> None:
    multipart, body = form("submission[file]", "work/hello.c", b"int main;\n", boundary="0a" * 30)
    headers = {**GO, "Authorization": f"Bearer {tokens['access_token']}", **multipart}
    answer = exchange(place.host, f"POST {SUBMISSIONS.replace('submissions', 'submit')}", headers, body)
    assert (answer.status, set(answer.json())) == (200, {"version", "filename"})


def test_python(place: Place, tokens: dict[str, Any]) -> None:
    query = fields(state="current", access_token=tokens["access_token"])
    answer = exchange(place.host, f"GET /api/v1/courses?{query}", PYTHON)
    assert (answer.status, [each["name"] for each in answer.json()]) == (200, ["sig-f24"])
