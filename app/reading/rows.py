"""Rows as named tuples: one shape for each model and set of columns."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, inspect
from sqlalchemy.orm import InstrumentedAttribute

from app.db.base import Base, owner
from app.policy import Viewing, is_veiled, masked, visible

Row = tuple[Any, ...]


@cache
def shape(model: type[Base], names: tuple[str, ...]) -> Any:
    """The named tuple for these columns of `model`; it knows its model as `model_`."""
    made = namedtuple(model.__name__, names)  # type: ignore[misc]
    return type(model.__name__, (made,), {"__slots__": (), "model_": model})


def key_name(model: type[Base]) -> str:
    """The name of the model's primary key."""
    return str(inspect(model).primary_key[0].key)


def expressions(viewing: Viewing, model: type[Base], names: Iterable[str]) -> list[ColumnElement[Any]]:
    """What to select for the named columns: the columns, or what the principal may see of them."""
    return [masked(getattr(model, name), viewing).label(name) for name in names]


def children(viewing: Viewing, foreign: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Which rows are shown as children of what `foreign` refers to: visible ones, where the principal may know that."""
    shown = visible(owner(foreign), viewing)
    return and_(shown, masked(foreign, viewing).is_not(None)) if is_veiled(foreign) else shown


def shaped(model: type[Base], names: tuple[str, ...], rows: Sequence[Any], skip: int = 0) -> list[Any]:
    """Rows of a result, less their first `skip` columns, as named tuples."""
    make = shape(model, names)._make
    return [make(row[skip:]) for row in rows] if skip else [make(row) for row in rows]
