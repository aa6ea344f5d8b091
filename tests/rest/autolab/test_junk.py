"""Junk is sent to every route: always refused or answered in Autolab's own form, never a failure of the server."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.rest.autolab.conftest import Autolab
from tests.rest.autolab.operations import REQUESTS

pytestmark = pytest.mark.anyio

WORDS = ["", " ", "0", "-1", "9" * 25, "1e400", "nan", "null", "\0", "a\nb", "é", "\ud7ff", "💩", "%", "[]", "x" * 300]
VALUES: list[Any] = [*WORDS, None, True, 0, -1, 2**70, 1.5, 1e300, [], {}, [[]], [None], {"": {}}, {"Part A": "x"}]
KINDS = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
BODIES = [b"", b"\xff", b"{", b"[1]", b"null", b"--x\r\n\r\n\r\n--x--", b"a[b][c]=1&a=2&a[]=3&[=4", b"%=%&&=;"]
ROUNDS = 3


def replaced(path: str, chance: random.Random) -> str:
    """A path in which one part is junk."""
    parts = path.split("/")
    parts[chance.randrange(1, len(parts))] = chance.choice(["%00", "%ff", "%F0%9F%92%A9", "-1", "9" * 25, "%0a"])
    return "/".join(parts)


@pytest.mark.parametrize("operation", REQUESTS)
async def test_junk(al: Autolab, group: int, operation: str) -> None:
    chance, request = random.Random(operation), REQUESTS[operation]
    path = request.path.format(group=group)
    names = [*request.body, *request.query, "access_token", "groups[][name]", "a[b]"]
    for _ in range(ROUNDS):
        sent = {name: chance.choice(VALUES) for name in names}
        words = {name: chance.choice(WORDS) for name in names if name != "access_token"}
        raw = {"content": chance.choice(BODIES), "headers": {"Content-Type": chance.choice(KINDS)}}
        ways: list[tuple[str, dict[str, Any]]] = [
            (path, {"json": request.body | sent}),
            (path, {"params": words}),
            (path, {"data": words}),
            (path, raw),
            (replaced(path, chance), request.sent()),
        ]
        for where, more in ways:
            response = await al.send(request.method, where, request.who, **more)
            assert response.status_code in (200, 400, 401, 403, 404), (where, more, response.text)
            if response.status_code != 200:
                assert list(response.json()) == ["error"]
                assert isinstance(response.json()["error"], str)
