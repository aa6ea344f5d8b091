"""What a request says: its parameters from wherever they stand, a Context for it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from app.context import Context
from app.errors import BadRequest
from app.principal import Principal
from app.transfer.multipart import Field, parts

MAX_FIELDS = 100
FORM = "multipart/form-data"


async def parameters(request: Request) -> dict[str, str]:
    """The texts among a request's parameters: in the query, over them those of a form of either kind or a JSON object.

    Raises HTTPException 413 for a body that is too long and 400 for one that can't be read.
    """
    query = request.scope["query_string"]
    body, content_type = await _read(request), request.headers.get("content-type", "")
    is_multipart = _kind(content_type) == FORM
    return _form(query) | (await _multipart(request, body) if is_multipart else _body(body, content_type))


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """The client's uid and secret by HTTP Basic; None when there are none or they can't be read."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        uid, colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (unquote_plus(uid), unquote_plus(secret)) if colon else None


def address(request: Request) -> str:
    """The client's network address."""
    return request.client.host if request.client else ""


@asynccontextmanager
async def opened(request: Request, principal: Principal = Principal.anonymous) -> AsyncIterator[Context]:
    """A Context of the application's database."""
    async with request.app.state.open_database() as db:
        yield Context(principal, db, request.app.state.clock)


def answered(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer that nobody keeps a copy of."""
    kept = {"Cache-Control": "no-store", "Pragma": "no-cache", **(headers or {})}
    return Response(orjson.dumps(body), status, kept, "application/json; charset=utf-8")


async def _read(request: Request) -> bytes:
    made = bytearray()
    async for chunk in request.stream():
        made += chunk
        if len(made) > request.app.state.settings.body_limit:
            raise HTTPException(413, "The body is too long.")
    return bytes(made)


async def _multipart(request: Request, body: bytes) -> dict[str, str]:
    """The fields of a form; files in it are not looked at."""

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        found = [each async for each in parts(Request(request.scope, again))]
    except BadRequest as error:
        raise HTTPException(400, f"{error}.") from None
    return {each.name: each.value for each in found if isinstance(each, Field)}


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _body(body: bytes, content_type: str) -> dict[str, str]:
    kind = _kind(content_type)
    if not body or kind not in ("application/json", "application/x-www-form-urlencoded"):
        return {}
    if kind != "application/json":
        return _form(body)
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise HTTPException(400, "The body is not JSON.") from None
    return {name: value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def _form(text: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(text.decode(errors="replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        raise HTTPException(400, "There are too many fields.") from None
