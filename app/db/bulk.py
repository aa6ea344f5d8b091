"""Many rows at once, past the ORM: driver-level inserts, ids drawn beforehand, staging tables. For importers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import JSON, Table, cast, func, select, text
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable, DropTable

from app.db.session import Database

Row = tuple[Any, ...]
Advance = Callable[[int], None]

CHUNK = 20_000


class Memo(dict[Any, Any]):
    """A function's values by argument, computed when first asked for: `memo[argument]`."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, argument: Any) -> Any:
        value = self[argument] = self._function(argument)
        return value


async def insert_many(
    db: Database, table: Table, columns: Sequence[str], rows: Sequence[Row], advance: Advance | None = None
) -> None:
    """Insert `rows` (tuples in the order of `columns`), within the open transaction.

    `executemany` on SQLite, COPY on PostgreSQL. Values are the Python values of the column types; columns left out
    get their server default or null. `advance` is told the number of rows of each chunk written. Raises IntegrityError.
    """
    connection = await db.connection()
    respell = _respeller(table, columns, connection.dialect)
    write = _copy if db.dialect == "postgresql" else _execute_many
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        await write(connection, table, columns, respell(chunk))
        if advance is not None:
            advance(len(chunk))


async def allocate(db: Database, table: Table, count: int) -> Sequence[int]:
    """`count` fresh ascending ids of a table. On SQLite the caller holds the write lock, as every transaction does."""
    if count == 0:
        return ()
    if db.dialect == "postgresql":
        sequence = select(cast(func.pg_get_serial_sequence(table.name, "id"), REGCLASS)).scalar_subquery()
        drawn = select(func.nextval(sequence).label("id")).select_from(func.generate_series(1, count))
        ids: list[int] = await db.scalar(select(func.array_agg(drawn.subquery().c.id)))
        return ids
    first = await db.scalar(select(func.coalesce(func.max(table.c.id), 0))) + 1
    return range(first, first + count)


@asynccontextmanager
async def staged(
    db: Database, table: Table, columns: Sequence[str], rows: Sequence[Row], advance: Advance | None = None
) -> AsyncIterator[None]:
    """A temporary `table` that holds `rows` within the block. A rollback removes it as well."""
    await db.execute(CreateTable(table))
    await insert_many(db, table, columns, rows, advance)
    yield
    await db.execute(DropTable(table))


def _respeller(table: Table, columns: Sequence[str], dialect: Dialect) -> Callable[[Sequence[Row]], Sequence[Row]]:
    """Turns Python values into what the driver stores, column by column (many rows share few values)."""
    spell: dict[int, Callable[[Any], Any]] = {}
    for place, name in enumerate(columns):
        kind = table.c[name].type
        processor = kind.dialect_impl(dialect).bind_processor(dialect)
        if processor is not None:
            spell[place] = processor if isinstance(kind, JSON) else Memo(processor).__getitem__

    def respell(rows: Sequence[Row]) -> Sequence[Row]:
        if not spell:
            return rows
        values: list[Any] = list(zip(*rows, strict=True))
        for place, function in spell.items():
            values[place] = map(function, values[place])
        return list(zip(*values, strict=True))

    return respell


async def _execute_many(connection: AsyncConnection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    names, marks = ", ".join(map(quote, columns)), ", ".join("?" * len(columns))
    await connection.exec_driver_sql(f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})", list(rows))


async def _copy(connection: AsyncConnection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    # COPY goes round SQLAlchemy, which begins the transaction only with its own first statement.
    await connection.execute(text("SELECT 1"))
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    try:
        await driver.copy_records_to_table(table.name, records=rows, columns=list(columns))
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(f"COPY {table.name}", None, error) from error
