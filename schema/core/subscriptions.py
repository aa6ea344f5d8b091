"""Subscriptions, declared: a function that tells what is new since a place, and what to watch until it is asked again.

A subscription holds nothing open between two steps. Each step reads what is there, as whoever asks sees it then.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    get_argument_values,
    get_variable_values,
)

from app.context import Context
from schema.core.context import GraphContext
from schema.core.declare import SNAKE, Declared, Resolver, evaluate
from schema.core.graph import Asked, Graph, Prepared, by_core
from schema.core.needs import declared
from schema.core.variables import unreadable
from schema.execution.collect import Collector


class Step(NamedTuple):
    """What a subscription found: the source of an event or None, the place to go on from, whether more is there."""

    event: Any
    place: Any
    is_more: bool = False


class Subscription(Declared):
    """A field of the subscription root: `await function(context, place, **arguments)` gives a Step.

    `topic(**arguments)` says what to watch. The place is None at first. Both raise DomainError.
    """

    kind = "subscription"

    def __init__(
        self, function: Callable[..., Any], topic: Callable[..., Hashable], returns: Any, description: str, given: Any
    ) -> None:
        super().__init__(description, given)
        self.function, self.topic, self.returns = function, topic, returns

    def annotation(self) -> Any:
        return evaluate(self.returns)

    def resolver(self) -> Resolver:
        return lambda source, info, **arguments: source


def subscription(
    function: Callable[..., Any], topic: Callable[..., Hashable], returns: Any, description: str, *arguments: Any
) -> Any:
    """Declare a subscription."""
    return Subscription(function, topic, returns, description, arguments)


class Unanswerable(Exception):
    """Variables or arguments that the schema does not allow."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(str(errors[0]))
        self.errors = errors


class Following:
    """A subscription that is being answered: its operation, and the place where it stands.

    `topic` is what to watch; `is_more` says that the next step need not wait.
    """

    def __init__(
        self, graph: Graph, prepared: Prepared, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> None:
        assert prepared.document is not None
        self._graph, self._prepared, self._document = graph, prepared, prepared.document
        self._operation, self._variables = operation, dict(variables)
        self._declaration, self._arguments = self._field()
        self._place: Any = None
        self.topic: Any = self._declaration.topic(**self._arguments)
        self.is_more = True

    def _field(self) -> tuple[Subscription, dict[str, Any]]:
        """The one field of the operation, and its arguments. Raises Unanswerable."""
        schema = self._graph.schema
        if errors := unreadable(self._variables):
            raise Unanswerable(errors)
        values = get_variable_values(schema, self._operation.variable_definitions or (), self._variables)
        if isinstance(values, list):
            raise Unanswerable(values)
        root = schema.subscription_type
        assert root is not None
        fragments = {d.name.value: d for d in self._document.definitions if isinstance(d, FragmentDefinitionNode)}
        [nodes] = Collector(schema, fragments, values).fields(root, [self._operation.selection_set]).values()
        field = root.fields[nodes[0].name.value]
        declaration = declared(field)
        assert isinstance(declaration, Subscription)
        try:
            given = get_argument_values(field, nodes[0], values)
        except GraphQLError as error:
            raise Unanswerable([error]) from None
        return declaration, {SNAKE.sub(r"_\g<0>", name).lower(): value for name, value in given.items()}

    async def step(self, domain: Context) -> ExecutionResult | None:
        """The next event, or None when there is none yet. Raises DomainError."""
        name = self._operation.name.value if self._operation.name else None
        context = GraphContext(domain, self._prepared.needs[name])
        found: Step = await self._declaration.function(context, self._place, **self._arguments)
        self._place, self.is_more = found.place, found.is_more
        if found.event is None:
            return None
        asked = Asked(self._graph.schema, self._document, self._operation, context, self._variables, source=found.event)
        return await by_core(asked)
