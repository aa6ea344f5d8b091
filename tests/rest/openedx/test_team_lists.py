"""Lists of teams and sets, claim by claim: orders, searches, pages, private ones (contracts/edx-core.md §11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.enrollment.service import enroll
from app.domain.groups.models import Group, Management
from app.domain.groups.service import create_group_set
from tests.clock import NOW
from tests.factories import person
from tests.rest.openedx.conftest import OpenEdx, Q, R
from tests.rest.openedx.teamwork import MEMBERSHIPS, TEAMS, TOPICS, made, make_sets, said

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def sets(edx: OpenEdx, open_database: Any) -> None:
    """The sets of teams."""
    await make_sets(edx)


async def names(edx: OpenEdx, query: str, who: str = "ann") -> list[str]:
    """The names of the teams of R that are listed."""
    return [each["name"] for each in (await edx.body(f"{TEAMS}?course_id={Q}&{query}", who))["results"]]


async def join(edx: OpenEdx, who: str, team: str) -> None:
    """The staff puts somebody into a team."""
    await edx.body(MEMBERSHIPS, "prof", "POST", json={"username": who, "team_id": team})


async def test_teams_with_fewest_members_come_first(edx: OpenEdx) -> None:
    admin, own = edx.filled.admin, Group
    for name in ("cat", "dov"):
        await enroll(admin, course_instance_id=edx.keys["R"], user_id=await person(admin, name))
    keys = {name: await made(edx, name=name) for name in ("two", "one", "none")}
    for who, team in (("cat", "two"), ("dov", "two"), ("ann", "one")):
        await join(edx, who, keys[team])
    assert await names(edx, "order_by=open_slots") == ["none", "one", "two"]
    for days, name in enumerate(("one", "none", "two")):
        moved = update(own).where(own.key == keys[name]).values(last_active_at=NOW - timedelta(days=days))
        await admin.db.execute(moved)
    page = await edx.body(f"{TEAMS}?course_id={Q}&order_by=last_activity_at", "ann")
    assert [each["name"] for each in page["results"]] == ["one", "none", "two"]
    assert page["sort_order"] == "last_activity_at"


async def test_a_search_goes_through_all_words(edx: OpenEdx) -> None:
    await made(edx, name="Alpha", description="about whales", country="NO", language="de")
    await made(edx, name="Beta", description="about ferns")
    for text, found in (
        ("alpha", ["Alpha"]),
        ("whales", ["Alpha"]),
        ("norway", ["Alpha"]),
        ("german", ["Alpha"]),
        ("about", ["Alpha", "Beta"]),
        ("%25", []),
        ("_", []),
        ("nothing", []),
    ):
        assert sorted(await names(edx, f"text_search={text}")) == found, text


async def test_names_and_descriptions_may_be_so_long(edx: OpenEdx) -> None:
    longest = {"name": "x" * 255, "description": "y" * 300}
    body = await edx.body(TEAMS, "ann", "POST", json=said(**longest))
    assert (body["name"], body["description"]) == (longest["name"], longest["description"])
    for name in ("!!!", "Ünïcødé tëäm", "数学", "a/b,c d"):
        team = await edx.body(TEAMS, "prof", "POST", json=said(name=name))
        assert team["id"].endswith(f"-{team['discussion_topic_id']}")
        assert (await edx.body(f"{TEAMS}{team['id']}", "ann"))["name"] == name


async def test_private_teams_are_for_those_in_them(edx: OpenEdx) -> None:
    own, other = await made(edx, topic_id="priv", name="own"), await made(edx, topic_id="priv", name="other")
    for path in (f"{TEAMS}{own}", f"{TOPICS}priv,{R}"):
        assert await edx.told(path, "ann") == (404, None)
    await join(edx, "ann", own)
    assert (await edx.body(f"{TEAMS}{own}", "ann"))["name"] == "own"
    assert await edx.told(f"{TEAMS}{other}", "ann") == (404, None)
    assert await names(edx, "topic_id=priv") == ["own"]
    topic = await edx.body(f"{TOPICS}priv,{R}", "ann")
    assert (topic["type"], topic["team_count"]) == ("private_managed", 1)
    assert (await edx.body(f"{TOPICS}priv,{R}", "prof"))["team_count"] == 2


async def test_sets_come_twelve_to_a_page(edx: OpenEdx) -> None:
    for number in range(10):
        about: dict[str, Any] = {"name": f"More {number}", "key": f"m{number}", "management": Management.OPEN}
        await create_group_set(edx.filled.admin, course_instance_id=edx.keys["R"], max_size=2, **about)
    page = await edx.body(f"{TOPICS}?course_id={Q}", "ann")
    assert (len(page["results"]), page["count"], page["num_pages"]) == (12, 13, 2)
    last = await edx.body(page["next"], "ann")
    assert ([each["id"] for each in last["results"]], last["start"]) == (["t"], 12)
    assert (await edx.told(f"{TOPICS}?course_id={Q}&page=3", "ann"))[0] == 404
