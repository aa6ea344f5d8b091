"""How keys of objects are spelled, described and read again: an object is a table of its keys (contract, §1.3 and §4).

A missing value's key is absent; a parent of which nothing is left is absent, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.errors import BadRequest
from app.rest.blackboard import filters, ids
from app.rest.route import Row, Schema

ABSENT = object()


class Wrong(ValueError):
    """A value that is sent is not of the kind that its key asks for; says what is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its JSON schema, how it is spelled, how it is read; `read` raises Wrong."""

    schema: Schema
    spell: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True, slots=True)
class Key:
    """One key, or by dots a key in an object: what it is made of, and the input that it is written to.

    `of` is a name in the document's data, by dots in an object of it; `.` for all of it; the path's last step when
    absent. Where there is no value it is made of `else_of`, or is `else_`. `staff`: learners are not told.
    """

    path: str
    kind: Kind
    of: str = ""
    write: str = ""
    else_of: str = ""
    else_: Any = None
    staff: bool = False

    @property
    def steps(self) -> list[str]:
        return self.path.split(".")


@dataclass(frozen=True, slots=True)
class Thing:
    """An object: its keys in order, and what is in it where that is asked for."""

    keys: tuple[Key, ...]
    expanded: Mapping[str, Thing] = field(default_factory=dict)

    def spelled(self, row: Row, *, to_staff: bool = True) -> Row:
        """The object of a row."""
        made: Row = {}
        for key in self.keys:
            if key.staff and not to_staff:
                continue
            value = found(row, key.of or key.steps[-1])
            value = found(row, key.else_of) if value is None and key.else_of else value
            value = key.else_ if value is None else key.kind.spell(value)
            if value is not None:
                put(made, key.steps, value)
        for name, thing in self.expanded.items():
            if row.get(name) is not None:
                made[name] = thing.spelled(row[name], to_staff=to_staff)
        return made

    def schema(self) -> Schema:
        """The JSON schema: closed, nothing required, as `fields` may leave out any key."""
        tree: Row = {}
        for key in self.keys:
            put(tree, key.steps, key.kind.schema)
        tree |= {name: thing.schema() for name, thing in self.expanded.items()}
        return _object(tree)

    def read(self, sent: Row) -> Row:
        """The input that writes what is sent; keys that cannot be written are passed over. Raises BadRequest."""
        made: Row = {}
        for key in self.keys:
            value = _sent(sent, key.steps) if key.write else ABSENT
            if value is ABSENT:
                continue
            try:
                made[key.write] = None if value is None else key.kind.read(value)
            except Wrong as error:
                raise BadRequest(f"{key.path}: {error}") from None
        return made


def found(row: Row, path: str) -> Any:
    """The value at a path of a row, `.` being the row; None where something on the way is missing."""
    value: Any = row
    if path == ".":
        return row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def put(made: Row, steps: list[str], value: Any) -> None:
    """Set a value in an object of objects."""
    for step in steps[:-1]:
        made = made.setdefault(step, {})
    made[steps[-1]] = value


def _sent(sent: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        if sent is None:
            return ABSENT
        if not isinstance(sent, dict):
            raise BadRequest(f"An object is asked for around {step}.")
        sent = sent.get(step, ABSENT)
        if sent is ABSENT:
            return ABSENT
    return sent


def _object(tree: Row) -> Schema:
    properties = {
        name: each if "type" in each and isinstance(each["type"], str) else _object(each) for name, each in tree.items()
    }
    return {"type": "object", "properties": properties, "required": [], "additionalProperties": False}


def spelled_instant(value: datetime) -> str:
    """UTC with milliseconds and `Z`."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def plain(value: float) -> float:
    """A whole number without its fraction."""
    return int(value) if value == int(value) else value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("a text is asked for")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("true or false is asked for")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("a number is asked for")
    if not math.isfinite(value):
        raise Wrong("a finite number is asked for")
    return float(value)


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number) or not abs(number) < 2**31:
        raise Wrong("a whole number is asked for")
    return int(number)


def _instant(value: Any) -> str:
    try:
        return filters.instant(_text(value)).isoformat()
    except BadRequest:
        raise Wrong("a date and time such as 2023-09-08T15:35:05.817Z is asked for") from None


def _key(value: Any) -> str:
    try:
        return str(ids.parse(_text(value)).key)
    except BadRequest:
        raise Wrong("an id such as _12_1 is asked for") from None


def _named(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong("an object is asked for")
    return value


def words(spellings: Mapping[str, str], **older: str) -> Kind:
    """One of these texts, by what it stands for; `older` ones are read, too: {text: what it stands for}."""
    meanings = {text: meaning for meaning, text in spellings.items()} | older

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in meanings:
            raise Wrong(f"one of {', '.join(spellings.values())} is asked for")
        return meanings[value]

    return Kind({"type": "string", "enum": list(spellings.values())}, lambda value: spellings[value], read)


def enum(*texts: str) -> Schema:
    """The schema of one of these texts."""
    return {"type": "string", "enum": list(texts)}


def made(schema: Schema, of: Callable[[Any], Any], read: Kind | None = None) -> Kind:
    """A kind of value that is made of others; what is sent is read as another kind, if at all."""
    return Kind(schema, of) if read is None else Kind(schema, of, read.read)


TEXT = Kind({"type": "string"}, read=_text)
FLAG = Kind({"type": "boolean"}, read=_flag)
NUMBER = Kind({"type": "number"}, plain, _number)
WHOLE = Kind({"type": "integer"}, read=_whole)
BIG = Kind({"type": "integer"}, int)
OBJECT = Kind({"type": "object"}, read=_named)
INSTANT = Kind(
    {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
    spelled_instant,
    _instant,
)


def _reference(value: Any) -> str:
    try:
        return ids.parse(_text(value).strip(), ids.EXTERNAL_FORMS).sent
    except BadRequest:
        raise Wrong("an id such as _12_1 or externalId:x is asked for") from None


ID = Kind({"type": "string", "pattern": "^_[0-9]+_1$"}, ids.spell, _key)
"""A primary id; read as a global key of the graph."""
REFERENCE = Kind(ID.schema, ids.spell, _reference)
"""A primary id, or as sent an external one: Asked.settle finds what it names."""
ANY = Kind({"type": "boolean"}, bool)
"""Whether there is any."""
TEXTS = Kind({"type": "array", "items": {"type": "string"}})
