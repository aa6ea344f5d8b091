"""Scalars. Leaf values stay Python objects: whoever writes the answer spells instants and free-form JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from schema.core.limits import MAX_VALUE_LEVELS

INT64 = 2**63
FIRST_YEAR, LAST_YEAR = 1, 9999
"""Databases take the moments at the ends of these years for infinity."""

BigInt = NewType("BigInt", int)
Json = NewType("Json", object)
Base64 = NewType("Base64", str)


def _as_is(value: Any) -> Any:
    return value


def _parse_instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("a DateTime is an ISO 8601 text")
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"not an ISO 8601 date and time: {value!r}") from None
    if instant.tzinfo is None:
        raise ValueError(f"a DateTime needs an offset from UTC or Z: {value!r}")
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise ValueError(f"out of range: {value!r}")
    return instant.astimezone(UTC)


def _parse_big_int(value: Any) -> int:
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 21:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -INT64 <= value < INT64:
        raise ValueError("a BigInt is a whole number of at most 64 bits")
    return value


def parse_text(value: Any) -> str:
    """A text that every database can store. Raises ValueError for NUL and for halves of surrogate pairs."""
    if not isinstance(value, str):
        raise ValueError("a text was expected")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("a text may contain neither NUL nor unpaired surrogates")
    return value


def parse_json(value: Any, levels: int = MAX_VALUE_LEVELS) -> Any:
    """A JSON value that every database can store. Raises ValueError where a text or a number in it can't be.

    And for one of more levels than resolvers should have to walk.
    """
    if isinstance(value, str):
        return parse_text(value)
    if isinstance(value, list | dict) and levels == 0:
        raise ValueError(f"JSON may nest at most {MAX_VALUE_LEVELS} levels")
    if isinstance(value, list):
        return [parse_json(each, levels - 1) for each in value]
    if isinstance(value, dict):
        return {parse_text(name): parse_json(each, levels - 1) for name, each in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and not -INT64 <= value < INT64:
        raise ValueError("a number in JSON is out of range")
    return value


def _parse_json_literal(node: Any, variables: Any = None) -> Any:
    try:
        return parse_json(value_from_ast_untyped(node, variables))
    except RecursionError:
        raise ValueError("the JSON value nests too deep") from None


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant: ISO 8601 with an offset, `2024-03-01T10:11:12.123456+00:00`. Always UTC in answers.",
        serialize=_as_is,
        parse_value=_parse_instant,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of up to 64 bits.",
        serialize=_as_is,
        parse_value=_parse_big_int,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value, as it was stored.",
        serialize=_as_is,
        parse_value=parse_json,
        parse_literal=_parse_json_literal,
    ),
    Base64: strawberry.scalar(
        name="Base64", description="Bytes in base64 (RFC 4648).", serialize=_as_is, parse_value=parse_text
    ),
}
