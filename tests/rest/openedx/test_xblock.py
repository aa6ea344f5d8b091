"""Blocks of content libraries, and the handlers behind their addresses (contracts/edx-core.md §19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.catalog.models import Organization
from app.domain.libraries.blocks import save_library_block
from app.domain.libraries.models import LibraryLevel, LibraryProgress
from app.domain.libraries.service import create_library, set_library_member, update_library
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, OpenEdx, P
from tests.rest.openedx.test_authentication import sent, session

pytestmark = pytest.mark.anyio
LB = "lb:edX:primers:{}:{}"
UNIT, TEXT, PROBLEM = LB.format("unit", "u"), LB.format("html", "t"), LB.format("problem", "p")
PATH = "/api/xblock/v2/xblocks/{}/"
OLX = '<p>Which?</p><stringresponse answer="Paris"><textline/></stringresponse>'
READ = "<p>Read &amp; see</p>"
MEMBERS = {"ann": LibraryLevel.READ, "ta": LibraryLevel.AUTHOR, "prof": LibraryLevel.ADMIN}
NOT_FOUND = (404, {"detail": "Not found."})
FORBIDDEN = (403, {"detail": "You do not have permission to perform this action."})
FRAGMENT: dict[str, Any] = {"resources": [], "js_init_fn": None, "js_init_version": None, "json_init_args": None}
SAID = {"block_id": TEXT, "block_type": "html", "display_name": "Text"}


@pytest.fixture
async def library(edx: OpenEdx) -> dict[str, int]:
    """A private library of a unit, a text and a problem; the ids of all by name."""
    ctx = edx.filled.admin
    owner: Any = await ctx.db.scalar(select(Organization.id))
    made = {"library": await create_library(ctx, organization_id=owner, slug="primers", title="Primers")}
    here: dict[str, Any] = {"library_id": made["library"]}
    for who, level in MEMBERS.items():
        await set_library_member(ctx, **here, user_id=edx.keys[who], level=level)
    made["unit"] = await save_library_block(ctx, **here, kind="unit", usage_key=UNIT, name="Unit")
    for name, key, content in (("html", TEXT, READ), ("problem", PROBLEM, OLX)):
        said: dict[str, Any] = {"name": name.replace("html", "text").capitalize(), "content": content}
        made[name] = await save_library_block(ctx, **here, kind=name, usage_key=key, parent_id=made["unit"], **said)
    return made


async def handler(edx: OpenEdx, who: str | None, name: str = "publish_completion", key: str = TEXT) -> str:
    """The path behind the address of a handler."""
    url: str = (await edx.body(f"{PATH.format(key)}handler_url/{name}/", who))["handler_url"]
    assert url.startswith("http://test/api/xblock/v2/xblocks/" + key)
    return url.removeprefix("http://test")


async def kept(edx: OpenEdx) -> list[tuple[int, float, Any]]:
    own = LibraryProgress
    rows = await edx.filled.admin.db.fetch(select(own.user_id, own.completion, own.state).order_by(own.id))
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("who", CALLERS)
async def test_a_private_library_is_for_its_members(edx: OpenEdx, library: dict[str, int], who: str | None) -> None:
    for path, body in (
        ("", SAID),
        ("view/student_view/", {**SAID, "content": READ, **FRAGMENT}),
        ("view/public_view/", {**SAID, "content": READ, **FRAGMENT}),
    ):
        found = await edx.told(PATH.format(TEXT) + path, who)
        assert found == ((200, body) if who in (*MEMBERS, "staff") else FORBIDDEN)
    status, body = await edx.told(f"{PATH.format(TEXT)}handler_url/publish_completion/", who)
    assert status == (200 if who in (*MEMBERS, "staff") else 403)
    for view, content in (("author_view", READ), ("studio_view", "<pre>&lt;p&gt;Read &amp;amp; see&lt;/p&gt;</pre>")):
        found = await edx.told(f"{PATH.format(TEXT)}view/{view}/", who)
        assert found == (
            (200, {**SAID, "content": content, **FRAGMENT}) if who in ("ta", "prof", "staff") else FORBIDDEN
        )


@pytest.mark.parametrize("flag", ["allows_public_learning", "allows_public_read"])
@pytest.mark.parametrize("who", [None, "bob", "other"])
async def test_a_public_library_is_for_everybody(
    edx: OpenEdx, library: dict[str, int], who: str | None, flag: str
) -> None:
    public: dict[str, Any] = {flag: True}
    await update_library(edx.filled.admin, library_id=library["library"], **public)
    assert await edx.told(PATH.format(TEXT), who) == (200, SAID)
    assert (await edx.told(f"{PATH.format(TEXT)}view/student_view/", who))[1]["content"] == READ
    for view in ("author_view", "studio_view"):
        assert await edx.told(f"{PATH.format(TEXT)}view/{view}/", who) == FORBIDDEN


async def test_what_is_included(edx: OpenEdx, library: dict[str, int]) -> None:
    async def included(key: str, include: str) -> Any:
        body = await edx.body(f"{PATH.format(key)}?include={include}", "ann")
        return {name: value for name, value in body.items() if name not in SAID}

    words = {"display_name": "Text", "content": "Read & see"}
    assert await included(TEXT, "index_dictionary,student_view_data") == {
        "index_dictionary": {"content": words, "content_type": "Text"},
        "student_view_data": {"enabled": True, "html": READ},
    }
    below = [TEXT, PROBLEM]
    assert await included(UNIT, "children,editable_children") == {"children": below, "editable_children": below}
    words = {"display_name": "Problem", "content": "Which?"}
    found = {"index_dictionary": {"content": words, "content_type": "CAPA"}, "student_view_data": {"enabled": False}}
    assert await included(PROBLEM, " student_view_data , index_dictionary,junk,") == found
    assert await included(TEXT, "") == {}


async def test_a_unit_is_shown_with_what_it_holds(edx: OpenEdx, library: dict[str, int]) -> None:
    body = await edx.body(f"{PATH.format(UNIT)}view/student_view/", "ann")
    line = f'<input type="text" name="l{library["problem"]}-1" aria-label="Your answer">'
    form = f'<p>Which?</p><div class="response">{line}</div>'
    assert body["content"] == f"<div>{READ}</div><div>{form}</div>"
    assert "Paris" in (await edx.body(f"{PATH.format(PROBLEM)}view/studio_view/", "ta"))["content"]


@pytest.mark.parametrize("key", [P, LB.format("html", "none"), "lb:a:b", "x", "%00", "lb:a:b:c:" + "x" * 999])
async def test_keys_of_nothing(edx: OpenEdx, library: dict[str, int], key: str) -> None:
    for path in ("", "view/student_view/", "handler_url/publish_completion/"):
        for who in (None, "ann", "staff"):
            assert await edx.told(PATH.format(key) + path, who) == NOT_FOUND


async def test_views_and_handlers_that_are_none(edx: OpenEdx, library: dict[str, int]) -> None:
    for path in ("view/junk/", "view/Student_view/", "handler_url/junk/", "handler_url/submit/", "junk/"):
        assert await edx.told(PATH.format(TEXT) + path, "staff") == NOT_FOUND
    assert (await edx.told(PATH.format(TEXT), "staff", "POST"))[0] == 405


@pytest.mark.parametrize("who", [each for each in CALLERS if each in (*MEMBERS, "staff")])
async def test_completion_is_told_without_signing_in(edx: OpenEdx, library: dict[str, int], who: str) -> None:
    path = await handler(edx, who)
    response = await edx.send("POST", path, None, json={"completion": 0.5})
    assert (response.status_code, response.json()) == (200, {"result": "ok"})
    assert response.headers["access-control-allow-origin"] == "*"
    assert await kept(edx) == [(edx.keys[who], 0.5, {})]
    state = await handler(edx, who, "student_view_user_state")
    assert await edx.told(state) == (200, {"completion": 0.5})


async def test_the_ticket_counts_whoever_else_is_signed_in(edx: OpenEdx, library: dict[str, int]) -> None:
    path = await handler(edx, "ann")
    cookies = await session(edx, "prof")
    headers = sent(cookies, Origin="https://elsewhere.example")
    assert (await edx.told(path, "bob", "POST", headers=headers, json={"completion": 1}))[0] == 200
    assert (await edx.told(path, None, "POST", headers={"Authorization": "Bearer x"}, json={"completion": 1}))[0] == 200
    assert await kept(edx) == [(edx.keys["ann"], 1.0, {})]
    asked = await edx.send("OPTIONS", path, None, headers={"Origin": "https://elsewhere.example"})
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["access-control-allow-methods"] == "GET, POST"


@pytest.mark.parametrize("completion", [-0.1, 1.1, 2**70, "1", None, True, [], {}])
async def test_completions_that_are_none(edx: OpenEdx, library: dict[str, int], completion: Any) -> None:
    path = await handler(edx, "ann")
    told = await edx.told(path, None, "POST", json={"completion": completion})
    assert told == (400, {"detail": "completion is a number from 0 to 1."})
    assert await kept(edx) == []


async def test_bodies_that_are_none(edx: OpenEdx, library: dict[str, int]) -> None:
    path = await handler(edx, "ann")
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"1", "x/y", 415),
    ):
        sent_: dict[str, Any] = {"content": content, "headers": {"Content-Type": kind}}
        assert (await edx.told(path, None, "POST", **sent_))[0] == status
    assert await kept(edx) == []


async def test_tickets_that_are_no_good(edx: OpenEdx, library: dict[str, int], app: Starlette) -> None:
    path, done = await handler(edx, "ann"), {"completion": 1}
    bad = (403, {"detail": "Invalid/expired auth token."})
    before, _, ticket, name = path.rsplit("/", 3)
    for wrong in (
        path.replace(TEXT, PROBLEM),
        f"{before}/handler/x/{name}",
        f"{before}/handler/{ticket[:-2]}/{name}",
        f"{before}/handler/%00/{name}",
    ):
        assert await edx.told(wrong, "ann", "POST", json=done) in (bad, NOT_FOUND)
    nobody = "The address is nobody's: sign in before you ask for it, to keep what you do."
    await update_library(edx.filled.admin, library_id=library["library"], allows_public_learning=True)
    assert await edx.told(await handler(edx, None), None, "POST", json=done) == (403, {"detail": nobody})
    assert await edx.told(await handler(edx, None, "student_view_user_state")) == (403, {"detail": nobody})
    assert await edx.told(path.replace("publish_completion", "junk"), None, "POST", json=done) == NOT_FOUND
    assert await kept(edx) == []
    clock = app.state.clock
    try:
        app.state.clock = lambda: NOW + timedelta(days=2)
        assert (await edx.told(path, None, "POST", json=done))[0] == 200
        app.state.clock = lambda: NOW + timedelta(days=5)
        assert await edx.told(path, None, "POST", json=done) == bad
    finally:
        app.state.clock = clock


async def test_who_is_no_member_any_more_finds_nothing(edx: OpenEdx, library: dict[str, int]) -> None:
    await update_library(edx.filled.admin, library_id=library["library"], allows_public_learning=True)
    path, state = await handler(edx, "bob"), await handler(edx, "bob", "student_view_user_state")
    assert await edx.told(state) == (200, {"completion": 0.0})
    await update_library(edx.filled.admin, library_id=library["library"], allows_public_learning=False)
    assert await edx.told(path, None, "POST", json={"completion": 1}) == NOT_FOUND
    assert await edx.told(state) == NOT_FOUND
    assert await kept(edx) == []


async def test_statements(
    edx: OpenEdx, library: dict[str, int], app: Starlette, open_database: Callable[[], Database]
) -> None:
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    await handler(edx, "ann")  # the secret of all signatures is there from now on
    budget = {"?include=children": 8, "view/student_view/": 8, "handler_url/publish_completion/": 4}
    for number in range(3):
        found = {}
        for path in budget:
            opened.clear()
            await edx.body(PATH.format(UNIT) + path, "ann")
            found[path] = sum(each.statements for each in opened)
        assert found == budget
        said: dict[str, Any] = {"kind": "html", "parent_id": library["unit"], "name": f"More {number}"}
        await save_library_block(edx.filled.admin, library_id=library["library"], **said)
