"""Writeup and handout: an address, a file, or none, to whoever may see the assessment (contracts/autolab.md §4.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from app.context import Context
from app.db.session import Database
from app.domain.assessments.documents import set_assessment_handout, set_assessment_writeup
from app.domain.assessments.models import Assessment
from app.domain.files import NewFile
from app.domain.identity.models import AccessToken
from app.domain.identity.tokens import issue_token
from tests.rest.autolab.conftest import Autolab, C

pytestmark = pytest.mark.anyio

LAB, UNRELEASED = C + "/assessments/lab1", C + "/assessments/lab2"
PAGE = "https://uni.example/lab1.html"
CONTENT = b"int main;\n"
KINDS: dict[str, Callable[..., Any]] = {"writeup": set_assessment_writeup, "handout": set_assessment_handout}
every_kind = pytest.mark.parametrize("kind", KINDS)


async def set_to(al: Autolab, kind: str, name: str = "lab1", ctx: Context | None = None, **document: Any) -> None:
    """Say what a document of an assessment is."""
    key = await al.world.admin.db.scalar(select(Assessment.id).where(Assessment.name == name))
    await KINDS[kind](ctx or al.world.instructor, assessment_id=key, **document)


async def formats(al: Autolab) -> tuple[str, str]:
    """What the details of the assessment say."""
    found = await al.body(LAB)
    return found["writeup_format"], found["handout_format"]


@every_kind
async def test_none(al: Autolab, kind: str) -> None:  # autolab case 30
    assert await al.body(f"{LAB}/{kind}") == {kind: "none"}
    assert await formats(al) == ("none", "none")


@every_kind
async def test_an_address(al: Autolab, kind: str) -> None:  # autolab case 30
    await set_to(al, kind, url=PAGE)
    assert await al.body(f"{LAB}/{kind}") == {"url": PAGE}
    assert await formats(al) == (("url", "none") if kind == "writeup" else ("none", "url"))


@every_kind
async def test_a_file(al: Autolab, kind: str) -> None:  # autolab case 30
    await set_to(al, kind, file=NewFile("lab1.tar", CONTENT, "text/x-wrong"))
    for ending in ("", ".json", "/"):
        response = await al.get(f"{LAB}/{kind}{ending}")
        assert (response.status_code, response.content) == (200, CONTENT)
        assert response.headers["content-type"] == "application/x-tar"
        assert (b"Content-Disposition", b'inline; filename="lab1.tar"') in response.headers.raw
    assert await formats(al) == (("file", "none") if kind == "writeup" else ("none", "file"))
    record = (await al.body(LAB + "/groups", "INS"))["assessment"]
    assert (record["writeup"], record["handout"]) == (("lab1.tar", None) if kind == "writeup" else (None, "lab1.tar"))


NAMES = {
    'a "b".json': (b"inline; filename=\"a _b_.json\"; filename*=UTF-8''a%20%22b%22.json", "application/json"),
    "Übung.pdf": (b"inline; filename=\"_bung.pdf\"; filename*=UTF-8''%C3%9Cbung.pdf", "application/pdf"),
    "a\r\nSet-Cookie: b": (b'inline; filename="aSet-Cookie: b"', "application/octet-stream"),
    "back\\slash": (b'inline; filename="slash"', "application/octet-stream"),
    "Makefile": (b'inline; filename="Makefile"', "application/octet-stream"),
}


@pytest.mark.parametrize("name", NAMES)
async def test_names_are_safe(al: Autolab, name: str) -> None:
    await set_to(al, "handout", file=NewFile(name, CONTENT))
    response = await al.get(LAB + "/handout")
    disposition, kind = NAMES[name]
    assert dict(response.headers.raw)[b"Content-Disposition"] == disposition
    assert (response.headers["content-type"], response.content) == (kind, CONTENT)


async def test_a_part_of_a_file(al: Autolab) -> None:
    await set_to(al, "handout", file=NewFile("a", CONTENT))
    part = await al.get(LAB + "/handout", headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"main")
    head = await al.send("HEAD", LAB + "/handout")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "10")
    known = await al.get(LAB + "/handout", headers={"If-None-Match": head.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    beyond = await al.get(LAB + "/handout", headers={"Range": "bytes=10-"})
    assert (beyond.status_code, beyond.content) == (416, b"")


async def test_content_that_is_lost(al: Autolab) -> None:
    await set_to(al, "handout", file=NewFile("a", b"about to be lost"))
    stored = await al.world.admin.files.put_bytes(b"about to be lost")
    await al.world.admin.files.delete(stored.sha256)
    assert await al.refusal(LAB + "/handout") == (404, "the content of the file is missing")


ANSWERS: dict[str | None, tuple[int, str] | None] = {
    None: (401, "OAuth2 authorization failed"),
    "OTHER": (403, "User is not in this course"),
    "NC": (403, "User is not in this course"),
    "ST": (403, "Assessment not released yet"),
    "TA": None,
    "INS": None,
    "ADM": None,
}


@every_kind
@pytest.mark.parametrize("who", ANSWERS)
async def test_before_the_release(al: Autolab, kind: str, who: str | None) -> None:
    """And after it, students as well."""
    for name in ("lab1", "lab2"):
        await set_to(al, kind, name, al.world.admin, file=NewFile("a", CONTENT))
    path, answer = f"{UNRELEASED}/{kind}", ANSWERS[who]
    if answer is None:
        assert (await al.get(path, who)).content == CONTENT
    else:
        assert await al.refusal(path, who) == answer
    if who in ("ST", "TA", "INS", "ADM"):
        assert (await al.get(f"{LAB}/{kind}", who)).content == CONTENT
    else:
        assert await al.refusal(f"{LAB}/{kind}", who) == answer


@every_kind
async def test_scopes(al: Autolab, kind: str) -> None:
    others = ("user_info", "user_scores", "user_submit", "instructor_all")
    for scope, status in (("user_courses", 200), ("read", 200), ("write", 403), *((each, 403) for each in others)):
        token = await issue_token(al.world.instructor, name=scope)
        narrowed = update(AccessToken).where(AccessToken.id == token.id).values(scopes=[scope])
        await al.world.admin.db.execute(narrowed)
        response = await al.get(f"{LAB}/{kind}", None, params={"access_token": token.text})
        assert response.status_code == status, scope


@every_kind
async def test_what_is_not_there(al: Autolab, kind: str) -> None:
    assert await al.refusal(f"{C}/assessments/nope/{kind}") == (404, "Assessment does not exist")
    assert await al.refusal(f"/courses/nope/assessments/lab1/{kind}") == (404, "Course does not exist")
    assert await al.refusal(f"{C}/assessments/%00/{kind}") == (404, "Assessment does not exist")


@every_kind
@pytest.mark.parametrize("who", ["ST", "TA", "INS"])
async def test_statements(
    al: Autolab, app: Starlette, open_database: Callable[[], Database], kind: str, who: str
) -> None:
    """One for the token, one for the course, three for the standing, two for the document, whatever that is."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    documents: list[dict[str, Any]] = [{}, {"url": PAGE}, {"file": NewFile("a", CONTENT)}]
    for document in documents:
        await set_to(al, kind, **document)
        app.state.open_database = counted
        opened.clear()
        assert (await al.get(f"{LAB}/{kind}", who)).status_code == 200
        assert sum(each.statements for each in opened) == 7
