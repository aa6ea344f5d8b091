"""Where a page begins: the cursor as a predicate, whose values fit the columns that they are compared with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement

from app.db.paging import OrderKey, after, decode_cursor
from app.errors import BadRequest

INT32, INT64 = 2**31, 2**63
FIRST_YEAR, LAST_YEAR = 1, 9999
"""In these years an instant may have no spelling in UTC; no column holds one."""


def following(keys: list[OrderKey], cursor: str) -> ColumnElement[bool]:
    """Rows after the cursor in the order of `keys`. Raises BadRequest for a cursor that was not made for it."""
    values = decode_cursor(cursor, keys)
    if not all(_fits(value, key) for value, key in zip(values, keys, strict=True)):
        raise BadRequest("the cursor is not one of this connection")
    return after(keys, values)


def _fits(value: Any, key: OrderKey) -> bool:
    """Whether the column of a key could hold the value. Drivers refuse what it could not, each in its own way."""
    if isinstance(value, datetime):
        return FIRST_YEAR < value.year < LAST_YEAR
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < (INT64 if isinstance(key.expression.type, BigInteger) else INT32)
    return True
