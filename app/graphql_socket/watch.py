"""Tells all that follow something in this process when it may have changed: one look at the database for them all.

The database is the truth: what other processes write is seen like one's own.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.context import Clock, Context
from app.db.session import Database
from app.domain.grades.watching import Sign, Topic, signs_of
from app.principal import Principal

log = logging.getLogger("campusgraph.watch")


class Watch:
    """Looks every `seconds` as long as anything is followed."""

    def __init__(self, open_database: Callable[[], Database], clock: Clock, seconds: float) -> None:
        self.open_database, self._clock, self._seconds = open_database, clock, seconds
        self._bells: defaultdict[Topic, set[asyncio.Event]] = defaultdict(set)
        self._signs: dict[Topic, Sign] = {}
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_looking(self) -> bool:
        """Whether anything is followed."""
        return self._task is not None

    @asynccontextmanager
    async def following(self, topic: Topic, bell: asyncio.Event) -> AsyncIterator[None]:
        """Within the context `bell` is set when the topic may have changed; at least when it has."""
        self._bells[topic].add(bell)
        if self._task is None:
            self._ended = asyncio.Event()
            self._task = asyncio.create_task(self._repeat(self._ended))
        try:
            yield
        finally:
            self._bells[topic].discard(bell)
            if not self._bells[topic]:
                del self._bells[topic]
                self._signs.pop(topic, None)
            if not self._bells:
                await self.close()

    async def look(self) -> None:
        """Ring for what has another sign than last time. A database that fails is a line in the log."""
        try:
            async with self.open_database() as db:
                found = await signs_of(Context(Principal.program, db, self._clock), list(self._bells))
        except (OSError, SQLAlchemyError) as error:
            log.warning("changes were not looked for: %s", " ".join(str(error).split())[:300])
            return
        for topic, sign in found.items():
            if topic in self._bells and self._signs.get(topic) != sign:
                self._signs[topic] = sign
                for bell in self._bells[topic]:
                    bell.set()

    async def close(self) -> None:
        """Look no more. What has begun is finished."""
        task, self._task = self._task, None
        self._ended.set()
        if task is not None:
            await task

    async def _repeat(self, ended: asyncio.Event) -> None:
        while not ended.is_set():
            await self.look()
            try:
                await asyncio.wait_for(ended.wait(), self._seconds)
            except TimeoutError:
                continue
