"""The declarative base, the columns that every table has, and what a declaration needs to know of a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    FromClause,
    Index,
    MetaData,
    String,
    TableClause,
    column,
    inspect,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column

from app.db.types import Instant, utc_now

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    """All tables. `dict` and `list` columns hold JSON, `datetime` columns hold UTC instants."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {datetime: Instant(), dict[str, Any]: Json, list[str]: Json, list[Any]: Json}


class Identified:
    """An integer surrogate key: the one key that every external spelling maps to."""

    id: Mapped[int] = mapped_column(primary_key=True)


class Timestamped:
    """When the row was made and last changed (UTC)."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


def reference(table: str, *, index: bool = True, **options: Any) -> Any:
    """A foreign key to `table`.id, indexed. Rows are not deleted under their referrers."""
    return mapped_column(ForeignKey(f"{table}.id"), index=index, **options)


def few(name: str, column: str, condition: str) -> Index:
    """An index of the few rows that satisfy a condition."""
    return Index(name, column, sqlite_where=text(condition), postgresql_where=text(condition))


def one_of(column: str, enum: type[StrEnum], *, nullable: bool = False) -> CheckConstraint:
    """The constraint that keeps a text column within an enum's names."""
    names = ", ".join(f"'{each.value}'" for each in enum)
    null = f"{column} IS NULL OR " if nullable else ""
    return CheckConstraint(f"{null}{column} IN ({names})", name=column)


def enum_column(enum: type[StrEnum], default: StrEnum | None = None) -> Any:
    """A text column that holds an enum's value (pair it with `one_of` in __table_args__)."""
    return mapped_column(String(32), server_default=default.value if default is not None else None)


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a declaration of the graph needs to know of a mapped column."""

    model: type[Base]
    name: str
    python_type: type
    nullable: bool
    target: str | None  # the table that a foreign key refers to


def owner(attribute: InstrumentedAttribute[Any]) -> type[Base]:
    """The model that a mapped column attribute belongs to."""
    return cast("type[Base]", attribute.class_)


def facts(attribute: InstrumentedAttribute[Any]) -> ColumnFacts:
    """Facts of a mapped column attribute such as `User.id`."""
    model = owner(attribute)
    column = inspect(model).columns[attribute.key]
    target = next((key.column.table.name for key in column.foreign_keys), None) if column.foreign_keys else None
    return ColumnFacts(model, attribute.key, column.type.python_type, bool(column.nullable), target)


def renamed(model: type[Base]) -> FromClause:
    """The table of a model by a name of its own within a statement: much cheaper than an alias of the model."""
    return _light(model).alias()


@cache
def _light(model: type[Base]) -> TableClause:
    """The table's names and types alone: what else there is of a column takes long to copy into each alias."""
    return table(model.__tablename__, *(column(each.name, each.type) for each in model.__table__.columns))


def model_of_table(table: str) -> type[Base]:
    """The model mapped to a table. Raises LookupError when there is none."""
    for mapper in Base.registry.mappers:
        if getattr(mapper.local_table, "name", None) == table:
            return mapper.class_
    raise LookupError(f"no model is mapped to table {table!r}")
