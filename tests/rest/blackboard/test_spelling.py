"""Ids, projections, pages, filters and orders by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.errors import BadRequest
from app.rest.blackboard import filters, ids, paging, projection
from app.rest.blackboard.spelling import spelled_instant

ROW: dict[str, Any] = {
    "id": "_1_1",
    "availability": {"available": "Yes", "duration": {"type": "Continuous"}},
    "name": "x",
}


@pytest.mark.parametrize(
    ("sent", "form", "value", "key"),
    [
        ("_12_1", "id", "_12_1", 12),
        ("_0012_1", "id", "_0012_1", 12),
        ("_99999999999999999999_1", "id", "_99999999999999999999_1", 0),
        ("courseId:a:b", "courseId", "a:b", None),
        ("externalId: x", "externalId", " x", None),
        ("me", "me", "me", None),
    ],
)
def test_ids(sent: str, form: str, value: str, key: int | None) -> None:
    found = ids.parse(sent, ids.COURSE_FORMS, ids.USER_WORDS)
    assert (found.form, found.value, found.sent, found.key) == (form, value, sent, key)


@pytest.mark.parametrize("sent", ["", "12", "_12", "_12_1 ", "_-1_1", "uuid:ABC", "courseId:", "userName:x", "_١_1"])
def test_what_is_no_id(sent: str) -> None:
    with pytest.raises(BadRequest):
        ids.parse(sent, ids.COURSE_FORMS, ids.USER_WORDS)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (None, ROW),
        ("", ROW),
        (" , ", ROW),
        ("id", {"id": "_1_1"}),
        ("”id, name”", {"id": "_1_1", "name": "x"}),
        ("'id',\"name\"", {"id": "_1_1", "name": "x"}),
        ("availability", {"availability": ROW["availability"]}),
        ("availability.available", {"availability": {"available": "Yes"}}),
        ("availability.available,availability", {"availability": ROW["availability"]}),
        ("availability,availability.available", {"availability": ROW["availability"]}),
        ("availability.duration.type", {"availability": {"duration": {"type": "Continuous"}}}),
        ("availability.none,id", {"id": "_1_1"}),
        ("name.first,user.id", {}),
        ("id,, .,.id", {"id": "_1_1"}),
    ],
)
def test_projections(fields: str | None, found: dict[str, Any]) -> None:
    assert projection.project(projection.parse(fields), ROW) == found


def test_pages() -> None:
    query = [("offset", "4"), ("limit", "2"), ("name", "a b&c"), ("offset", "2")]
    page = paging.parse(query, 100)
    assert (page.offset, page.limit, page.first) == (2, 2, 5)
    assert page.shown([1, 2, 3, 4, 5]) == [3, 4]
    assert page.next(4, "/x", query) == {}
    assert page.next(5, "/x", query) == {"paging": {"nextPage": "/x?limit=2&name=a+b%26c&offset=4"}}
    assert paging.parse([], 200) == paging.Page(0, 200)


@pytest.mark.parametrize(
    "query", [("limit", "0"), ("limit", "101"), ("limit", "١"), ("offset", "-1"), ("offset", "1.5")]
)
def test_what_is_no_page(query: tuple[str, str]) -> None:
    with pytest.raises(BadRequest):
        paging.parse([query], 100)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name(desc)", [("NAME", "DESC")]),
        ("name (desc), created", [("NAME", "DESC"), ("CREATED", "ASC")]),
        ("name(asc),created(odd)", [("NAME", "ASC"), ("CREATED", "ASC")]),
        ("", []),
        (None, []),
    ],
)
def test_orders(text: str | None, found: list[tuple[str, str]]) -> None:
    made = filters.order(text, {"name": "NAME", "created": "CREATED"})
    assert [(each["field"], each["direction"]) for each in made] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2022-08-07T21:17:40.626Z", datetime(2022, 8, 7, 21, 17, 40, 626000, UTC)),
        ("2022-08-07T21:17:40Z", datetime(2022, 8, 7, 21, 17, 40, 0, UTC)),
        ("2022-08-07T23:17:40+02:00", datetime(2022, 8, 7, 21, 17, 40, 0, UTC)),
        ("2022-08-07T23:17:40 02:00", datetime(2022, 8, 7, 21, 17, 40, 0, UTC)),
        ("2022-08-07T21:17", datetime(2022, 8, 7, 21, 17, 0, 0, UTC)),
    ],
)
def test_instants(text: str, found: datetime) -> None:
    assert filters.instant(text) == found


@pytest.mark.parametrize("text", ["", "yesterday", "2022-08-07", "2022-13-07T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(BadRequest):
        filters.instant(text)


def test_an_instant_is_told_in_milliseconds() -> None:
    assert spelled_instant(datetime(2023, 9, 8, 15, 35, 5, 817999, UTC)) == "2023-09-08T15:35:05.817Z"
    assert spelled_instant(datetime(3, 9, 8, tzinfo=UTC)) == "0003-09-08T00:00:00.000Z"
