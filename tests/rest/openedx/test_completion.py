"""How much of blocks people have done (contracts/edx-core.md §12, cases 47 and more)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.blocks.models import BlockCompletion
from tests.rest.openedx.conftest import CALLERS, H, OpenEdx, P, R, U

pytestmark = pytest.mark.anyio
BATCH = "/api/completion/v1/completion-batch"
SUBSECTION = f"/api/completion/v1/subsection-completion/ann/{R}/{H}"
FOREIGN = "block-v1:edX+Empty+1+type@problem+block@p"


def said(username: str = "ann", **changes: Any) -> dict[str, Any]:
    """That somebody has done the problem."""
    return {"username": username, "course_key": R, "blocks": {P: 1}, **changes}


async def stored(edx: OpenEdx) -> int:
    """How many completions there are."""
    found: int = await edx.filled.admin.db.scalar(select(func.count()).select_from(BlockCompletion))
    return found


async def test_a_batch(edx: OpenEdx) -> None:
    assert await edx.body(BATCH, "ann", "POST", json=said()) == {"detail": "ok"}  # edx case 47
    assert await edx.body(SUBSECTION, "ann") == {"completion": 1}
    assert await edx.body(BATCH, "ann", "POST", json=said(blocks={P: "0.5"})) == {"detail": "ok"}
    assert await edx.body(SUBSECTION, "ann") == {"completion": 0}
    assert await edx.body(BATCH, "ann", "POST", json=said(blocks={})) == {"detail": "ok"}
    assert await stored(edx) == 1


@pytest.mark.parametrize("who", CALLERS)
async def test_only_oneself_and_administrators_say_it(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "ann": 200, "staff": 200}.get(who, 403)  # edx case 47
    found, body = await edx.told(BATCH, who, "POST", json=said())
    assert (found, list(body)) == (status, ["detail"])
    assert await stored(edx) == (status == 200)
    assert (await edx.told(BATCH, "ann", "POST", json=said("bob")))[0] == 403  # edx case 47


REFUSALS = [
    ({"course_key": None}, "Key 'course_key' not found."),
    ({"blocks": None}, "Key 'blocks' not found."),
    ({"blocks": [P]}, "Key 'blocks' not found."),
    ({"course_key": "no-key"}, "Invalid learning context key: no-key"),
    ({"course_key": "course-v1:no+such+run"}, "User is not enrolled in course."),
    ({"blocks": {"p": 1}}, "Invalid block key: p"),
    ({"blocks": {"block-v1:edX+DemoX+Demo_Course+type@problem+block@p\x00": 1}}, None),
    ({"blocks": {P: 1, FOREIGN: 1}}, f"Block with key: '{FOREIGN}' is not in context {R}"),
    ({"blocks": {P: "much"}}, "could not convert to a number: much"),
    ({"blocks": {P: None}}, "could not convert to a number: None"),
    ({"blocks": {P: 1.5}}, "1.5 is not in the range 0 to 1."),
    ({"blocks": {P: 10**400}}, None),
    ({"blocks": {P: "nan"}}, "nan is not in the range 0 to 1."),
    ({"blocks": {U: 1}}, "it is complete with the blocks below it"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSALS)
async def test_refusals_keep_what_is_stored(edx: OpenEdx, changes: dict[str, Any], message: str | None) -> None:
    status, body = await edx.told(BATCH, "ann", "POST", json=said(**changes))
    assert status == 400
    assert message is None or body == {"detail": message}
    assert await stored(edx) == 0


async def test_somebody_unknown_or_not_enrolled(edx: OpenEdx) -> None:
    found = await edx.told(BATCH, "staff", "POST", json=said("nobody"))
    assert found == (404, {"detail": "User matching query does not exist."})
    found = await edx.told(BATCH, "bob", "POST", json=said("bob"))
    assert found == (400, {"detail": "User is not enrolled in course."})
    assert await stored(edx) == 0


@pytest.mark.parametrize("who", CALLERS)
async def test_a_subsection_is_for_oneself(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "ann": 200, "staff": 403}.get(who, 404)
    assert (await edx.told(SUBSECTION, who))[0] == status


async def test_what_is_not_there(edx: OpenEdx) -> None:
    base = "/api/completion/v1/subsection-completion"
    for path in (f"ann/{R}/{FOREIGN}", f"ann/course-v1:no+such+run/{H}", f"ann/{R}/%00", f"ann/{R}/x%0A"):
        assert await edx.told(f"{base}/{path}", "ann") == (404, {"detail": "Not found."})
    assert await edx.body(f"{base}/ANN/{R}/{H}/", "ann") == {"completion": 0}
