"""How long it is from one instant to another, which the two databases spell differently."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.db.types import Instant


class _WeeksBetween(FunctionElement[float]):
    name = "weeks_between"
    type = Float()
    inherit_cache = True


def weeks_between(since: ColumnElement[Any], until: datetime | ColumnElement[Any]) -> ColumnElement[float]:
    """Weeks from one instant to another, as a fraction; null where one of them is."""
    return _WeeksBetween(since, until if isinstance(until, ColumnElement) else literal(until, Instant()))


@compiles(_WeeksBetween, "sqlite")
def _sqlite(element: _WeeksBetween, compiler: Any, **options: Any) -> str:
    since, until = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({until}) - julianday({since})) / 7.0)"


@compiles(_WeeksBetween, "postgresql")
def _postgresql(element: _WeeksBetween, compiler: Any, **options: Any) -> str:
    since, until = (compiler.process(each, **options) for each in element.clauses)
    return f"(EXTRACT(EPOCH FROM ({until} - {since})) / 604800.0)"
