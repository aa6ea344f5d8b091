"""From an operation to a plan. What can't be planned is named, with the reason; it is then left to graphql-core."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_argument_values,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.language import FieldNode, VariableNode

from app.db.texts import Cell, can_spell
from schema.core.declare import Batched, Column, Computed, Declared
from schema.core.needs import BACKREF
from schema.core.relate import First, Many, One, Page
from schema.core.roots import LookUp, Root, Roots
from schema.execution.collect import Collector, Fields
from schema.execution.plan import Branch, Connection, Leaf, Part, Plan, Selection, Source

TYPENAME = "__typename"
CURSORS = {"cursor", "startCursor", "endCursor"}


class Unplanned(Exception):
    """A field that no plan can hold; says why."""


class Compiler:
    """Compiles one operation with given values of the variables that directives use."""

    def __init__(self, schema: GraphQLSchema, collector: Collector) -> None:
        self.schema, self.collector = schema, collector

    def plan(self, operation: OperationDefinitionNode) -> Plan:
        """The plan of a query."""
        root = self.schema.query_type
        assert root is not None
        fields = self.collector.fields(root, [operation.selection_set])
        leaves: list[Leaf] = []
        branches: list[Branch] = []
        left: dict[str, str] = {}
        for key, nodes in fields.items():
            try:
                self.field(root, key, nodes, Source.OBJECTS, leaves, branches)
            except Unplanned as reason:
                left[key] = str(reason)
        planned = [key for key in fields if key not in left]
        return Plan(Selection(root.name, Source.OBJECTS, (), leaves, branches, planned), list(fields), left)

    def selection(self, kind: GraphQLObjectType, nodes: list[FieldNode], source: Source) -> Selection:
        """What nodes ask of objects of a type."""
        fields = self.collector.fields(kind, [node.selection_set for node in nodes])
        leaves: list[Leaf] = []
        branches: list[Branch] = []
        for key, asked in fields.items():
            self.field(kind, key, asked, source, leaves, branches)
        names = _names(leaves, branches) if source is not Source.OBJECTS else ()
        if source is Source.OBJECTS and (fixed := _fields_of(kind)):
            source, names = Source.EXACT, fixed
        return Selection(kind.name, source, names, leaves, branches, list(fields))

    def field(
        self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode], source: Source, leaves: Any, branches: Any
    ) -> None:
        """Add one response key to the leaves or the branches. Raises Unplanned."""
        name = nodes[0].name.value
        if name == TYPENAME:
            leaves.append(Leaf(key, constant=kind.name, is_spelled=True))
            return
        definition = kind.fields.get(name)
        if definition is None:
            raise Unplanned(f"{name} is introspection")
        declaration = definition.extensions.get(BACKREF)
        match declaration:
            case Column():
                _require_plain(definition)
                leaves.append(Leaf(key, (declaration.attribute.key,), is_spelled=can_spell(declaration.attribute.type)))
            case Computed():
                _require_plain(definition)
                attributes = tuple(each.key for each in declaration.needs)
                leaves.append(Leaf(key, attributes, declaration.function, is_required=_is_required(definition)))
            case Declared():
                branches.append(self.branch(key, nodes, declaration, definition))
            case _ if definition.args or declaration is None or not declaration.is_basic_field:
                raise Unplanned(f"{kind.name}.{name} has a resolver of its own")
            case _:
                self.attribute(key, nodes, declaration.python_name, definition, leaves, branches)

    def attribute(
        self, key: str, nodes: list[FieldNode], name: str, definition: GraphQLField, leaves: Any, branches: Any
    ) -> None:
        """A field of a flat object: a leaf, or a nested object or list of them."""
        kind = get_named_type(definition.type)
        if is_leaf_type(kind):
            _require_plain(definition, lists=True)
            leaves.append(Leaf(key, (name,), is_required=_is_required(definition)))
            return
        child = self.selection(_object(kind), nodes, Source.OBJECTS)
        branch = Branch(key, "attribute", None, definition, nodes[0], name, child)
        branch.is_list, branch.is_required = _is_list(definition), _is_required(definition)
        branches.append(branch)

    def branch(self, key: str, nodes: list[FieldNode], declaration: Any, definition: GraphQLField) -> Branch:
        """A relation, a batch function or a root field."""
        branch = Branch(key, declaration.kind, declaration, definition, nodes[0])
        branch.is_required, branch.is_list = _is_required(definition), _is_list(definition)
        if not _uses_variables(nodes[0]):
            branch.constant_arguments = get_argument_values(definition, nodes[0])
        kind = get_named_type(definition.type)
        match declaration:
            case One() | First() | Many():
                branch.reads = declaration.key
                branch.child = self.selection(_object(kind), nodes, Source.KEYED)
            case Page() | Roots():
                branch.reads = getattr(declaration, "key", None)
                source = Source.KEYED if isinstance(declaration, Page) else Source.PLAIN
                branch.connection = self.connection(_object(kind), nodes, source, declaration)
            case LookUp():
                branch.child = self.selection(_object(kind), nodes, Source.PLAIN)
            case Root():
                branch.child = self.selection(_object(kind), nodes, Source.OBJECTS)
            case Batched():
                branch.reads = declaration.key
                if is_leaf_type(kind):
                    _require_plain(definition)
                else:
                    branch.child = self.selection(_object(kind), nodes, Source.OBJECTS)
                    branch.asked = frozenset(_asked(branch.child)) if declaration.narrows else None
            case _:
                raise Unplanned(f"a field of kind {declaration.kind}")
        return branch

    def connection(
        self, kind: GraphQLObjectType, nodes: list[FieldNode], source: Source, declaration: Any
    ) -> Connection:
        """What nodes ask of a connection."""
        fields = self.collector.fields(kind, [node.selection_set for node in nodes])
        selections: list[Selection] = []
        parts = [self.part(kind, key, asked, source, selections) for key, asked in fields.items()]
        names = dict.fromkeys(name for each in selections for name in each.names)
        order = getattr(declaration, "order_names", ()) if any(_has_cursors(part) for part in parts) else ()
        every = tuple(dict.fromkeys([*names, *order]))
        for each in selections:
            each.names = every
        return Connection(parts, every, _written(parts))

    def part(
        self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode], source: Source, selections: list[Selection]
    ) -> Part:
        """A key of a connection, of its edges or of its page info."""
        name = nodes[0].name.value
        if name == TYPENAME:
            return Part(key, TYPENAME, kind.name)
        below = get_named_type(kind.fields[name].type)
        if not is_object_type(below):
            return Part(key, name, kind.name)
        if name in ("nodes", "node"):
            child = self.selection(_object(below), nodes, source)
            selections.append(child)
            return Part(key, name, kind.name, child=child)
        fields: Fields = self.collector.fields(below, [node.selection_set for node in nodes])
        return Part(key, name, kind.name, [self.part(below, k, n, source, selections) for k, n in fields.items()])


def _written(parts: list[Part]) -> list[Cell] | None:
    """What the database needs to write a connection's nodes: when their rows are needed for nothing else."""
    nodes = [part for part in parts if part.child is not None]
    others = {part.name for part in parts} - {"nodes", "totalCount", TYPENAME}
    return nodes[0].child.written if len(nodes) == 1 and not others and nodes[0].child else None


def _fields_of(kind: GraphQLObjectType) -> tuple[str, ...]:
    """The fields of the named tuple behind a flat type."""
    definition = kind.extensions.get(BACKREF)
    fields: tuple[str, ...] = getattr(getattr(definition, "origin", None), "fields_", ())
    return fields


def _asked(selection: Selection) -> Iterator[str]:
    """The attributes that are read of a flat object and of those in it."""
    yield from _names(selection.leaves, selection.branches)
    for branch in selection.branches:
        if branch.kind == "attribute" and branch.child is not None:
            yield from _asked(branch.child)


def _has_cursors(part: Part) -> bool:
    """Whether cursors are asked for: they are made of the columns of the order."""
    return part.name in CURSORS or any(_has_cursors(each) for each in part.parts)


def _names(leaves: list[Leaf], branches: list[Branch]) -> tuple[str, ...]:
    reads = [name for leaf in leaves for name in leaf.attributes]
    return tuple(dict.fromkeys([*reads, *(branch.reads for branch in branches if branch.reads is not None)]))


def _object(kind: Any) -> GraphQLObjectType:
    if not isinstance(kind, GraphQLObjectType):
        raise Unplanned(f"{kind} is abstract")
    return kind


def _is_required(definition: GraphQLField) -> bool:
    return is_non_null_type(definition.type)


def _is_list(definition: GraphQLField) -> bool:
    kind = definition.type.of_type if is_non_null_type(definition.type) else definition.type
    return is_list_type(kind)


def _require_plain(definition: GraphQLField, *, lists: bool = False) -> None:
    """Raise Unplanned for a leaf whose value is not its own spelling: an enum whose values differ from their names."""
    kind = get_named_type(definition.type)
    if isinstance(kind, GraphQLEnumType) and any(name != value.value for name, value in kind.values.items()):
        raise Unplanned(f"the values of {kind.name} are not its names")
    if _is_list(definition) and not lists and isinstance(kind, GraphQLEnumType):
        raise Unplanned("a list of enum values")


def _uses_variables(node: Any) -> bool:
    if isinstance(node, VariableNode):
        return True
    parts: list[Any] = [*(getattr(node, "arguments", None) or ()), getattr(node, "value", None)]
    parts += [*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())]
    return any(_uses_variables(each) for each in parts if hasattr(each, "kind"))
