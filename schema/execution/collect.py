"""Collects the fields of selection sets for one concrete type: fragments opened, `@skip` and `@include` decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_directive_values,
    is_abstract_type,
)

Fields = dict[str, list[FieldNode]]


class Collector:
    """Collects for one operation with given values of the variables that directives use."""

    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode], variables: Any) -> None:
        self.schema, self.fragments, self.variables = schema, fragments, variables

    def fields(self, kind: GraphQLObjectType, selected: Iterable[SelectionSetNode | None]) -> Fields:
        """The nodes of each response key, in the order of the specification."""
        found: Fields = {}
        opened: set[str] = set()
        for each in selected:
            if each is not None:
                self._collect(kind, each, found, opened)
        return found

    def _collect(self, kind: GraphQLObjectType, selected: SelectionSetNode, found: Fields, opened: set[str]) -> None:
        for node in selected.selections:
            if not self._is_included(node):
                continue
            match node:
                case FieldNode():
                    found.setdefault((node.alias or node.name).value, []).append(node)
                case InlineFragmentNode():
                    condition = node.type_condition
                    if condition is None or self._applies(condition.name.value, kind):
                        self._collect(kind, node.selection_set, found, opened)
                case FragmentSpreadNode() if node.name.value not in opened:
                    opened.add(node.name.value)
                    fragment = self.fragments[node.name.value]
                    if self._applies(fragment.type_condition.name.value, kind):
                        self._collect(kind, fragment.selection_set, found, opened)

    def _is_included(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not include or bool(include["if"])

    def _applies(self, condition: str, kind: GraphQLObjectType) -> bool:
        named = self.schema.get_type(condition)
        if named is kind:
            return True
        return named is not None and is_abstract_type(named) and self.schema.is_sub_type(named, kind)


def deciding_variables(node: Any) -> set[str]:
    """Names of the variables that any `@skip` or `@include` below a node uses."""
    found: set[str] = set()
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value in ("skip", "include"):
            for each in directive.arguments or ():
                if isinstance(each.value, VariableNode):
                    found.add(each.value.name.value)
    selected = getattr(node, "selection_set", None)
    for each in selected.selections if selected is not None else ():
        found |= deciding_variables(each)
    return found
