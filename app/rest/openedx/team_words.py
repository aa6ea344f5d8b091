"""What the operations of teams share: who has access, how teams and members are told (contracts/edx-core.md §11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from app.domain.catalog.keys import parse_run
from app.rest.openedx.asking import MOST_CHARACTERS, Asked
from app.rest.openedx.kinds import MOMENT, TEXT, WHOLE
from app.rest.openedx.refusals import Refused
from app.rest.route import Row, Schema, closed, nullable

ANY: Schema = {"type": "object"}
MEMBER = closed({"user": ANY, "date_joined": MOMENT, "last_activity_at": MOMENT})
TEAM: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("id", "discussion_topic_id", "name", "course_id", "topic_id"), TEXT),
        "date_created": MOMENT,
        **dict.fromkeys(("description", "country", "language"), TEXT),
        "last_activity_at": MOMENT,
        "membership": {"type": "array", "items": MEMBER},
        "organization_protected": {"type": "boolean"},
    },
    "additionalProperties": False,
}
MEMBERSHIP = closed({"user": ANY, "team": ANY, "date_joined": MOMENT, "last_activity_at": MOMENT})
MANAGEMENTS = {
    "OPEN": "open",
    "OPEN_MANAGED": "open_managed",
    "PUBLIC_MANAGED": "public_managed",
    "PRIVATE_MANAGED": "private_managed",
}
SIZES = ("full", "large", "medium", "small")
NO_IMAGE: Row = {"has_image": False, **dict.fromkeys(f"image_url_{size}" for size in SIZES)}
"""The picture of who has none."""
PLACES = ("count", "num_pages", "current_page", "start")
Plan = Callable[[Asked], Awaitable[Mapping[str, Any]]]


def pages_of(items: Schema) -> Schema:
    """The schema of a page of such items; it may say by what it is sorted."""
    known = {**dict.fromkeys(("next", "previous"), nullable(TEXT)), **dict.fromkeys(PLACES, WHOLE)}
    made = closed({**known, "results": {"type": "array", "items": items}})
    return {**made, "properties": {**made["properties"], "sort_order": TEXT}}


def gone() -> Refused:
    """Unknown, or not to be seen: no body."""
    return Refused(404, "Not found.", body=None)


def forbidden() -> Refused:
    """Known, and not for the caller: no body."""
    return Refused(403, "You do not have permission to perform this action.", body=None)


def unknown_asked(key: str) -> Refused:
    """The refusal of a course run of the query that is not there."""
    if parse_run(key) is None:
        return Refused(400, "The supplied course_id is missing or not valid.")
    return gone()


def unknown_sent(key: str) -> Refused:
    """The refusal of a course run in what was sent that is not there."""
    if parse_run(key) is None:
        return Refused(400, fields={"course_id": f"The supplied course_id {key} is not valid."})
    return gone()


def is_member(asked: Asked) -> bool:
    """Whether the caller is enrolled in the run, or its staff."""
    return asked.is_staff or (asked.enrollment is not None and asked.enrollment["status"] != "DROPPED")


def for_members(plan: Plan, refusal: Callable[[], Refused] = forbidden) -> Plan:
    """A plan for who is enrolled in the run, or its staff. Raises Refused for others."""

    async def checked(asked: Asked) -> Mapping[str, Any]:
        if not is_member(asked):
            raise refusal()
        return await plan(asked)

    return checked


async def find_team(asked: Asked, key: Any) -> Row | None:
    """The team of an id, whoever asks; its run becomes the request's."""
    if not isinstance(key, str) or not key.isprintable() or len(key) > MOST_CHARACTERS:
        return None
    team: Row | None = (await asked.look("TeamFound", key=key))["group"]
    if team is None or team["topic"]["key"] is None or team["topic"]["kind"] != "TEAMS":
        return None
    run = await asked.find_run(team["run"]["key"])
    if run is None:
        return None
    await asked.enter(run)
    return team


async def entered_team(asked: Asked, key: str) -> Row:
    """The team of an id whose run the caller has access to. Raises Refused 404, 403."""
    team = await find_team(asked, key)
    if team is None:
        raise gone()
    if not is_member(asked):
        raise forbidden()
    return team


async def sets(asked: Asked) -> list[Row]:
    """The sets of teams of the run that the caller sees and that have an id."""
    found = await asked.ask("TeamSets", course_instance_id=asked.run["id"])
    topics = found["courseInstance"]["topics"]
    return [each for each in topics if each["key"] is not None and each["kind"] == "TEAMS"]


async def the_set(asked: Asked, key: str) -> Row | None:
    """The set of an id, if the caller sees it."""
    return next((each for each in await sets(asked) if each["key"] == key), None)


def is_managed(topic: Row) -> bool:
    """Whether the staff says who is in the teams of a set."""
    return not topic["is_self_assigned"]


def managed_as(topic: Row) -> str:
    """How a set is run, in Open edX's word."""
    return MANAGEMENTS.get(topic["management"], "private_managed" if is_managed(topic) else "open")


def expands(asked: Asked, what: str) -> bool:
    """Whether `user` or `team` is to be told whole."""
    return what in asked.listed("expand")


def _user(asked: Asked, username: str) -> Row:
    """Somebody as a reference, or as what everybody may know of them: profiles are private here."""
    told: Row = {"url": f"{asked.base}/api/user/v1/accounts/{quote(username)}", "username": username}
    return told | {"account_privacy": "private", "profile_image": NO_IMAGE} if expands(asked, "user") else told


def _being(asked: Asked, row: Row) -> Row:
    return {
        "user": _user(asked, row["username"]),
        "date_joined": row["joined_at"],
        "last_activity_at": row["last_activity_at"] or row["joined_at"],
    }


def shown_team(asked: Asked, row: Row) -> Row:
    """A team with its members."""
    return {
        "id": row["key"],
        "discussion_topic_id": row["digits"],
        "name": row["name"],
        "course_id": row["run"]["key"],
        "topic_id": row["topic"]["key"],
        "date_created": row["created_at"],
        "description": row["description"],
        "country": row["country"],
        "language": row["language"],
        "last_activity_at": row["last_activity_at"] or row["created_at"],
        "membership": [_being(asked, each) for each in row["roster"]],
        "organization_protected": row["organization_protected"],
    }


def shown_membership(asked: Asked, row: Row, team: Row) -> Row:
    """Somebody's being in a team."""
    key = team["key"]
    told: Row = {"url": f"{asked.base}/api/team/v0/teams/{key}", "team_id": key}
    if expands(asked, "team"):
        told = {name: value for name, value in shown_team(asked, team).items() if name != "membership"}
    return {**_being(asked, row), "team": told}
