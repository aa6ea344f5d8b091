"""Connections that stay open at hand: a pool takes longer to hand one out than PostgreSQL to answer."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class Warm(NamedTuple):
    """A connection and the driver's own connection below it."""

    connection: AsyncConnection
    driver: Any


class WarmConnections:
    """At most `size` connections of an engine, each used by one request at a time and kept for the next."""

    def __init__(self, engine: AsyncEngine, size: int) -> None:
        self._engine = engine
        self._idle: list[Warm] = []
        self._free = asyncio.Semaphore(size)

    async def take(self) -> Warm:
        """A connection, when one is free. Raises what the engine raises when it can't connect."""
        await self._free.acquire()
        try:
            while self._idle:
                warm = self._idle.pop()
                if not warm.driver.is_closed():
                    return warm
                await warm.connection.close()
            connection = await self._engine.connect()
            return Warm(connection, (await connection.get_raw_connection()).driver_connection)
        except BaseException:
            self._free.release()
            raise

    async def give(self, warm: Warm) -> None:
        """Give a connection back; what was not committed is rolled back, and one that is broken is closed."""
        is_whole = False
        try:
            if warm.connection.in_transaction():
                await warm.connection.rollback()
            is_whole = not (warm.driver.is_closed() or warm.connection.invalidated)
        finally:
            try:
                if is_whole:
                    self._idle.append(warm)
                else:
                    await warm.connection.close()
            finally:
                self._free.release()

    async def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            await self._idle.pop().connection.close()
