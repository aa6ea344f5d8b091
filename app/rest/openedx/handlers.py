"""What the learning front end tells and asks of a subsection, beside the API (contracts/edx-core.md §0.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.kinds import FLAG
from app.rest.openedx.refusals import NOT_FOUND, PLAIN, Refused
from app.rest.route import Call, Row, closed

PATH = "/{course_key_string}/xblock/{usage_key_string}/handler/"
SUBSECTION = "sequential"
WHOLE = "position is a whole number from 1 on."
RUN: dict[str, Any] = {"run": "course_key_string", "style": PLAIN}


async def position(asked: Asked) -> Mapping[str, Any]:
    """The unit of that number. Raises Refused for a subsection that the caller does not see, and for other numbers."""
    units, number = await _units(asked), asked.field("position")
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise Refused(400, WHOLE)
    if number > len(units):
        raise Refused(400, f"There are {len(units)} units.")
    return {"input": {"blockId": units[number - 1]}}


async def unit(asked: Asked) -> Mapping[str, Any]:
    """The key of the unit that is asked about. Raises Refused."""
    await _units(asked)
    key = asked.field("usage_key")
    if not isinstance(key, str) or not key.isprintable():
        raise Refused(400, "usage_key is missing.")
    return {"usage_key": key}


async def _units(asked: Asked) -> list[str]:
    """The ids of a subsection's units in the run."""
    key = asked.path["usage_key_string"]
    found = (await asked.ask("Units", course_instance_id=asked.run["id"], usage_key=key))["blocks"]["nodes"]
    if not found or found[0]["kind"] != SUBSECTION:
        raise Refused(404, NOT_FOUND)
    return [each["id"] for each in found[0]["children"]]


def completed(data: Row, call: Call) -> Row:
    """Whether all is done. Raises Refused for a unit that the caller does not see."""
    for each in data["blocks"]["nodes"]:
        return {"complete": each["completion"] == 1}
    raise Refused(404, NOT_FOUND)


ROUTES = [
    Operation(
        "POST",
        PATH + "goto_position",
        "GotoPosition",
        Made(make=lambda data, call: {"success": True}, made=closed({"success": FLAG})),
        plan=position,
        **RUN,
    ),
    Operation(
        "POST",
        PATH + "get_completion",
        "UnitCompletion",
        Made(make=completed, made=closed({"complete": FLAG})),
        plan=unit,
        **RUN,
    ),
]
