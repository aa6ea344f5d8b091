"""An HTTP request to an ASGI application without a network: what a client sends, what it gets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose scope is made once, so that sending it costs next to nothing."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def scope(self) -> dict[str, Any]:
        """The ASGI scope, without an application's own state."""
        path, _, query = self.path.partition("?")
        return {
            **{"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1"},
            **{"method": self.method, "scheme": "http", "path": path, "raw_path": path.encode()},
            **{
                "query_string": query.encode(),
                "root_path": "",
                "client": ("127.0.0.1", 1),
                "server": ("127.0.0.1", 80),
            },
            "headers": [(name.lower().encode(), value.encode()) for name, value in self.headers.items()],
        }

    def wire(self) -> bytes:
        """The request as bytes of HTTP/1.1 on a connection that stays open."""
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def graphql(text: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Request:
    """A GraphQL request as clients send it."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return Request("POST", "/graphql", headers, orjson.dumps({"query": text, "variables": variables or {}}))


class Unsuccessful(Exception):
    """An answer that is no success: there is nothing to measure."""


async def send(app: ASGIApp, request: Request) -> bytes:
    """The body of the answer. Raises Unsuccessful unless the status is 200."""
    status = 0
    chunks: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def take(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            chunks.append(message.get("body", b""))

    await app(request.scope(), receive, take)
    body = b"".join(chunks)
    if status != 200:
        raise Unsuccessful(f"{request.method} {request.path} answers {status}: {body[:500]!r}")
    return body
