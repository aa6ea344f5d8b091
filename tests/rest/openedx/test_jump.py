"""Where links to blocks lead: to the learning front end, or to the pages of this server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.applications import Starlette

from app.domain.blocks.service import update_block
from tests.rest.openedx.conftest import CALLERS, ROOT, C, H, OpenEdx, P, R, U, X

pytestmark = pytest.mark.anyio
NOT_FOUND = (404, {"detail": "Not found."})
APPS = "https://apps.uni.example/learning"


@pytest.mark.parametrize("who", CALLERS)
async def test_who_is_led_to_the_page_of_the_block(edx: OpenEdx, who: str | None) -> None:
    path = f"/courses/{R}/jump_to/{P}"
    if who in ("ann", "ta", "prof", "staff"):
        response = await edx.get(path, who)
        assert (response.status_code, response.headers["location"]) == (302, f"http://test/xblock/{P}")
        assert (await edx.get(response.headers["location"], who)).status_code == 200
    else:
        assert await edx.told(path, who) == NOT_FOUND


@pytest.mark.parametrize(
    ("key", "steps"), [(ROOT, []), (C, []), (H, [H]), (U, [H, U]), (P, [H, U])], ids=["root", "C", "H", "U", "P"]
)
async def test_the_learning_front_end_shows_it(
    edx: OpenEdx, app: Starlette, monkeypatch: pytest.MonkeyPatch, key: str, steps: list[str]
) -> None:
    monkeypatch.setattr(app.state, "settings", replace(app.state.settings, openedx_learning_url=f"{APPS}/"))
    response = await edx.get(f"/courses/{R}/jump_to/{key}?experience=legacy", "ann")
    assert (response.status_code, response.headers["location"]) == (302, "/".join([APPS, "course", R, *steps]))


async def test_where_nothing_is_to_be_seen(edx: OpenEdx) -> None:
    for path in (f"{X}/jump_to/{P}", f"{R}/jump_to/x", f"{R}/jump_to/{P}x"):
        assert await edx.told(f"/courses/{path}", "staff") == NOT_FOUND
    await update_block(edx.filled.admin, block_id=edx.keys["H"], is_staff_only=True)
    assert await edx.told(f"/courses/{R}/jump_to/{P}", "ann") == NOT_FOUND
