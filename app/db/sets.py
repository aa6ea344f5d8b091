"""Sets of integer keys as ONE bound parameter, so that a statement's text does not depend on how many they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import orjson
from sqlalchemy import ARRAY, BigInteger, BindParameter, Boolean, ColumnElement, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator

Keys = Iterable[int] | BindParameter[Any]


class KeySet(TypeDecorator[list[int]]):
    """A list of integers: a JSON text on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(ARRAY(BigInteger) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return value if dialect.name == "postgresql" else orjson.dumps(value).decode()


class _MemberOf(FunctionElement[bool]):
    name = "member_of"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:
        """Itself: SQLAlchemy would compare it with 1 on SQLite, and no index would be used."""
        return self


def member_of(column: ColumnElement[Any] | InstrumentedAttribute[Any], keys: Keys) -> ColumnElement[bool]:
    """`column IN keys`, for integers of any size, or for a parameter that holds them."""
    if not isinstance(keys, BindParameter):
        keys = bindparam(None, list(keys), type_=KeySet(), unique=True)
    return _MemberOf(column, keys)


@compiles(_MemberOf, "sqlite")
def _sqlite(element: _MemberOf, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"


@compiles(_MemberOf, "postgresql")
def _postgresql(element: _MemberOf, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({keys})"
