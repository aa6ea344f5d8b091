"""Keyset paging: order keys, cursors, the predicate that starts after a cursor. Null sorts as the smallest value."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BindParameter, ColumnElement, and_, false, func, or_, select, true

from app.errors import BadRequest


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an order: a column expression, and what is needed to read its value back from a cursor."""

    name: str
    expression: ColumnElement[Any]
    python_type: type
    nullable: bool
    descending: bool = False

    def by(self) -> ColumnElement[Any]:
        """The ORDER BY element, the same on both databases."""
        directed = self.expression.desc() if self.descending else self.expression.asc()
        if not self.nullable:
            return directed
        return directed.nulls_last() if self.descending else directed.nulls_first()

    def equals(self, value: Any) -> ColumnElement[bool]:
        """Same place in this key."""
        return self.expression.is_(None) if value is None else self.expression == value

    def follows(self, value: Any) -> ColumnElement[bool]:
        """Strictly after `value` in this key's direction."""
        if value is None:
            return false() if self.descending else self.expression.is_not(None)
        if not self.descending:
            greater: ColumnElement[bool] = self.expression > value
            return greater
        smaller: ColumnElement[bool] = self.expression < value
        return or_(smaller, self.expression.is_(None)) if self.nullable else smaller


def after(keys: list[OrderKey], values: list[Any]) -> ColumnElement[bool]:
    """Rows after the row with these values, in the order of `keys` (the last of which is unique)."""
    alternatives = []
    for place, (key, value) in enumerate(zip(keys, values, strict=True)):
        equal = [k.equals(v) for k, v in zip(keys[:place], values[:place], strict=True)]
        alternatives.append(and_(*equal, key.follows(value)))
    return or_(*alternatives)


def first_of_each(
    model: Any,
    foreign: Any,
    columns: list[ColumnElement[Any]],
    shown: ColumnElement[bool],
    ordering: list[OrderKey],
    keys: BindParameter[Any],
    size: BindParameter[Any],
    dialect: str,
) -> Any:
    """For each of `keys`, in their order, the first `size` rows of `model` whose `foreign` column equals it.

    One index range for each key, whatever the rows of others: a lateral join on PostgreSQL, a correlated list of ids on
    SQLite, which has no lateral joins. Numbering all rows with a window function takes twice as long on both.
    """
    by = [key.by() for key in ordering]
    if dialect == "sqlite":
        each = func.json_each(keys).table_valued("key", "value", name="parents")
        chosen = select(model.id).where(foreign == each.c.value, shown).order_by(*by).limit(size).correlate(each)
        joined = select(foreign, *columns).select_from(each).join(model, model.id.in_(chosen))
        return joined.order_by(each.c.key, *by)
    each = func.unnest(keys).table_valued("value", with_ordinality="place").render_derived("parents")
    places = [key.expression.label(f"place_{index}") for index, key in enumerate(ordering)]
    rows = select(foreign.label("parent"), *columns, *places).where(foreign == each.c.value, shown)
    page = rows.order_by(*by).limit(size).correlate(each).lateral("page")
    wanted, order = list(page.c)[: len(columns) + 1], list(page.c)[len(columns) + 1 :]
    again = [replace(key, expression=place).by() for key, place in zip(ordering, order, strict=True)]
    return select(*wanted).select_from(each.join(page, true())).order_by(each.c.place, *again)


def encode_cursor(values: list[Any]) -> str:
    """An opaque cursor of a row's order values."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode_cursor(cursor: str, keys: list[OrderKey]) -> list[Any]:
    """The order values of a cursor. Raises BadRequest for one that was not made for this order."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, UnicodeEncodeError):
        raise BadRequest("the cursor is not one of this connection") from None
    if not isinstance(values, list) or len(values) != len(keys):
        raise BadRequest("the cursor is not one of this connection")
    return [_read(value, key) for value, key in zip(values, keys, strict=True)]


def _read(value: Any, key: OrderKey) -> Any:
    if value is None and key.nullable:
        return None
    if key.python_type is datetime and isinstance(value, str):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is not None and instant.tzinfo is not None:
            return instant
    elif key.python_type is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    elif type(value) is key.python_type and _storable(value):
        return value
    raise BadRequest("the cursor is not one of this connection")


def _storable(value: Any) -> bool:
    return "\0" not in value if isinstance(value, str) else not isinstance(value, int) or abs(value) < 2**63
