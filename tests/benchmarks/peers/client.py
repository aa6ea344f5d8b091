"""A client of HTTP/1.1 that costs little: one request at a time on a connection kept open, bodies where they land."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from tests.benchmarks.exchange import Unsuccessful

ROOM = 8 * 1024 * 1024
LONGEST_HEAD = 8 * 1024
HOST = "127.0.0.1"
ANSWER_SECONDS = 30


class Client(asyncio.BufferedProtocol):
    """One connection."""

    def __init__(self) -> None:
        self._room = memoryview(bytearray(ROOM))
        self._filled = self._start = self._end = 0
        self._transport: asyncio.Transport | None = None
        self._answered: asyncio.Future[memoryview] | None = None
        self._closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._closed.set()
        self._fail(Unsuccessful(f"the server closed the connection: {error or 'no reason'}"))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._room[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        if not self._end:
            self._read_head()
        if self._end and self._filled >= self._end and self._answered and not self._answered.done():
            self._answered.set_result(self._room[self._start : self._end])

    async def ask(self, wire: bytes) -> memoryview:
        """The body of the answer, which the next one overwrites. Raises Unsuccessful unless the status is 200."""
        assert self._transport is not None
        self._filled = self._start = self._end = 0
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(wire)
        return await self._answered

    async def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()
            await self._closed.wait()

    def _read_head(self) -> None:
        head, mark, _ = bytes(self._room[: min(self._filled, LONGEST_HEAD)]).partition(b"\r\n\r\n")
        if not mark:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if not head.startswith(b"HTTP/1.1 200 ") or not length:
            self._fail(Unsuccessful(f"an answer begins {bytes(self._room[: min(self._filled, 700)])!r}"))
            return
        self._start = len(head) + len(mark)
        self._end = self._start + int(length)
        if self._end > ROOM:
            self._fail(Unsuccessful(f"an answer of {int(length)} bytes is too large"))

    def _fail(self, error: Unsuccessful) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error)


@asynccontextmanager
async def connections(port: int, count: int = 1) -> AsyncIterator[list[Client]]:
    """So many connections to a server of this machine, closed with the block."""
    loop = asyncio.get_running_loop()
    opened: list[Client] = []
    try:
        for _ in range(count):
            opened.append((await loop.create_connection(Client, HOST, port))[1])
        yield opened
    finally:
        for each in opened:
            await each.close()


async def answer(port: int, wire: bytes) -> bytes:
    """One answer, on a connection of its own."""
    async with asyncio.timeout(ANSWER_SECONDS), connections(port) as (client,):
        return bytes(await client.ask(wire))
