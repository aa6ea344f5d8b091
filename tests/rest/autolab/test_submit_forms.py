"""Forms that hand in a file: in any order, with the token anywhere, and junk."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.autolab.conftest import Autolab
from tests.rest.autolab.test_acceptance import LAB
from tests.rest.autolab.test_submit import CODE, objects, put, refused

pytestmark = pytest.mark.anyio


def form(*parts: tuple[str, bytes] | tuple[str, bytes, str]) -> dict[str, Any]:
    """A form as a body, in this order: (name, value) or (name, content, file name)."""
    made = b""
    for name, value, *filename in parts:
        named = f'; filename="{filename[0]}"' if filename else ""
        made += f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + value + b"\r\n"
    return {"content": made + b"--b--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}


WORK = ("submission[file]", CODE, "main.c")


@pytest.mark.parametrize("place", ["query", "before", "after"])
async def test_the_token_may_stand_before_or_after_the_file(al: Autolab, place: str) -> None:
    token = al.filled.tokens["ST"]
    field = ("access_token", token.encode())
    sent: dict[str, Any] = {
        "query": {**form(WORK), "params": {"access_token": token}},
        "before": form(field, WORK, ("lecture", b"1")),
        "after": form(("bearer_token", b""), WORK, field),
    }[place]
    assert await al.body(LAB + "/submit/", None, "POST", **sent) == {"version": 1, "filename": "1_handin.c"}


async def test_a_large_file_does_not_wait_for_a_token(al: Autolab) -> None:
    before = await objects(al)
    large, token = ("submission[file]", b"l" * 1_100_000, "a"), ("access_token", al.filled.tokens["ST"].encode())
    assert await refused(al, None, **form(large, token)) == (401, "OAuth2 authorization failed")
    assert await objects(al) == before
    assert (await put(al, None, **form(token, large)))["version"] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"--b",
        b"--b\r\n\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        form(WORK)["content"][:-8],
        form(WORK)["content"][:90],
        form(*[("f", b"")] * 101, WORK)["content"],
        form(("f", b"x" * 70_000), WORK)["content"],
        form(("other", b"x" * 1_100_000, "o"), WORK)["content"],
        form(WORK, ("other", b"x" * 1_100_000, "o"))["content"],
    ],
    ids=lambda each: f"{len(each)} bytes",
)
async def test_junk_is_refused(al: Autolab, content: bytes) -> None:
    sent: dict[str, Any] = {"content": content, "headers": {"Content-Type": "multipart/form-data; boundary=b"}}
    status, _ = await refused(al, "ST", **sent)
    assert status == 400


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "text/plain", "x"])
async def test_a_body_of_another_kind_is_refused(al: Autolab, kind: str) -> None:
    sent: dict[str, Any] = {"content": form(WORK)["content"], "headers": {"Content-Type": kind}}
    status, _ = await refused(al, "ST", **sent)
    assert status == 400
