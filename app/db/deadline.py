"""The end of a request's time: the statement that runs then is cancelled in the database, and no other begins."""

from __future__ import annotations

import asyncio
from types import TracebackType

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from app.errors import TimedOut

AGAIN = 0.02
"""Seconds until a statement that still runs is cancelled again: it may not have reached the database before."""


class Deadline:
    """`seconds` from now. As a context manager, what runs one statement: it raises TimedOut when that was cancelled.

    The connection can be used again afterwards; a transaction can only be rolled back.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._running: AsyncConnection | None = None
        self._cancelling: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(seconds, self._end)

    def lift(self) -> None:
        """End it before its time."""
        self._timer.cancel()

    def check(self) -> None:
        """Raise TimedOut when it is over."""
        if self.is_over:
            raise TimedOut(f"the request took longer than {self.seconds:g} seconds and was stopped")

    def on(self, connection: AsyncConnection) -> Deadline:
        """This deadline, for a statement on a connection. Raises TimedOut when it is over."""
        self.check()
        self._running = connection
        return self

    async def __aenter__(self) -> None:
        """Nothing: `on` has begun."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._running = None
        if self._cancelling is not None:
            await self._cancelling  # it must not meet the next statement of the connection
        if isinstance(error, Exception):
            self.check()

    def _end(self) -> None:
        self.is_over = True
        if self._running is not None:
            self._cancelling = asyncio.get_running_loop().create_task(self._cancel())

    async def _cancel(self) -> None:
        while self._running is not None:
            await cancel(self._running)
            await asyncio.sleep(AGAIN)


async def cancel(connection: AsyncConnection) -> None:
    """Cancel the statement that runs on a connection; nothing happens if none does.

    A PostgreSQL server that takes no other connection can't be told: then this one is cut.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    if connection.dialect.name == "sqlite":
        await driver.interrupt()
        return
    engine = create_async_engine(connection.engine.url, poolclass=NullPool)
    try:
        async with engine.connect() as other:
            await other.execute(select(func.pg_cancel_backend(driver.get_server_pid())))
    except (OSError, DBAPIError):
        driver.terminate()
