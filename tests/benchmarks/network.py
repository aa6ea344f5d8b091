"""An application served by uvicorn in a process of its own, asked over one connection on the loopback interface."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from app.server import HTTP, LOOP
from tests.benchmarks.comparison import Answer, Run
from tests.benchmarks.exchange import Request, Unsuccessful

Make = Callable[[], ASGIApp]
"""Makes the application in the server's process: a function of a module, or a partial of one."""


class Connection:
    """A connection that is kept open; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def sending(self, request: Request) -> Run:
        """Sends a request. Raises Unsuccessful unless the status is 200."""
        wire = request.wire()

        async def run() -> Answer:
            self.writer.write(wire)
            head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await self.reader.readexactly(length)
            if not head.startswith(b"http/1.1 200 "):
                raise Unsuccessful(f"{request.method} {request.path} answers {body[:500]!r}")
            return Answer(body, None)

        return run


@asynccontextmanager
async def served(make: Make) -> AsyncIterator[Connection]:
    """A connection to a new server, which ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(listener, make), daemon=True)
        process.start()
    try:  # only the server holds the socket now: when it dies, the connection does
        reader, writer = await asyncio.open_connection(*address)
        yield Connection(reader, writer)
        writer.close()
    finally:
        process.terminate()
        process.join()


def _serve(listener: socket.socket, make: Make) -> None:
    config = uvicorn.Config(make(), http=HTTP, loop=LOOP, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run([listener])
