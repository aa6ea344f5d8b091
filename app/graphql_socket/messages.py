"""Messages of the protocol `graphql-transport-ws`, and the codes that end a connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson
from graphql import ExecutionResult
from starlette.types import Message as Event

from schema.core.errors import formatted

PROTOCOL = "graphql-transport-ws"


class Close(IntEnum):
    """Why the server ends a connection."""

    INVALID = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    NO_PROTOCOL = 4406
    SILENT = 4408
    TAKEN = 4409
    GREETED_TWICE = 4429


class Closing(Exception):
    """The connection ends, for this reason."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """What a client says; `id` names an operation of the connection, and is empty where none is meant."""

    kind: str
    id: str
    payload: Any


def read(event: Event) -> Message:
    """The message in a frame. Raises Closing for what is none."""
    try:
        body = orjson.loads(event.get("text") or "")
    except orjson.JSONDecodeError:
        raise Closing(Close.INVALID, "A message is JSON in a text frame.") from None
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise Closing(Close.INVALID, "A message is an object with a `type`.")
    kind, name = body["type"], body.get("id", "")
    if not isinstance(name, str) or (kind in ("subscribe", "complete") and not name):
        raise Closing(Close.INVALID, f"The `id` of `{kind[:20]}` is a text that is not empty.")
    return Message(kind, name, body.get("payload"))


def written(kind: str, id: str | None = None, payload: Any = None) -> str:
    """A message of the server."""
    body = {"type": kind} | ({} if id is None else {"id": id}) | ({} if payload is None else {"payload": payload})
    return orjson.dumps(body).decode()


def told(result: ExecutionResult) -> dict[str, Any]:
    """The payload of `next`."""
    errors = [formatted(error) for error in result.errors or ()]
    return {"data": result.data} | ({"errors": errors} if errors else {})
