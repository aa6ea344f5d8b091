"""The promise to work honestly (contracts/edx-core.md §21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Operation
from app.rest.openedx.kinds import parameter
from app.rest.openedx.refusals import MESSAGE, Refused
from app.rest.route import Call, Row, at, spells

PATH = "/agreements/v1/integrity_signature/{course_id}"
USERNAME = parameter("username", "Whose; the caller's when absent. Of others for the staff.")


def absent(key: str = "") -> Refused:
    """Nothing is there: no body at all."""
    return Refused(404, body=None)


@spells(created_at={"type": "string", "format": "date-time"})
def signed(row: Row, call: Call) -> Row:
    """A signature. Raises Refused for a record without one."""
    if row["created_at"] is None:
        raise absent()
    return row


async def whose(asked: Asked) -> Mapping[str, Any]:
    """Read as the person who is asked for. Raises Refused where the caller may not, and for nobody."""
    name = asked.given("username")
    if name and name.lower() != (await asked.caller())["username"].lower():
        if not asked.is_staff:
            raise Refused(403, "Only the staff of the course may see this of others.")
        person = await asked.person(name)
        if person is None:
            raise absent()
        asked.become(person["id"])
    found = await asked.ask("IntegritySignature", course_instance_id=asked.run["id"])
    if found["courseInstance"] is None or found["courseInstance"]["learnerRecord"] is None:
        raise absent()
    return {}


async def here(asked: Asked) -> Mapping[str, Any]:
    """Where the caller signs. Raises Refused where they see nothing."""
    if not asked.access and not asked.is_administrator:
        raise absent()
    return {"place_id": str(asked.run["id"])}


ROUTES = [
    Operation(
        "GET",
        PATH,
        "IntegritySignature",
        at("courseInstance", "learnerRecord", spelling=signed),
        style=MESSAGE,
        run="course_id",
        unknown=absent,
        plan=whose,
        parameters=[USERNAME],
    ),
    Operation(
        "POST",
        PATH,
        "SignIntegrity",
        at("signIntegrity", "learnerRecord", spelling=signed),
        style=MESSAGE,
        run="course_id",
        unknown=absent,
        plan=here,
    ),
]
