"""Short reads of an SQLite file without a thread: most statements take less time than the way to a thread and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.db import texts

STEPS = 2_500
"""Instructions of SQLite's virtual machine between two calls of the handler that ends long reads.

SQLite counts over all runs of a statement: the first call may come at once, the second says that the read is long. So
it may take 5,000 at most: half a millisecond.
"""
TURNS_IN_THREADS = 16
"""How often a statement that took longer is left to threads before it is tried here again, with other keys perhaps."""
LONG_STATEMENTS = 2_000
"""How many of these are remembered."""


class QuickReader:
    """A connection of the event loop's own, which nobody writes to and whose statements are all short."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._long: dict[str, int] = {}
        self._calls = 0

    def rows(self, sql: str, values: Sequence[Any]) -> list[Any] | None:
        """The rows of a SELECT, as last committed; None when it takes too long, or fails: then let a thread do it."""
        if turns := self._long.get(sql):
            self._long[sql] = turns - 1
            return None
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._calls = 0
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error:
            if len(self._long) == LONG_STATEMENTS:
                self._long.clear()
            self._long[sql] = TURNS_IN_THREADS
            return None

    def close(self) -> None:
        """Close the connection; the next read opens one again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, timeout=0, isolation_level=None, cached_statements=1_000, uri=True)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA mmap_size = 268435456")
        texts.install(connection)
        connection.set_progress_handler(self._is_long, STEPS)
        return connection

    def _is_long(self) -> bool:
        self._calls += 1
        return self._calls > 1
