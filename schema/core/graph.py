"""The executable graph: the schema with its declared resolvers installed, prepared documents, and execution."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    Visitor,
    execute,
    parse,
    validate,
    visit,
)

from app.context import Context
from app.errors import Unauthenticated
from app.telemetry.operations import Observation
from schema.core.context import MAX_PAGE, GraphContext, Needs
from schema.core.limits import Limits, is_public
from schema.core.needs import declared, needs_of
from schema.core.scalars import parse_text
from schema.core.variables import uncoercible, unreadable

CACHED_DOCUMENTS = 500
MAX_ERRORS = 5
"""What is told of a document that is not valid: more would be an answer much larger than its question."""


@dataclass(slots=True)
class Prepared:
    """A parsed and validated document, and what each of its operations needs. `errors` forbid execution.

    `plans` is for the planner, `weights` for who reckons costs: what they find is forgotten together with the document.
    `source` says which of our own documents it is; one from outside has none.
    """

    document: DocumentNode | None
    errors: list[GraphQLError]
    needs: dict[str | None, Needs]
    is_parsed: bool = True
    is_public: bool = True
    plans: dict[str | None, Any] = field(default_factory=dict)
    weights: dict[str | None, Any] = field(default_factory=dict)
    source: str | None = None

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation to run: the one named, or the only one."""
        if self.document is None:
            return None
        operations = [d for d in self.document.definitions if isinstance(d, OperationDefinitionNode)]
        if name is None:
            return operations[0] if len(operations) == 1 else None
        return next((each for each in operations if each.name and each.name.value == name), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation to execute, with its context, its variables as they were given, and the plans of its document.

    `source` is what the root fields are resolved from: the event of a subscription.
    """

    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    context: GraphContext
    variables: dict[str, Any]
    plans: dict[str | None, Any] = field(default_factory=dict)
    source: Any = None


Planner = Callable[[Asked], Awaitable[ExecutionResult]]


async def by_core(asked: Asked) -> ExecutionResult:
    """Execute an operation with graphql-core."""
    result = execute(
        asked.schema,
        asked.document,
        asked.source,
        context_value=asked.context,
        variable_values=asked.variables,
        operation_name=asked.operation.name.value if asked.operation.name else None,
        hide_suggestions=True,
    )
    try:
        return result if isinstance(result, ExecutionResult) else await result
    finally:
        await asked.context.settle()


class Graph:
    """The schema, ready to run."""

    def __init__(self, schema: strawberry.Schema, planner: Planner | None = None) -> None:
        self._planner = planner or by_core
        self.strawberry = schema
        self.schema: GraphQLSchema = schema._schema
        self._documents: OrderedDict[str, Prepared] = OrderedDict()
        _install(self.schema)

    def prepare(self, text: str, limits: Limits | None = None, *, is_signed_in: bool = True) -> Prepared:
        """Parse, measure and validate a document; the last 500 are remembered.

        Raises LimitExceeded, and Unauthenticated before validation for what nobody may ask without signing in.
        """
        found = self._documents.get(text)
        if found is not None:
            self._documents.move_to_end(text)
            _admit(found.is_public or is_signed_in)
            return found
        made = self._prepare(text, limits, is_signed_in)
        self._documents[text] = made
        if len(self._documents) > CACHED_DOCUMENTS:
            self._documents.popitem(last=False)
        return made

    def _prepare(self, text: str, limits: Limits | None, is_signed_in: bool) -> Prepared:
        try:
            document = parse(text, no_location=False, max_tokens=limits.tokens if limits else None)
        except GraphQLError as error:
            return Prepared(None, [error], {}, is_parsed=False)
        except RecursionError:
            return Prepared(None, [GraphQLError("Syntax Error: the document nests too deep.")], {}, is_parsed=False)
        public = is_public(document)
        _admit(public or is_signed_in)
        prepared = self.prepare_document(document, limits)
        prepared.is_public = public
        return prepared

    def prepare_document(self, document: DocumentNode, limits: Limits | None = None) -> Prepared:
        """Measure and validate a parsed document."""
        if limits is not None:
            limits.check(document)
        is_outside = limits is not None
        errors = validate(self.schema, document, max_errors=MAX_ERRORS, hide_suggestions=is_outside)
        errors = errors or unstorable(document)
        needs = {
            each.name.value if each.name else None: needs_of(self.schema, document, each)
            for each in document.definitions
            if not errors and isinstance(each, OperationDefinitionNode)
        }
        return Prepared(document, errors, needs)

    def uncoercible(
        self, prepared: Prepared, variables: Mapping[str, Any], operation_name: str | None = None
    ) -> list[GraphQLError]:
        """Errors for variables that do not fit the operation, also of a document that can't be executed."""
        operation = prepared.operation(operation_name)
        return uncoercible(self.schema, operation, variables) if operation else []

    async def execute(
        self,
        prepared: Prepared,
        domain: Context,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        max_page: int | None = MAX_PAGE,
        limits: Limits | None = None,
        planned: bool = True,
        as_json: bool = False,
    ) -> ExecutionResult:
        """Run one operation of a prepared document. Leaf values of the result are Python objects.

        With `as_json` parts of it may be `orjson.Fragment`s: for answers that are written as they are.

        `limits` are those that `Query.limits` tells. Queries run by plan unless `planned` is false; what the plan
        leaves or gives up is run by graphql-core.
        """
        operation = prepared.operation(operation_name)
        if prepared.document is None or operation is None:
            return ExecutionResult(None, prepared.errors or [GraphQLError("Say which operation to run.")])
        if operation.operation is OperationType.SUBSCRIPTION:
            return ExecutionResult(None, [GraphQLError("Subscriptions are answered over WebSocket.")])
        if errors := unreadable(variables or {}):
            return ExecutionResult(None, errors)
        name = operation.name.value if operation.name else None
        needs = prepared.needs[name]
        context = GraphContext(domain, needs, max_page, as_json=as_json, limits=limits)
        asked = Asked(self.schema, prepared.document, operation, context, dict(variables or {}), prepared.plans)
        with Observation(prepared.source, name, operation.operation.value, domain.db) as observation:
            result = await (self._planner(asked) if planned else by_core(asked))
            observation.failed = bool(result.errors)
        return result


def _admit(is_admitted: bool) -> None:
    """Raise Unauthenticated unless it is."""
    if not is_admitted:
        raise Unauthenticated("sign in: this needs an access token")


class _Texts(Visitor):
    """Collects the texts of a document that no database could store."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[GraphQLError] = []

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        try:
            parse_text(node.value)
        except ValueError as error:
            self.errors.append(GraphQLError(f"{error}.", node))


def unstorable(document: DocumentNode) -> list[GraphQLError]:
    """Errors for texts with NUL or with halves of surrogate pairs in a document's literals."""
    texts = _Texts()
    visit(document, texts)
    return texts.errors


def _install(schema: GraphQLSchema) -> None:
    """Put the declarations' own resolvers in place of Strawberry's wrappers, and drop per-object type checks."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            kind.is_type_of = None
            for field in kind.fields.values():
                declaration = declared(field)
                if declaration is not None:
                    field.resolve = declaration.resolver()
