"""Which columns of which model an operation needs: found once a document, before anything runs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)

from app.db.base import Base, owner
from schema.core.context import Needs
from schema.core.declare import Declared

BACKREF = "strawberry-definition"


def declared(field: Any) -> Declared | None:
    """The declaration behind a graphql-core field, if it has one."""
    found = field.extensions.get(BACKREF)
    return found if isinstance(found, Declared) else None


def needs_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Needs:
    """The columns that any field selected in the operation declares, by model; primary keys are always among them."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    walk = _Walk(schema, fragments)
    root = schema.get_root_type(operation.operation)
    if root is not None:
        walk.selections(root, operation.selection_set)
    return {model: tuple(names) for model, names in walk.found.items()}


class _Walk:
    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.schema = schema
        self.fragments = fragments
        self.found: dict[type[Base], dict[str, None]] = defaultdict(lambda: {"id": None})
        self.seen: set[tuple[str, str]] = set()

    def selections(self, parent: GraphQLNamedType, selected: SelectionSetNode) -> None:
        for node in selected.selections:
            match node:
                case FieldNode():
                    self.field(parent, node)
                case InlineFragmentNode():
                    condition = node.type_condition
                    self.fragment(parent, condition.name.value if condition else None, node.selection_set)
                case FragmentSpreadNode():
                    fragment = self.fragments[node.name.value]
                    if (parent.name, node.name.value) not in self.seen:
                        self.seen.add((parent.name, node.name.value))
                        self.fragment(parent, fragment.type_condition.name.value, fragment.selection_set)

    def fragment(self, parent: GraphQLNamedType, condition: str | None, selected: SelectionSetNode) -> None:
        kind = self.schema.get_type(condition) if condition else parent
        if kind is not None:
            self.selections(kind, selected)

    def field(self, parent: GraphQLNamedType, node: FieldNode) -> None:
        if is_abstract_type(parent):
            for kind in self.schema.get_possible_types(parent):
                self.field(kind, node)
            return
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None:
            return
        declaration = declared(definition)
        if declaration is not None:
            for attribute in declaration.needs:
                self.found[owner(attribute)][attribute.key] = None
        if node.selection_set is not None:
            self.selections(get_named_type(definition.type), node.selection_set)
