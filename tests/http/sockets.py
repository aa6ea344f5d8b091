"""A WebSocket client of an application in this process, which shares the test's event loop and transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.types import Message

PROTOCOL = "graphql-transport-ws"
PATIENCE = 30  # seconds until a test that waits in vain fails


@dataclass(slots=True)
class Socket:
    """The client's end: `say` and `hear`. `protocol` is what the server chose."""

    heard: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    said: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    protocol: str | None = None

    async def say(self, kind: str, id: str | None = None, payload: Any = None) -> None:
        """Send a message."""
        body = {"type": kind, "id": id, "payload": payload}
        await self.frame(text=orjson.dumps({key: value for key, value in body.items() if value is not None}).decode())

    async def frame(self, **content: Any) -> None:
        """Send a frame of `text` or `bytes`."""
        await self.said.put({"type": "websocket.receive", **content})

    async def hear(self) -> Any:
        """The next message; (code, reason) when the server ends the connection."""
        event = await asyncio.wait_for(self.heard.get(), PATIENCE)
        if event["type"] == "websocket.close":
            return event["code"], event["reason"]
        return orjson.loads(event["text"])

    async def greet(self, token: str | None = None) -> None:
        """Begin as whoever holds the token."""
        await self.say("connection_init", payload={"Authorization": f"Bearer {token}"} if token else None)
        assert await self.hear() == {"type": "connection_ack"}

    async def ask(self, id: str, query: str, /, **variables: Any) -> None:
        """Begin an operation."""
        await self.say("subscribe", id, {"query": query, "variables": variables})


@asynccontextmanager
async def opened(
    app: Starlette, headers: Mapping[str, str] | None = None, protocols: tuple[str, ...] = (PROTOCOL,)
) -> AsyncIterator[Socket]:
    """A connection to `/graphql`. The client leaves at the end, and the server has nothing left to do then."""
    socket = Socket()
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "scheme": "ws",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "subprotocols": list(protocols),
    }
    await socket.said.put({"type": "websocket.connect"})
    served = asyncio.create_task(app(scope, socket.said.get, socket.heard.put))
    accepted = await asyncio.wait_for(socket.heard.get(), PATIENCE)
    assert accepted["type"] == "websocket.accept"
    socket.protocol = accepted["subprotocol"]
    yield socket
    await socket.said.put({"type": "websocket.disconnect", "code": 1000})
    await asyncio.wait_for(served, PATIENCE)
