"""One connection and one transaction at a time for a request, and the only door to the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from types import TracebackType
from typing import Any, Self

from sqlalchemy import CursorResult, Dialect, Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.db.bell import Bell
from app.db.compiled import Read
from app.db.deadline import Deadline
from app.db.engine import BELL, FILES, FREEZES_GRADES, IMMEDIATE
from app.db.quick import QuickReader
from app.db.warm import Warm, WarmConnections
from app.files.store import FileStore
from app.turns import slices

Rows = Sequence[Any]


class Database:
    """A request's connection, opened when first needed.

    Sibling resolvers share it, so statements queue behind a lock. `statements` counts them. With a quick reader, short
    reads outside of a transaction need no connection; with warm connections there is one at hand.
    """

    def __init__(
        self, engine: AsyncEngine, quick: QuickReader | None = None, warm: WarmConnections | None = None
    ) -> None:
        self._engine = engine
        self._quick, self._warm = quick, warm
        self._connection: AsyncConnection | None = None
        self._lock = asyncio.Lock()
        self._writing = False
        self._rings = False
        self._driver: Any = None
        self._closed = False
        self._deadline: Deadline | None = None
        self.statements = 0

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def engine(self) -> AsyncEngine:
        """What other databases of this process are opened on."""
        return self._engine

    @property
    def sqlalchemy_dialect(self) -> Dialect:
        """The dialect that statements are compiled for."""
        return self._engine.dialect

    @property
    def files(self) -> FileStore:
        """Where the bytes of files are."""
        store: FileStore = self._engine.get_execution_options()[FILES]
        return store

    @property
    def bell(self) -> Bell:
        """Rung in this process by transactions that made work."""
        bell: Bell = self._engine.get_execution_options()[BELL]
        return bell

    @property
    def freezes_grades(self) -> bool:
        """Whether the installation says that old grades are final."""
        return bool(self._engine.get_execution_options()[FREEZES_GRADES])

    def ring_on_commit(self) -> None:
        """Ring the bell once the transaction that is open is committed."""
        self._rings = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def fetch(self, statement: Executable, params: Any = None) -> Rows:
        """All rows of a statement, as tuples."""
        result = await self.execute(statement, params)
        return result.fetchall()

    async def scalar(self, statement: Executable, params: Any = None) -> Any:
        """The first column of the first row, or None."""
        rows = await self.fetch(statement, params)
        return rows[0][0] if rows else None

    async def execute(self, statement: Executable, params: Any = None) -> CursorResult[Any]:
        """Run one statement; a list of `params` runs it for each (bulk)."""
        async with self._lock:
            connection = await self._open()
            self.statements += 1
            async with self._timed(connection):
                return await connection.execute(statement, params)

    async def read(self, read: Read, given: Mapping[str, Any]) -> Rows:
        """The rows of a compiled statement as tuples of Python values."""
        rows = await self.read_raw(read, given)
        if read.convert is None:
            return rows
        made: list[Any] = []
        async for each in slices(rows):
            made += read.convert(each)
        return made

    async def read_raw(self, read: Read, given: Mapping[str, Any]) -> Rows:
        """The rows of a compiled statement, from the driver's own cursor, as the driver gives them.

        Outside of a transaction each statement sees what was committed when it began, on both databases.
        """
        values = read.values(given)
        self._check()
        if self._quick is not None and not self._writing:
            rows: Rows | None = self._quick.rows(read.sql, values)
            if rows is not None:
                self.statements += 1
                return rows
        async with self._lock:
            connection = await self._open()
            if self._driver is None:
                self._driver = (await connection.get_raw_connection()).driver_connection
            self.statements += 1
            found: Rows
            async with self._timed(connection):
                if self.dialect == "sqlite":
                    found = await self._driver.execute_fetchall(read.sql, values)
                else:
                    found = await self._driver.fetch(read.sql, *values)
        return found

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Stop what runs in the block when so many seconds have passed: statements then raise TimedOut."""
        self._deadline = deadline = Deadline(seconds)
        try:
            yield
        finally:
            deadline.lift()
            self._deadline = None

    def _timed(self, connection: AsyncConnection) -> AbstractAsyncContextManager[None]:
        """For one statement. Raises TimedOut when there is no time any more."""
        return nullcontext() if self._deadline is None else self._deadline.on(connection)

    def _check(self) -> None:
        if self._deadline is not None:
            self._deadline.check()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commit when the block ends, roll back when it raises. Not to be nested."""
        if self._writing:
            raise RuntimeError("a transaction is already open")
        async with self._lock:
            if self._connection is not None:
                await self._connection.rollback()
            connection = await self._open()
            await connection.execution_options(**{IMMEDIATE: True})
        self._writing = True
        try:
            yield
            self._check()
            await connection.commit()
            if self._rings:
                self.bell.ring()
        except BaseException:
            await connection.rollback()
            raise
        finally:
            self._writing = self._rings = False
            await connection.execution_options(**{IMMEDIATE: False})

    async def connection(self) -> AsyncConnection:
        """The open connection itself. For `app.db.bulk`, which nothing else runs beside."""
        return await self._open()

    async def close(self) -> None:
        """Give the connection back; what was not committed is rolled back. Nothing can be read afterwards."""
        self._closed = True
        await self.release()

    async def release(self) -> None:
        """Give the connection back until the next statement: for a request that waits for something else."""
        async with self._lock:  # what a failed operation left behind may still be reading
            if self._connection is not None:
                connection, driver, self._connection, self._driver = self._connection, self._driver, None, None
                if self._warm is None:
                    await connection.close()
                else:
                    await self._warm.give(Warm(connection, driver))

    async def _open(self) -> AsyncConnection:
        if self._connection is None:
            if self._closed:
                raise RuntimeError("the database was closed: the request is over")
            if self._warm is None:
                self._connection = await self._engine.connect()
            else:
                self._connection, self._driver = await self._warm.take()
        return self._connection
