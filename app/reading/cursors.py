"""Where a page begins: the cursor as a predicate, whose values fit the columns that they are compared with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, true

from app.db.compiled import given
from app.db.paging import OrderKey, after, decode_cursor
from app.errors import BadRequest

INT32, INT64 = 2**31, 2**63
FIRST_YEAR, LAST_YEAR = 1, 9999
"""In these years an instant may have no spelling in UTC; no column holds one."""


Begun = tuple[bool, ...] | None


class Beginning(NamedTuple):
    """Where a page begins: which of its order's values are null there (`form`; None at the start), and the values."""

    form: Begun
    values: dict[str, Any]


START = Beginning(None, {})


def begin(keys: list[OrderKey], cursor: str) -> Beginning:
    """What a cursor says. Raises BadRequest for one that was not made for the order of `keys`."""
    values = decode_cursor(cursor, keys)
    if not all(_fits(value, key) for value, key in zip(values, keys, strict=True)):
        raise BadRequest("the cursor is not one of this connection")
    form = tuple(value is None for value in values)
    return Beginning(form, {_parameter(place): value for place, value in enumerate(values)})


def following(keys: list[OrderKey], form: Begun) -> ColumnElement[bool]:
    """Rows after a beginning of this form, in the order of `keys`."""
    if form is None:
        return true()
    parameters = [given(_parameter(place), key.expression.type) for place, key in enumerate(keys)]
    return after(keys, [None if is_null else each for each, is_null in zip(parameters, form, strict=True)])


def _parameter(place: int) -> str:
    return f"after_{place}"


def _fits(value: Any, key: OrderKey) -> bool:
    """Whether the column of a key could hold the value. Drivers refuse what it could not, each in its own way."""
    if isinstance(value, datetime):
        return FIRST_YEAR < value.year < LAST_YEAR
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < (INT64 if isinstance(key.expression.type, BigInteger) else INT32)
    return True
