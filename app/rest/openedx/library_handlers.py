"""What a block of a library asks and tells while it is shown, by an address with a ticket (contracts/edx-core.md §19).

The ticket is all that counts: neither who is signed in, nor which site's page asks. What people do is theirs; of those
who were not signed in nothing is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from app.rest.openedx.asking import Asked
from app.rest.openedx.dialect import written
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.refusals import NOT_FOUND, PLAIN, Refused
from app.rest.openedx.sending import JSON
from app.rest.openedx.tickets import let_in
from app.rest.route import Call, Row

PUBLISH, STATE = "publish_completion", "student_view_user_state"
HANDLERS = (PUBLISH, STATE)
PATH = "/xblock/v2/xblocks/{usage_key_str}/handler/{token}/"
OF_NOBODY = "The address is nobody's: sign in before you ask for it, to keep what you do."
OUT_OF_RANGE = "completion is a number from 0 to 1."
ANY_SITE = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT = {
    **ANY_SITE,
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "600",
}


async def holder(asked: Asked) -> Mapping[str, Any]:
    """Go on as whose ticket it is. Raises Refused for none that is good, for nobody's, for a block they don't see."""
    key = asked.path["usage_key_str"]
    if not await let_in(asked, asked.path["token"], key):
        raise Refused(403, OF_NOBODY)
    return {"usage_key": key}


async def progress(asked: Asked) -> Mapping[str, Any]:
    """How much the holder of the ticket has done. Raises Refused."""
    block = (await asked.ask("LibraryBlockSeen", **await holder(asked)))["block"]
    if block is None:
        raise Refused(404, NOT_FOUND)
    completion = asked.field("completion")
    if isinstance(completion, bool) or not isinstance(completion, int | float) or not 0 <= completion <= 1:
        raise Refused(400, OUT_OF_RANGE)
    return {"input": {"libraryBlockId": block["id"], "completion": completion}}


def published(data: Row, call: Call) -> Response:
    """That it is kept."""
    return _open({"result": "ok"})


def state(data: Row, call: Call) -> Response:
    """What is kept, and how much is done. Raises Refused for a block that the holder does not see any more."""
    if data["block"] is None:
        raise Refused(404, NOT_FOUND)
    found = data["block"]["progress"] or {"completion": 0.0, "state": {}}
    return _open({**found["state"], "completion": found["completion"]})


def _open(body: Row) -> Response:
    """A body that pages of any site may read."""
    response = written(body, 200)
    response.headers.update(ANY_SITE)
    return response


def preflight(data: Row, call: Call) -> Response:
    """That a page of any site may ask."""
    return Response(status_code=204, headers=PREFLIGHT)


OPEN: dict[str, Any] = {"needs": ANYBODY, "style": PLAIN, "by_ticket": True}
ROUTES = [
    Operation("POST", PATH + PUBLISH, "PublishCompletion", Made(make=published), plan=progress, media=(JSON,), **OPEN),
    Operation("GET", PATH + STATE, "LibraryBlockState", Made(make=state), plan=holder, **OPEN),
    *(Operation("OPTIONS", PATH + name, "AnySite", Made(make=preflight), **OPEN) for name in HANDLERS),
]
