"""What a request says, wherever it says it: path before body before query, bracket names as nested values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from app.rest.autolab.form import Form
from app.rest.autolab.refusals import Refused

FALSE_WORDS = {"false", "0", "f", "off"}
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
PART = re.compile(r"\[([^\[\]]*)\]")
MOST_PARTS = 8
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
TOKENS = ("access_token", "bearer_token")


async def parameters(request: Request) -> dict[str, Any]:
    """All parameters beside those of the path. Raises Refused 400 for a body that cannot be read."""
    sent = nested(request.query_params.multi_items())
    return sent | await _body(request)


async def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == MULTIPART:
        return await _form(request)
    content = await _content(request)
    if not content:
        return {}
    if kind == "application/json":
        try:
            found = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise Refused(400, "The request's body is not JSON") from None
        return found if isinstance(found, dict) else {}
    if kind == FORM:
        text = content.decode(errors="replace")
        return nested(parse_qsl(text, keep_blank_values=True))
    return {}


async def _content(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > request.app.state.settings.body_limit:
            raise Refused(400, "The request's body is too large")
    return bytes(content)


async def _form(request: Request) -> dict[str, Any]:
    """The fields of a form up to the file that the operation waits for; to the end where no token is known by then."""
    form = Form(request, request.app.state.settings.body_limit)
    request.state.form = form
    await form.read(getattr(request.state, "awaited", ""))
    known = nested([*request.query_params.multi_items(), *form.fields])
    if form.file is not None and "authorization" not in request.headers and not any(map(known.get, TOKENS)):
        await form.hold()
    return nested(form.fields)


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Values by name, with `a[b]` as an object in `a` and `a[]` as a list; what does not fit together is left out."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        parts = NAME.fullmatch(name)
        path = PART.findall(parts[2]) if parts is not None else []
        if parts is None or len(path) > MOST_PARTS:
            made[name] = value
        else:
            _put(made, [parts[1], *path], value)
    return made


def _put(into: dict[str, Any], path: list[str], value: Any) -> None:
    name, *rest = path
    if not rest:
        into[name] = value
    elif rest[0] != "":
        inner = into.setdefault(name, {})
        if isinstance(inner, dict):
            _put(inner, rest, value)
    else:
        items = into.setdefault(name, [])
        if isinstance(items, list):
            _append(items, rest[1:], value)


def _append(items: list[Any], path: list[str], value: Any) -> None:
    """One more value of a list; of a list of objects the last one until it has the key already."""
    if not path:
        items.append(value)
        return
    is_list = len(path) > 1 and path[1] == ""
    last = items[-1] if items and isinstance(items[-1], dict) else None
    if last is None or (path[0] in last and not is_list):
        items.append(last := {})
    _put(last, path, value)


def flag(value: Any) -> bool | None:
    """A boolean as it is sent: empty is null, a few words are false, everything else is true."""
    if value is None or value == "":
        return None
    return str(value).lower() not in FALSE_WORDS


def text(value: Any) -> str | None:
    """A text as it is sent; numbers and booleans of JSON are written out, other values are null."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def required(sent: Mapping[str, Any], name: str) -> Any:
    """A parameter's value. Raises Refused 400 where it is absent or null."""
    if sent.get(name) is None:
        raise Refused(400, f"Required parameter '{name}' not found")
    return sent[name]
