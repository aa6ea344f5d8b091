"""The way through a course run (contracts/edx-core.md §3, cases 21 to 23 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.models import Block
from app.domain.blocks.service import create_block, update_block
from app.domain.blocks.visits import create_bookmark, visit_block
from app.domain.catalog.models import Availability
from app.domain.enrollment.offerings import update_course_instance
from app.domain.progress.models import LearnerRecord
from tests.clock import NOW
from tests.rest.openedx import test_authentication as browser
from tests.rest.openedx.conftest import BLOCK, CALLERS, ROOT, C, H, OpenEdx, P, R, U
from tests.rest.openedx.test_masquerade import DONE, choose

pytestmark = pytest.mark.anyio
RESUME = f"/api/courseware/resume/{R}"
CELEBRATION = f"/api/courseware/celebration/{R}"
SEQUENCE = "/api/courseware/sequence/"
NOWHERE = {"block_id": None, "section_id": None, "unit_id": None}


async def complete(edx: OpenEdx, name: str) -> None:
    """ann has done a block."""
    done = [NewCompletion(edx.keys[name], 1.0)]
    await record_completion(edx.filled.by("ann"), course_instance_id=edx.keys["R"], completions=done)


async def test_where_one_goes_on(edx: OpenEdx) -> None:
    assert await edx.body(RESUME, "ann") == NOWHERE  # edx case 21
    await complete(edx, "P")
    assert await edx.body(RESUME, "ann") == {"block_id": P, "section_id": H, "unit_id": U}  # edx case 21
    for who in ("bob", "prof", "staff", "other"):
        assert await edx.body(RESUME, who) == NOWHERE
    assert (await edx.told(RESUME))[0] == 401
    for key in ("course-v1:no+such+run", "a+b+%00"):
        assert (await edx.told(f"/api/courseware/resume/{key}", "ann"))[0] == 404


async def test_a_block_outside_of_subsections(edx: OpenEdx) -> None:
    place: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["C"], "kind": "html"}
    key = BLOCK.format("html", "loose")
    edx.keys["loose"] = await create_block(edx.filled.admin, **place, usage_key=key)
    await complete(edx, "loose")
    assert await edx.body(RESUME, "ann") == {"block_id": key, "section_id": None, "unit_id": None}


async def test_celebrations(edx: OpenEdx) -> None:
    said = {"first_section": False}
    for sent, status in (({}, 200), (said, 201), (said, 200), ({"x": 1}, 400), ({}, 200), ({"weekly_goal": True}, 200)):
        assert await edx.told(CELEBRATION, "ann", "POST", json=sent) == (status, None)  # edx case 22
    own = LearnerRecord
    rows = await edx.filled.admin.db.fetch(select(own.celebrates_first_section, own.celebrates_weekly_goal))
    assert [tuple(row) for row in rows] == [(False, True)]


@pytest.mark.parametrize(
    "sent",
    [{"x": 1}, {"first_section": False, "x": 1}, {"first_section": "no"}, {"weekly_goal": None}, [], [1], "a", 7],
)
async def test_nothing_else_is_celebrated(edx: OpenEdx, sent: Any) -> None:
    assert await edx.told(CELEBRATION, "ann", "POST", json=sent) == (400, None)
    assert await edx.filled.admin.db.scalar(select(func.count(LearnerRecord.id))) == 0


@pytest.mark.parametrize("who", CALLERS)
async def test_who_celebrates(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "ann": 201}.get(who, 404)
    assert (await edx.told(CELEBRATION, who, "POST", json={"first_section": False}))[0] == status
    assert await edx.filled.admin.db.scalar(select(func.count(LearnerRecord.id))) == (who == "ann")
    assert (await edx.told("/api/courseware/celebration/course-v1:a+b+c", "ann", "POST", json={}))[0] == 404


async def test_what_is_said_while_one_looks_as_a_learner_is_not_kept(edx: OpenEdx) -> None:
    cookies = await browser.session(edx, "prof")
    headers = browser.sent(cookies, X_CSRFToken=cookies["csrftoken"])
    for choice, status in (({"user_name": "ann"}, 202), ({}, 202), ({"role": "staff"}, 404)):
        assert await choose(edx, cookies, **choice) == DONE
        said = {"headers": headers, "json": {"first_section": False}}
        assert await edx.told(CELEBRATION, None, "POST", **said) == (status, None)
    assert await edx.filled.admin.db.fetch(select(LearnerRecord.id)) == []


async def test_a_subsection(edx: OpenEdx) -> None:
    found = await edx.body(SEQUENCE + H, "ann")
    item = {
        "content": "",
        "page_title": "Unit",
        "type": "problem",
        "id": U,
        "bookmarked": False,
        "path": "Chapter > Homework 1 > Unit",
        "graded": True,
        "contains_content_type_gated_content": False,
        "complete": False,
    }
    href = found["items"][0].pop("href")
    assert (found["items"], href.partition("/courses/")[2]) == ([item], f"{R}/jump_to/{U}")
    told: dict[str, Any] = {
        "element_id": "h",
        "item_id": H,
        "tag": "sequential",
        "sequence_name": "Homework 1",
        "format": "Homework",
    }
    told |= {"display_name": "Homework 1", "exclude_units": True, "save_position": True, "show_completion": True}
    told |= {"is_hidden_after_due": False, "is_time_limited": False, "is_proctored": False, "position": None}
    assert {name: found[name] for name in told} == told
    assert found["gated_content"]["gated"] is False
    await create_bookmark(edx.filled.by("ann"), block_id=edx.keys["U"])
    await visit_block(edx.filled.by("ann"), block_id=edx.keys["P"])
    await complete(edx, "P")
    found = await edx.body(f"{SEQUENCE}{H}?preview=1", "ann")
    assert (found["items"][0]["bookmarked"], found["items"][0]["complete"], found["position"]) == (True, True, 1)


async def test_kinds_of_units(edx: OpenEdx) -> None:
    place: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    for name, kinds in (("film", ("html", "video")), ("text", ("html",)), ("both", ("video", "problem"))):
        place["parent_id"] = edx.keys["H"]
        unit = await create_block(edx.filled.admin, **place, kind="vertical", name=name)
        for kind in kinds:
            await create_block(edx.filled.admin, **{**place, "parent_id": unit}, kind=kind)
    found = await edx.body(SEQUENCE + H, "ann")
    assert [each["type"] for each in found["items"]] == ["problem", "video", "other", "problem"]


async def test_it_is_hidden_after_it_is_due(edx: OpenEdx) -> None:
    own, db = Block, edx.filled.admin.db
    for due, hidden, expected in (
        (NOW - timedelta(days=1), True, True),
        (NOW + timedelta(days=1), True, False),
        (NOW - timedelta(days=1), False, False),
        (None, True, False),
    ):
        values = {"due_at": due, "hides_after_due": hidden}
        await db.execute(update(own).where(own.id == edx.keys["H"]).values(**values))
        assert (await edx.body(SEQUENCE + H, "ann"))["is_hidden_after_due"] is expected


@pytest.mark.parametrize("who", CALLERS)
async def test_who_reads_a_subsection(edx: OpenEdx, who: str | None) -> None:
    assert (await edx.told(SEQUENCE + H, who))[0] == (404 if who in (None, "other") else 200)
    assert (await edx.told(SEQUENCE + H, "bob"))[0] == 404


@pytest.mark.parametrize("who", [None, "bob", "ann"])
async def test_a_subsection_of_a_public_run(edx: OpenEdx, who: str | None) -> None:
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], allows_guests=True)
    found = await edx.body(SEQUENCE + H, who)
    (item,) = found["items"]
    assert (item["id"], item["bookmarked"], found["position"]) == (U, False, None)
    assert item["href"] == f"http://test/courses/{R}/jump_to/{U}"
    assert ("complete" in item) is (who is not None)
    assert await edx.told(SEQUENCE + P, who) == (422, None)
    await update_block(edx.filled.admin, block_id=edx.keys["U"], is_staff_only=True)
    assert (await edx.body(SEQUENCE + H, who))["items"] == []
    closed: dict[str, Any] = {"availability": Availability.UNAVAILABLE}
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], **closed)
    assert (await edx.told(SEQUENCE + H, who))[0] == (200 if who == "ann" else 404)


async def test_a_subsection_of_a_public_table_of_contents_is_not_shown(edx: OpenEdx) -> None:
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], has_public_outline=True)
    assert [(await edx.told(SEQUENCE + H, who))[0] for who in (None, "bob", "ann")] == [404, 404, 200]


async def test_other_blocks(edx: OpenEdx) -> None:
    for key in (P, U, C, ROOT):
        assert await edx.told(SEQUENCE + key, "ann") == (422, None)  # edx case 23
    for key in ("junk", f"{H}x", "%00", "block-v1:edX+Empty+1+type@sequential+block@h", "x" * 5000):
        status, body = await edx.told(SEQUENCE + key, "ann")
        assert (status, body) == (404, {"developer_message": "Not found."})
    await edx.filled.admin.db.execute(update(Block).where(Block.id == edx.keys["C"]).values(is_staff_only=True))
    assert [(await edx.told(SEQUENCE + H, who))[0] for who in ("ann", "prof")] == [404, 200]
