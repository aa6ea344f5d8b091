"""Which type of the graph stands for which model."""

from __future__ import annotations

from typing import Any

from app.db.base import Base

_types: dict[type[Base], Any] = {}
_names: dict[str, type[Base]] = {}
_connections: dict[type[Base], Any] = {}


def register(model: type[Base], kind: Any, connection: Any) -> None:
    """Note the type and the connection type of a model. Raises ValueError for a second one."""
    if model in _types:
        raise ValueError(f"{model.__name__} has a type already")
    _types[model] = kind
    _names[kind.__name__] = model
    _connections[model] = connection


def type_of(model: type[Base]) -> Any:
    """The Strawberry type of a model. Raises LookupError when it has none."""
    if model not in _types:
        raise LookupError(f"{model.__name__} has no type in the graph")
    return _types[model]


def connection_of(model: type[Base]) -> Any:
    """The connection type of a model."""
    type_of(model)
    return _connections[model]


def model_named(name: str) -> type[Base] | None:
    """The model of a node type, by the type's name."""
    return _names.get(name)


def name_of(model: type[Base]) -> str:
    """The type name of a model."""
    return str(type_of(model).__name__)
