"""Values of variables: whether they can be coerced, also where the document itself can't be executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableDefinitionNode,
    get_variable_values,
    is_input_type,
    type_from_ast,
)

from schema.core.scalars import parse_json


def unreadable(variables: Mapping[str, Any]) -> list[GraphQLError]:
    """An error for values that no database could store or that nest too deep."""
    try:
        parse_json(dict(variables))
    except ValueError as error:
        return [GraphQLError(f"Variables: {error}.")]
    return []


def uncoercible(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> list[GraphQLError]:
    """Errors for values that do not fit the operation's variables; none for what is wrong with the document."""
    if errors := unreadable(variables):
        return errors
    definitions = list(_fillable(schema, operation, variables))
    found = get_variable_values(schema, definitions, dict(variables), hide_suggestions=True)
    return found if isinstance(found, list) else []


def _fillable(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Iterator[VariableDefinitionNode]:
    """The definitions of variables that exist for the schema and are to be filled by what was given."""
    for each in operation.variable_definitions or ():
        is_known = is_input_type(type_from_ast(schema, each.type))
        if is_known and (each.variable.name.value in variables or each.default_value is None):
            yield each
