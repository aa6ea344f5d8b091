"""Another server enrols people by its key (contracts/edx-core.md §0.2, §6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.rest.openedx.conftest import OpenEdx, R

pytestmark = pytest.mark.anyio
ENROLLMENT = "/api/enrollment/v1/enrollment"
KEY = {"X-Edx-Api-Key": "right"}
STRANGER = {"detail": "Authentication credentials were not provided."}
SAID: dict[str, Any] = {"user": "bob", "course_details": {"course_id": R}}


@pytest.fixture(autouse=True)
def with_a_key(app: Starlette) -> None:
    app.state.settings = replace(app.state.settings, openedx_api_key="right")


async def test_it_enrols_anybody_and_reads_it(edx: OpenEdx) -> None:
    made = await edx.body(ENROLLMENT, method="POST", headers=KEY, json=SAID)
    assert (made["user"], made["is_active"], made["mode"]) == ("bob", True, "audit")
    assert await edx.body(f"{ENROLLMENT}?user=bob", headers=KEY) == [made]
    assert await edx.body(f"{ENROLLMENT}/bob,{R}", headers=KEY) == made
    ended = await edx.body(ENROLLMENT, method="POST", headers=KEY, json={**SAID, "is_active": False})
    assert (ended["user"], ended["is_active"]) == ("bob", False)


@pytest.mark.parametrize("key", ["", "Right", "right ", "x" * 9_000])
async def test_other_keys_are_nobodys(edx: OpenEdx, key: str) -> None:
    headers = {"X-Edx-Api-Key": f"{key}!"}
    assert await edx.told(ENROLLMENT, None, "POST", headers=headers, json=SAID) == (401, STRANGER)
    assert await edx.told(f"{ENROLLMENT}?user=ann", headers=headers) == (401, STRANGER)
    assert await edx.body(f"{ENROLLMENT}?user=bob", "staff") == []


async def test_who_is_not_named_is_nobody(edx: OpenEdx) -> None:
    nobody = {"course_details": {"course_id": R}}
    statuses = [
        (await edx.told(ENROLLMENT, None, "POST", headers=KEY, json=nobody))[0],
        (await edx.told(ENROLLMENT, None, "POST", headers=KEY, json={**SAID, "user": "ghost"}))[0],
        (await edx.told(f"{ENROLLMENT}/{R}", headers=KEY))[0],
    ]
    assert statuses == [406, 406, 404]
    assert await edx.body(ENROLLMENT, headers=KEY) == []


async def test_it_opens_nothing_else(edx: OpenEdx) -> None:
    for path in ("/api/enrollment/v1/enrollments", "/api/enrollment/v1/roles/"):
        assert (await edx.told(path, headers=KEY))[0] == 401
