"""Bookmarks: one's own, by course run and page (contracts/edx-core.md §13, cases 48, 49 and more)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, insert, select

from app.domain.blocks.models import Block, Bookmark
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, ROOT, C, H, OpenEdx, P, Q, R, U

pytestmark = pytest.mark.anyio
LIST = "/api/bookmarks/v1/bookmarks/"
ONE = f"{LIST}ann,{U}/"
PATH = [{"usage_key": C, "display_name": "Chapter"}, {"usage_key": H, "display_name": "Homework 1"}]
FIELDS = ["id", "course_id", "usage_id", "block_type", "created"]
TRY_AGAIN = "An error has occurred. Please try again."


async def stored(edx: OpenEdx) -> int:
    """How many bookmarks there are."""
    found: int = await edx.filled.admin.db.scalar(select(func.count()).select_from(Bookmark))
    return found


async def test_a_bookmark_is_made_once(edx: OpenEdx) -> None:
    made = [await edx.body(LIST, "ann", "POST", 201, json={"usage_id": U}) for _ in range(2)]  # edx case 48
    assert made[0] == made[1]
    assert (made[0]["id"], made[0]["path"], made[0]["display_name"]) == (f"ann,{U}", PATH, "Unit")
    assert (made[0]["course_id"], made[0]["usage_id"], made[0]["block_type"]) == (R, U, "vertical")
    assert made[0]["created"] == NOW.isoformat().replace("+00:00", "Z")
    found = await edx.body(LIST, "ann")
    assert (found["count"], found["num_pages"], found["current_page"], found["start"]) == (1, 1, 1, 0)  # edx case 48
    assert [sorted(each) for each in found["results"]] == [sorted(FIELDS)]
    assert await stored(edx) == 1


async def test_what_is_told_when_it_is_asked_for(edx: OpenEdx) -> None:
    await edx.body(LIST, "ann", "POST", 201, json={"usage_id": P})
    for path in (LIST, f"{LIST}ann,{P}/"):
        told = await edx.body(f"{path}?fields=display_name,path", "ann")
        one = told if "id" in told else told["results"][0]
        assert (one["display_name"], one["path"]) == (
            "Problem",
            [*PATH, {"usage_key": U, "display_name": "Unit"}],
        )
        told = await edx.body(f"{path}?fields=path&fields=junk", "ann")
        assert sorted(told if "id" in told else told["results"][0]) == sorted([*FIELDS, "path"])
    await edx.body(LIST, "ann", "POST", 201, data={"usage_id": ROOT})
    assert (await edx.body(f"{LIST}ann,{ROOT}/?fields=path", "ann"))["path"] == []


@pytest.mark.parametrize("who", CALLERS)
async def test_they_are_ones_own(edx: OpenEdx, who: str | None) -> None:
    await edx.body(LIST, "ann", "POST", 201, json={"usage_id": U})
    status = {None: 401, "ann": 200}.get(who, 403)  # edx case 49
    assert (await edx.told(ONE, who))[0] == status
    if who != "ann":
        found, body = await edx.told(ONE, who, "DELETE")
        assert (found, sorted(body)) == (status, ["developer_message", "user_message"])
        assert await stored(edx) == 1
    found, body = await edx.told(LIST, who)
    assert (found, (body or {}).get("count")) == ((401, None) if who is None else (200, int(who == "ann")))


async def test_other_names_are_forbidden_and_others_absent(edx: OpenEdx) -> None:
    for name in ("bob", "nobody"):
        status, body = await edx.told(f"{LIST}{name},{U}/", "ann")  # edx case 49
        assert (status, sorted(body)) == (403, ["developer_message", "user_message"])
    assert (await edx.told(ONE, "ann"))[0] == 404
    await edx.body(LIST, "ann", "POST", 201, json={"usage_id": U})
    assert (await edx.told(ONE, "ann", "DELETE")) == (204, None)  # edx case 49
    for method in ("DELETE", "GET"):
        status, body = await edx.told(ONE, "ann", method)  # edx case 49
        text = f"Bookmark with usage_id: {U} does not exist."
        assert (status, body) == (404, {"developer_message": text, "user_message": text})
    status, body = await edx.told(f"{LIST}ann,junk/", "ann")
    assert (status, body["developer_message"]) == (404, "Invalid usage_id: junk.")


async def test_the_newest_first_in_pages_of_a_run(edx: OpenEdx) -> None:
    for key in (U, P, H):
        await edx.body(LIST, "ann", "POST", 201, json={"usage_id": key})
    first = await edx.body(f"{LIST}?page_size=2&course_id={Q}", "ann")
    assert ([each["usage_id"] for each in first["results"]], first["count"], first["num_pages"]) == ([H, P], 3, 2)
    second = await edx.client.get(first["next"], headers={"Authorization": f"Bearer {edx.filled.tokens['ann']}"})
    assert [each["usage_id"] for each in second.json()["results"]] == [U]
    for key in ("junk", "course-v1%3Ano%2Bsuch%2Brun", "course-v1%3AedX%2BEmpty%2B1", "%00"):
        found = await edx.body(f"{LIST}?course_id={key}", "ann")
        assert (found["count"], found["results"], found["num_pages"]) == (0, [], 1)
    assert (await edx.told(f"{LIST}?page=9", "ann"))[0] == 404
    assert (await edx.told(LIST, "ann", "PUT", json={}))[0] == 405
    assert (await edx.told(LIST, "ann", "DELETE"))[0] == 405


REFUSALS: list[tuple[Any, str]] = [
    ({}, "No data provided."),
    ({"x": 1}, "Parameter usage_id not provided."),
    ({"usage_id": ""}, "Parameter usage_id not provided."),
    ([1], "Parameter usage_id not provided."),
    ({"usage_id": "junk"}, "Invalid usage_id: junk."),
    ({"usage_id": 7}, "Invalid usage_id: 7."),
    ({"usage_id": f"{U}x"}, f"Block with usage_id: {U}x not found."),
]


@pytest.mark.parametrize(("sent", "message"), REFUSALS)
async def test_refusals(edx: OpenEdx, sent: Any, message: str) -> None:
    status, body = await edx.told(LIST, "ann", "POST", json=sent)
    assert (status, body) == (400, {"developer_message": message, "user_message": TRY_AGAIN})
    assert await stored(edx) == 0


async def test_what_one_does_not_see_cannot_be_marked(edx: OpenEdx) -> None:
    assert (await edx.told(LIST, "bob", "POST", json={"usage_id": U}))[0] == 400
    assert (await edx.told(LIST, None, "POST", json={"usage_id": U}))[0] == 401
    assert (await edx.told(LIST, "staff", "POST", json={"usage_id": U}))[0] == 201


async def test_a_hundred_are_enough(edx: OpenEdx) -> None:
    db, keys = edx.filled.admin.db, edx.keys
    place = {"course_instance_id": keys["R"], "created_at": NOW}
    values = {**place, "updated_at": NOW, "parent_id": keys["U"], "kind": "html", "position": 99, "depth": 4}
    await db.execute(insert(Block), [{**values, "usage_key": f"text {number}"} for number in range(100)])
    found = await db.fetch(select(Block.id).where(Block.position == 99))
    await db.execute(insert(Bookmark), [{**place, "block_id": row[0], "user_id": keys["ann"]} for row in found])
    status, body = await edx.told(LIST, "ann", "POST", json={"usage_id": U})
    assert (status, body["developer_message"]) == (400, body["user_message"])
    assert await stored(edx) == 100
