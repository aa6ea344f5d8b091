"""One connection, from the greeting to the end: which messages may come when, and what they begin."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.context import Context
from app.db.session import Database
from app.errors import DomainError, LimitExceeded
from app.graphql_socket.messages import Close, Closing, Message, read, written
from app.graphql_socket.operation import Operation
from app.graphql_view.asking import asked
from app.graphql_view.caller import bearer
from app.graphql_view.metering import Meter
from app.graphql_view.refusal import Refused
from app.principal import Principal
from app.web.session import COOKIE, visitor

if TYPE_CHECKING:
    from app.graphql_socket.view import GraphQLSocket


class Connection:
    """A client whose socket is open, and its operations."""

    def __init__(self, view: GraphQLSocket, socket: WebSocket) -> None:
        self.view, self.socket = view, socket
        self._authorization: str | None = socket.headers.get("authorization")
        self._is_open = True
        self._operations: dict[str, Operation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        self._greeted: asyncio.Future[None] = loop.create_future()
        self._failed: asyncio.Future[Closing] = loop.create_future()

    def meter(self, principal: Principal) -> Meter:
        """Where the points come from that operations cost."""
        return Meter.of(self.socket, self._authorization, principal, self.view.limits.points)

    @property
    def holder(self) -> Hashable:
        """Whose operations are counted together: those with the same token or session; else the connection's."""
        return self._authorization or self.socket.cookies.get(COOKIE) or self

    async def serve(self) -> None:
        """Answer until one side ends the connection. What has begun is finished."""
        reading = asyncio.create_task(self._read())
        try:
            await self._attend(reading)
        except Closing as closing:
            self._is_open = False
            with suppress(WebSocketDisconnect):
                await self.socket.close(closing.code, str(closing))
        finally:
            self._is_open = False
            reading.cancel()
            for operation in self._operations.values():
                operation.end()
            await asyncio.gather(reading, *self._tasks, return_exceptions=True)

    async def send(self, kind: str, id: str | None = None, payload: Any = None) -> None:
        """Say something, unless nobody listens any more."""
        if self._is_open:
            try:
                await self.socket.send_text(written(kind, id, payload))
            except WebSocketDisconnect:
                self._is_open = False

    async def signed_in(self, db: Database) -> Principal:
        """Who is at the other end. Raises Closing when they may not ask any more."""
        try:
            if self._authorization is None:
                return await visitor(self.socket, Context(Principal.anonymous, db, self.view.clock))
            return await bearer(self._authorization, db, self.view.clock())
        except DomainError as error:
            raise Closing(Close.UNAUTHORIZED, str(error)) from None

    def fail(self, closing: Closing) -> None:
        """End the connection."""
        if not self._failed.done():
            self._failed.set_result(closing)

    def forget(self, operation: Operation) -> None:
        """The operation has ended: its id is free."""
        if self._operations.get(operation.id) is operation:
            del self._operations[operation.id]

    async def _attend(self, reading: asyncio.Task[None]) -> None:
        """Wait for the greeting and for the end; look from time to time whether the token is still good.

        Raises Closing.
        """
        ends: set[asyncio.Future[Any]] = {reading, self._failed}
        first = asyncio.FIRST_COMPLETED
        done, _ = await asyncio.wait({*ends, self._greeted}, timeout=self.view.patience, return_when=first)
        if not done:
            raise Closing(Close.SILENT, "Connection initialisation timeout")
        while not done & ends:
            done, _ = await asyncio.wait(ends, timeout=self.view.recheck_seconds, return_when=first)
            if not done:
                async with self.view.open_database() as db:
                    await self.signed_in(db)
        if self._failed.done():
            raise self._failed.result()
        await reading

    async def _read(self) -> None:
        """Act on what the client says until it leaves. Raises Closing."""
        while (event := await self.socket.receive())["type"] != "websocket.disconnect":
            message = read(event)
            match message.kind:
                case "ping":
                    await self.send("pong", payload=message.payload)
                case "pong":
                    pass
                case "connection_init":
                    await self._greet(message.payload)
                case "subscribe":
                    await self._begin(message)
                case "complete":
                    if message.id in self._operations:
                        self._operations.pop(message.id).end()
                case _:
                    raise Closing(Close.INVALID, "There is no such type of message.")
        self._is_open = False

    async def _greet(self, payload: Any) -> None:
        """Take the token: of the payload's `Authorization`, else of the header; without one, the session's cookie."""
        if self._greeted.done():
            raise Closing(Close.GREETED_TWICE, "Too many initialisation requests")
        if not isinstance(payload, dict | None):
            raise Closing(Close.INVALID, "The payload of `connection_init` is an object.")
        given = {name.lower(): value for name, value in (payload or {}).items()}.get("authorization")
        if not isinstance(given, str | None):
            raise Closing(Close.INVALID, "`Authorization` is a text.")
        self._authorization = given or self._authorization
        try:
            async with self.view.open_database() as db:
                await self.signed_in(db)
        except Closing as closing:
            raise Closing(Close.FORBIDDEN, str(closing)) from None
        await self.send("connection_ack")
        self._greeted.set_result(None)

    async def _begin(self, message: Message) -> None:
        """Start an operation."""
        if not self._greeted.done():
            raise Closing(Close.UNAUTHORIZED, "Unauthorized")
        if message.id in self._operations:
            raise Closing(Close.TAKEN, f"Subscriber for {message.id[:80]} already exists")
        try:
            operation = Operation(self, message.id, asked(message.payload))
        except Refused as error:
            raise Closing(Close.INVALID, str(error)) from None
        if not self.view.admit(self.holder):
            refusal = {"message": "too many operations are open", "extensions": {"code": LimitExceeded.code}}
            await self.send("error", message.id, [refusal])
            return
        self._operations[message.id] = operation
        task = asyncio.create_task(self._run(operation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, operation: Operation) -> None:
        try:
            await operation.run()
        finally:
            self.view.dismiss(self.holder)
