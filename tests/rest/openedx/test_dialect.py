"""What all of Open edX's operations do: sign-in, bodies, methods, paths (contracts/edx-core.md §0)."""

from __future__ import annotations

import pytest

from tests.rest.openedx.conftest import OpenEdx

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
