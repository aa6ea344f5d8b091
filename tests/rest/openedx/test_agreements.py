"""The promise to work honestly (contracts/edx-core.md §21, case 57 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.progress.models import LearnerRecord
from app.domain.progress.service import sign_integrity
from tests.clock import NOW
from tests.factories import at
from tests.rest.openedx.conftest import CALLERS, OpenEdx, Q, R

pytestmark = pytest.mark.anyio
PATH = f"/api/agreements/v1/integrity_signature/{R}"
MOMENT = NOW.isoformat().replace("+00:00", "Z")


async def stored(edx: OpenEdx) -> int:
    """How many have signed."""
    own = LearnerRecord
    found: int = await edx.filled.admin.db.scalar(select(func.count(own.id)).where(own.signed_at.is_not(None)))
    return found


async def test_the_first_signature_counts(edx: OpenEdx) -> None:
    earlier = NOW - timedelta(days=1, microseconds=-5)
    assert await edx.told(PATH, "ann") == (404, None)
    await sign_integrity(at(edx.filled.by("ann"), earlier), course_instance_id=edx.keys["R"])
    expected = {"username": "ann", "course_id": R, "created_at": earlier.isoformat().replace("+00:00", "Z")}
    for method in ("POST", "POST", "GET"):  # edx case 57
        assert await edx.body(PATH, "ann", method) == expected
    assert await edx.body(PATH.replace(R, Q), "ann") == expected
    assert await stored(edx) == 1


async def test_one_signs_with_any_body(edx: OpenEdx) -> None:
    kinds: list[dict[str, Any]] = [{"json": {"username": "bob"}}, {"data": {"a": "b"}}, {}]
    for sent in kinds:
        assert await edx.body(PATH, "ann", "POST", **sent) == {"username": "ann", "course_id": R, "created_at": MOMENT}
    assert (await edx.told(PATH, "ann", "POST", content=b"{", headers={"content-type": "application/json"}))[0] == 400
    assert await stored(edx) == 1


@pytest.mark.parametrize("who", CALLERS)
async def test_who_signs(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "other": 404}.get(who, 200)
    assert (await edx.told(PATH, who, "POST"))[0] == status
    assert await stored(edx) == (status == 200)


@pytest.mark.parametrize("who", CALLERS)
async def test_who_sees_whether_others_have(edx: OpenEdx, who: str | None) -> None:
    await edx.body(PATH, "ann", "POST")
    status = {None: 401, "other": 403}.get(who, 200)
    found, body = await edx.told(f"{PATH}?username=ann", who)
    assert found == status
    if status == 200:
        assert body == {"username": "ann", "course_id": R, "created_at": MOMENT}
    elif status == 403:
        assert list(body) == ["message"]


async def test_what_is_not_there(edx: OpenEdx) -> None:
    await edx.body(PATH, "ann", "POST")
    base = "/api/agreements/v1/integrity_signature"
    for path in (f"{PATH}?username=bob", f"{PATH}?username=nobody", f"{PATH}?username=%00", PATH):
        assert await edx.told(path, "prof") == (404, None)
    for key in ("course-v1:no+such+run", "course-v1:edX+Empty+1", "a+b+%00"):
        for method in ("GET", "POST"):
            assert (await edx.told(f"{base}/{key}", "ann", method))[0] == 404
    assert await edx.body(f"{PATH}?username=", "ann") == await edx.body(f"{PATH}?username=ANN", "ann")
    assert await stored(edx) == 1
