"""Blocks that the caller wants to find again (contracts/edx-core.md §13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.catalog.keys import parse_usage
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Operation, Partial
from app.rest.openedx.kinds import TEXT, parameter
from app.rest.openedx.paging import Paged
from app.rest.openedx.refusals import NOT_ALLOWED, USER, Refused
from app.rest.route import Call, Row, at

LIST, ONE = "/bookmarks/v1/bookmarks/", "/bookmarks/v1/bookmarks/{username},{usage_id}/"
TRY_AGAIN = "An error has occurred. Please try again."
NOWHERE = 0
"""No course run has this number: a key that is none selects nothing."""
FULL = "There are 100 bookmarks in this course, and there cannot be more. Remove one to add another."


def _spelled(row: Row, call: Call) -> Row:
    made = {"id": f"{row['username']},{row['usage_id']}", **row}
    del made["username"]
    if "path" in made:
        made["path"] = made["path"][1:]
    return made


BOOKMARK = Partial(_spelled, {"id": TEXT, "username": None}, frozenset({"display_name", "path"}))
PARAMETERS = [parameter("fields", "What to add: `display_name`, `path`.")]
COURSE = parameter("course_id", "The key of the course run.")


def _fields(asked: Asked) -> Row:
    wanted = asked.listed("fields")
    return {"named": "display_name" in wanted, "placed": "path" in wanted}


async def listed(asked: Asked) -> Mapping[str, Any]:
    """Whose bookmarks, of which course run; of none for a key that is none."""
    where: Row = {"userId": {"eq": asked.ctx.user_id}}
    key = asked.given("course_id")
    if key:
        found = await asked.find_run(key)
        where["courseInstanceId"] = {"eq": found["id"] if found is not None else NOWHERE}
    return {"where": where, **_fields(asked)}


async def marking(asked: Asked) -> Mapping[str, Any]:
    """Which block. Raises Refused for none that the caller sees."""
    if not asked.sent:
        raise Refused(400, "No data provided.", user=TRY_AGAIN)
    key = asked.field("usage_id")
    if not key:
        raise Refused(400, "Parameter usage_id not provided.", user=TRY_AGAIN)
    if not isinstance(key, str) or parse_usage(key) is None:
        raise Refused(400, f"Invalid usage_id: {key}.", user=TRY_AGAIN)
    block = (await asked.ask("BlockSeen", usage_id=key))["block"]
    if block is None:
        raise Refused(400, f"Block with usage_id: {key} not found.", user=TRY_AGAIN)
    return {"block_id": str(block["id"]), "named": True, "placed": True}


async def own(asked: Asked) -> Mapping[str, Any]:
    """The caller's bookmark of the block in the path. Raises Refused for other people's, and where there is none."""
    if asked.path["username"] != (await asked.caller())["username"]:
        raise Refused(403, NOT_ALLOWED)
    key = asked.path["usage_id"]
    if parse_usage(key) is None:
        raise Refused(404, f"Invalid usage_id: {key}.")
    block = (await asked.ask("BlockSeen", usage_id=key))["block"]
    if block is None or block["bookmark"] is None:
        raise Refused(404, f"Bookmark with usage_id: {key} does not exist.")
    return {"usage_id": key, "bookmark_id": str(block["bookmark"]["id"]), **_fields(asked)}


ROUTES = [
    Operation(
        "GET",
        LIST,
        "Bookmarks",
        Paged(("bookmarks",), spelling=BOOKMARK),
        style=USER,
        plan=listed,
        parameters=[COURSE, *PARAMETERS],
    ),
    Operation(
        "POST",
        LIST,
        "CreateBookmark",
        at("createBookmark", "bookmark", spelling=BOOKMARK),
        style=USER,
        plan=marking,
        status=201,
        words={"LIMIT_REACHED": (400, FULL)},
    ),
    Operation(
        "GET", ONE, "Bookmark", at("block", "bookmark", spelling=BOOKMARK), style=USER, plan=own, parameters=PARAMETERS
    ),
    Operation("DELETE", ONE, "DeleteBookmark", style=USER, plan=own, status=204, empty=204),
]
