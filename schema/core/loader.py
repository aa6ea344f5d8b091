"""Collects the keys that resolvers ask for in one turn of the event loop and loads them together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any

from app.telemetry import metrics

Batch = Callable[[list[Any]], Awaitable[Sequence[Any]]]
MISSING = object()


class Loader:
    """Loads values by key, each key once a request (until `clear`).

    Each caller gets a future of its own: graphql-core cancels siblings of a failed field, and a future shared between
    callers would be cancelled for all of them.
    """

    __slots__ = ("_batch", "_loaded", "_running", "_start_handle", "_waiting")

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._loaded: dict[Hashable, Any] = {}
        self._waiting: dict[Hashable, list[asyncio.Future[Any]]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._start_handle: asyncio.Handle | None = None

    def load(self, key: Hashable) -> Any:
        """The value, when it is there already, else a future of it."""
        value = self._loaded.get(key, MISSING)
        if value is not MISSING:
            return value
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if not self._waiting:
            self._start_handle = loop.call_soon(self._start)
        self._waiting.setdefault(key, []).append(future)
        return future

    def clear(self) -> None:
        """Forget what was loaded: something was written."""
        self._loaded.clear()

    def stop(self) -> set[asyncio.Task[None]]:
        """Start no more loads; those that are under way. Nobody waits for them after a failed operation."""
        if self._start_handle is not None:
            self._start_handle.cancel()
        for future in (each for futures in self._waiting.values() for each in futures):
            future.cancel()  # else a task that still waits for it would never end
        self._waiting.clear()
        return self._running

    def _start(self) -> None:
        waiting, self._waiting = self._waiting, {}
        task = asyncio.get_running_loop().create_task(self._run(waiting))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, waiting: dict[Hashable, list[asyncio.Future[Any]]]) -> None:
        metrics.batch_loaded(len(waiting))
        try:
            values = await self._batch(list(waiting))
        except BaseException as error:
            for future in (each for futures in waiting.values() for each in futures):
                if not future.done():
                    future.set_exception(error)
            if isinstance(error, Exception):
                return
            raise
        for (key, futures), value in zip(waiting.items(), values, strict=True):
            self._loaded[key] = value
            for future in futures:
                if not future.done():
                    future.set_result(value)
