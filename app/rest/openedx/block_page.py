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
STYLE = (
    ":root{color-scheme:light dark;font:100%/1.5 system-ui,sans-serif}"
    "body{margin:0 auto;max-width:48rem;overflow-wrap:anywhere;padding:1rem}"
    "h1,h2,h3,h4,h5,h6{line-height:1.25;margin:1.5rem 0 .5rem}body>:first-child>h1{margin-top:0}"
    "img,video{height:auto;max-width:100%}textarea{box-sizing:border-box;width:100%}"
    "ul:has(input){list-style:none;padding:0}input,select,textarea{font:inherit}label{display:block}"
    "table{border-collapse:collapse}"
)
"""As a reader's own page would be: their font, their light or dark, and nothing wider than the page."""
UNTITLED = "html"
"""Kind of texts, which have the titles that their authors wrote in them."""
SMALLEST = 6
TITLED = "show_title"
"""The parameter that is 0 where the title stands beside the frame."""


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
    head += f"<style>{STYLE}</style>"
    is_titled = data["asked"].given(TITLED) != "0"
    body = sections([block if is_titled else {**block, "name": ""}, *block["descendants"]])
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
