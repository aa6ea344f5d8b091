"""Whether answers say the same, however they spell instants and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.benchmarks.comparison import Unequal, said

INSTANTS = {"dueAt", "start_date"}


def normalised(value: Any, key: str = "") -> Any:
    """A JSON value with its instants as instants."""
    if isinstance(value, dict):
        return {name: normalised(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [normalised(each) for each in value]
    return datetime.fromisoformat(value) if key in INSTANTS and value is not None else value


def require_same(what: str, answers: Mapping[str, bytes]) -> None:
    """Raises Unequal unless all answers have the content of the first."""
    first, *others = answers
    expected = normalised(said(answers[first]))
    for name in others:
        if normalised(said(answers[name])) != expected:
            raise Unequal(f"{what}: {name} says {answers[name][:300]!r}, {first} says {answers[first][:300]!r}")
