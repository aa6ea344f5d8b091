"""A request on its way through the server: what its log line, its metrics and its spans have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.telemetry.tracing import Tracing

HEADER = b"x-request-id"
SANE = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class Passage:
    """One request: its id, who makes its spans, the operations that it ran and how many statements they took."""

    __slots__ = ("id", "operations", "statements", "status", "tracing")

    def __init__(self, id: str, tracing: Tracing | None = None) -> None:
        self.id = id
        self.tracing = tracing
        self.status: int | None = None
        self.operations: list[str] = []
        self.statements = 0


current: ContextVar[Passage | None] = ContextVar("passage", default=None)
"""The request that is being answered here, if any."""


def request_id() -> str | None:
    """The id of the request that is being answered."""
    passage = current.get()
    return passage.id if passage is not None else None


def id_for(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id that the sender or a proxy gave a request, when it is one word of a sane length, else a new one."""
    for name, value in headers:
        if name == HEADER and SANE.fullmatch(value):
            return value.decode()
    return token_hex(16)
