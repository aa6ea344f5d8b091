"""Documents: GraphQL operations read from a family's file, compiled when first used, with `@spread` taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TypeNameMetaFieldDef,
    Visitor,
    get_named_type,
    parse,
    visit,
)

from schema.core.graph import Graph, Prepared

SPREAD, CERTAIN = "spread", "certain"
FRAGMENTS = "fragments.graphql"


class DocumentError(Exception):
    """A document of ours does not fit the schema; says file and line."""


@dataclass(slots=True)
class Shape:
    """What is selected under a response name: its type and, by response name, what is selected in it.

    A spread object is merged into its parent. A spread list makes a list of its parent: one of it for each element.
    `is_certain` is ours to promise (`@spread(certain: true)`): relations are nullable in the graph, this one never is.
    """

    type: GraphQLOutputType
    description: str | None = None
    is_spread: bool = False
    is_certain: bool = False
    fields: dict[str, Shape] = field(default_factory=dict)
    merging: dict[str, Shape] = field(default_factory=dict)
    leaves: tuple[str, ...] = ()

    def settle(self) -> None:
        """Note which fields lead to something spread, and the names that are left when everything is merged."""
        self.merging = {name: each for name, each in self.fields.items() if each.is_spread or each.merging}
        names = [each.leaves if each.is_spread else (name,) for name, each in self.fields.items()]
        self.leaves = tuple(name for some in names for name in some)

    def apply(self, value: Any) -> Any:
        """The value with its spread objects merged; a null one leaves its keys as null."""
        if value is None or not self.merging:
            return value
        if not isinstance(value, list):
            return self._merge(value)
        made: list[Any] = []
        for each in value:
            shaped = self.apply(each)
            if isinstance(shaped, list):
                made += shaped
            else:
                made.append(shaped)
        return made

    def _merge(self, value: Mapping[str, Any]) -> Any:
        made: dict[str, Any] = {}
        rows: list[Any] | None = None
        for name, each in value.items():
            child = self.merging.get(name)
            shaped = each if child is None else child.apply(each)
            if child is None or not child.is_spread:
                made[name] = shaped
            elif isinstance(shaped, list):
                rows = shaped
            else:
                made |= shaped or dict.fromkeys(child.leaves)
        return made if rows is None else [{**made, **row} for row in rows]


@dataclass
class Document:
    """An operation. `place` is its file and line.

    It is compiled when it is first used: DocumentError is raised then if it does not fit the schema.
    """

    graph: Graph
    name: str
    place: str
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]

    @property
    def description(self) -> str:
        """What the operation says of itself."""
        return self.operation.description.value if self.operation.description else ""

    @cached_property
    def prepared(self) -> Prepared:
        """The operation without `@spread`, validated."""
        used = _used(self.operation, self.fragments)
        definitions = tuple(visit(each, _Stripper()) for each in (self.operation, *used))
        prepared = self.graph.prepare_document(DocumentNode(definitions=definitions))
        if prepared.errors:
            raise _located(prepared.errors[0], self.place)
        prepared.source = self.place.partition(".")[0]
        return prepared

    @cached_property
    def shape(self) -> Shape:
        """What the operation selects."""
        assert self.prepared.document is not None
        root = self.graph.schema.get_root_type(self.operation.operation)
        assert root is not None
        return _Shaper(self.graph.schema, self.fragments).of(Shape(root), [self.operation.selection_set])

    @property
    def variables(self) -> Mapping[str, Any]:
        """Declared variables: {name: type node}."""
        return {each.variable.name.value: each.type for each in self.operation.variable_definitions or ()}


def load(graph: Graph, path: Path) -> dict[str, Document]:
    """Parse every operation of a `.graphql` file; the fragments of `fragments.graphql` beside it may be used.

    Raises DocumentError with file and line.
    """
    shared = path.with_name(FRAGMENTS)
    definitions = [*(_parsed(shared) if shared.exists() else ()), *_parsed(path)]
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    made = {}
    for definition in definitions:
        if isinstance(definition, OperationDefinitionNode):
            place = _place(definition)
            if definition.name is None:
                raise DocumentError(f"{place}: every operation needs a name")
            name = definition.name.value
            made[name] = Document(graph, name, place, definition, fragments)
    return made


@cache
def _parsed(path: Path) -> tuple[DefinitionNode, ...]:
    try:
        return parse(Source(path.read_text(), f"{path.parent.name}/{path.name}")).definitions
    except GraphQLError as error:
        raise _located(error) from error


def _place(operation: OperationDefinitionNode) -> str:
    begins = (operation.name or operation).loc
    assert begins is not None
    return f"{begins.source.name}:{begins.start_token.line}"


def _located(error: GraphQLError, place: str = "") -> DocumentError:
    if error.source and error.locations:
        place = f"{error.source.name}:{error.locations[0].line}"
    return DocumentError(f"{place}: {error.message}")


class _Stripper(Visitor):
    def enter_directive(self, node: Any, *_: Any) -> Any:
        return self.REMOVE if node.name.value == SPREAD else None


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names.append(node.name.value)


def _used(node: Node, fragments: Mapping[str, FragmentDefinitionNode]) -> list[FragmentDefinitionNode]:
    """The fragments that a node spreads, directly or through others."""
    found: dict[str, FragmentDefinitionNode] = {}
    waiting: list[Node] = [node]
    while waiting:
        spreads = _Spreads()
        visit(waiting.pop(), spreads)
        for name in spreads.names:
            if name in fragments and name not in found:
                found[name] = fragments[name]
                waiting.append(fragments[name])
    return list(found.values())


class _Shaper:
    """Finds the shapes of a valid operation's selections."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.schema, self.fragments = schema, fragments

    def of(self, shape: Shape, selected: list[SelectionSetNode]) -> Shape:
        """The shape with its fields filled in from the selections in it."""
        inner: dict[str, list[SelectionSetNode]] = {}
        for parent, node in (pair for each in selected for pair in self.nodes(get_named_type(shape.type), each)):
            name = node.alias.value if node.alias else node.name.value
            if name not in shape.fields:
                known = TypeNameMetaFieldDef if node.name.value == "__typename" else parent.fields[node.name.value]
                shape.fields[name] = Shape(known.type, known.description)
            for spread in (each for each in node.directives or () if each.name.value == SPREAD):
                shape.fields[name].is_spread = True
                shape.fields[name].is_certain |= any(each.name.value == CERTAIN for each in spread.arguments or ())
            if node.selection_set:
                inner.setdefault(name, []).append(node.selection_set)
        for name, child in shape.fields.items():
            self.of(child, inner.get(name, []))
        shape.settle()
        return shape

    def nodes(self, parent: Any, selected: SelectionSetNode) -> Iterator[tuple[Any, FieldNode]]:
        """The fields of a selection with the types that have them, those in fragments among them."""
        for node in selected.selections:
            match node:
                case FieldNode():
                    yield parent, node
                case InlineFragmentNode():
                    condition = node.type_condition
                    kind = self.schema.get_type(condition.name.value) if condition else parent
                    yield from self.nodes(kind, node.selection_set)
                case FragmentSpreadNode():
                    fragment = self.fragments[node.name.value]
                    kind = self.schema.get_type(fragment.type_condition.name.value)
                    yield from self.nodes(kind, fragment.selection_set)
