"""What all of Open edX's operations do: sign-in, bodies, methods, paths (contracts/edx-core.md §0)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.openedx.conftest import OpenEdx, R
from tests.rest.openedx.test_authentication import sent, session

pytestmark = pytest.mark.anyio
BATCH = "/api/completion/v1/completion-batch"
WITHOUT = {"detail": "Authentication credentials were not provided."}


async def test_strangers_are_asked_to_sign_in(edx: OpenEdx) -> None:
    response = await edx.send("POST", BATCH, json={})
    assert (response.status_code, response.json()) == (401, WITHOUT)
    assert response.headers["www-authenticate"] == 'JWT realm="api"'
    response = await edx.send("POST", BATCH, headers={"Authorization": "bEaReR nonsense"}, json={})
    assert response.status_code == 401
    assert response.json()["error_code"] == "token_nonexistent"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[1]", "application/json", 403),
        (b"3", "application/json; charset=utf-8", 403),
        (b"x", "text/plain", 415),
        (b"", "", 403),
        (b"--x", "multipart/form-data", 400),
        (b"--x\r\n", "multipart/form-data; boundary=x", 403),
        (b"a=%ff&b", "application/x-www-form-urlencoded", 403),
        (b" " * 2_000_000, "application/json", 413),
    ],
)
async def test_any_bytes(edx: OpenEdx, content: bytes, kind: str, status: int) -> None:
    headers = {"Content-Type": kind} if kind else {}
    response = await edx.send("POST", BATCH, "ann", content=content, headers=headers)
    assert response.status_code == status, response.text


async def test_other_methods_and_paths(edx: OpenEdx) -> None:
    assert await edx.told(BATCH, "ann", "DELETE") == (405, {"detail": 'Method "DELETE" not allowed.'})
    assert await edx.told("/api/completion/v1/nothing", "ann") == (404, {"detail": "Not found."})
    assert await edx.told("/api/completion/v1/completion-batch%0A", "ann") == (404, {"detail": "Not found."})


SIGNATURE = f"/api/agreements/v1/integrity_signature/{R}"
ENROLLMENT, CERTIFICATES = "/api/enrollment/v1/enrollment", "/api/certificates/v0/certificates/ann/"
GRADER = "/api/ora_staff_grader/submission/grade"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "method", "more", "status"),
    [
        (ENROLLMENT, "DELETE", {}, 405),
        (SIGNATURE, "PUT", {}, 405),
        (CERTIFICATES, "POST", {}, 405),
        (GRADER, "PATCH", {}, 405),
        (ENROLLMENT, "POST", {"content": b"{", "headers": JSON}, 400),
        (GRADER, "POST", {"content": b"[1,", "headers": JSON}, 400),
        (ENROLLMENT, "POST", {"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415),
        (SIGNATURE, "POST", {"content": b" " * 2_000_000, "headers": JSON}, 413),
    ],
)
async def test_what_no_operation_looks_at_is_told_plainly(
    edx: OpenEdx, path: str, method: str, more: Any, status: int
) -> None:
    """Also where a family has words of its own (contracts/edx-core.md §0.6)."""
    found, body = await edx.told(path, "ann", method, **more)
    assert (found, list(body), type(body["detail"])) == (status, ["detail"], str)


@pytest.mark.parametrize("path", [ENROLLMENT, SIGNATURE, CERTIFICATES])
async def test_strangers_are_told_plainly_where_a_family_has_words_of_its_own(edx: OpenEdx, path: str) -> None:
    response = await edx.get(path)
    assert (response.status_code, response.json()) == (401, WITHOUT)
    assert response.headers["www-authenticate"] == 'JWT realm="api"'


async def test_texts_that_nothing_can_write_are_no_form(edx: OpenEdx) -> None:
    """A form may name the encoding of its texts: one that makes halves of a surrogate pair."""
    headers = {"Content-Type": "multipart/form-data; boundary=x; charset=unicode_escape"}
    for name, value in ((b"username", b"\\ud800"), (b"\\udfff", b"ann")):
        content = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n' % (name, value)
        told = await edx.told(BATCH, "ann", "POST", content=content, headers=headers)
        assert told == (400, {"detail": "Multipart form parse error - the body is malformed."})


async def test_what_another_site_may_have_sent_is_told_plainly(edx: OpenEdx) -> None:
    cookies = await session(edx, "staff")
    found = await edx.told(f"/api/cohorts/v1/settings/{R}", None, "PUT", headers=sent(cookies), json={})
    assert found == (403, {"detail": "CSRF Failed: CSRF token missing."})
