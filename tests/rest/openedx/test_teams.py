"""Teams, their sets, and who is in which (contracts/edx-core.md §11, cases 45, 46 and more)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment
from app.domain.groups.models import Group
from app.domain.groups.service import create_group, create_group_set
from tests.domain.proof import key_of
from tests.rest.openedx.conftest import CALLERS, OpenEdx, Q, R, X
from tests.rest.openedx.teamwork import MEMBERSHIPS, PATCH, TEAMS, TOPICS, made, make_sets, said, stored

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def sets(edx: OpenEdx, open_database: Any) -> None:
    """The sets of teams."""
    await make_sets(edx)


async def test_a_learner_makes_a_team(edx: OpenEdx) -> None:
    body = await edx.body(TEAMS, "ann", "POST", json=said())  # edx case 45
    assert re.fullmatch("new-team-[0-9a-f]{32}", body["id"])  # edx case 45
    assert [each["user"]["username"] for each in body["membership"]] == ["ann"]  # edx case 45
    assert body["membership"][0]["user"]["url"].endswith("/api/user/v1/accounts/ann")
    assert body["discussion_topic_id"] == body["id"][-32:]
    told = {name: body[name] for name in ("name", "course_id", "topic_id", "description", "country", "language")}
    assert told == {**said(), "country": "", "language": ""}
    assert body["organization_protected"] is False
    assert body["date_created"] == body["last_activity_at"] == body["membership"][0]["date_joined"]
    status, again = await edx.told(TEAMS, "ann", "POST", json=said(name="Other"))  # edx case 45
    assert (status, again["user_message"]) == (400, "You are already in a team in this teamset.")
    assert await edx.body(f"{TEAMS}{body['id']}", "ann") == body
    staff = await edx.body(TEAMS, "prof", "POST", json=said(name="Names longer than twenty characters"))
    assert re.fullmatch("names-longer-than-tw-[0-9a-f]{32}", staff["id"])
    assert staff["membership"] == []


@pytest.mark.parametrize(
    ("changes", "status", "fields"),
    [
        ({"course_id": None}, 400, ["course_id"]),
        ({"course_id": "x"}, 400, ["course_id"]),
        ({"course_id": "course-v1:no+such+run"}, 404, None),
        ({"topic_id": None}, 400, ["topic_id"]),
        ({"topic_id": "none"}, 404, None),
        ({"topic_id": "a\0"}, 404, None),
        ({"name": None}, 400, ["name"]),
        ({"name": ""}, 400, ["name"]),
        ({"name": " "}, 400, ["name"]),
        ({"name": "x" * 256}, 400, ["name"]),
        ({"name": 5}, 400, ["name"]),
        ({"description": None}, 400, ["description"]),
        ({"description": "x" * 301, "name": ""}, 400, ["name"]),
        ({"description": "x" * 301, "name": "x" * 256}, 400, ["name", "description"]),
        ({"country": "XX"}, 400, ["country"]),
        ({"language": "english"}, 400, ["language"]),
        ({"name": "a\0b"}, 400, None),
    ],
)
async def test_what_is_no_team(edx: OpenEdx, changes: Any, status: int, fields: list[str] | None) -> None:
    before = await stored(edx)
    found, body = await edx.told(TEAMS, "ann", "POST", json=said(**changes))
    assert (found, (body and list(body.get("field_errors", {}))) or None) == (status, fields)
    assert await stored(edx) == before


async def test_learners_make_no_managed_teams(edx: OpenEdx) -> None:
    message = "You can't create a team in an instructor managed topic."
    before = await stored(edx)
    for topic in ("om", "pub"):
        status, body = await edx.told(TEAMS, "ann", "POST", json=said(topic_id=topic))
        assert (status, body["user_message"]) == (403, message)
    assert await edx.told(TEAMS, "ann", "POST", json=said(topic_id="priv")) == (404, None)
    assert await stored(edx) == before


@pytest.mark.parametrize("who", CALLERS)
async def test_who_changes_a_team(edx: OpenEdx, who: str | None) -> None:
    team = await made(edx, "ann")
    before = await stored(edx)
    path, expected = f"{TEAMS}{team}", {None: 401, "prof": 200, "staff": 200}.get(who, 403)
    status, body = await edx.told(path, who, "PATCH", json={"language": "en"}, headers=PATCH)  # edx case 46
    assert status == expected
    if status == 200:
        assert (body["language"], body["id"]) == ("en", team)
    assert (await edx.told(path, who, "DELETE"))[0] == {200: 204}.get(expected, expected)
    assert (await stored(edx) == before) is (expected != 200)
    assert (await edx.told(path, "ann"))[0] == (404 if expected == 200 else 200)


async def test_a_team_is_changed(edx: OpenEdx) -> None:
    path = f"{TEAMS}{await made(edx, 'ann')}"
    status, body = await edx.told(path, "prof", "PATCH", json={"date_created": "x"}, headers=PATCH)  # edx case 46
    assert status == 400
    assert body["field_errors"]["date_created"]["developer_message"] == "This field is not editable"
    more = {"name": "B", "country": "FR", "topic_id": "pub", "organization_protected": True, "unknown": 1}
    body = await edx.body(path, "prof", "PATCH", json=more, headers=PATCH)
    assert [body[name] for name in list(more)[:4]] == ["B", "FR", "pub", True]
    body = await edx.body(path, "prof", "PATCH", json={"country": None}, headers=PATCH)
    assert (body["country"], body["name"]) == ("", "B")
    assert (await edx.told(path, "prof", "PATCH", json={"name": "C"}))[0] == 415
    for wrong in (
        {"name": ""},
        {"country": "xx"},
        {"topic_id": "none"},
        {"topic_id": 5},
        {"organization_protected": 1},
    ):
        status, body = await edx.told(path, "prof", "PATCH", json=wrong, headers=PATCH)
        assert (status, list(body["field_errors"])) == (400, list(wrong))
    assert await edx.body(path, "prof", "PATCH", json=[], headers=PATCH) == await edx.body(path, "prof")


async def test_teams_are_listed(edx: OpenEdx) -> None:
    keys = [await made(edx, name=name, topic_id=topic) for name, topic in (("b", "t"), ("C", "pub"), ("a", "t"))]
    hidden = await made(edx, name="hidden", topic_id="priv", country="IT")
    page = await edx.body(f"{TEAMS}?course_id={Q}", "ann")
    assert [each["name"] for each in page["results"]] == ["a", "b", "C"]
    assert {name: page[name] for name in page if name != "results"} == {
        "next": None,
        "previous": None,
        "count": 3,
        "num_pages": 1,
        "current_page": 1,
        "start": 0,
        "sort_order": "name",
    }
    await edx.body(MEMBERSHIPS, "ann", "POST", json={"username": "ann", "team_id": keys[2]})

    async def names(query: str, who: str = "ann") -> list[str]:
        return [each["name"] for each in (await edx.body(f"{TEAMS}?course_id={Q}&{query}", who))["results"]]

    assert await names("topic_id=t") == ["a", "b"]
    assert await names("username=ann") == ["a"]
    assert (await names("order_by=open_slots"))[-1] == "a"
    assert sorted(await names("order_by=last_activity_at")) == ["C", "a", "b"]
    assert await names("page=2&page_size=2") == ["C"]
    assert await names("page=last&page_size=2") == ["C"]
    assert await names("text_search=italy", "prof") == ["hidden"]
    assert await names("text_search=italy") == []
    assert "sort_order" not in await edx.body(f"{TEAMS}?course_id={Q}&text_search=a", "ann")
    page = await edx.body(f"{TEAMS}?course_id={Q}&page=2&page_size=1", "ann")
    assert (page["start"], page["previous"].endswith("page_size=1"), "page=3" in page["next"]) == (1, True, True)
    assert (await edx.told(f"{TEAMS}{hidden}", "ann"), (await edx.told(f"{TEAMS}{hidden}", "prof"))[0]) == (
        (404, None),
        200,
    )


async def test_what_cannot_be_listed(edx: OpenEdx) -> None:
    for query, status in (
        ("order_by=size", 400),
        ("text_search=a&order_by=name", 400),
        ("topic_id=none", 400),
        ("topic_id=priv", 400),
        ("page=9", 404),
        ("page=0", 404),
        ("page=x", 404),
    ):
        assert (await edx.told(f"{TEAMS}?course_id={Q}&{query}", "ann"))[0] == status, query
    for course, status in (("", 400), ("x", 400), (R, 400), ("course-v1%3Ano%2Bsuch%2Brun", 404)):
        assert (await edx.told(f"{TEAMS}?course_id={course}", "ann"))[0] == status, course


@pytest.mark.parametrize("who", CALLERS)
async def test_who_sees_teams(edx: OpenEdx, who: str | None) -> None:
    team = await made(edx)
    expected = {None: 401, "other": 403}.get(who, 200)
    for path in (
        f"{TEAMS}?course_id={Q}",
        f"{TEAMS}{team}",
        f"{TEAMS}{team}/assignments",
        f"{TOPICS}?course_id={Q}",
        f"{TOPICS}t,{R}",
    ):
        status, body = await edx.told(path, who)
        assert status == expected, path
        assert status != 403 or body is None
    private = {None: 401, "other": 403, "ann": 404}.get(who, 200)
    assert (await edx.told(f"{TOPICS}priv,{R}", who))[0] == private
    assert (await edx.told(f"{MEMBERSHIPS}?team_id={team}", who))[0] == {None: 401, "other": 404}.get(who, 200)


async def test_who_has_left_has_no_access(edx: OpenEdx) -> None:
    team = await made(edx, "ann")
    await drop_enrollment(
        edx.filled.admin, enrollment_id=await key_of(edx.filled.admin, Enrollment, user_id=edx.keys["ann"])
    )
    assert await edx.told(f"{TEAMS}{team}", "ann") == (403, None)
    assert await edx.told(f"{TEAMS}?course_id={Q}", "ann") == (403, None)
    assert await edx.told(f"{MEMBERSHIPS}{team},ann", "ann", "DELETE") == (404, None)


async def test_an_unknown_team(edx: OpenEdx) -> None:
    admin = edx.filled.admin
    unnamed = await create_group_set(admin, course_instance_id=edx.keys["R"], name="Unnamed")
    key = await admin.db.scalar(
        select(Group.key).where(Group.id == await create_group(admin, group_set_id=unnamed, name="x"))
    )
    for team in (key, "no-such-team", "1", "x" * 300, "%00", "%F0%9F%90%A2"):
        for method, path in (
            ("GET", f"{TEAMS}{team}"),
            ("PATCH", f"{TEAMS}{team}"),
            ("DELETE", f"{TEAMS}{team}"),
            ("GET", f"{TEAMS}{team}/assignments"),
            ("GET", f"{MEMBERSHIPS}{team},ann"),
            ("DELETE", f"{MEMBERSHIPS}{team},ann"),
            ("GET", f"{MEMBERSHIPS}?team_id={team}"),
        ):
            more = {"json": {}, "headers": PATCH} if method == "PATCH" else {}
            assert (await edx.told(path, "staff", method, **more))[0] == 404, path


async def test_the_sets_of_teams(edx: OpenEdx) -> None:
    await made(edx)
    page = await edx.body(f"{TOPICS}?course_id={Q}", "ann")
    assert [each["id"] for each in page["results"]] == ["om", "pub", "t"]
    assert page["results"][2] == {
        "description": "",
        "name": "Set t",
        "id": "t",
        "type": "open",
        "max_team_size": 2,
        "team_count": 1,
    }
    assert (page["sort_order"], page["count"], page["num_pages"]) == ("name", 3, 1)
    page = await edx.body(f"{TOPICS}?course_id={Q}&order_by=team_count", "prof")
    assert [(each["id"], each["type"]) for each in page["results"]] == [
        ("t", "open"),
        ("om", "open_managed"),
        ("priv", "private_managed"),
        ("pub", "public_managed"),
    ]
    status, body = await edx.told(TOPICS, "ann")
    assert (status, list(body["field_errors"])) == (400, ["course_id"])
    for query, status in ((f"course_id={Q}&order_by=x", 400), ("course_id=x", 404), ("course_id=a%2Fb%2Fc", 404)):
        assert (await edx.told(f"{TOPICS}?{query}", "ann"))[0] == status
    assert (await edx.body(f"{TOPICS}pub,{R}", "ann"))["id"] == "pub"
    for path in (f"none,{R}", f"t,{X}", "t,course-v1:no+such+run", f"%00,{R}"):
        assert (await edx.told(f"{TOPICS}{path}", "staff"))[0] == 404
