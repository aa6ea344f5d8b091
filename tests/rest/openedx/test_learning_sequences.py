"""The table of contents of a run (contracts/edx-core.md §2, cases 13, 14 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.blocks.service import create_block, set_block_groups, update_block
from app.domain.enrollment.offerings import update_course_instance
from app.domain.groups.service import create_group, create_group_set
from tests.clock import NOW
from tests.rest.openedx.conftest import BLOCK, CALLERS, C, H, OpenEdx, R, X

pytestmark = pytest.mark.anyio
PATH = f"/api/learning_sequences/v1/course_outline/{R}"
LATER = NOW + timedelta(days=1)
SECOND = BLOCK.format("sequential", "s")


def spelled(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


async def sequences(edx: OpenEdx, who: str | None = "ann", query: str = "") -> dict[str, bool]:
    """Whether each sequence that is listed may be entered."""
    outline = (await edx.body(f"{PATH}{query}", who))["outline"]
    listed = [each for section in outline["sections"] for each in section["sequence_ids"]]
    assert listed == list(outline["sequences"])
    return {key: each["accessible"] for key, each in outline["sequences"].items()}


async def test_the_whole_table(edx: OpenEdx) -> None:
    await update_course_instance(
        edx.filled.admin, course_instance_id=edx.keys["R"], start_at=NOW, end_at=LATER, days_early_for_testers=5
    )
    await update_block(edx.filled.admin, block_id=edx.keys["H"], due_at=LATER)
    body = await edx.body(PATH, "ann")
    assert len(body.pop("published_version")) == 24
    assert body == {
        "course_key": R,
        "course_start": spelled(NOW),
        "course_end": spelled(LATER),
        "title": "DemoX Course",
        "published_at": spelled(NOW),
        "entrance_exam_id": None,
        "days_early_for_beta": 5.0,
        "self_paced": False,
        "username": "ann",
        "user_id": edx.keys["ann"],
        "at_time": spelled(NOW),
        "outline": {
            "sections": [
                {"id": C, "title": "Chapter", "sequence_ids": [H], "start": None, "effective_start": spelled(NOW)}
            ],
            "sequences": {
                H: {
                    "id": H,
                    "title": "Homework 1",
                    "accessible": True,
                    "inaccessible_after_due": False,
                    "start": None,
                    "effective_start": spelled(NOW),
                    "due": spelled(LATER),
                }
            },
        },
    }


@pytest.mark.parametrize("who", CALLERS)
async def test_who_looks_as_whom(edx: OpenEdx, who: str | None) -> None:
    is_staff = who in ("ta", "prof", "staff")
    status, body = await edx.told(f"{PATH}?user=bob", who)  # edx case 13
    assert status == (200 if is_staff else 403)
    assert (body["username"] if is_staff else list(body)) == ("bob" if is_staff else ["detail"])
    assert (await edx.told(f"{PATH}?user=nobody", who))[0] == (404 if is_staff else 403)
    assert (await edx.told(f"{PATH}?user=", who))[0] == (401 if who is None else 200)
    status, body = await edx.told(PATH, who)
    assert status == (401 if who is None else 200)
    assert who is None or body["username"] == who
    assert who is None or list(body["outline"]["sequences"]) == ([] if who == "other" else [H])


async def test_what_is_not_there(edx: OpenEdx) -> None:
    base = "/api/learning_sequences/v1/course_outline/"
    old = "OldOrg/OldCourse/OldRun"
    assert await edx.told(f"{base}{old}", "staff") == (400, [f"{old} is not a valid CourseKey"])  # edx case 14
    assert (await edx.told(f"{base}course-v1:a+b+c%20d", "ann"))[0] == 400
    for missing in ("course-v1:no+such+run", X):
        assert await edx.told(f"{base}{missing}", "staff") == (404, {"detail": "Not found."})
        assert (await edx.told(f"{base}{missing}"))[0] == 401
    for junk in ("%00", "foo", "a" * 300, "course-v1:a+b+%00", "course-v1:a+b+%F0%9F%92%A9"):
        assert (await edx.told(f"{base}{junk}", "ann"))[0] in (400, 404)
    assert (await edx.told(f"{PATH}?user=%00", "prof"))[0] == 404


async def test_what_is_closed(edx: OpenEdx) -> None:
    ctx = edx.filled.admin
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    second = await create_block(ctx, kind="sequential", parent_id=edx.keys["C"], usage_key=SECOND, **here)
    assert await sequences(edx) == {H: True, SECOND: True}
    await update_block(ctx, block_id=second, start_at=LATER)
    assert await sequences(edx) == {H: True, SECOND: False}
    assert await sequences(edx, "prof") == {H: True, SECOND: True}
    assert await sequences(edx, "prof", "?user=ann") == {H: True, SECOND: False}
    await update_block(ctx, block_id=second, is_staff_only=True)
    assert await sequences(edx) == {H: True}
    assert await sequences(edx, "prof") == {H: True, SECOND: True}
    await update_block(ctx, block_id=second, is_staff_only=False, start_at=None)
    group_set_id = await create_group_set(ctx, **here, name="Cohorts", max_size=9)
    group_id = await create_group(ctx, group_set_id=group_set_id, name="A", user_ids=[edx.keys["ann"]])
    await set_block_groups(ctx, block_id=second, group_ids=[group_id])
    assert await sequences(edx) == {H: True, SECOND: True}
    empty = await create_group(ctx, group_set_id=group_set_id, name="B", user_ids=[])
    await set_block_groups(ctx, block_id=second, group_ids=[empty])
    assert await sequences(edx) == {H: True}


async def test_what_is_over(edx: OpenEdx) -> None:
    details: dict[str, Any] = {"due_at": NOW - timedelta(days=1), "hides_after_due": True}
    await update_block(edx.filled.admin, block_id=edx.keys["H"], **details)
    assert await sequences(edx) == {H: False}
    assert await sequences(edx, "prof") == {H: True}
    told = (await edx.body(PATH, "ann"))["outline"]["sequences"][H]
    assert told["inaccessible_after_due"] is True


@pytest.mark.parametrize(("flag", "enters"), [("allows_guests", True), ("has_public_outline", False)])
async def test_strangers_read_a_public_table(edx: OpenEdx, flag: str, enters: bool) -> None:
    public: dict[str, Any] = {flag: True}
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], **public)
    for who, query in ((None, ""), (None, "?user="), ("bob", ""), ("prof", "?user=bob")):
        assert await sequences(edx, who, query) == {H: enters}
    stranger = await edx.body(PATH)
    assert (stranger["username"], stranger["user_id"]) == ("", None)
    await update_block(edx.filled.admin, block_id=edx.keys["C"], is_staff_only=True)
    assert await sequences(edx, None) == {}
