"""Where links to a block lead: `GET /courses/{run}/jump_to/{usage}`, which all answers with blocks give."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from app.rest.openedx.asking import Asked
from app.rest.openedx.block_page import reader
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.refusals import NOT_FOUND, PLAIN, Refused
from app.rest.route import Call, Row

ADDRESSED = ("sequential", "vertical")
"""Kinds of blocks that the learning front end has in its addresses."""


def place(data: Row, call: Call) -> Response:
    """The way to the block. Raises Refused for one that the caller does not see, and for one of another run."""
    asked: Asked = data["asked"]
    block = data["block"]
    if block is None or block["courseInstance"]["key"] != asked.path["course_key_string"]:
        raise Refused(404, NOT_FOUND)
    front_end = asked.request.app.state.settings.openedx_learning_url
    if not front_end:
        return RedirectResponse(f"{asked.base}/xblock/{block['usageKey']}", 302)
    steps = [each["usageKey"] for each in (*block["ancestors"], block) if each["kind"] in ADDRESSED]
    return RedirectResponse("/".join([front_end.rstrip("/"), "course", block["courseInstance"]["key"], *steps]), 302)


ROUTES = [
    Operation(
        "GET",
        "/{course_key_string}/jump_to/{usage_key_string}",
        "BlockPlace",
        Made(make=place, made={"type": "null"}),
        needs=ANYBODY,
        style=PLAIN,
        plan=reader,
        status=302,
    ),
]
