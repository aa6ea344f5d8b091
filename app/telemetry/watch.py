"""The middleware that follows each request: its id, its line in the log, its metrics, its span."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from time import perf_counter
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry import metrics
from app.telemetry.passage import HEADER, Passage, current, id_for
from app.telemetry.tracing import Span, Tracing

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
NO_ROUTE = "none"
GONE = 499
"""The status that is counted when the client left before there was an answer."""
QUIET = {"/healthz", "/readyz", "/metrics"}
"""Routes that programs ask all day: a line in the log is for what fails."""
log = logging.getLogger("campusgraph.requests")


class Watch:
    """ASGI middleware. `routes` are the application's: their templates stand for the paths that are asked."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], tracing: Tracing | None, logs: bool) -> None:
        self._app, self._tracing, self._logs = app, tracing, logs
        self._templates = dict(templates(routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, and look at what comes back."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        passage = Passage(id_for(scope["headers"]), self._tracing)
        token = current.set(passage)
        try:
            if scope["type"] == "http":
                await self._watched(passage, scope, receive, send)
            else:
                await self._app(scope, receive, send)
        finally:
            current.reset(token)

    async def _watched(self, passage: Passage, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        with nullcontext() if self._tracing is None else self._tracing.request(scope["headers"]) as span:
            try:
                await self._answered(passage, scope, receive, send)
            finally:
                self._tell(passage, scope, perf_counter() - started, span)

    async def _answered(self, passage: Passage, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                passage.status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, passage.id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, marked)
        except Exception:
            if passage.status is not None:
                raise  # the server breaks the connection off, and says so
            log.exception("unforeseen error")
            text = f"Internal Server Error\nRequest {passage.id}\n"
            await PlainTextResponse(text, 500)(scope, receive, marked)

    def _tell(self, passage: Passage, scope: Scope, seconds: float, span: Span | None) -> None:
        route = self._templates.get(id(scope.get("route")), NO_ROUTE)
        method, status = _method(scope), passage.status or GONE
        metrics.request_answered(method, route, status, seconds)
        if self._logs and (route not in QUIET or status >= 500):
            fields = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 2)}
            log.info("request", extra={"fields": fields | _run(passage)})
        if span is not None:
            told: dict[str, Any] = {"http.route": route, "http.response.status_code": status}
            told |= {"http.request.method": method, "campusgraph.request_id": passage.id}
            span.tell(status >= 500, told, name=f"{method} {route}")


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in METHODS else OTHER


def _run(passage: Passage) -> dict[str, Any]:
    """What a request ran of the graph."""
    if not passage.operations:
        return {}
    return {"operations": passage.operations, "statements": passage.statements}


def templates(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[int, str]]:
    """(identity of a route, its path as it is declared) of all routes, those in mounts with their mount's path."""
    for route in routes:
        if isinstance(route, Mount):
            yield id(route), prefix + route.path
            yield from templates(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            yield id(route), prefix + route.path
