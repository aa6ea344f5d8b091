"""The Node interface, global ids, connections, and the decorator that makes a type of the graph from declarations."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from app.db.base import Base
from app.db.paging import encode_cursor
from schema.core import context as graph_context
from schema.core.declare import Column, Computed, Declared, Resolver
from schema.core.registry import name_of, register

T = TypeVar("T")
MAX_INT32 = 2**31 - 1


def global_id(name: str, key: int) -> str:
    """The global id of an object: base64 of `Type:key`."""
    return base64.b64encode(f"{name}:{key}".encode()).decode()


def parse_global_id(text: str) -> tuple[str, int] | None:
    """(type name, key) of a global id; None for anything that is none, another spelling of one included."""
    try:
        name, _, key = base64.b64decode(text, validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    if not key.isdecimal() or len(key) > 10 or int(key) > MAX_INT32 or global_id(name, int(key)) != text:
        return None
    return name, int(key)


@strawberry.interface(name="Node", description="An object with a global id.")
class Node:
    """What all objects of the graph share."""

    id: strawberry.ID = strawberry.field(description="Globally unique: refetch any object with `node(id:)`.")
    database_id: int = strawberry.field(description="The integer key that the compatible REST systems know.")

    @classmethod
    def resolve_type(cls, value: Any, info: Any, kind: Any) -> str:
        return name_of(value.model_)


class ConnectionField(Declared):
    """A field of a connection, an edge or a page info: a function of the slice or edge behind it."""

    kind = "connection"

    def __init__(self, annotation: Any, description: str, resolve: Resolver) -> None:
        super().__init__(description)
        self._annotation = annotation
        self._resolve = resolve

    def annotation(self) -> Any:
        return (
            self._annotation()
            if callable(self._annotation) and not isinstance(self._annotation, type)
            else self._annotation
        )

    def resolver(self) -> Resolver:
        return self._resolve


def cursor_of(row: Any, order: tuple[str, ...]) -> str:
    """The cursor of a row in a slice."""
    return encode_cursor([getattr(row, name) for name in order])


@strawberry.type(description="Where a page stands in its connection.")
class PageInfo:
    """Relay's PageInfo; resolved from a slice."""

    has_next_page = ConnectionField(bool, "Whether more follow.", lambda s, info: s.has_next)
    has_previous_page = ConnectionField(bool, "Whether the page starts after a cursor.", lambda s, info: s.has_previous)
    start_cursor = ConnectionField(
        lambda: str | None, "Cursor of the first.", lambda s, info: cursor_of(s.rows[0], s.order) if s.rows else None
    )
    end_cursor = ConnectionField(
        lambda: str | None, "Cursor of the last.", lambda s, info: cursor_of(s.rows[-1], s.order) if s.rows else None
    )


def _connection(name: str, node: Any) -> Any:
    edge = strawberry.type(
        type(
            f"{name}Edge",
            (),
            {
                "node": ConnectionField(lambda: node, f"The {name}.", lambda edge, info: edge[0]),
                "cursor": ConnectionField(str, "Its place.", lambda edge, info: cursor_of(*edge)),
            },
        ),
        description=f"A {name} and its place in a connection.",
    )
    fields = {
        "edges": ConnectionField(
            lambda: list[edge],  # type: ignore[valid-type]
            "The page, with cursors.",
            lambda s, info: [(row, s.order) for row in s.rows],
        ),
        "nodes": ConnectionField(lambda: list[node], "The page, without cursors.", lambda s, info: s.rows),
        "page_info": ConnectionField(PageInfo, "Where the page stands.", lambda s, info: s),
        "total_count": ConnectionField(
            int,
            "How many there are in all that you may see.",
            lambda s, info: s.counter.total(graph_context.of(info), s.count_key),
        ),
    }
    return strawberry.type(type(f"{name}Connection", (), fields), description=f"A list of {name}s, in pages.")


def node(model: type[Base], description: str) -> Callable[[type[T]], type[T]]:
    """Make a Node type of a class of declarations, and its connection. The class is named as the type is."""

    def make(declarations: type[T]) -> type[T]:
        name = declarations.__name__
        key = model.id  # type: ignore[attr-defined]
        namespace = {k: v for k, v in vars(declarations).items() if k not in ("__dict__", "__weakref__")}
        namespace["id"] = Computed(
            lambda value: global_id(name, value), (key,), "Globally unique: refetch with `node(id:)`.", strawberry.ID
        )
        namespace["database_id"] = Column(key, "The integer key that the compatible REST systems know.", None, None)
        made = strawberry.type(type(name, (Node,), namespace), name=name, description=description)
        register(model, made, _connection(name, made))
        return made

    return make


def flat(row: Any, description: str) -> Callable[[type[T]], type[T]]:
    """Make a type of plain values of a class of fields: those of the named tuple `row`, whose values it shows."""

    def make(fields: type[T]) -> type[T]:
        made = strawberry.type(fields, description=description)
        made.fields_ = row._fields  # type: ignore[attr-defined]
        return made

    return make


def extend(kind: type[Any]) -> Callable[[type[T]], type[T]]:
    """Add a class's declarations to a type of an earlier domain."""

    def add(declarations: type[T]) -> type[T]:
        definition = kind.__strawberry_definition__
        for name, field in vars(declarations).items():
            if isinstance(field, Declared):
                field.python_name = name
                definition.fields.append(field)
        return declarations

    return add
