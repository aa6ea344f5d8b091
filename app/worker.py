"""Jobs are done: in a process that does nothing else, or within one that serves."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from app.context import Clock
from app.db.bell import Bell
from app.domain.jobs.kinds import OpenDatabase
from app.domain.jobs.running import Station
from app.mail import mailer_of
from app.settings import Settings

SHORTEST = 0.05
"""Seconds between two looks at least, whatever the setting says."""
GRACE_SECONDS = 5
"""For the job that is being done when a server is told to stop; then it is given back."""
log = logging.getLogger("campusgraph.jobs")


class Worker:
    """Does what is due, one job after the other, until it is told to stop."""

    def __init__(self, station: Station, bell: Bell, seconds: float) -> None:
        self.station, self.bell, self.seconds = station, bell, max(seconds, SHORTEST)
        self.is_stopping = False

    async def run(self) -> None:
        """Work. A database that fails is a line in the log: there is a next time."""
        while not self.is_stopping:
            self.bell.still()
            if not await self._did_something() and not self.is_stopping:
                await self.bell.heard(self.seconds)

    def stop(self) -> None:
        """Begin nothing any more: `run` ends with the job that is being done."""
        self.is_stopping = True
        self.bell.ring()

    async def _did_something(self) -> bool:
        try:
            return await self.station.run_next()
        except (OSError, SQLAlchemyError) as error:
            log.warning("no job could be taken: %s", " ".join(str(error).split())[:300])
            return False


def station_of(settings: Settings, open_database: OpenDatabase, clock: Clock) -> Station:
    """A place of work with a name that no other has. Raises ConfigurationError for a bad URL of the mail server."""
    name = f"{socket.gethostname()[:24]} {os.getpid()} {uuid4().hex[:16]}"
    return Station(name, open_database, clock, mailer_of(settings), settings.mail_from)


@asynccontextmanager
async def working(station: Station, bell: Bell, seconds: float) -> AsyncIterator[None]:
    """Do jobs until the end of the context; one that takes longer than a few seconds then is given back."""
    worker = Worker(station, bell, seconds)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        _, late = await asyncio.wait({task}, timeout=GRACE_SECONDS)
        if late:
            task.cancel()
            await asyncio.wait({task})


async def until_told(worker: Worker) -> None:
    """Work until SIGTERM or SIGINT; the job that is being done is finished, at the second signal given back."""
    loop, task = asyncio.get_running_loop(), asyncio.create_task(worker.run())

    def told() -> None:
        if worker.is_stopping:
            task.cancel()
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()
