"""Who is in which team (contracts/edx-core.md §11)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.enrollment.models import DiscussionRole, Enrollment
from app.domain.enrollment.service import enroll, update_enrollment
from app.domain.groups.models import Group
from app.domain.groups.service import update_group
from tests.domain.proof import key_of
from tests.factories import person
from tests.rest.openedx.conftest import OpenEdx, Q
from tests.rest.openedx.teamwork import MEMBERSHIPS, PATCH, TEAMS, made, make_sets, said, stored

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def sets(edx: OpenEdx, open_database: Any) -> None:
    """The sets of teams."""
    await make_sets(edx)


async def test_a_learner_joins_and_leaves(edx: OpenEdx) -> None:
    team = await made(edx)
    join = {"username": "ann", "team_id": team}
    body = await edx.body(MEMBERSHIPS, "ann", "POST", json=join)
    assert body["user"]["username"] == "ann"
    assert (body["team"]["team_id"], body["team"]["url"].endswith(f"/api/team/v0/teams/{team}")) == (team, True)
    assert await edx.body(f"{MEMBERSHIPS}{team},ann", "ann") == body
    status, again = await edx.told(MEMBERSHIPS, "ann", "POST", json=join)
    assert (status, "already a member" in again["developer_message"]) == (400, True)
    assert await edx.told(f"{MEMBERSHIPS}{team},ann", "ann", "DELETE") == (204, None)
    assert await edx.told(f"{MEMBERSHIPS}{team},ann", "ann", "DELETE") == (404, None)
    assert await edx.told(f"{MEMBERSHIPS}{team},ann", "ann") == (404, None)


async def test_who_may_not_join(edx: OpenEdx) -> None:
    team, managed = await made(edx), await made(edx, topic_id="pub")
    before = await stored(edx)
    for wrong in ({}, {"username": "ann"}, {"team_id": team}, {"username": 5, "team_id": [team]}):
        status, body = await edx.told(MEMBERSHIPS, "ann", "POST", json=wrong)
        assert (status, "field_errors" in body) == (400, True)
    status, body = await edx.told(MEMBERSHIPS, "ann", "POST", json={"username": "ann", "team_id": managed})
    assert (status, body["user_message"]) == (403, "You can't join an instructor managed team.")
    for who, join in (
        ("ann", {"username": "ann", "team_id": "no-such"}),
        ("ann", {"username": "nobody", "team_id": team}),
        ("ann", {"username": "prof", "team_id": team}),
        ("bob", {"username": "bob", "team_id": team}),
        ("prof", {"username": "n\0", "team_id": team}),
    ):
        assert await edx.told(MEMBERSHIPS, who, "POST", json=join) == (404, None)
    status, body = await edx.told(MEMBERSHIPS, "staff", "POST", json={"username": "bob", "team_id": team})
    assert (status, "not enrolled" in body["developer_message"]) == (400, True)
    assert (await edx.told(MEMBERSHIPS, None, "POST", json={}))[0] == 401
    assert await stored(edx) == before


async def test_who_looks_after_discussions_runs_teams(edx: OpenEdx) -> None:
    """contracts/edx-core.md §11: forum privileged."""
    admin = edx.filled.admin
    await enroll(admin, course_instance_id=edx.keys["R"], user_id=edx.keys["bob"])
    enrollment_id = await key_of(admin, Enrollment, user_id=edx.keys["ann"])
    await update_enrollment(admin, enrollment_id=enrollment_id, discussion_role=DiscussionRole.MODERATOR)
    managed = await made(edx, topic_id="pub")
    team = await edx.body(TEAMS, "ann", "POST", json=said())
    assert team["membership"] == []
    path = f"{TEAMS}{team['id']}"
    assert (await edx.body(path, "ann", "PATCH", json={"language": "en"}, headers=PATCH))["language"] == "en"
    await edx.body(MEMBERSHIPS, "ann", "POST", json={"username": "bob", "team_id": team["id"]})
    assert (await edx.told(f"{MEMBERSHIPS}{team['id']},bob", "ann", "DELETE")) == (204, None)
    for who in ("prof", "nobody"):
        join = {"username": who, "team_id": team["id"]}
        assert (await edx.told(MEMBERSHIPS, "ann", "POST", json=join))[0] == (400 if who == "prof" else 404)
    before = await stored(edx)
    for topic in ("pub", "om"):
        status, body = await edx.told(TEAMS, "ann", "POST", json=said(topic_id=topic))
        assert (status, body["user_message"]) == (403, "You can't create a team in an instructor managed topic.")
    status, body = await edx.told(MEMBERSHIPS, "ann", "POST", json={"username": "bob", "team_id": managed})
    assert (status, body["user_message"]) == (403, "You can't join an instructor managed team.")
    assert await stored(edx) == before
    assert await edx.told(path, "bob", "DELETE") == (403, None)
    assert await edx.told(path, "ann", "DELETE") == (204, None)


async def test_a_team_is_full(edx: OpenEdx) -> None:
    team, admin = await made(edx, "ann"), edx.filled.admin
    for name in ("cat", "dov"):
        await enroll(admin, course_instance_id=edx.keys["R"], user_id=await person(admin, name))
    await edx.body(MEMBERSHIPS, "prof", "POST", json={"username": "cat", "team_id": team})
    status, body = await edx.told(MEMBERSHIPS, "prof", "POST", json={"username": "dov", "team_id": team})
    assert (status, "full" in body["developer_message"]) == (400, True)


async def test_managed_teams_are_the_staff_s(edx: OpenEdx) -> None:
    team = await made(edx, topic_id="pub")
    await edx.body(MEMBERSHIPS, "prof", "POST", json={"username": "ann", "team_id": team})
    status, body = await edx.told(f"{MEMBERSHIPS}{team},ann", "ann", "DELETE")
    assert (status, body["user_message"]) == (403, "You can't leave an instructor managed team.")
    assert await edx.told(f"{MEMBERSHIPS}{team},ann", "ta", "DELETE") == (404, None)
    assert await edx.told(f"{MEMBERSHIPS}{team},ann?admin=true", "prof", "DELETE") == (204, None)


async def test_memberships_are_listed(edx: OpenEdx) -> None:
    open_team, hidden = await made(edx, "ann"), await made(edx, topic_id="priv")
    empty = await made(edx, topic_id="priv", name="empty")

    async def teams(query: str, who: str = "ann") -> list[str]:
        page = await edx.body(f"{MEMBERSHIPS}?{query}", who)
        assert page["count"] == len(page["results"])
        return [each["team"]["team_id"] for each in page["results"]]

    await edx.body(MEMBERSHIPS, "prof", "POST", json={"username": "ann", "team_id": hidden})
    assert await teams("username=ann") == [open_team, hidden]
    assert await teams(f"username=ann&course_id={Q}", "prof") == [open_team, hidden]
    assert await teams(f"team_id={open_team}", "ta") == [open_team]
    assert await teams(f"teamset_id=t&course_id={Q}") == [open_team]
    assert await teams("username=ann", "other") == []
    assert await teams("username=nobody") == []
    for query, status in (
        ("", 400),
        (f"team_id={open_team}&teamset_id=t", 400),
        ("teamset_id=t", 400),
        ("username=ann&course_id=x", 404),
        ("username=ann&course_id=a%2Fb%2Fc", 404),
        (f"teamset_id=none&course_id={Q}", 404),
        (f"team_id={empty}", 403),
    ):
        assert (await edx.told(f"{MEMBERSHIPS}?{query}", "ann"))[0] == status, query
    x = "course-v1%3AedX%2BEmpty%2B1"
    assert await edx.told(f"{MEMBERSHIPS}?team_id={open_team}&course_id={x}", "staff") == (400, None)
    assert await edx.told(f"{MEMBERSHIPS}?username=ann&course_id={x}", "ann") == (400, None)


async def test_references_are_told_whole(edx: OpenEdx) -> None:
    team = await made(edx, "ann")
    body = await edx.body(f"{MEMBERSHIPS}{team},ann?expand=user,team", "ann")
    sizes = ("full", "large", "medium", "small")
    assert body["user"] == {
        "username": "ann",
        "url": "http://test/api/user/v1/accounts/ann",
        "account_privacy": "private",
        "profile_image": {"has_image": False, **{f"image_url_{size}": None for size in sizes}},
    }
    whole = await edx.body(f"{TEAMS}{team}?expand=user", "ann")
    assert whole["membership"][0]["user"] == body["user"]
    assert body["team"] == {name: value for name, value in whole.items() if name != "membership"}


async def test_protected_teams_are_hidden_from_the_others(edx: OpenEdx) -> None:
    team = await made(edx)
    group = await key_of(edx.filled.admin, Group, key=team)
    await update_group(edx.filled.admin, group_id=group, is_organization_protected=True)
    assert await edx.told(f"{TEAMS}{team}", "ann") == (404, None)
    assert await edx.told(f"{MEMBERSHIPS}?team_id={team}", "ann") == (403, None)
    assert (await edx.told(MEMBERSHIPS, "ann", "POST", json={"username": "ann", "team_id": team}))[0] == 404
    assert (await edx.body(f"{TEAMS}?course_id={Q}", "ann"))["count"] == 0
    assert (await edx.body(f"{TEAMS}{team}", "prof"))["organization_protected"] is True
