"""A block with what lies below it as a page: `GET /xblock/{usage}` (contracts/edx-core.md §0.9).

Front ends show it in a frame, so it may stand in any; nothing in it runs or is sent anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from starlette.responses import HTMLResponse, Response

from app.rest.openedx.asking import NOBODY, Asked
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.refusals import NOT_FOUND, PLAIN, Refused
from app.rest.route import Call, Row

POLICY = (
    "default-src 'none'; img-src http: https: data:; media-src http: https:; frame-src https:; font-src https: data:; "
    "style-src 'unsafe-inline' https:; base-uri 'none'; form-action 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
UNTITLED = "html"
"""Kind of texts, which have the titles that their authors wrote in them."""
SMALLEST = 6


async def reader(asked: Asked) -> Mapping[str, Any]:
    """The block's key, read as who asks: as a guest where nobody is signed in, as whom the staff has chosen to look."""
    if asked.ctx.principal.user_id is None:
        asked.become(NOBODY)
    else:
        asked.may_mask = True
        await asked.enter_of_block()
    return {"usage_key": asked.path["usage_key_string"]}


def page(data: Row, call: Call) -> Response:
    """The page. Raises Refused for a block that the reader does not see."""
    block = data["block"]
    if block is None:
        raise Refused(404, NOT_FOUND)
    locale = (block["courseInstance"] or {}).get("locale")
    said = "" if locale is None else f' lang="{escape(locale.replace("_", "-"))}"'
    title = escape(block["name"] or block["kind"], quote=False)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    body = sections([block, *block["descendants"]])
    return HTMLResponse(f"<!doctype html><html{said}><head>{head}</head><body>{body}</body></html>", headers=HEADERS)


def sections(blocks: Sequence[Row]) -> str:
    """Blocks below one another: titles by their depth below the first, and what learners see of each."""
    return "".join(_section(each, min(each["depth"] - blocks[0]["depth"] + 1, SMALLEST)) for each in blocks)


def _section(block: Row, level: int) -> str:
    titled = block["name"] and block["kind"] != UNTITLED
    title = f"<h{level}>{escape(block['name'], quote=False)}</h{level}>" if titled else ""
    return f"<section>{title}{block['html'] or ''}</section>"


ROUTES = [
    Operation("GET", "/{usage_key_string}", "BlockPage", Made(make=page), needs=ANYBODY, style=PLAIN, plan=reader),
]
