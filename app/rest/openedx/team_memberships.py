"""Who is in which team (contracts/edx-core.md §11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.catalog.keys import parse_run
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.kinds import TEXT, parameter
from app.rest.openedx.paging import Paged
from app.rest.openedx.refusals import USER, Refused
from app.rest.openedx.team_words import (
    MEMBERSHIP,
    find_team,
    forbidden,
    gone,
    is_managed,
    is_member,
    pages_of,
    shown_membership,
    the_set,
)
from app.rest.route import Call, Row

ALL, ONE = "/team/v0/team_membership/", "/team/v0/team_membership/{team_id},{username}"
NO_JOINING = "You can't join an instructor managed team."
NO_LEAVING = "You can't leave an instructor managed team."
FULL = (400, "This team is already full.")
IN_TEAM = (400, "This user is already a member of a team in this teamset.")
NOT_ENROLLED = (400, "The user is not enrolled in the course associated with this team.")
WORDS: Any = {
    "GROUP_FULL": FULL,
    "IN_GROUP": IN_TEAM,
    **{("userId", code): NOT_ENROLLED for code in ("NOT_FOUND", "NOT_ENROLLED", "DROPPED")},
}
PARAMETERS = (
    parameter("username", "Those of this person."),
    parameter("team_id", "Those in this team."),
    parameter("teamset_id", "Those in teams of this set, of the run that `course_id` names."),
    parameter("course_id", "Those in this course run."),
    parameter("expand", "`user`, `team` or both: what is told whole."),
)
ENVELOPE = Paged(("members",))
AT_ONCE = 100
NOBODY = {"key": ""}


async def asked_for(asked: Asked) -> Mapping[str, Any]:
    """Whose memberships in which teams. Raises Refused."""
    username, team_id, teamset = (asked.given(name) or None for name in ("username", "team_id", "teamset_id"))
    course = asked.given("course_id") or None
    if username is None and team_id is None and teamset is None:
        raise Refused(400, "username or team_id or teamset_id must be specified.")
    if team_id is not None and teamset is not None:
        raise Refused(400, "teamset_id and team_id are mutually exclusive options.")
    if teamset is not None and course is None:
        raise Refused(400, "teamset_id requires course_id to also be provided.")
    if course is not None:
        await _enter(asked, course)
    if team_id is not None:
        rows = [await _one(asked, team_id)]
    elif teamset is not None:
        if not is_member(asked) or await the_set(asked, teamset) is None:
            raise gone()
        rows = await _all(asked, teamset, username)
    elif course is not None:
        if not is_member(asked):
            raise Refused(400, "The course is not accessible.", body=None)
        rows = await _all(asked, None, username)
    else:
        found = await asked.ask("TeamsOfPerson", username=username)
        rows = [team for place in found["places"]["nodes"] for team in place["teams"]]
    asked.found["members"] = [
        shown_membership(asked, row, team)
        for team in rows
        for row in team["roster"]
        if username is None or row["username"] == username
    ]
    return NOBODY


async def _enter(asked: Asked, course: str) -> None:
    found = await asked.find_run(course) if parse_run(course) is not None else None
    if found is None:
        raise gone()
    await asked.enter(found)


async def _one(asked: Asked, key: str) -> Row:
    """The team of an id, with its members. Raises Refused."""
    before = asked.run.get("id")
    if await find_team(asked, key) is None:
        raise gone()
    if before is not None and asked.run["id"] != before:
        raise Refused(400, "The team is of another course.", body=None)
    if not is_member(asked):
        raise gone()
    team: Row | None = (await asked.ask("TeamMemberships", key=key))["group"]
    if team is None:
        raise forbidden()
    return team


async def _all(asked: Asked, teamset: str | None, username: str | None) -> list[Row]:
    rows: list[Row] = []
    which = {"course_instance_id": asked.run["id"], "topic_id": teamset, "username": username}
    while True:
        found = await asked.ask("TeamsOfRun", **which, skip=len(rows))
        more = found["places"]["nodes"][0]["teams"]
        rows += more
        if len(more) < AT_ONCE:
            return rows


def members(data: Row, call: Call) -> Row:
    """The page, in its envelope."""
    asked = data["asked"]
    made: Row = ENVELOPE({"asked": asked, "members": asked.found["members"]}, call)
    return made


async def joining(asked: Asked) -> Mapping[str, Any]:
    """Who is to be in which team. Raises Refused."""
    said = {name: asked.field(name) for name in ("username", "team_id")}
    wrong = {name: "This field is required." for name, value in said.items() if not isinstance(value, str) or not value}
    if wrong:
        raise Refused(400, fields=wrong)
    team, person = await concerned(asked, said["team_id"], said["username"])
    if is_managed(team["topic"]) and not asked.is_author:
        raise Refused(403, NO_JOINING, user=NO_JOINING)
    asked.found["key"] = said["team_id"]
    return {"input": {"groupId": str(team["id"]), "userId": str(person["id"]), "isMoving": False}}


async def concerned(asked: Asked, key: str, username: str) -> tuple[Row, Row]:
    """The team and the person, where the caller may act for them. Raises Refused 404."""
    team, person = await find_team(asked, key), await asked.person(username)
    if team is None or person is None or not is_member(asked):
        raise gone()
    if person["id"] != asked.ctx.user_id and not (asked.is_author or asked.moderates):
        raise gone()
    return team, person


async def joined(asked: Asked, data: Row) -> Row:
    """The team, with who is in it now."""
    return {"team": (await asked.ask("TeamMembership", key=asked.found["key"]))["group"]}


def new_membership(data: Row, call: Call) -> Row:
    """What has come of it."""
    return shown_membership(data["asked"], data["addGroupMember"]["membership"], data["team"])


async def one_membership(asked: Asked) -> Mapping[str, Any]:
    """In which team somebody is. Raises Refused 404."""
    if await find_team(asked, asked.path["team_id"]) is None or not is_member(asked):
        raise gone()
    return {"key": asked.path["team_id"]}


def membership(data: Row, call: Call) -> Row:
    """The one of the path. Raises Refused 404."""
    asked, team = data["asked"], data["group"]
    for row in team["roster"] if team is not None else ():
        if row["username"] == asked.path["username"]:
            return shown_membership(asked, row, team)
    raise gone()


async def leaving(asked: Asked) -> Mapping[str, Any]:
    """Who is to leave which team. Raises Refused."""
    team, person = await concerned(asked, asked.path["team_id"], asked.path["username"])
    found = (await asked.look("TeamMembership", key=asked.path["team_id"]))["group"]
    if all(row["username"] != person["username"] for row in found["roster"]):
        raise gone()
    if is_managed(team["topic"]) and not asked.is_author:
        raise Refused(403, NO_LEAVING, user=NO_LEAVING)
    return {"input": {"groupId": str(team["id"]), "userId": str(person["id"])}}


PAGE = pages_of(MEMBERSHIP)
ROUTES = [
    Operation(
        "GET",
        ALL,
        "TeamMemberships",
        Made(make=members, made=PAGE),
        style=USER,
        plan=asked_for,
        parameters=PARAMETERS,
    ),
    Operation(
        "POST",
        ALL,
        "JoinTeam",
        Made(make=new_membership, made=MEMBERSHIP),
        style=USER,
        plan=joining,
        then=joined,
        words=WORDS,
        sent={"type": "object", "properties": {"username": TEXT, "team_id": TEXT}},
    ),
    Operation("GET", ONE, "TeamMembership", Made(make=membership, made=MEMBERSHIP), style=USER, plan=one_membership),
    Operation("DELETE", ONE, "LeaveTeam", style=USER, plan=leaving, status=204, empty=204),
]
