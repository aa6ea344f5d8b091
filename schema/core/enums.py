"""Enums of the domain as enums of the graph: the names are the domain's, the descriptions are given here."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry


def describe_enum(enum: type[Enum], description: str, **values: str) -> Any:
    """Make `enum` an enum of the graph. Raises KeyError unless each of its values is described."""
    strawberry.enum(enum, description=description)
    definition: Any = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values.pop(value.name)
    if values:
        raise KeyError(f"{enum.__name__} has no {', '.join(values)}")
    return enum
