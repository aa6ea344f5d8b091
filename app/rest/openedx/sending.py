"""What is sent: JSON, a form or a multipart form (contracts/edx-core.md §0.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message

from app.rest.openedx.refusals import Unread

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
ANY_FORM = (JSON, FORM, MULTIPART)
MERGE_PATCH = ("application/merge-patch+json",)


async def sent(request: Request, media: Sequence[str], largest: int = 0) -> tuple[Any, dict[str, bytes]]:
    """The value that is sent, {} without a body, and the files by their names. Values of forms are texts, the last of
    a name counts. A body has as many bytes as the settings say at most, or as `largest`.

    Raises Unread: 400 for what can't be read, 413 for too much, 415 for another media type.
    """
    body = await _body(request, max(request.app.state.settings.body_limit, largest))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body and kind not in media:
        if media is MERGE_PATCH:
            raise Unread(415, f'Unsupported media type "{kind}" in request.')
        return {}, {}
    if kind not in media:
        raise Unread(415, f'Unsupported media type "{kind}" in request.')
    if kind in (FORM, MULTIPART):
        return await _form(request, body)
    return _json(body), {}


async def _body(request: Request, limit: int) -> bytes:
    made = bytearray()
    async for chunk in request.stream():
        made += chunk
        if len(made) > limit:
            raise Unread(413, "Request Entity Too Large")
    return bytes(made)


def _json(body: bytes) -> Any:
    if not body:
        return {}
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unread(400, f"JSON parse error - {error.msg}") from None


async def _form(request: Request, body: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        form = await Request(request.scope, receive).form(max_part_size=len(body) + 1)
        # `charset=unicode_escape` and its like make texts that nothing can write
        "".join(text for pair in form.multi_items() for text in pair if isinstance(text, str)).encode()
    except (MultiPartException, HTTPException, ValueError):
        raise Unread(400, "Multipart form parse error - the body is malformed.") from None
    values: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        else:
            values[name] = value
    await form.close()
    return values, files
