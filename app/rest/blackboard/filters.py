"""Filters and orders of collections, from a query's parameters to the graph's arguments (contract, §1.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.errors import BadRequest

Where = dict[str, Any]
FLAGS = {"true": True, "false": False}
COMPARISONS = {"lessThan": "lt", "greaterOrEqual": "gte"}
SORTED = re.compile(r"\s*([^()\s]+)\s*(?:\(\s*([^()]*)\)?)?\s*")
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.I)


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter: which condition its text is. `compared`: `<name>Compare` says in which direction."""

    make: Callable[[str], Where]
    compared: str = ""


def contains(field: str) -> Filter:
    """Contains a text, in any case."""
    return Filter(lambda text: {field: {"contains": text}} if text.isprintable() else {field: {"in": []}})


def equal(field: str) -> Filter:
    """Equals a text."""
    return Filter(lambda text: {field: {"eq": text}} if text.isprintable() else {field: {"in": []}})


def is_flag(field: str) -> Filter:
    """Is true, or is false."""
    return Filter(lambda text: {field: {"eq": flag(text, field)}})


def one_of(field: str, words: Mapping[str, Any], *, closed: bool = True) -> Filter:
    """Is what a word stands for: a value, or conditions of its own. Others are wrong where it is `closed`."""

    def make(text: str) -> Where:
        if text not in words and not closed:
            return {field: {"in": []}}
        if text not in words:
            raise BadRequest(f"Invalid value: {text}. Expected one of {', '.join(words)}.")
        found = words[text]
        return found if isinstance(found, dict) else {field: {"eq": found}}

    return Filter(make)


def since(field: str) -> Filter:
    """Not before an instant, or before it."""
    return Filter(lambda text: {field: instant(text).isoformat()}, compared=field)


def where(query: Mapping[str, str], filters: Mapping[str, Filter]) -> list[Where]:
    """The conditions that a query asks for, which must all hold. Raises BadRequest."""
    made = []
    for name, each in filters.items():
        text = query.get(name)
        if text is None:
            continue
        condition = each.make(text)
        if each.compared:
            condition = {each.compared: {comparison(query, name): condition[each.compared]}}
        made.append(condition)
    return made


def comparison(query: Mapping[str, str], name: str) -> str:
    """The graph's operator for `<name>Compare`. Raises BadRequest."""
    asked = query.get(name + "Compare", "greaterOrEqual")
    if asked not in COMPARISONS:
        raise BadRequest(f"Invalid value: {asked}. Expected one of {', '.join(COMPARISONS)}.")
    return COMPARISONS[asked]


def order(text: str | None, fields: Mapping[str, str]) -> list[dict[str, str]]:
    """The graph's `orderBy` for a list such as `name(desc),created`. Raises BadRequest for what can't be sorted by."""
    made = []
    for each in filter(str.strip, (text or "").split(",")):
        found = SORTED.fullmatch(each)
        if found is None or found[1] not in fields:
            raise BadRequest(f"Cannot sort by {each.strip()}. Expected one of {', '.join(fields)}.")
        falls = (found[2] or "").strip().lower() == "desc"
        made.append({"field": fields[found[1]], "direction": "DESC" if falls else "ASC"})
    return made


def flag(text: str, name: str) -> bool:
    """A truth value. Raises BadRequest."""
    if text.strip().lower() not in FLAGS:
        raise BadRequest(f"{name} must be true or false.")
    return FLAGS[text.strip().lower()]


def instant(text: str) -> datetime:
    """An instant, in UTC where no offset is given. Raises BadRequest."""
    bare = text.strip().replace(" ", "+") if "T" in text else text.strip()
    found = INSTANT.fullmatch(bare)
    try:
        if found is None:
            raise ValueError
        made = datetime.fromisoformat(bare.upper().replace(",", "."))
        return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(f"Invalid date: {text}") from None
