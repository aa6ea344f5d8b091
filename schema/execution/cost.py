"""What an operation may cost: reckoned from the document and its variables, before anything runs.

The formula is told to people in schema/README.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    get_variable_values,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    visit,
)
from graphql.utilities import coerce_input_literal

from app.errors import LimitExceeded
from schema.core.declare import expected_length
from schema.core.graph import Graph, Prepared
from schema.core.limits import DEFAULT_PAGE, Limits
from schema.core.needs import BACKREF
from schema.core.node import ConnectionField
from schema.core.variables import unreadable
from schema.execution.collect import Collector

OBJECTS_A_POINT = 100
POINTS_A_WRITE = 10
WEIGHTS_KEPT = 32
"""Weights of one operation: they differ in the variables that sizes depend on."""
DECIDING = {"if", "first", "ids"}
"""Arguments that decide how much is asked."""
META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
INTROSPECTED = {"__Schema.types": 400, "__Type.fields": 6, "__Type.enumValues": 2, "__Type.inputFields": 4}
"""How many objects lists of the introspection are taken for; the others for one."""


def points(objects: int, writes: int) -> int:
    """What so many objects in an answer and so many mutations cost."""
    return max(1, math.ceil(objects / OBJECTS_A_POINT)) + POINTS_A_WRITE * writes


@dataclass(frozen=True, slots=True)
class Weight:
    """The most that an operation may return, where its lists are as long as asked or expected.

    `nodes` are the objects in lists, `objects` all in the answer, `writes` the mutations; `selections` counts the
    selection sets of the operation with its fragments opened.
    """

    nodes: int = 0
    objects: int = 0
    writes: int = 0
    selections: int = 0

    @property
    def cost(self) -> int:
        """In points."""
        return points(self.objects, self.writes)

    def plus(self, other: Weight, times: int = 1) -> Weight:
        """This and so many of the other."""
        return Weight(
            self.nodes + times * other.nodes,
            self.objects + times * other.objects,
            self.writes + other.writes,
            self.selections + other.selections,
        )

    def check(self, limits: Limits) -> None:
        """Raise LimitExceeded for what may return too much, or gets longer than a document by its fragments."""
        if self.nodes > limits.nodes:
            message = f"the operation may return {self.nodes} nodes: at most {limits.nodes} are allowed"
            raise LimitExceeded(message, "nodes")
        if self.selections > limits.tokens:
            message = f"the operation has, its fragments opened, more than {limits.tokens} selections"
            raise LimitExceeded(message, "selections")


@dataclass(slots=True)
class Weighed:
    """The weights of an operation, by the values of the variables that they depend on."""

    deciding: tuple[str, ...]
    weights: dict[tuple[str, ...], Weight] = field(default_factory=dict)


def weigh(graph: Graph, prepared: Prepared, name: str | None, variables: Mapping[str, Any], limits: Limits) -> Weight:
    """The weight of an operation of a valid document; none where variables do not fit: then it won't run.

    Raises LimitExceeded for what the limits do not allow.
    """
    operation, document, schema = prepared.operation(name), prepared.document, graph.schema
    assert operation is not None and document is not None
    weighed: Weighed | None = prepared.weights.get(name)
    if weighed is None:
        weighed = prepared.weights[name] = Weighed(_deciding(document))
    if weighed.deciding and unreadable(variables):
        return Weight()
    asked = (operation.variable_definitions or (), dict(variables)) if weighed.deciding else ((), {})
    coerced = get_variable_values(schema, *asked)
    if isinstance(coerced, list):
        return Weight()
    values = tuple(_size(coerced.coerced.get(each)) for each in weighed.deciding)
    weight = weighed.weights.get(values)
    if weight is None:
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        try:
            weight = _Scale(schema, Collector(schema, fragments, coerced), limits).operation(operation)
        except GraphQLError:  # null for a directive: graphql-core says so
            return Weight()
        if len(weighed.weights) == WEIGHTS_KEPT:
            weighed.weights.clear()
        weighed.weights[values] = weight
    weight.check(limits)
    return weight


def _size(value: Any) -> str:
    return f"{len(value)} values" if isinstance(value, list) else repr(value)


def _deciding(document: DocumentNode) -> tuple[str, ...]:
    found = _Deciding()
    visit(document, found)
    return tuple(sorted(found.names))


class _Deciding(Visitor):
    """Collects the variables that decide how much is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if node.name.value in DECIDING and isinstance(node.value, VariableNode):
            self.names.add(node.value.name.value)


class _Scale:
    """Weighs selections. What is asked in several places, by fragments, is weighed once."""

    def __init__(self, schema: GraphQLSchema, collector: Collector, limits: Limits) -> None:
        self.schema, self.collector, self.limits = schema, collector, limits
        self.weighed: dict[tuple[Any, ...], Weight] = {}

    def operation(self, operation: OperationDefinitionNode) -> Weight:
        """The weight of an operation."""
        kind = self.schema.get_root_type(operation.operation)
        assert kind is not None
        fields = self.collector.fields(kind, [operation.selection_set])
        writes = len(fields) if operation.operation is OperationType.MUTATION else 0
        return replace(self.fields(kind, fields, None), writes=writes)

    def selection(self, kind: GraphQLNamedType, nodes: list[FieldNode], page: int | None) -> Weight:
        """The weight of one object, whose lists have `page` elements if it is a connection."""
        if is_abstract_type(kind):
            each = [self.selection(possible, nodes, page) for possible in self.schema.get_possible_types(kind)]
            return Weight(
                max(weight.nodes for weight in each),
                max(weight.objects for weight in each),
                selections=max(weight.selections for weight in each),
            )
        assert isinstance(kind, GraphQLObjectType)
        fields = self.collector.fields(kind, [node.selection_set for node in nodes])
        key = (kind.name, page, *(id(node) for same in fields.values() for node in same))
        weight = self.weighed.get(key)
        if weight is None:
            if len(self.weighed) > self.limits.tokens:
                message = f"the operation asks for more than {self.limits.tokens} different selections"
                raise LimitExceeded(message, "selections")
            weight = self.weighed[key] = self.fields(kind, fields, page)
        return weight

    def fields(self, kind: GraphQLObjectType, fields: dict[str, list[FieldNode]], page: int | None) -> Weight:
        """The weight of an object of which these fields are asked."""
        weight = Weight(objects=1, selections=1)
        for nodes in fields.values():
            name = nodes[0].name.value
            definition = kind.fields.get(name) or META.get(name)
            if definition is None or is_leaf_type(get_named_type(definition.type)):
                continue
            size = self.first(definition, nodes[0]) if "first" in definition.args else None
            below = self.selection(get_named_type(definition.type), nodes, size)
            if is_list_type(get_nullable_type(definition.type)):
                times = self.length(kind, name, definition, nodes[0], page)
                weight = weight.plus(below, times).plus(Weight(nodes=times))
            else:
                weight = weight.plus(below)
        return weight

    def length(
        self, kind: GraphQLObjectType, name: str, definition: GraphQLField, node: FieldNode, page: int | None
    ) -> int:
        """How many elements a list is taken for."""
        if kind.name.startswith("__"):
            return INTROSPECTED.get(f"{kind.name}.{name}", 1)
        declaration = definition.extensions[BACKREF]
        if page is not None and isinstance(declaration, ConnectionField):
            return page
        if "ids" in definition.args:
            given = self.argument(definition, node, "ids")
            return len(given) if isinstance(given, list) else 0
        return expected_length(declaration)

    def first(self, definition: GraphQLField, node: FieldNode) -> int:
        """The size of the pages of a connection."""
        given = self.argument(definition, node, "first")
        return max(0, given) if isinstance(given, int) else DEFAULT_PAGE

    def argument(self, definition: GraphQLField, node: FieldNode, name: str) -> Any:
        """The value of an argument, None or undefined without one."""
        for each in node.arguments or ():
            if each.name.value == name:
                return coerce_input_literal(each.value, definition.args[name].type, self.collector.variables)
        return None
