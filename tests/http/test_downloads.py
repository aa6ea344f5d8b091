"""Files of submissions over HTTP: who gets them, whole and by range."""

from __future__ import annotations

import pytest

from tests.http.shelf import CONTENT, DIGEST, LARGE, Shelf, filled_shelf

__all__ = ["filled_shelf"]
ABSENT = {"errors": [{"message": "no such submission file", "extensions": {"code": "NOT_FOUND"}}]}


@pytest.mark.parametrize("caller", ["student", "assistant", "instructor", "admin", "reader"])
async def test_who_sees_a_file_gets_it(shelf: Shelf, caller: str) -> None:
    response = await shelf.get("main.c", caller, x_request_id="download-1")
    assert (response.status_code, response.content) == (200, CONTENT)
    assert dict(response.headers) == {
        "x-request-id": "download-1",
        "etag": f'"{DIGEST}"',
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
        "content-length": "10",
        "x-content-type-options": "nosniff",
        "content-type": "text/x-c",
        "content-disposition": 'inline; filename="main.c"',
        "content-security-policy": "default-src 'none'; sandbox",
    }


@pytest.mark.parametrize("caller", [None, "second_student", "outsider", "loner", "narrow"])
async def test_to_others_it_is_not_there(shelf: Shelf, caller: str | None) -> None:
    response = await shelf.get("main.c", caller)
    assert (response.status_code, response.json()) == (404, ABSENT)
    head = await shelf.served.client.head(f"/files/{shelf.ids['main.c']}", headers=shelf.headers(caller))
    assert (head.status_code, head.headers.get("etag")) == (404, None)


async def test_tokens_that_may_not_read(shelf: Shelf) -> None:
    response = await shelf.get("main.c", "revoked")
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="campusgraph"')
    response = await shelf.get("main.c", "writer")
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "INSUFFICIENT_SCOPE"}


JUNK = ["0", "-1", "999999999", "99999999999", "9" * 400, "1e3", "x", "%00", "١", "1%2F2", "%FF", "1.0", " "]


@pytest.mark.parametrize("junk", JUNK, ids=lambda text: text[:12])
async def test_junk_is_no_files_id(shelf: Shelf, junk: str) -> None:
    response = await shelf.served.client.get(f"/files/{junk}", headers=shelf.headers("admin"))
    assert response.status_code == 404


async def test_the_name_is_told_to_everybody(shelf: Shelf) -> None:
    response = await shelf.get('großes "Bild".png')
    assert response.content == LARGE[: 2**20]
    assert response.headers["content-disposition"] == (
        "inline; filename=\"gro_es _Bild_.png\"; filename*=UTF-8''gro%C3%9Fes%20%22Bild%22.png"
    )


async def test_the_head_alone(shelf: Shelf) -> None:
    url, headers = f"/files/{shelf.ids['main.c']}", shelf.headers("student")
    response = await shelf.served.client.head(url, headers=headers)
    assert (response.status_code, response.content, response.headers["content-length"]) == (200, b"", "10")
    response = await shelf.served.client.head(url, headers=headers | {"Range": "bytes=2-4"})
    assert (response.status_code, response.content, response.headers["content-length"]) == (206, b"", "3")


async def test_other_methods_are_not_allowed(shelf: Shelf) -> None:
    for method, path in (("POST", "/files/1"), ("DELETE", "/files/1"), ("GET", "/files"), ("PUT", "/files")):
        assert (await shelf.served.client.request(method, path)).status_code == 405


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=2-4", 2, 5),
        ("Bytes=2-4 ", 2, 5),
        ("bytes=7-", 7, 10),
        ("bytes=0-", 0, 10),
        ("bytes=7-99999999999999999999", 7, 10),
        ("bytes=-3", 7, 10),
        ("bytes=-99999999999999999999", 0, 10),
        ("bytes=0002-0004", 2, 5),
    ],
)
async def test_a_range(shelf: Shelf, asked: str, first: int, end: int) -> None:
    response = await shelf.get("main.c", Range=asked)
    assert (response.status_code, response.content) == (206, CONTENT[first:end])
    assert response.headers["content-range"] == f"bytes {first}-{end - 1}/10"
    assert response.headers["content-length"] == str(end - first)


@pytest.mark.parametrize("asked", ["", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=0-1,3-4", "lines=0-1", "x"])
async def test_a_range_that_is_none_is_passed_over(shelf: Shelf, asked: str) -> None:
    response = await shelf.get("main.c", Range=asked)
    assert (response.status_code, response.content) == (200, CONTENT)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("main.c", "bytes=10-"),
        ("main.c", "bytes=10-12"),
        ("main.c", "bytes=-0"),
        ("main.c", "bytes=" + "9" * 5000 + "-"),
        ("main.c", "bytes=" + "8" * 30 + "-" + "9" * 40),
        ("empty", "bytes=0-"),
        ("empty", "bytes=-1"),
    ],
    ids=lambda value: value[:20],
)
async def test_a_range_beyond_the_end(shelf: Shelf, name: str, asked: str) -> None:
    response = await shelf.get(name, Range=asked)
    size = 10 if name == "main.c" else 0
    assert (response.status_code, response.content) == (416, b"")
    assert response.headers["content-range"] == f"bytes */{size}"
    assert "content-disposition" not in response.headers


async def test_an_empty_file(shelf: Shelf) -> None:
    response = await shelf.get("empty")
    assert (response.status_code, response.content, response.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("tag", "status"),
    [(f'"{DIGEST}"', 206), (f'W/"{DIGEST}"', 200), ('"x"', 200), ("Sat, 29 Oct 1994 19:43:31 GMT", 200)],
)
async def test_a_range_if_it_is_the_same_content(shelf: Shelf, tag: str, status: int) -> None:
    response = await shelf.get("main.c", Range="bytes=0-1", If_Range=tag)
    assert (response.status_code, len(response.content)) == (status, 2 if status == 206 else 10)


@pytest.mark.parametrize(
    ("tags", "status"),
    [(f'"{DIGEST}"', 304), (f'"x", W/"{DIGEST}"', 304), ("*", 304), ('"x"', 200), ("", 200)],
)
async def test_content_that_is_known_is_not_sent(shelf: Shelf, tags: str, status: int) -> None:
    response = await shelf.get("main.c", If_None_Match=tags)
    assert (response.status_code, response.headers["etag"]) == (status, f'"{DIGEST}"')
    assert response.content == (b"" if status == 304 else CONTENT)


async def test_content_that_is_lost_is_not_found(shelf: Shelf) -> None:
    content = await shelf.store.read(DIGEST)
    await shelf.store.delete(DIGEST)
    response = await shelf.get("main.c")
    await shelf.store.put_bytes(content)
    assert response.status_code == 404
    assert response.json()["errors"][0]["message"] == "the content of the file is missing"
