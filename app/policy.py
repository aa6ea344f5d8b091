"""Who sees what: the registry of visibility predicates and of masked columns.

Each domain's `policy.py` fills it. `visible(Model)` is an SQL predicate that every read carries; `masked(column)` is
the SQL expression that stands in for a column of which not every reader of the row may see the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, case, false, literal, not_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.db.base import Base, owner
from app.principal import Principal


@dataclass(frozen=True, slots=True)
class Viewing:
    """A principal at a moment: all that a predicate may depend on."""

    principal: Principal
    now: datetime


Predicate = Callable[[Viewing], ColumnElement[bool]]
Mask = Callable[[Viewing], ColumnElement[Any]]
Shown = Callable[..., ColumnElement[Any]]

_predicates: dict[type[Base], Predicate] = {}
_existences: dict[type[Base], Callable[[], ColumnElement[bool]]] = {}
_masks: dict[tuple[Any, str], Mask] = {}
_veiled: set[tuple[Any, str]] = set()


def visibility(model: type[Base]) -> Callable[[Predicate], Predicate]:
    """Register the predicate of `model` for signed-in people who are not administrators."""

    def register(predicate: Predicate) -> Predicate:
        if model in _predicates:
            raise ValueError(f"{model.__name__} has a visibility predicate already")
        _predicates[model] = predicate
        return predicate

    return register


def existence(model: type[Base]) -> Callable[[Callable[[], ColumnElement[bool]]], Callable[[], ColumnElement[bool]]]:
    """Register what it takes for a row of `model` to exist for anybody, administrators included: not being deleted."""

    def register(predicate: Callable[[], ColumnElement[bool]]) -> Callable[[], ColumnElement[bool]]:
        _existences[model] = predicate
        return predicate

    return register


def exists_unless(column: InstrumentedAttribute[int], deleted: Callable[[], Select[Any]]) -> None:
    """Register that a row goes with the one that its `column` names: it exists unless that is among the `deleted`.

    For parents that are few, such as assessments: all that are deleted are found before the rows are read.
    """
    existence(owner(column))(lambda: column.not_in(deleted()))


def exists_with(model: type[Base], parent: type[Base], *path: ColumnElement[bool]) -> None:
    """Register that a row of `model` goes with the row of `parent` that the joins of `path` lead to.

    For parents that are many, such as submissions: the parent of each row is looked up.
    """

    def exists() -> ColumnElement[bool]:
        gone = select(literal(1)).where(*path, not_(_existences[parent]())).correlate(model)
        return ~gone.exists()

    existence(model)(exists)


def mask(*attributes: InstrumentedAttribute[Any]) -> Callable[[Shown], Shown]:
    """Register, for each attribute, the expression seen by signed-in people who are not administrators."""

    def register(expression: Shown) -> Shown:
        for attribute in attributes:
            _masks[attribute.class_, attribute.key] = partial(_applied, expression, attribute)
        return expression

    return register


def veil(*attributes: InstrumentedAttribute[Any]) -> Callable[[Predicate], Predicate]:
    """Register, for each attribute, when its value is shown to signed-in people who are not administrators; else null.

    What is veiled may be looked up by: the reading layer keeps the column itself in such conditions, for its index.
    """

    def register(is_shown: Predicate) -> Predicate:
        mask(*attributes)(lambda viewing, attribute: case((is_shown(viewing), attribute)))
        _veiled.update((attribute.class_, attribute.key) for attribute in attributes)
        return is_shown

    return register


def _applied(expression: Shown, attribute: Any, viewing: Viewing) -> ColumnElement[Any]:
    return expression(viewing, attribute)


def visible(model: type[Base], viewing: Viewing) -> ColumnElement[bool]:
    """The rows of `model` that the principal sees: administrators all that exist, strangers none."""
    existing = _existences[model]() if model in _existences else true()
    if viewing.principal.is_admin:
        return existing
    if viewing.principal.user_id is None:
        return false()
    return and_(existing, _predicates[model](viewing))


def masked(attribute: InstrumentedAttribute[Any], viewing: Viewing) -> ColumnElement[Any]:
    """What the principal sees of a column of a row that is visible to them."""
    found = None if viewing.principal.is_admin else _masks.get((attribute.class_, attribute.key))
    return cast("ColumnElement[Any]", attribute) if found is None else found(viewing)


def is_masked(attribute: InstrumentedAttribute[Any]) -> bool:
    """Whether some readers of the row may not see the column's value."""
    return (attribute.class_, attribute.key) in _masks


def is_veiled(attribute: InstrumentedAttribute[Any]) -> bool:
    """Whether readers see either the column's value or nothing."""
    return (attribute.class_, attribute.key) in _veiled


def require_complete(models: list[type[Base]]) -> None:
    """Raise LookupError when a model has no predicate: nothing may be readable by oversight."""
    missing = [model.__name__ for model in models if model not in _predicates]
    if missing:
        raise LookupError(f"no visibility predicate for {', '.join(sorted(missing))}")
