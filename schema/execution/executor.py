"""Executes prepared operations: by plan where there is one, by graphql-core where there is none or where it must."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
)
from graphql.language import DocumentNode, FieldNode, SelectionSetNode

from app import turns
from app.errors import ConfigurationError, DomainError
from schema.core.graph import Asked, Graph, by_core
from schema.execution.build import Retreat
from schema.execution.collect import Collector, deciding_variables
from schema.execution.compile import Compiler
from schema.execution.plan import Plan
from schema.execution.run import Run

log = logging.getLogger("campusgraph.execution")

PLANS_KEPT = 32
"""Plans of one operation: they differ in what `@skip` and `@include` leave of it."""


@dataclass(slots=True)
class Report:
    """How an operation was executed. `retreat` says why a plan was given up, if it was."""

    plan: Plan | None = None
    statements: int = 0
    rows: int = 0
    retreat: str | None = None

    def told(self) -> dict[str, Any]:
        """For the answer's extensions: the plan in lines, SQL statements, rows read, what was given up and why."""
        lines = list(self.plan.lines()) if self.plan is not None else ["by graphql-core"]
        return {"lines": lines, "statements": self.statements, "rows": self.rows, "givenUp": self.retreat}


@dataclass(slots=True)
class Planned:
    """The plans of an operation, by the values of the variables that `@skip` and `@include` use."""

    deciding: tuple[str, ...]
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)


class Executor:
    """Executes a schema's operations by plan."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema

    def plan(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Any, known: dict[str | None, Any]
    ) -> Plan:
        """The plan of a query. `known` remembers the plans of the document's operations, by name."""
        name = operation.name.value if operation.name else None
        planned: Planned | None = known.get(name)
        if planned is None:
            names = set().union(*(deciding_variables(each) for each in document.definitions))
            planned = known[name] = Planned(tuple(sorted(names)))
        values = tuple(repr(variables.coerced.get(each)) for each in planned.deciding)
        plan = planned.plans.get(values)
        if plan is None:
            fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
            plan = Compiler(self.schema, Collector(self.schema, fragments, variables)).plan(operation)
            if len(planned.plans) == PLANS_KEPT:
                planned.plans.clear()
            planned.plans[values] = plan
        return plan

    async def __call__(self, asked: Asked) -> ExecutionResult:
        """Execute a query by plan; anything else, and what no plan can do, with graphql-core."""
        asked.context.report = report = Report()
        result = await self._executed(asked, report)
        result.extensions = {"plan": report}
        return result

    async def _executed(self, asked: Asked, report: Report) -> ExecutionResult:
        if asked.operation.operation is not OperationType.QUERY:
            return await by_core(asked)
        definitions = asked.operation.variable_definitions or ()
        variables = get_variable_values(self.schema, definitions, asked.variables, hide_suggestions=True)
        if isinstance(variables, list):
            return await by_core(asked)
        try:
            plan = report.plan = self.plan(asked.document, asked.operation, variables, asked.plans)
        except GraphQLError:  # an argument or a directive that can't be read: graphql-core says so where it is reached
            return await by_core(asked)
        rest = _remainder(asked, plan) if plan.left else None
        if plan.left and rest is None:
            return await by_core(asked)
        data = await self._planned(asked, plan, variables, report)
        if data is None:
            return await by_core(asked)
        return ExecutionResult(data, None) if rest is None else _merged(plan, data, await by_core(rest))

    async def _planned(self, asked: Asked, plan: Plan, variables: Any, report: Report) -> dict[str, Any] | None:
        """The data of the planned fields; None when the plan was given up: graphql-core then tells the errors."""
        before = asked.context.domain.db.statements
        run = Run(asked.context, variables)
        try:
            data = (await run.selection(plan.root, [None]))[0]
            if run.rows > turns.SLICE:
                await asyncio.sleep(0)
            return data
        except (Retreat, GraphQLError, DomainError) as error:
            report.retreat = str(error)
        except Exception as error:
            report.retreat = f"{type(error).__name__}: {error}"
            log.debug("plan given up", exc_info=error)
        finally:
            report.statements, report.rows = asked.context.domain.db.statements - before, run.rows
        return None


def explained(graph: Graph, text: str, operation_name: str | None, inputs: dict[str, Any]) -> Iterator[str]:
    """The lines of a query's plan. Raises ConfigurationError for a document or variables that can't be executed."""
    prepared = graph.prepare(text)
    operation = prepared.operation(operation_name)
    if prepared.errors:
        raise ConfigurationError(str(prepared.errors[0]))
    if operation is None or operation.operation is not OperationType.QUERY or prepared.document is None:
        raise ConfigurationError("name one query of the document")
    variables = get_variable_values(graph.schema, operation.variable_definitions or (), inputs)
    if isinstance(variables, list):
        variables = get_variable_values(graph.schema, (), {})
    return Executor(graph.schema).plan(prepared.document, operation, variables, {}).lines()


def _merged(plan: Plan, data: dict[str, Any], rest: ExecutionResult) -> ExecutionResult:
    """Planned data and the rest, in the order asked."""
    if rest.data is None:
        return rest
    both = data | rest.data
    return ExecutionResult({key: both[key] for key in plan.order}, rest.errors)


def _remainder(asked: Asked, plan: Plan) -> Asked | None:
    """What is asked, reduced to the root fields left by the plan; None where fragments at the root hide them."""
    operation = asked.operation
    kept = tuple(_kept(operation.selection_set, plan.left))
    if not all(isinstance(node, FieldNode) for node in operation.selection_set.selections):
        return None
    reduced = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=SelectionSetNode(selections=kept),
    )
    others = tuple(d for d in asked.document.definitions if isinstance(d, FragmentDefinitionNode))
    document = DocumentNode(definitions=(reduced, *others))
    return Asked(asked.schema, document, reduced, asked.context, asked.variables)


def _kept(selected: SelectionSetNode, keys: dict[str, str]) -> list[FieldNode]:
    return [
        node for node in selected.selections if isinstance(node, FieldNode) and (node.alias or node.name).value in keys
    ]
