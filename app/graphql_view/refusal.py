"""Requests that are not executed: the status and the code of the answer."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A request that is no executable GraphQL request: status, code, headers and extensions of its answer."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: dict[str, str] | None = None,
        extensions: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.headers, self.extensions = status, code, headers or {}, extensions or {}


class Unexecutable(Refused):
    """A well-formed request for what can't be executed: its status is 200 where plain JSON is answered."""
