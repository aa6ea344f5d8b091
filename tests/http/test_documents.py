"""Writeups and handouts over HTTP: uploaded, named by their digest, sent to whoever sees the assessment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from app.domain.assessments.service import delete_assessment, update_assessment
from schema.core.node import global_id
from tests.clock import NOW
from tests.factories import coursework
from tests.http.shelf import LARGE, Shelf, filled_shelf

__all__ = ["filled_shelf"]
DIGEST = sha256(LARGE).hexdigest()
ABSENT = {"errors": [{"message": "no such assessment file", "extensions": {"code": "NOT_FOUND"}}]}
SET = """
mutation ($input: SetAssessmentHandoutInput!) {
  setAssessmentHandout(input: $input) { userErrors { code } assessment { handout { file { url size } } } }
}
"""


@pytest.fixture
async def lab(shelf: Shelf) -> AsyncIterator[tuple[int, str]]:
    """An assessment whose handout was uploaded; its id, and the handout's path."""
    world = shelf.served.world
    work = await coursework(world, name=uuid4().hex)
    assert (await shelf.send(LARGE, "instructor", name="lab.tar")).status_code == 201
    given = {"assessmentId": global_id("Assessment", work.assessment_id)}
    variables = {"input": given | {"file": {"name": 'Übung "1".tar', "sha256": DIGEST}}}
    body = {"query": SET, "variables": variables}
    response = await shelf.served.client.post("/graphql", json=body, headers=shelf.headers("instructor"))
    made = response.json()["data"]["setAssessmentHandout"]
    file = made["assessment"]["handout"]["file"]
    assert (made["userErrors"], file["size"]) == ([], len(LARGE))
    yield work.assessment_id, file["url"]
    await delete_assessment(world.admin, assessment_id=work.assessment_id)


async def status(shelf: Shelf, path: str, caller: str | None, method: str = "GET", **headers: str) -> Any:
    """The answer to a request by somebody."""
    told = shelf.headers(caller) | headers
    return await shelf.served.client.request(method, path, headers=told)


SEES = ("student", "second_student", "reader", "assistant", "instructor", "admin")
SEES_NOT = (None, "outsider", "loner", "narrow")


async def test_who_gets_it(shelf: Shelf, lab: tuple[int, str]) -> None:
    for caller in (*SEES, *SEES_NOT):
        for method in ("GET", "HEAD"):
            answer = await status(shelf, lab[1], caller, method)
            assert answer.status_code == (200 if caller in SEES else 404), (caller, method)
    whole = await status(shelf, lab[1], "student")
    assert whole.content == LARGE
    assert whole.headers["etag"] == f'"{DIGEST}"'
    assert whole.headers["content-disposition"] == (
        "inline; filename=\"_bung _1_.tar\"; filename*=UTF-8''%C3%9Cbung%20%221%22.tar"
    )
    assert (await status(shelf, lab[1], "loner")).json() == ABSENT
    assert (await status(shelf, lab[1], "revoked")).status_code == 401
    assert (await status(shelf, lab[1], "writer")).status_code == 403


async def test_before_the_release_it_is_for_the_staff(shelf: Shelf, lab: tuple[int, str]) -> None:
    await update_assessment(shelf.served.world.admin, assessment_id=lab[0], start_at=NOW + timedelta(seconds=1))
    for caller in ("student", "second_student", "reader"):
        assert (await status(shelf, lab[1], caller)).json() == ABSENT
    for caller in ("assistant", "instructor", "admin"):
        assert (await status(shelf, lab[1], caller)).status_code == 200


async def test_a_part_of_it(shelf: Shelf, lab: tuple[int, str]) -> None:
    part = await status(shelf, lab[1], "student", Range="bytes=1000-1999")
    assert (part.status_code, part.content) == (206, LARGE[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(LARGE)}"
    known = {"If-None-Match": f'"{DIGEST}"'}
    assert (await status(shelf, lab[1], "student", **known)).status_code == 304
    assert (await status(shelf, lab[1], "student", Range="bytes=99999999-")).status_code == 416


async def test_what_was_replaced_is_not_there(shelf: Shelf, lab: tuple[int, str]) -> None:
    await update_assessment(shelf.served.world.admin, assessment_id=lab[0], handout_url="https://uni.example/lab")
    assert (await status(shelf, lab[1], "admin")).json() == ABSENT


@pytest.mark.parametrize("junk", ["0", "999999999", "9" * 400, "1e3", "x", "%00", "١", "%FF", " "])
async def test_junk_is_no_files_id(shelf: Shelf, junk: str) -> None:
    assert (await status(shelf, f"/files/assessments/{junk}", "admin")).status_code == 404
