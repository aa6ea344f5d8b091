"""Uploads: stored whole or not at all, and handed in within a day by whoever sent them."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.attempts.models import SubmissionFile
from app.domain.files import File, Upload
from app.domain.identity.tokens import issue_token
from schema.core.node import global_id
from tests.clock import NOW
from tests.factories import at
from tests.http.shelf import DIGEST, LARGE, Shelf, filled_shelf

__all__ = ["filled_shelf"]

HAND_IN = """
mutation ($input: SubmitInput!) {
  submit(input: $input) {
    submission { files { name contentType size sha256 contents } }
    userErrors { code field }
  }
}
"""


async def handed_in(shelf: Shelf, files: list[dict[str, Any]], caller: str = "student") -> Any:
    """What the mutation answers."""
    sitting = global_id("AssessmentInstance", shelf.sitting["assessment_instance_id"])
    variables = {"input": {"assessmentInstanceId": sitting, "files": files}}
    body = {"query": HAND_IN, "variables": variables}
    response = await shelf.served.client.post("/graphql", json=body, headers=shelf.headers(caller))
    return response.json()["data"]["submit"]


async def test_an_upload_is_stored_and_handed_in(shelf: Shelf) -> None:
    digest = sha256(LARGE).hexdigest()
    response = await shelf.send(LARGE, name="C:\\work\\big.bin")
    assert (response.status_code, response.json()) == (201, {"sha256": digest, "size": len(LARGE)})
    own = Upload
    columns = (own.user_id, own.name, own.content_type, own.created_at)
    rows = await shelf.served.world.admin.db.fetch(select(*columns).where(own.sha256 == digest))
    assert [tuple(row) for row in rows] == [(shelf.served.world.student_id, "big.bin", "text/x-c", NOW)]
    answer = await handed_in(shelf, [{"name": "big", "sha256": digest}, {"name": "small", "contents": "YQ=="}])
    small = sha256(b"a").hexdigest()
    assert answer["userErrors"] == []
    assert answer["submission"]["files"] == [
        {"name": "big", "contentType": "text/x-c", "size": len(LARGE), "sha256": digest, "contents": None},
        {"name": "small", "contentType": "application/octet-stream", "size": 1, "sha256": small, "contents": "YQ=="},
    ]
    file_id = await shelf.served.world.admin.db.scalar(select(SubmissionFile.id).where(SubmissionFile.sha256 == digest))
    found = await shelf.served.client.get(f"/files/{file_id}", headers=shelf.headers("assistant"))
    assert found.content == LARGE


async def test_only_what_one_uploaded_oneself_is_handed_in(shelf: Shelf) -> None:
    """Else a digest would be a key to the content of others."""
    secret = b"an exam of next year"
    digest = sha256(secret).hexdigest()
    assert (await shelf.send(secret, "instructor")).status_code == 201
    before = await shelf.count(SubmissionFile)
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"sha256": digest}, "NOT_FOUND", "sha256"),
        ({"sha256": DIGEST}, "NOT_FOUND", "sha256"),
        ({"sha256": ""}, "NOT_FOUND", "sha256"),
        ({"sha256": "x" * 100_000}, "NOT_FOUND", "sha256"),
        ({"sha256": digest, "contents": "YQ=="}, "INVALID", "sha256"),
        ({}, "REQUIRED", "contents"),
        ({"contents": None}, "REQUIRED", "contents"),
    ]
    for given, code, field in cases:
        answer = await handed_in(shelf, [{"name": "stolen", **given}])
        assert answer == {"submission": None, "userErrors": [{"code": code, "field": ["files", "0", field]}]}
    assert await shelf.count(SubmissionFile) == before


@pytest.mark.parametrize(("age", "code"), [(timedelta(hours=23), None), (timedelta(hours=24), "NOT_FOUND")])
async def test_an_upload_lasts_a_day(shelf: Shelf, age: timedelta, code: str | None) -> None:
    content = f"uploaded {age} ago".encode()
    app = shelf.served.app
    clock, app.state.clock = app.state.clock, lambda: NOW - age
    shelf.tokens["before"] = (await issue_token(at(shelf.served.world.student, NOW - age), name="before")).text
    response = await shelf.send(content, "before")
    app.state.clock = clock
    assert response.status_code == 201
    answer = await handed_in(shelf, [{"name": "late", "sha256": sha256(content).hexdigest()}])
    assert [each["code"] for each in answer["userErrors"]] == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("caller", "status", "code"),
    [
        (None, 401, "UNAUTHENTICATED"),
        ("revoked", 401, "UNAUTHENTICATED"),
        ("reader", 403, "INSUFFICIENT_SCOPE"),
        ("writer", 403, "INSUFFICIENT_SCOPE"),
    ],
)
async def test_who_may_not_write_stores_nothing(shelf: Shelf, caller: str | None, status: int, code: str) -> None:
    before = (await shelf.objects(), await shelf.count(Upload), await shelf.count(File))
    response = await shelf.send(f"by {caller}".encode(), caller)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert (await shelf.objects(), await shelf.count(Upload), await shelf.count(File)) == before


@pytest.mark.parametrize(
    "caller", ["student", "second_student", "assistant", "instructor", "outsider", "loner", "admin"]
)
async def test_whoever_may_write_may_upload(shelf: Shelf, caller: str) -> None:
    response = await shelf.send(b"mine", caller)
    assert (response.status_code, response.json()) == (201, {"sha256": sha256(b"mine").hexdigest(), "size": 4})


async def test_too_large_an_upload_leaves_nothing(shelf: Shelf) -> None:
    async with shelf.served.set(upload_limit=1000) as small:
        before = (await shelf.objects(), await shelf.count(Upload), await shelf.count(File))
        for size, status in ((1000, 201), (1001, 413), (3_000_000, 413)):
            if size > 1000:
                before = (await shelf.objects(), await shelf.count(Upload), await shelf.count(File))
            files = {"file": ("x", b"z" * size)}
            response = await small.client.post("/files", files=files, headers=shelf.headers("student"))
            assert response.status_code == status
        assert response.json()["errors"][0]["extensions"] == {"code": "FILE_TOO_LARGE"}
        assert (await shelf.objects(), await shelf.count(Upload), await shelf.count(File)) == before


BAD: dict[str, dict[str, Any]] = {
    "no form": {"content": b"x"},
    "json": {"json": {}},
    "no file": {"files": {"file": (None, "a field")}},
    "two files": {"files": [("a", ("a", b"first of two")), ("b", ("b", b"second of two"))]},
    "broken": {"content": b"--b\r\nx", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_uploads_make_no_rows(shelf: Shelf, case: str) -> None:
    before = (await shelf.count(Upload), await shelf.count(File))
    more = dict(BAD[case])
    headers = shelf.headers("student") | more.pop("headers", {})
    response = await shelf.served.client.post("/files", headers=headers, **more)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert (await shelf.count(Upload), await shelf.count(File)) == before


async def test_a_name_of_nothing_makes_no_row(shelf: Shelf) -> None:
    before = await shelf.count(Upload)
    response = await shelf.send(b"nameless", name="..")
    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (422, {"code": "RULE_BROKEN"})
    assert await shelf.count(Upload) == before


async def test_an_upload_that_is_cut_off_leaves_nothing(shelf: Shelf) -> None:
    """The client goes away in the middle of a file."""
    before = (await shelf.objects(), await shelf.count(Upload), await shelf.count(File))
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    chunks = iter([head, *[b"q" * 500_000] * 6])
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        chunk = next(chunks, None)
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    token = shelf.tokens["student"].encode()
    headers = [(b"authorization", b"Bearer " + token), (b"content-type", b"multipart/form-data; boundary=b")]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/files",
        "headers": headers,
        "query_string": b"",
    }
    scope |= {"http_version": "1.1", "scheme": "http", "server": ("test", 80), "root_path": "", "asgi": {}}
    await shelf.served.app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert (await shelf.objects(), await shelf.count(Upload), await shelf.count(File)) == before
