"""The endpoint `/graphql` for WebSockets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from app.context import Clock
from app.db.session import Database
from app.graphql_socket.connection import Connection
from app.graphql_socket.messages import PROTOCOL, Close
from app.graphql_socket.watch import Watch
from app.graphql_view.bounds import limits_of
from app.graphql_view.documents import Documents
from app.settings import Settings
from schema.core.graph import Graph

LEAST_MILLISECONDS = 10
READERS = 2
"""Subscriptions that read the database at a time: all others, and requests, come in between."""


class GraphQLSocket:
    """Connections of clients, as an ASGI application.

    `patience` is how many seconds a client may take to greet, `recheck_seconds` how often a token is looked at while
    nothing happens.
    """

    def __init__(self, graph: Graph, settings: Settings, open_database: Callable[[], Database], clock: Clock) -> None:
        self.graph, self.open_database, self.clock = graph, open_database, clock
        self.limits = limits_of(settings)
        self.is_schema_public = settings.public_introspection
        self.documents = Documents(settings.registered_only)
        self.is_schema_public = settings.public_introspection
        self.watch = Watch(open_database, clock, max(settings.watch_milliseconds, LEAST_MILLISECONDS) / 1000)
        self.turns = asyncio.Semaphore(READERS)
        self.patience, self.recheck_seconds = 10.0, 30.0
        self._most = settings.max_subscriptions
        self._open: Counter[Hashable] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        socket = WebSocket(scope, receive, send)
        if PROTOCOL not in scope["subprotocols"]:
            await socket.accept()
            await socket.close(Close.NO_PROTOCOL, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        await Connection(self, socket).serve()

    @property
    def open_operations(self) -> int:
        """How many operations are open in all."""
        return self._open.total()

    def admit(self, holder: Hashable) -> bool:
        """Count one operation more of whoever it is, if they may have it."""
        if self._open[holder] >= self._most:
            return False
        self._open[holder] += 1
        return True

    def dismiss(self, holder: Hashable) -> None:
        """Count one less."""
        self._open[holder] -= 1
        if not self._open[holder]:
            del self._open[holder]
