"""The page of a block, for who sees the block (contracts/edx-core.md §0.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.blocks.service import create_block, update_block
from app.domain.enrollment.offerings import update_course_instance
from app.rest.openedx.block_page import POLICY, STYLE
from tests.rest.openedx.conftest import BLOCK, CALLERS, H, OpenEdx, P, U
from tests.rest.openedx.test_authentication import sent, session
from tests.rest.openedx.test_masquerade import choose

pytestmark = pytest.mark.anyio
HEAD = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{}</title>'
HEAD += f"<style>{STYLE.replace('{', '{{').replace('}', '}}')}</style>"
PAGE = "<!doctype html><html{}><head>" + HEAD + "</head><body>{}</body></html>"
OLX = '<stringresponse answer="Paris"><textline/></stringresponse>'
NOT_FOUND = (404, {"detail": "Not found."})


async def page(edx: OpenEdx, key: str, who: str | None, **more: Any) -> str:
    """The text of a page."""
    response = await edx.get(f"/xblock/{key}", who, **more)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert "x-frame-options" not in response.headers
    return response.text


@pytest.mark.parametrize("who", CALLERS)
async def test_who_sees_it(edx: OpenEdx, who: str | None) -> None:
    await update_block(edx.filled.admin, block_id=edx.keys["P"], content=OLX)
    if who in ("ann", "ta", "prof", "staff"):
        form = f'<div class="response"><input type="text" name="b{edx.keys["P"]}-1" aria-label="Your answer"></div>'
        shown = PAGE.format("", "Problem", f"<section><h1>Problem</h1>{form}</section>")
        assert await page(edx, P, who) == shown
    else:
        assert await edx.told(f"/xblock/{P}", who) == NOT_FOUND


async def test_what_holds_others_is_shown_with_them(edx: OpenEdx) -> None:
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["U"], "name": "A < B"}
    await create_block(edx.filled.admin, kind="html", content="<p>Read &amp; see</p>", ordinal=0, **here)
    await create_block(edx.filled.admin, kind="poll", is_staff_only=True, **here)
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], locale="de_CH")
    shown = "<section><h1>Unit</h1></section><section><p>Read &amp; see</p></section>"
    shown += "<section><h2>Problem</h2></section>"
    assert await page(edx, U, "ann") == PAGE.format(' lang="de-CH"', "Unit", shown)
    shown = shown.replace("h2", "h3").replace("h1", "h2") + "<section><h3>A &lt; B</h3><p>A &lt; B</p></section>"
    assert await page(edx, H, "prof") == PAGE.format(
        ' lang="de-CH"', "Homework 1", f"<section><h1>Homework 1</h1></section>{shown}"
    )


async def test_the_title_may_stand_elsewhere(edx: OpenEdx) -> None:
    below = "<section><h2>Problem</h2></section>"
    untitled = PAGE.format("", "Unit", f"<section></section>{below}")
    assert await page(edx, f"{U}?show_title=0&view=student_view", "ann") == untitled
    assert await page(edx, f"{U}?show_title=1", "ann") == PAGE.format(
        "", "Unit", f"<section><h1>Unit</h1></section>{below}"
    )


async def test_guests_see_what_is_open_to_them(edx: OpenEdx) -> None:
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], allows_guests=True)
    for who in (None, "bob"):
        assert await page(edx, P, who) == PAGE.format("", "Problem", "<section><h1>Problem</h1></section>")
    await update_block(edx.filled.admin, block_id=edx.keys["H"], is_staff_only=True)
    for who in (None, "bob", "ann"):
        assert await edx.told(f"/xblock/{P}", who) == NOT_FOUND


@pytest.mark.parametrize("key", ["x", "%00", "%F0%9F%92%A9", "lb:a:b:html:c", "x" * 5000, BLOCK.format("html", "none")])
async def test_keys_of_nothing(edx: OpenEdx, key: str) -> None:
    assert await edx.told(f"/xblock/{key}", "ann") == NOT_FOUND


async def test_a_browser_s_session_and_other_methods(edx: OpenEdx) -> None:
    cookies = await session(edx)
    assert "<h1>Problem</h1>" in await page(edx, P, None, headers=sent(cookies))
    assert (await edx.told(f"/xblock/{P}", "ann", "POST"))[0] == 405
    assert await edx.told("/xblock/", "ann") == NOT_FOUND
    bad = {"Authorization": "Bearer junk"}
    assert (await edx.told(f"/xblock/{P}", headers=bad))[0] == 401


async def test_staff_who_look_as_a_learner(edx: OpenEdx) -> None:
    await update_block(edx.filled.admin, block_id=edx.keys["P"], is_staff_only=True)
    cookies = await session(edx, "prof")
    assert "<h1>Problem</h1>" in await page(edx, P, None, headers=sent(cookies))
    assert (await choose(edx, cookies))[0] == 200
    assert await edx.told(f"/xblock/{P}", headers=sent(cookies)) == NOT_FOUND


async def test_statements(edx: OpenEdx, app: Starlette, open_database: Callable[[], Database]) -> None:
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["U"], "kind": "html"}
    for _ in range(3):
        opened.clear()
        await page(edx, H, "ann")
        assert sum(each.statements for each in opened) == 6
        await create_block(edx.filled.admin, name="more", **here)
