"""How PrairieLearn spells values: instants in the course instance's time zone, and ids as numbers or as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.rest.route import Schema

ID = "_id"
FREE_FORM = {"params", "true_answer", "options", "submitted_answer", "partial_scores", "feedback", "data"}
"""Keys of stored JSON: what is called an id in there is not ours to respell."""

SCALARS: Mapping[str, Schema] = {
    "DateTime": {"type": "string", "format": "date-time", "pattern": r"T\d\d:\d\d:\d\d[+-]\d\d:\d\d$"},
    "JSON": {"type": "object"},
}


@dataclass(frozen=True, slots=True)
class Displayed:
    """An instant as it is shown to people: `2024-09-03 10:07:40 (CDT)`."""

    instant: datetime


def speller(zone: ZoneInfo) -> Any:
    """What spells the values that JSON does not know."""

    def spell(value: Any) -> str:
        if isinstance(value, datetime):
            return there(value, zone).isoformat(timespec="seconds")
        if isinstance(value, Displayed):
            return f"{there(value.instant, zone):%Y-%m-%d %H:%M:%S (%Z)}"
        raise TypeError(f"{type(value).__name__} has no spelling")

    return spell


def there(instant: datetime, zone: ZoneInfo) -> datetime:
    """The instant in a time zone; in UTC where the calendar ends and where offsets were not yet in whole minutes."""
    try:
        found = instant.astimezone(zone)
    except OverflowError:
        return instant.astimezone(UTC)
    offset = found.utcoffset()
    return instant.astimezone(UTC) if offset and offset.seconds % 60 else found


def with_string_ids(value: Any) -> Any:
    """The body with every id as text, as servers since September 2025 write them."""
    if isinstance(value, list):
        return [with_string_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: each if name in FREE_FORM else str(each) if _is_id(name, each) else with_string_ids(each)
        for name, each in value.items()
    }


def _is_id(name: str, value: Any) -> bool:
    return name.endswith(ID) and isinstance(value, int)


def with_string_ids_described(schema: Schema) -> Schema:
    """The schema of a body whose ids are text."""
    if "items" in schema:
        return {**schema, "items": with_string_ids_described(schema["items"])}
    properties = {
        name: _as_text(each) if name.endswith(ID) else with_string_ids_described(each)
        for name, each in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema


def _as_text(schema: Schema) -> Schema:
    kinds = {"integer": "string"}
    kind = schema["type"]
    return {
        **schema,
        "type": [kinds.get(each, each) for each in kind] if isinstance(kind, list) else kinds.get(kind, kind),
    }
