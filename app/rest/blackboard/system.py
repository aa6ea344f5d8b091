"""Which release this is (contracts/blackboard.md §4.8): clients call it first, and compare its parts as text."""

from __future__ import annotations

from app.rest.blackboard.asking import Asked
from app.rest.blackboard.dialect import OPEN
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.parameters import ONE
from app.rest.blackboard.things import VERSION
from app.rest.route import Row

RELEASE = {"major": 4000, "minor": 15, "patch": 0, "build": "campusgraph"}


async def release(asked: Asked, data: Row) -> Row:
    """The release whose routes are served."""
    return {"release": RELEASE}


ROUTES = [
    Operation(
        "GET",
        "/v1/system/version",
        "Version",
        Spelled(("release",), thing=VERSION),
        needs=OPEN,
        then=release,
        parameters=ONE,
    )
]
