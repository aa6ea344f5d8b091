"""Rules that inputs of every domain keep: what fits into a column, numbers in range, dates in order."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Boolean, Float, Integer, String

from app.db.base import Base
from app.db.types import Instant
from app.errors import RuleBroken, UserErrorCode

MAX_INTEGER = 2**30  # the next number after it must fit as well
GREATEST = 1e12  # sums of many must stay exact enough, and finite
MAX_DEPTH = 32
FIRST_YEAR, LAST_YEAR = 2, 9998  # the ends of the calendar are infinity to databases


def camel(name: str) -> str:
    """The spelling of a column in the graph's inputs: `start_at` is `startAt`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def fitted(model: type[Base], values: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The values as they go into the columns of the same names: texts trimmed, instants in UTC.

    Raises RuleBroken at (`path`, the column's camelCase name): REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE.
    """
    return {name: _fitted(model, name, value, (*path, camel(name))) for name, value in values.items()}


def _fitted(model: type[Base], name: str, value: Any, field: tuple[str, ...]) -> Any:
    column = model.__table__.c[name]
    if value is None:
        if not column.nullable:
            raise RuleBroken(UserErrorCode.REQUIRED, "a value is needed", *field)
        return None
    kind = column.type
    if isinstance(kind, String):
        may_be_empty = column.nullable or getattr(column.default, "arg", None) == ""
        return text(value, *field, max_length=kind.length, may_be_empty=may_be_empty) or (
            None if column.nullable else ""
        )
    if isinstance(kind, Instant):
        return instant(value, *field)
    if isinstance(kind, Float):
        return number(value, *field)
    if isinstance(kind, Integer):
        return whole(value, *field)
    return value if isinstance(kind, Boolean) else json(value, *field)


def text(value: str, *field: str, max_length: int | None = None, may_be_empty: bool = False) -> str:
    """A trimmed text without control codes. Only texts without a length may have more than one line."""
    trimmed = value.strip()
    if not trimmed and not may_be_empty:
        raise RuleBroken(UserErrorCode.REQUIRED, "the text is empty", *field)
    if max_length is not None and len(trimmed) > max_length:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {max_length} characters", *field)
    allowed = "\n\r\t" if max_length is None else ""
    if any(is_control(character) and character not in allowed for character in trimmed):
        raise RuleBroken(UserErrorCode.INVALID, "the text has characters that cannot be printed", *field)
    return trimmed


def is_control(character: str) -> bool:
    """Whether a character is a control code or half of a surrogate pair, neither of which a database should hold."""
    return unicodedata.category(character) in ("Cc", "Cs")


def number(value: float, *field: str, minimum: float | None = None, maximum: float | None = None) -> float:
    """A finite number, not below `minimum` and not above `maximum`."""
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise RuleBroken(UserErrorCode.INVALID, "not a finite number", *field)
    if abs(value) > GREATEST:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, f"above {GREATEST:g}", *field)
    if minimum is not None and value < minimum:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, f"below {minimum:g}", *field)
    if maximum is not None and value > maximum:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, f"above {maximum:g}", *field)
    return float(value)


def whole(value: int, *field: str) -> int:
    """An integer of at most 2**30 in size."""
    if abs(value) > MAX_INTEGER:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "the number is too large", *field)
    return value


def at_least(minimum: float, values: Mapping[str, Any], *names: str, path: tuple[str, ...] = ()) -> None:
    """Raise OUT_OF_RANGE at the first of the named values that is below `minimum`. Null and absent ones are fine."""
    for name in names:
        if values.get(name) is not None and values[name] < minimum:
            raise RuleBroken(UserErrorCode.OUT_OF_RANGE, f"below {minimum:g}", *path, camel(name))


def instant(value: datetime, *field: str) -> datetime:
    """A point in time, in UTC."""
    if value.tzinfo is None:
        raise RuleBroken(UserErrorCode.INVALID, "a time without a time zone is no point in time", *field)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "the date is out of the calendar", *field)
    return value.astimezone(UTC)


def in_order(values: Mapping[str, datetime | None], *path: str) -> None:
    """Raise OUT_OF_RANGE unless the instants, where given, do not decrease in the mapping's order."""
    latest: datetime | None = None
    before = ""
    for name, value in values.items():
        if value is None:
            continue
        if latest is not None and value < latest:
            raise RuleBroken(UserErrorCode.OUT_OF_RANGE, f"earlier than {camel(before)}", *path, camel(name))
        latest, before = value, name


def json(value: Any, *field: str, depth: int = MAX_DEPTH) -> Any:
    """A JSON value that both databases can hold: no NUL, no half surrogates, finite numbers, at most 32 levels."""
    if depth == 0:
        raise RuleBroken(UserErrorCode.INVALID, "nested too deep", *field)
    if isinstance(value, str):
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
            raise RuleBroken(UserErrorCode.INVALID, "the text has characters that cannot be stored", *field)
    elif isinstance(value, float | int):
        if not isinstance(value, float) and abs(value) >= 2**63:
            raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "the number is too large", *field)
        number(value, *field)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            json(str(key), *field)
            json(each, *field, depth=depth - 1)
    elif isinstance(value, list | tuple):
        for each in value:
            json(each, *field, depth=depth - 1)
    elif value is not None:
        raise RuleBroken(UserErrorCode.INVALID, "not a JSON value", *field)
    return value


def zone_name(value: str, *field: str) -> str:
    """The name of a time zone, such as `America/Chicago`."""
    try:
        return ZoneInfo(text(value, *field, max_length=64)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RuleBroken(UserErrorCode.INVALID, "no such time zone", *field) from None


def email_address(value: str | None, *field: str) -> None:
    """Raise INVALID unless a text, where given, has the form of an e-mail address."""
    if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise RuleBroken(UserErrorCode.INVALID, "not an e-mail address", *field)


def web_address(value: str | None, *field: str) -> None:
    """Raise INVALID unless a text, where given, is an address that a browser opens: `https://uni.example/lab.html`."""
    if value is not None and not re.fullmatch(r"https?://[^\s/]+\S*", value, re.IGNORECASE):
        raise RuleBroken(UserErrorCode.INVALID, "not an http or https address", *field)
