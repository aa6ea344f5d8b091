"""A plan: what an operation asks, as a tree of selections. Compiled once, run many times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphql import FieldNode, GraphQLField

from app.db.compiled import Processors
from app.db.texts import Cell

Values = Sequence[Any]
Build = Callable[..., list[dict[str, Any]]]


class Source(Enum):
    """What the rows of a selection are."""

    KEYED = "rows of the database that begin with their parent's key"
    PLAIN = "rows of the database"
    EXACT = "tuples of exactly these values"
    OBJECTS = "objects with attributes"


@dataclass(slots=True)
class Leaf:
    """A key of the answer whose value needs nothing but the row: attributes, a pure function of them, a constant."""

    key: str
    attributes: tuple[str, ...] = ()
    function: Callable[..., Any] | None = None
    constant: Any = None
    is_required: bool = False
    is_spelled: bool = False
    """Whether databases write the value as an answer would."""


@dataclass(slots=True)
class Branch:
    """A key of the answer whose values come from elsewhere: a relation, a batch function, a nested object or list."""

    key: str
    kind: str
    declaration: Any
    definition: GraphQLField
    node: FieldNode
    reads: str | None = None
    child: Selection | None = None
    connection: Connection | None = None
    is_list: bool = False
    is_required: bool = False
    constant_arguments: dict[str, Any] | None = None
    asked: frozenset[str] | None = None

    @property
    def written(self) -> list[Cell] | None:
        """What the database needs to write the lists of this branch by itself; None where it can't."""
        if self.connection is not None:
            return self.connection.written
        return self.child.written if self.child is not None and self.kind == "many" else None


@dataclass(slots=True)
class Selection:
    """What is asked of objects of one type. `names` are the columns to select where the rows come from a table.

    `builds` holds the functions that make the objects, one for each way in which a database gives the columns.
    """

    type_name: str
    source: Source
    names: tuple[str, ...]
    leaves: list[Leaf]
    branches: list[Branch]
    keys: list[str]
    builds: dict[Processors, Build] = field(default_factory=dict)

    @property
    def written(self) -> list[Cell] | None:
        """What the database needs to write these objects by itself; None when it can't."""
        if self.source is not Source.KEYED or self.branches or not self.names:
            return None
        if not all(leaf.is_spelled for leaf in self.leaves):
            return None
        return [Cell(leaf.key, next(iter(leaf.attributes), None), leaf.constant) for leaf in self.leaves]


@dataclass(slots=True)
class Part:
    """A key of a connection, an edge or a page info: the field's name and, for nodes and edges, what is below it."""

    key: str
    name: str
    type_name: str
    parts: list[Part] = field(default_factory=list)
    child: Selection | None = None


@dataclass(slots=True)
class Connection:
    """What is asked of the pages of a connection, and the columns that all of its nodes together need."""

    parts: list[Part]
    names: tuple[str, ...]
    written: list[Cell] | None = None
    """What the database needs to write the nodes by itself, where nothing but them and their total is asked."""

    @property
    def needs_rows(self) -> bool:
        """Whether anything but the total is asked."""
        return any(part.name not in ("totalCount", "__typename") for part in self.parts)


@dataclass(slots=True)
class Plan:
    """A planned operation. `left` are the root keys that graphql-core executes, each with the reason."""

    root: Selection
    order: list[str]
    left: dict[str, str]

    def lines(self) -> Iterator[str]:
        """The plan for people, a line a step."""
        yield from _selection_lines(self.root, 0)
        for key, reason in self.left.items():
            yield f"{key}: by graphql-core ({reason})"


def _selection_lines(selection: Selection, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if depth:
        columns = ", ".join(selection.names) if selection.source is not Source.OBJECTS else "attributes"
        yield f"{indent}{selection.type_name} ({columns}): {', '.join(leaf.key for leaf in selection.leaves) or '–'}"
    for branch in selection.branches:
        written = ", written by the database" if branch.written else ""
        yield f"{indent}{'  ' if depth else ''}{branch.key}: {branch.kind}{written}"
        if branch.child is not None:
            yield from _selection_lines(branch.child, depth + 1 + bool(depth))
        if branch.connection is not None:
            yield from _part_lines(branch.connection.parts, depth + 1 + bool(depth))


def _part_lines(parts: list[Part], depth: int) -> Iterator[str]:
    for part in parts:
        yield f"{'  ' * depth}{part.key}"
        yield from _part_lines(part.parts, depth + 1)
        if part.child is not None:
            yield from _selection_lines(part.child, depth + 1)
