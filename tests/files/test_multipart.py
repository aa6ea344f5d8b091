"""Forms as streams: however they are cut, and whatever they hold."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from starlette.requests import Request

from app.errors import BadRequest, LimitExceeded
from app.transfer.multipart import MAX_FIELD, MAX_PARTS, Field, FilePart, parts

pytestmark = pytest.mark.anyio

TYPE = 'multipart/form-data; boundary="b0und"'
FORM = (
    b"--b0und\r\n"
    b'Content-Disposition: form-data; name="note"\r\n'
    b"\r\n"
    b"gr\xc3\xbc\xc3\x9fe\r\n"
    b"--b0und\r\n"
    b'content-disposition: form-data; name="submission[file]"; filename="h\xc3\xa4nd \\"in\\".c"\r\n'
    b"CONTENT-TYPE: Text/X-C; charset=utf-8\r\n"
    b"\r\n"
    b"int main;\r\n--b0un\r\n\r\n"
    b"\r\n--b0und\r\n"
    b'Content-Disposition: form-data; name="empty"; filename=""\r\n'
    b"\r\n"
    b"\r\n--b0und--\r\n"
)
FOUND = [
    ("note", "grüße"),
    ("submission[file]", 'händ "in".c', "text/x-c", b"int main;\r\n--b0un\r\n\r\n"),
    ("empty", "", "", b""),
]


def request(chunks: Sequence[bytes], content_type: str | None = TYPE) -> Request:
    """A request whose body comes in these chunks."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting = iter([*messages, {"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(waiting)

    headers = [] if content_type is None else [(b"content-type", content_type.encode("latin-1"))]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


async def read(asked: Request, *, skips: bool = False) -> list[tuple[Any, ...]]:
    """All that is in a form; files are passed over when `skips`."""
    found: list[tuple[Any, ...]] = []
    async for part in parts(asked):
        if isinstance(part, Field):
            found.append((part.name, part.value))
        elif not skips:
            content = b"".join([chunk async for chunk in part.chunks])
            found.append((part.name, part.filename, part.content_type, content))
    return found


def cut(content: bytes, size: int) -> list[bytes]:
    """Content in chunks of a size."""
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, len(FORM)])
async def test_a_form_is_the_same_however_it_is_cut(size: int) -> None:
    assert await read(request(cut(FORM, size))) == FOUND


@pytest.mark.parametrize("size", [1, 7, len(FORM)])
async def test_a_file_that_nobody_reads_is_passed_over(size: int) -> None:
    assert await read(request(cut(FORM, size)), skips=True) == FOUND[:1]


async def test_a_file_comes_before_the_form_has_ended() -> None:
    """Its first bytes are given when they are there: nothing is collected."""
    head, tail = FORM[: FORM.index(b"main")], FORM[FORM.index(b"main") :]

    class Stopped(Exception):
        pass

    async def chunks() -> AsyncIterator[dict[str, Any]]:
        yield {"type": "http.request", "body": head, "more_body": True}
        raise Stopped

    stream = chunks()

    async def receive() -> dict[str, Any]:
        return await anext(stream)

    asked = Request(
        {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", TYPE.encode())]}, receive
    )
    found = []
    with pytest.raises(Stopped):
        async for part in parts(asked):
            if isinstance(part, FilePart):
                async for chunk in part.chunks:
                    found.append(chunk)
    assert found == [b"int "]
    assert tail.startswith(b"main")


@pytest.mark.parametrize("length", [0, 1, 20, FORM.index(b"int main"), len(FORM) - 6])
async def test_a_form_that_is_cut_off_is_told(length: int) -> None:
    with pytest.raises(BadRequest, match="ends before its last boundary"):
        await read(request([FORM[:length]] if length else []))


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=b0und",
        "multipart/form-data; boundary=" + "x" * 500,
    ],
)
async def test_what_is_no_form_is_told(content_type: str | None) -> None:
    with pytest.raises(BadRequest):
        await read(request([FORM], content_type))


@pytest.mark.parametrize(
    "body",
    [
        b"nothing",
        b"--other\r\n\r\n",
        b"--b0und\r\n\r\nno headers\r\n--b0und--\r\n",
        b"--b0und\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--b0und--\r\n",
        b"--b0und\r\nContent Disposition\r\n\r\n\r\n--b0und--\r\n",
        b"--b0und\r\nX: " + b"y" * 100_000 + b"\r\n\r\n\r\n--b0und--\r\n",
    ],
    ids=lambda body: body[:24],
)
async def test_broken_forms_are_told(body: bytes) -> None:
    with pytest.raises(BadRequest):
        await read(request(cut(body, 1000)))


def field_of(size: int) -> bytes:
    """A part that is a field of so many bytes."""
    return b'--b0und\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * size + b"\r\n"


async def test_fields_and_parts_are_bounded() -> None:
    end = b"--b0und--\r\n"
    assert await read(request(cut(field_of(MAX_FIELD) + end, 9999))) == [("a", "x" * MAX_FIELD)]
    with pytest.raises(LimitExceeded):
        await read(request(cut(field_of(MAX_FIELD + 1) + end, 9999)))
    assert len(await read(request([field_of(1) * MAX_PARTS + end]))) == MAX_PARTS
    with pytest.raises(LimitExceeded):
        await read(request([field_of(1) * (MAX_PARTS + 1) + end]))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    some.lists(
        some.sampled_from([b"--b0und", b"\r\n", b"--", b":", b"Content-Disposition: form-data; name=a", b";", b'"'])
        | some.binary(max_size=5),
        max_size=20,
    )
)
async def test_any_bytes_are_a_form_or_a_bad_request(chunks: list[bytes]) -> None:
    try:
        await read(request(chunks))
    except BadRequest as error:
        assert error.status in (400, 413)
