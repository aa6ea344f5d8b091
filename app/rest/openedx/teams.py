"""Teams of a course run (contracts/edx-core.md §11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.kinds import TEXT, parameter
from app.rest.openedx.paging import Paged, size_of
from app.rest.openedx.refusals import USER, Refused
from app.rest.openedx.sending import MERGE_PATCH
from app.rest.openedx.team_words import (
    TEAM,
    entered_team,
    for_members,
    forbidden,
    gone,
    is_managed,
    pages_of,
    shown_team,
    the_set,
    unknown_asked,
    unknown_sent,
)
from app.rest.route import Call, Row, Schema, closed

TEAMS, ONE = "/team/v0/teams/", "/team/v0/teams/{team_id}"
ORDERS = ("name", "open_slots", "last_activity_at")
ORDER = {"name": "NAME", "open_slots": "OPEN_SLOTS", "last_activity_at": "LAST_ACTIVITY"}
TEXTS = {"name": 255, "description": 300}
CODES = ("country", "language")
FIELDS = {name: name for name in (*TEXTS, *CODES)}
EDITABLE = ("name", "description", "country", "language", "topic_id", "organization_protected")
FIXED = ("id", "discussion_topic_id", "course_id", "date_created", "last_activity_at", "membership")
MANAGED = "You can't create a team in an instructor managed topic."
IN_TEAM = "You are already in a team in this teamset."
ENVELOPE = Paged(("page",))


async def listed(asked: Asked) -> Mapping[str, Any]:
    """Which teams, and which page of them. Raises Refused."""
    search, order = asked.given("text_search"), asked.given("order_by")
    if search and order:
        raise Refused(400, "text_search and order_by cannot be provided together")
    if order is not None and order not in ORDERS:
        raise Refused(400, f"unsupported order_by value {order}")
    topic = asked.given("topic_id") or None
    if topic is not None and await the_set(asked, topic) is None:
        raise Refused(400, f"The supplied topic id {topic} is not valid")
    which = {"topic_id": topic, "username": asked.given("username") or None, "search": search or None}
    size = size_of(asked, 10, 100)
    page, number = asked.given("page"), 1
    if page == "last":
        found = await asked.ask("TeamCount", course_instance_id=asked.run["id"], **which)
        number = max(1, -(-found["courseInstance"]["count"] // size))
    elif page is not None and page.isascii() and page.isdecimal() and len(page) < 8:
        number = max(1, int(page))
    asked.found |= {"skip": (number - 1) * size, "order": None if search else order or "name"}
    return {**which, "order": ORDER[order or "name"], "skip": (number - 1) * size, "take": size}


def page_of_teams(data: Row, call: Call) -> Row:
    """The page, in its envelope."""
    asked, place = data["asked"], data["courseInstance"]
    rows = [*([None] * asked.found["skip"]), *place["teams"]]
    made: Row = ENVELOPE({"asked": asked, "page": {"nodes": rows, "totalCount": place["count"]}}, call)
    made["results"] = [shown_team(asked, row) for row in made["results"]]
    return made if asked.found["order"] is None else {**made, "sort_order": asked.found["order"]}


async def new_team(asked: Asked) -> Mapping[str, Any]:
    """A team to make. Raises Refused."""
    topic = asked.field("topic_id")
    if not isinstance(topic, str) or not topic:
        raise Refused(400, fields={"topic_id": "This field is required."})
    found = await the_set(asked, topic)
    if found is None:
        raise gone()
    if not asked.is_author:
        if not asked.moderates and (asked.enrollment is None or asked.enrollment["role"] != "STUDENT"):
            raise forbidden()
        if is_managed(found) or found["management"] == "OPEN_MANAGED":
            raise Refused(403, MANAGED, user=MANAGED)
    said = {name: asked.field(name) for name in (*TEXTS, *CODES) if asked.field(name) is not None}
    required(said)
    members = [] if asked.is_author or asked.moderates else [str(asked.ctx.user_id)]
    key = {"groupSetId": str(found["id"]), "memberIds": members, "isMoving": False}
    return {"input": key | checked(said)}


def required(said: Mapping[str, Any]) -> None:
    """Raise Refused unless a team has a name and a description."""
    wrong = {name: "This field is required." for name in TEXTS if not said.get(name)}
    if wrong:
        raise Refused(400, fields=wrong)


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a team, in the graph's words. Raises Refused with all that is wrong."""
    wrong = {}
    for name, value in said.items():
        most = TEXTS.get(name)
        if not isinstance(value, str):
            wrong[name] = "Not a valid string."
        elif most is not None and not value.strip():
            wrong[name] = "This field may not be blank."
        elif most is not None and len(value) > most:
            wrong[name] = f"Ensure this field has no more than {most} characters."
    if wrong:
        raise Refused(400, fields=wrong)
    return dict(said)


async def one_team(asked: Asked) -> Mapping[str, Any]:
    """The team of the path. Raises Refused where there is none, or no access."""
    await entered_team(asked, asked.path["team_id"])
    return {"key": asked.path["team_id"]}


async def changes(asked: Asked) -> Mapping[str, Any]:
    """What to change of a team. Raises Refused."""
    team = await authored(asked)
    sent = asked.sent if isinstance(asked.sent, Mapping) else {}
    fixed = {name: "This field is not editable" for name in FIXED if name in sent}
    if fixed:
        raise Refused(400, fields=fixed)
    texts = {name: sent[name] for name in (*TEXTS, *CODES) if name in sent}
    said = {name: "" if value is None and name in CODES else value for name, value in texts.items()}
    told: dict[str, Any] = {"groupId": str(team["id"]), **checked(said)}
    if "organization_protected" in sent:
        if not isinstance(sent["organization_protected"], bool):
            raise Refused(400, fields={"organization_protected": "Must be a valid boolean."})
        told["isOrganizationProtected"] = sent["organization_protected"]
    if "topic_id" in sent:
        found = await the_set(asked, sent["topic_id"]) if isinstance(sent["topic_id"], str) else None
        if found is None:
            raise Refused(400, fields={"topic_id": "No such topic."})
        told["groupSetId"] = str(found["id"])
    return {"input": told}


async def authored(asked: Asked) -> Row:
    """The team of the path, which who may change the run or looks after discussions may change. Raises Refused."""
    team = await entered_team(asked, asked.path["team_id"])
    if not (asked.is_author or asked.moderates):
        raise forbidden()
    return team


async def dissolving(asked: Asked) -> Mapping[str, Any]:
    """Which team to dissolve. Raises Refused."""
    return {"input": {"groupId": str((await authored(asked))["id"])}}


async def tasks(asked: Asked) -> Mapping[str, Any]:
    """In which run teams of which set do what. Raises Refused."""
    team = await entered_team(asked, asked.path["team_id"])
    if not (await asked.ask("Team", key=asked.path["team_id"]))["group"]:
        raise gone()
    asked.found["topic"] = team["topic"]["key"]
    return {"course_instance_id": asked.run["id"]}


def assignments(data: Row, call: Call) -> list[Row]:
    """What the teams of the set do together: where it is in the course."""
    asked, made = data["asked"], []
    for each in data["assessments"]["nodes"]:
        block = each["block"]
        if block is not None and each["set"] and each["set"]["key"] == asked.found["topic"]:
            unit = block["parent"]
            section = unit and unit["parent"]
            name = f"{section['name']}: {unit['name']}" if section and block["kind"] != "sequential" else block["name"]
            key = block["usage_key"]
            made.append({"display_name": name, "location": f"/courses/{asked.run['key']}/jump_to/{key}"})
    return made


def team(data: Row, call: Call) -> Row:
    """The team, of a query or a write."""
    row = (data.get("createGroup") or data.get("updateGroup") or data)["group"]
    if row is None:
        raise gone()
    return shown_team(data["asked"], row)


EXPAND = parameter("expand", "`user`, `team` or both: what is told whole.")
WHICH = (
    parameter("course_id", "Key of the course run."),
    parameter("topic_id", "Those of this set."),
    parameter("username", "Those that this person is in."),
    parameter("text_search", "Those that have these words."),
    parameter("order_by", "`name`, `open_slots` or `last_activity_at`."),
)
SAID: Schema = {"type": "object", "properties": dict.fromkeys((*TEXTS, *CODES, "topic_id", "course_id"), TEXT)}
PAGE = pages_of(TEAM)
ROUTES = [
    Operation(
        "GET",
        TEAMS,
        "Teams",
        Made(make=page_of_teams, made=PAGE),
        style=USER,
        run="course_id",
        unknown=unknown_asked,
        plan=for_members(listed),
        parameters=(*WHICH, EXPAND),
    ),
    Operation(
        "POST",
        TEAMS,
        "CreateTeam",
        Made(make=team, made=TEAM),
        style=USER,
        run="course_id",
        unknown=unknown_sent,
        plan=for_members(new_team),
        words={"IN_GROUP": (400, IN_TEAM)},
        fields=FIELDS,
        sent=SAID,
    ),
    Operation("GET", ONE, "Team", Made(make=team, made=TEAM), style=USER, plan=one_team, parameters=(EXPAND,)),
    Operation(
        "PATCH",
        ONE,
        "UpdateTeam",
        Made(make=team, made=TEAM),
        style=USER,
        plan=changes,
        media=MERGE_PATCH,
        sent=SAID,
        fields=FIELDS,
    ),
    Operation("DELETE", ONE, "DeleteTeam", style=USER, plan=dissolving, status=204, empty=204),
    Operation(
        "GET",
        ONE + "/assignments",
        "TeamAssignments",
        Made(make=assignments, made={"type": "array", "items": closed({"display_name": TEXT, "location": TEXT})}),
        style=USER,
        plan=tasks,
    ),
]
