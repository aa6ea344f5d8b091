"""From a request to the variables of a document: path before query before body, coerced by the declared type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode

from app.errors import BadRequest

INT32 = 2**31
NOWHERE = 0
"""Stands for an id that no row can have: integers beyond the key's range are not found, not an error."""

TRUE_WORDS = {"true", "1", "t", "yes", "on"}
FALSE_WORDS = {"false", "0", "f", "no", "off"}


def named(node: Any) -> str:
    """The name of the innermost type of a variable's declaration."""
    while isinstance(node, NonNullTypeNode | ListTypeNode):
        node = node.type
    assert isinstance(node, NamedTypeNode)
    return node.name.value


def bind(
    declared: Mapping[str, Any], path: Mapping[str, str], query: Mapping[str, str], body: Mapping[str, Any]
) -> dict[str, Any]:
    """The variables for a document. Raises BadRequest for a query parameter of the wrong type."""
    values: dict[str, Any] = {}
    for name, node in declared.items():
        if name in path:
            values[name] = bounded(path[name]) if named(node) == "Int" else path[name]
        elif name in query:
            values[name] = _from_text(name, query[name], named(node))
        elif name in body:
            values[name] = body[name]
    return values


def bounded(digits: str) -> int:
    """An integer key; NOWHERE beyond the range of keys."""
    return int(digits) if len(digits) < 11 and int(digits) < INT32 else NOWHERE


def _from_text(name: str, text: str, kind: str) -> Any:
    try:
        match kind:
            case "Int":
                return int(text)
            case "Float":
                return float(text)
            case "Boolean" if text.lower() in TRUE_WORDS | FALSE_WORDS:
                return text.lower() in TRUE_WORDS
            case "Boolean":
                raise ValueError
    except ValueError:
        raise BadRequest(f"{name} is not a valid {kind}") from None
    return text
