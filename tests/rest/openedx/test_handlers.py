"""What the learning front end tells and asks of a subsection (contracts/edx-core.md §0.9)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.domain.blocks.models import BlockVisit
from app.domain.blocks.service import update_block
from tests.rest.openedx.conftest import CALLERS, H, OpenEdx, P, R, U
from tests.rest.openedx.test_authentication import sent, session

pytestmark = pytest.mark.anyio
GOTO = f"/courses/{R}/xblock/{H}/handler/goto_position"
COMPLETION = f"/courses/{R}/xblock/{H}/handler/get_completion"
STRANGER = {"detail": "Authentication credentials were not provided."}
NOT_FOUND = (404, {"detail": "Not found."})


async def visits(edx: OpenEdx) -> list[tuple[int, int]]:
    statement = select(BlockVisit.user_id, BlockVisit.block_id).order_by(BlockVisit.id)
    return [tuple(row) for row in await edx.filled.admin.db.fetch(statement)]


@pytest.mark.parametrize("who", CALLERS)
async def test_who_may_say_where_they_are(edx: OpenEdx, who: str | None) -> None:
    status, body = await edx.told(GOTO, who, "POST", json={"position": 1})
    if who in ("ann", "ta", "prof", "staff"):
        assert (status, body) == (200, {"success": True})
        assert await visits(edx) == [(edx.keys[str(who)], edx.keys["U"])]
    else:
        assert (status, body) == ((401, STRANGER) if who is None else NOT_FOUND)
        assert await visits(edx) == []


@pytest.mark.parametrize("position", [0, -1, 2, 2**70, "1", 1.0, None, True, [], {}])
async def test_positions_that_are_none(edx: OpenEdx, position: Any) -> None:
    assert (await edx.told(GOTO, "ann", "POST", json={"position": position}))[0] == 400
    assert await visits(edx) == []


async def test_where_there_is_no_such_subsection(edx: OpenEdx) -> None:
    for path in (GOTO.replace(H, U), GOTO.replace(H, "x"), GOTO.replace(R, "course-v1:edX+Empty+1")):
        assert await edx.told(path, "ann", "POST", json={"position": 1}) == NOT_FOUND
    await update_block(edx.filled.admin, block_id=edx.keys["H"], is_staff_only=True)
    assert await edx.told(GOTO, "ann", "POST", json={"position": 1}) == NOT_FOUND


async def test_whether_a_unit_is_complete(edx: OpenEdx) -> None:
    assert await edx.body(COMPLETION, "ann", "POST", json={"usage_key": U}) == {"complete": False}
    done = {"username": "ann", "course_key": R, "blocks": {P: 1}}
    await edx.body("/api/completion/v1/completion-batch", "ann", "POST", json=done)
    assert await edx.body(COMPLETION, "ann", "POST", json={"usage_key": U}) == {"complete": True}
    assert await edx.body(COMPLETION, "prof", "POST", json={"usage_key": U}) == {"complete": False}


@pytest.mark.parametrize(("key", "status"), [("x", 404), ("", 404), ("\0", 400), (None, 400), (7, 400), ([U], 400)])
async def test_units_that_are_none(edx: OpenEdx, key: Any, status: int) -> None:
    assert (await edx.told(COMPLETION, "ann", "POST", json={"usage_key": key}))[0] == status


async def test_a_browser_needs_its_token(edx: OpenEdx) -> None:
    cookies = await session(edx)
    assert (await edx.told(GOTO, None, "POST", headers=sent(cookies), json={"position": 1}))[0] == 403
    headers = sent(cookies, X_CSRFToken=cookies["csrftoken"])
    assert await edx.told(GOTO, None, "POST", headers=headers, json={"position": 1}) == (200, {"success": True})
