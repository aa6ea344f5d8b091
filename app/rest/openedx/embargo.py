"""To whom course runs are closed by law (contracts/edx-core.md §21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.catalog.keys import parse_run
from app.rest.openedx.asking import MOST_CHARACTERS, Asked
from app.rest.openedx.endpoint import ADMINISTRATOR, Made, Operation
from app.rest.openedx.kinds import parameter
from app.rest.openedx.refusals import PLAIN, Refused
from app.rest.route import Call, Row, closed

MISSING, INVALID = "Missing parameters", "Invalid course_ids"


async def whom(asked: Asked) -> Mapping[str, Any]:
    """Who wants to enter which course runs from where. Raises Refused."""
    keys = asked.listed("course_ids")
    person, address = await asked.person(asked.given("user")), asked.given("ip_address")
    if not keys or person is None or not address:
        raise Refused(400, body=[MISSING])
    if any(len(key) > MOST_CHARACTERS or parse_run(key) is None for key in keys):
        raise Refused(400, body=[INVALID])
    return {"where": {"key": {"in": keys}}, "user_id": person["id"], "address": address}


def access(data: Row, call: Call) -> Row:
    """Whether all of them are open."""
    return {"access": not any(each["is_closed"] for each in data["courseInstances"]["nodes"])}


ROUTES = [
    Operation(
        "GET",
        "/embargo/v1/course_access/",
        "CourseAccess",
        Made(make=access, made=closed({"access": {"type": "boolean"}})),
        needs=ADMINISTRATOR,
        style=PLAIN,
        plan=whom,
        parameters=[
            parameter("course_ids", "Keys of course runs; may be repeated.", required=True),
            parameter("user", "Username.", required=True),
            parameter("ip_address", "Address on the internet.", required=True),
        ],
    ),
]
