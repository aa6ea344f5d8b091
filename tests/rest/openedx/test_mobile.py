"""What the apps for phones ask beside enrolments (contracts/edx-core.md §18, cases 53, 55 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.models import BlockVisit
from app.domain.blocks.service import create_block
from app.domain.catalog.models import CourseInstance
from app.domain.progress.models import LearnerRecord
from tests.clock import NOW
from tests.rest.openedx.conftest import BLOCK, CALLERS, ROOT, C, H, OpenEdx, P, R, U

pytestmark = pytest.mark.anyio
STATUS = f"/api/mobile/v1/users/ann/course_status_info/{R}"
HANDOUTS, UPDATES = (f"/api/mobile/v1/course_info/{R}/{name}" for name in ("handouts", "updates"))
ACTIVITY = "/api/mobile/v1/course_info/record_user_activity"
FIRST = {"last_visited_module_id": H, "last_visited_module_path": [H, C, ROOT], "last_visited_block_id": ""}
NEWS = (
    "<article><h2>March 2</h2><p>New &amp; <article>nested</article></p></article>\n"
    "<article><h2>March 1</h2>Old</article>"
)


async def set_run(edx: OpenEdx, **values: Any) -> None:
    """What R says of itself; it is for mobile devices unless that is said."""
    own = CourseInstance
    statement = update(own).where(own.id == edx.keys["R"])
    await edx.filled.admin.db.execute(statement.values(**{"is_mobile_available": True, **values}))


async def set_page(edx: OpenEdx, name: str, content: str) -> None:
    """A page beside the tree of R."""
    place: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["ROOT"], "content": content}
    await create_block(edx.filled.admin, **place, kind="course_info", usage_key=BLOCK.format("course_info", name))


@pytest.mark.parametrize("version", ["v0.5", "v1", "v2", "v3", "v4"])
async def test_the_way_to_oneself(edx: OpenEdx, version: str) -> None:
    response = await edx.get(f"/api/mobile/{version}/my_user_info", "ann")  # edx case 53
    assert (response.status_code, response.content) == (302, b"")
    path = f"/api/mobile/{version}/users/ann"
    assert response.headers["location"].endswith(path)
    told = await edx.body(path, "ann")
    assert told.pop("course_enrollments").endswith(f"{path}/course_enrollments/")
    assert told == {"id": edx.keys["ann"], "username": "ann", "email": "ann@uni.example", "name": "Ann"}
    assert await edx.body(f"/api/mobile/{version}/users/ANN", "ann") == await edx.body(path, "ann")


@pytest.mark.parametrize("version", ["v5", "v0", "V1", "v1.0", "x"])
async def test_there_are_no_other_versions(edx: OpenEdx, version: str) -> None:
    paths = ("my_user_info", "users/ann", f"users/ann/course_status_info/{R}", f"course_info/{R}/handouts")
    for path in paths:
        assert await edx.told(f"/api/mobile/{version}/{path}", "ann") == (404, {"detail": "Not found."})
    path = f"/api/mobile/{version}/course_info/record_user_activity"
    assert (await edx.told(path, "ann", "POST", json={}))[0] == 404


@pytest.mark.parametrize("who", CALLERS)
async def test_others_are_not_for_one(edx: OpenEdx, who: str | None) -> None:
    await set_run(edx)
    status = {None: 401, "ann": 200}.get(who, 403)  # edx case 53
    for path in ("/api/mobile/v1/users/ann", STATUS):
        assert (await edx.told(path, who))[0] == status
    assert (await edx.told(STATUS, who, "PATCH", json={"last_visited_module_id": U}))[0] == status
    assert await edx.filled.admin.db.scalar(select(func.count(BlockVisit.id))) == (who == "ann")
    for name in ("bob", "nobody"):
        expected = 401 if who is None else 403
        assert (await edx.told(f"/api/mobile/v0.5/users/{name}", who))[0] == expected


async def test_where_one_was_last(edx: OpenEdx) -> None:
    await set_run(edx)
    assert await edx.body(STATUS, "ann") == FIRST
    place: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    second = BLOCK.format("sequential", "second")
    unit = BLOCK.format("vertical", "second")
    made = await create_block(edx.filled.admin, **place, parent_id=edx.keys["C"], kind="sequential", usage_key=second)
    await create_block(edx.filled.admin, **place, parent_id=made, kind="vertical", usage_key=unit)
    told = {"last_visited_module_id": second, "last_visited_module_path": [second, C, ROOT]}
    assert await edx.body(STATUS, "ann", "PATCH", json={"last_visited_module_id": unit}) == told
    assert await edx.body(STATUS, "ann", "PATCH", json={}) == told
    done = [NewCompletion(edx.keys["P"], 1.0)]
    await record_completion(edx.filled.by("ann"), course_instance_id=edx.keys["R"], completions=done)
    assert await edx.body(STATUS, "ann") == {**told, "last_visited_block_id": P}
    assert await edx.body(STATUS.replace("/v1/", "/v2/"), "ann") == told
    for moment, expected in (
        (NOW - timedelta(days=1), second),
        (NOW, H),
    ):
        sent = {"last_visited_module_id": P, "modification_date": moment.isoformat()}
        found = await edx.body(STATUS, "ann", "PATCH", json=sent)
        assert found["last_visited_module_id"] == expected


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"last_visited_module_id": "abc"}, "invalid-module-id"),  # edx case 55
        ({"last_visited_module_id": 7}, "invalid-module-id"),
        ({"last_visited_module_id": f"{U}x"}, "invalid-module-id"),
        ({"last_visited_module_id": "block-v1:edX+Empty+1+type@html+block@x"}, "invalid-module-id"),
        ({"last_visited_module_id": U, "modification_date": "soon"}, "invalid-modification-date"),
        ({"last_visited_module_id": U, "modification_date": 7}, "invalid-modification-date"),
        ({"last_visited_module_id": U, "modification_date": "2026-10-01T12:00:00"}, "invalid-modification-date"),
        ({"modification_date": "2026-10-01"}, "invalid-modification-date"),
        ({"last_visited_module_id": U, "modification_date": "0001-01-01T00:00:00Z"}, "invalid-modification-date"),
    ],
)
async def test_places_that_are_none(edx: OpenEdx, sent: dict[str, Any], code: str) -> None:
    await set_run(edx)
    status, body = await edx.told(STATUS, "ann", "PATCH", json=sent)
    assert (status, [each["code"] for each in body["errors"]]) == (400, [code])
    assert await edx.filled.admin.db.scalar(select(func.count(BlockVisit.id))) == 0


async def test_pages_beside_the_tree(edx: OpenEdx) -> None:
    await set_run(edx)
    assert await edx.body(HANDOUTS, "ann") == {"handouts_html": None}
    assert await edx.body(UPDATES, "ann") == []
    await set_page(edx, "handouts", "<p>Formulas</p>")
    await set_page(edx, "updates", NEWS)
    assert await edx.body(HANDOUTS, "ann") == {"handouts_html": "<p>Formulas</p>"}
    newest = {"date": "March 2", "content": "<p>New &amp; <article>nested</article></p>", "status": "visible"}
    expected = [{"id": 2, **newest}, {"id": 1, "date": "March 1", "content": "Old", "status": "visible"}]
    assert await edx.body(UPDATES, "ann") == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<ol><li><h2>May 1</h2>Hello</li></ol>", [("May 1", "Hello")]),
        ("<ol></ol>", []),
        ("Hello", [("", "Hello")]),
        ("<article><h2>A &lt; B", [("A < B", "")]),
    ],
)
async def test_forms_of_announcements(edx: OpenEdx, content: str, expected: list[tuple[str, str]]) -> None:
    await set_run(edx)
    await set_page(edx, "updates", content)
    assert [(each["date"], each["content"]) for each in await edx.body(UPDATES, "ann")] == expected
    await set_page(edx, "handouts", content)
    html = (await edx.body(HANDOUTS, "ann"))["handouts_html"]
    assert html == (None if content == "<ol></ol>" else content)


@pytest.mark.parametrize("who", [*CALLERS, "bob"])
async def test_who_reads_pages(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "bob": 404, "other": 404}.get(who, 200)
    for values, for_ann, code in (
        ({}, 200, None),
        ({"is_mobile_available": False}, 404, "mobile_unavailable"),
        ({"start_at": NOW + timedelta(days=1)}, 404, "course_not_started"),
        ({"availability": "UNAVAILABLE"}, 404, "not_visible_to_user"),
    ):
        await set_run(edx, **{"start_at": None, "availability": "AVAILABLE", **values})
        for path in (HANDOUTS, UPDATES):
            found, body = await edx.told(path, who)
            assert found == (for_ann if who == "ann" else status)
            assert who != "ann" or code is None or (body["error_code"], body["has_access"]) == (code, False)
    for key in ("course-v1:no+such+run", "a+b+%00"):
        assert (await edx.told(f"/api/mobile/v1/course_info/{key}/updates", "ann"))[0] == 404


async def test_work_is_written_down(edx: OpenEdx) -> None:
    sent = {"user_id": edx.keys["ann"], "course_key": R}
    assert await edx.told(ACTIVITY, "ann", "POST", json=sent) == (200, None)
    assert await edx.told(ACTIVITY, "ann", "POST", data=sent) == (200, None)
    own = LearnerRecord
    rows = await edx.filled.admin.db.fetch(select(own.user_id, own.last_active_at))
    assert [tuple(row) for row in rows] == [(edx.keys["ann"], NOW)]
    bob = {"user_id": edx.keys["bob"], "course_key": R}
    assert await edx.told(ACTIVITY, "bob", "POST", json=bob) == (200, None)
    assert (await edx.told(ACTIVITY, "ann", "POST", json=bob))[0] == 403
    assert (await edx.told(ACTIVITY, None, "POST", json=sent))[0] == 401
    junk: list[Any] = [{}, [], 7, {"user_id": True, "course_key": R}, {"user_id": 2**70, "course_key": R}]
    junk += [{"course_key": R}, {"user_id": edx.keys["ann"]}, {**sent, "course_key": "course-v1:a+b+c"}]
    junk += [{**sent, "course_key": f"{R}\0"}, {**sent, "course_key": 7}, {"user_id": "x", "course_key": R}]
    for each in junk:
        status, body = await edx.told(ACTIVITY, "ann", "POST", json=each)
        assert (status, type(body)) == (400, str), each
    assert await edx.filled.admin.db.scalar(select(func.count(own.id))) == 1
