"""Pages of other sites that may ask this one: a front end that is served from an address of its own."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TOLD = ("Content-Disposition", "Content-Range", "Date", "ETag", "Link", "Location", "Retry-After", "X-Request-Id")
"""Headers of an answer that a browser lets those pages read, beside those that it lets all read."""


class Origins:
    """ASGI middleware: CORS, with cookies, for the sites of the settings; nothing for any other."""

    def __init__(self, app: ASGIApp, trusted: Collection[str]) -> None:
        self._app, self._trusted = app, trusted
        self._open = CORSMiddleware(
            app,
            allow_origins=tuple(trusted),
            allow_methods=METHODS,
            allow_headers=["*"],
            allow_credentials=True,
            expose_headers=TOLD,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what the browser asks first, and mark the answers."""
        is_trusted = scope["type"] == "http" and Headers(scope=scope).get("origin") in self._trusted
        await (self._open if is_trusted else self._app)(scope, receive, send)
