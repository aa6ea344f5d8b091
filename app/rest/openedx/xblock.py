"""Blocks of content libraries by themselves: what they are, what is shown of them (contracts/edx-core.md §19)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from app.domain.catalog.keys import parse_library_usage
from app.rest.openedx.asking import MOST_CHARACTERS, NOBODY, Asked
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.kinds import TEXT, parameter
from app.rest.openedx.library_handlers import HANDLERS
from app.rest.openedx.refusals import NOT_ALLOWED, NOT_FOUND, PLAIN, Refused
from app.rest.openedx.searched import INDEX, searched
from app.rest.openedx.tickets import ticket_of
from app.rest.route import Call, Row, Schema, closed

PATH = "/xblock/v2/xblocks/{usage_key_str}/"
VIEWS = ("student_view", "public_view", "author_view", "studio_view")
AUTHORS_VIEWS = ("author_view", "studio_view")
SOURCE_VIEW = "studio_view"
AUTHORS = ("AUTHOR", "ADMIN")
KEYS: Schema = {"type": "array", "items": TEXT}
SAID: Row = {"block_id": TEXT, "block_type": TEXT, "display_name": TEXT}
FRAGMENT: Row = {
    "content": TEXT,
    "resources": {"type": "array", "items": {"type": "object"}},
    "js_init_fn": {"type": "null"},
    "js_init_version": {"type": "null"},
    "json_init_args": {"type": "null"},
}
PLAIN_FRAGMENT: Row = {"resources": [], "js_init_fn": None, "js_init_version": None, "json_init_args": None}
OPTIONAL = {"index_dictionary": INDEX, "student_view_data": {"type": "object"}, "children": KEYS}
OPTIONAL["editable_children"] = KEYS
METADATA: Schema = {
    "type": "object",
    "properties": SAID | OPTIONAL,
    "required": list(SAID),
    "additionalProperties": False,
}


async def visitor(asked: Asked) -> Mapping[str, Any]:
    """The block of the path, for who may see it. Raises Refused: 404 where there is none, 403 where they may not."""
    key = asked.path["usage_key_str"]
    asked.found["visitor"] = asked.ctx
    if len(key) > MOST_CHARACTERS or parse_library_usage(key) is None:
        raise Refused(404, NOT_FOUND)
    if (await asked.look("LibraryBlockKnown", usage_key=key))["block"] is None:
        raise Refused(404, NOT_FOUND)
    if asked.ctx.principal.user_id is None:
        asked.become(NOBODY)
    return {"usage_key": key}


async def looking(asked: Asked) -> Mapping[str, Any]:
    """The same, of a view that there is. Raises Refused."""
    if asked.path["view_name"] not in VIEWS:
        raise Refused(404, NOT_FOUND)
    return await visitor(asked)


async def handling(asked: Asked) -> Mapping[str, Any]:
    """The same, of a handler that there is. Raises Refused."""
    if asked.path["handler_name"] not in HANDLERS:
        raise Refused(404, NOT_FOUND)
    return await visitor(asked)


def _seen(data: Row) -> Row:
    """The block. Raises Refused for one that the visitor may not see."""
    block: Row | None = data["block"]
    if block is None:
        raise Refused(403, NOT_ALLOWED)
    return block


def _said(block: Row) -> Row:
    return {"block_id": block["usage"], "block_type": block["kind"], "display_name": block["name"]}


def metadata(data: Row, call: Call) -> Row:
    """What a block is; on request what a search looks through, what an app shows, and what lies below it."""
    block, wanted = _seen(data), data["asked"].listed("include")
    below = [each["usage"] for each in block["children"]]
    more = {
        "index_dictionary": searched(block["kind"], block["name"], _shown(block)),
        "student_view_data": _data(block),
        "children": below,
        "editable_children": below,
    }
    return _said(block) | {name: value for name, value in more.items() if name in wanted}


def view(data: Row, call: Call) -> Row:
    """A block as a fragment of plain HTML. Raises Refused where only authors may look."""
    block, asked = _seen(data), data["asked"]
    name = asked.path["view_name"]
    if name in AUTHORS_VIEWS and not asked.is_administrator and not _writes(block):
        raise Refused(403, NOT_ALLOWED)
    source = f"<pre>{escape(block['content'] or '', quote=False)}</pre>"
    return _said(block) | {"content": source if name == SOURCE_VIEW else _shown(block), **PLAIN_FRAGMENT}


def _writes(block: Row) -> bool:
    membership = block["library"]["membership"]
    return membership is not None and membership["level"] in AUTHORS


def _shown(block: Row) -> str:
    """The HTML of a block, or of what lies below it."""
    if block["html"] is not None:
        return str(block["html"])
    return "".join(f"<div>{each['html'] or ''}</div>" for each in block["children"])


def _data(block: Row) -> Row:
    """What an app needs to show a block by itself: of texts the text."""
    return {"enabled": True, "html": block["html"]} if block["kind"] == "html" else {"enabled": False}


async def signed_address(asked: Asked, data: Row) -> Row:
    """The address of a handler with a ticket of the visitor's. Raises Refused where they may not see the block."""
    key, name = _seen(data)["usage"], asked.path["handler_name"]
    text = await ticket_of(asked, asked.found["visitor"], key)
    return {"address": f"{asked.base}/api/xblock/v2/xblocks/{quote(key, safe=':')}/handler/{text}/{name}"}


INCLUDE = parameter("include", f"Between commas: {', '.join(f'`{each}`' for each in OPTIONAL)}.")
ROUTES = [
    Operation(
        "GET",
        PATH,
        "LibraryBlock",
        Made(make=metadata, made=METADATA),
        needs=ANYBODY,
        style=PLAIN,
        plan=visitor,
        parameters=(INCLUDE,),
    ),
    Operation(
        "GET",
        PATH + "view/{view_name}/",
        "LibraryBlockView",
        Made(make=view, made=closed(SAID | FRAGMENT)),
        needs=ANYBODY,
        style=PLAIN,
        plan=looking,
    ),
    Operation(
        "GET",
        PATH + "handler_url/{handler_name}/",
        "LibraryBlockHandler",
        Made(make=lambda data, call: {"handler_url": data["address"]}, made=closed({"handler_url": TEXT})),
        needs=ANYBODY,
        style=PLAIN,
        plan=handling,
        then=signed_address,
    ),
]
