"""The sets of teams of a course run (contracts/edx-core.md §11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation, nothing
from app.rest.openedx.kinds import TEXT, WHOLE, parameter
from app.rest.openedx.paging import Paged
from app.rest.openedx.refusals import USER, Refused
from app.rest.openedx.team_words import for_members, gone, managed_as, pages_of
from app.rest.route import Call, Row, closed, nullable

ORDERS = ("name", "team_count")
TOPIC = closed(
    {
        **dict.fromkeys(("description", "name", "id", "type"), TEXT),
        "max_team_size": nullable(WHOLE),
        "team_count": WHOLE,
    }
)
ENVELOPE = Paged(("topics",), size=12)


def unknown(key: str) -> Refused:
    """The refusal of a course run that is not named, or not there."""
    if key == "None":
        return Refused(400, fields={"course_id": "course_id must be provided"})
    return gone()


async def ordered(asked: Asked) -> Mapping[str, Any]:
    """In which order. Raises Refused for another."""
    asked.found["order"] = asked.given("order_by") or ORDERS[0]
    if asked.found["order"] not in ORDERS:
        raise Refused(400, f"unsupported order_by value {asked.found['order']}")
    return {}


def topic(row: Row) -> Row:
    """A set as it is told."""
    return {
        "description": row["description"],
        "name": row["name"],
        "id": row["key"],
        "type": managed_as(row),
        "max_team_size": row["max_team_size"],
        "team_count": row["groups"]["totalCount"],
    }


def topics(data: Row) -> list[Row]:
    """The sets that have an id."""
    rows = data["courseInstance"]["topics"]
    return [topic(row) for row in rows if row["key"] is not None and row["kind"] == "TEAMS"]


def page_of_topics(data: Row, call: Call) -> Row:
    """The page, in its envelope; of those with as many teams the first by name, the most teams first."""
    asked, rows = data["asked"], topics(data)
    rows.sort(key=lambda row: row["name"].lower())
    if asked.found["order"] == "team_count":
        rows.sort(key=lambda row: -row["team_count"])
    made: Row = ENVELOPE({"asked": asked, "topics": rows}, call)
    return {**made, "sort_order": asked.found["order"]}


def one_topic(data: Row, call: Call) -> Row:
    """The set of the path. Raises Refused 404."""
    key = data["asked"].path["topic_id"]
    for row in topics(data):
        if row["id"] == key:
            return row
    raise gone()


ROUTES = [
    Operation(
        "GET",
        "/team/v0/topics/",
        "TeamTopics",
        Made(
            make=page_of_topics,
            made=pages_of(TOPIC),
        ),
        style=USER,
        run="course_id",
        unknown=unknown,
        plan=for_members(ordered),
        parameters=(
            parameter("course_id", "Key of the run.", required=True),
            parameter("order_by", "`name` or `team_count`."),
        ),
    ),
    Operation(
        "GET",
        "/team/v0/topics/{topic_id},{course_id}",
        "TeamTopic",
        Made(make=one_topic, made=TOPIC),
        style=USER,
        run="course_id",
        unknown=lambda key: gone(),
        plan=for_members(nothing),
    ),
]
