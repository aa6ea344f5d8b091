"""Column types that are spelled differently on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, types


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class SqliteInstant(types.UserDefinedType[datetime]):
    """Fixed-width ISO 8601 text in UTC, so that it sorts as it reads: 2024-03-01T10:11:12.123456+00:00."""

    cache_ok = True

    def get_col_spec(self, **options: Any) -> str:
        return "VARCHAR(32)"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        def spell(value: datetime | None) -> str | None:
            return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

        return spell

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        parse = datetime.fromisoformat
        return lambda text: None if text is None else parse(text)


class Instant(types.TypeDecorator[datetime]):
    """A point in time, always aware and in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(SqliteInstant())
        return dialect.type_descriptor(DateTime(timezone=True))

    @property
    def python_type(self) -> type[datetime]:
        return datetime
