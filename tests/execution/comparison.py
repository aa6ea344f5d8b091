"""Two ways to execute a query: by plan, and by graphql-core. Their answers are compared.

While the tests run (`comparing`), every query that runs by plan runs both ways, and a difference fails the test.
CAMPUSGRAPH_TEST_COMPARISON=off leaves that out, for measurements of time.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson
import pytest
from graphql import ExecutionResult, OperationType, print_ast

from app import turns
from schema.core.context import GraphContext
from schema.core.graph import Asked, Planner, by_core
from schema.execution.executor import Executor, Report

SWITCH = "CAMPUSGRAPH_TEST_COMPARISON"
EXECUTE = Executor.__call__
TURNS = 10
"""Turns of the event loop in which nothing happens after which nothing will."""
FEW = 2
"""Objects that are many when an answer is made as JSON, so that all of it is made in slices."""

Errors = set[tuple[tuple[str | int, ...], str]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Both answers to one operation, how the first came about, and the SQL statements that each took.

    `misspelled` tells the first difference of the answer as JSON, where that was looked for.
    """

    asked: Asked
    planned: ExecutionResult
    core: ExecutionResult
    report: Report
    planned_statements: int
    core_statements: int
    misspelled: str | None = None

    def difference(self) -> str | None:
        """The first difference, or what else is wrong."""
        if self.report.retreat is not None and not self.core.errors:
            return f"the plan was given up, but nothing is wrong: {self.report.retreat}"
        found = different(self.planned.data, self.core.data, "data")
        if found is not None:
            return f"{found}\nerrors by plan: {self.planned.errors}, by graphql-core: {self.core.errors}"
        planned, core = errors_of(self.planned), errors_of(self.core)
        if planned != core:
            return f"errors:\n  only by plan: {planned - core or '–'}\n  only by graphql-core: {core - planned or '–'}"
        return None


def described(asked: Asked, what: str) -> str:
    """What is wrong with the answers to an operation, and the operation."""
    name = asked.operation.name.value if asked.operation.name else "the only one"
    lines = [what, print_ast(asked.document), f"operation: {name}", f"variables: {asked.variables!r}"]
    return "\n".join([*lines, f"asked by: {asked.context.domain.principal}"])


async def by_both(planner: Planner, asked: Asked) -> Pair:
    """Execute a query in both ways: the same principal, the same moment. Only the plan's statements count."""
    db = asked.context.domain.db
    before = db.statements
    as_python = _like(asked.context)
    planned = await planner(replace(asked, context=as_python))
    asked.context.report = as_python.report
    await settled(as_python)
    between = db.statements
    again = _like(asked.context)
    core = await by_core(replace(asked, context=again))
    await settled(again)
    taken, db.statements = db.statements - between, between
    return Pair(asked, planned, core, asked.context.report, between - before, taken)


def _like(context: GraphContext, *, as_json: bool = False) -> GraphContext:
    """A context of its own for the same operation."""
    return GraphContext(context.domain, context.needs, context.max_page, as_json=as_json, limits=context.limits)


async def settled(context: GraphContext) -> None:
    """Wait for what graphql-core started and, because of an error, did not wait for."""
    idle, lock = 0, context.domain.db._lock
    while idle < TURNS:
        running = {task for loader in context._loaders.values() for task in loader._running}
        idle = 0 if running or lock.locked() else idle + 1
        if running:
            await asyncio.wait(running)
        async with lock:
            await asyncio.sleep(0)


async def misspelled(planner: Planner, pair: Pair) -> str | None:
    """The first difference between the answer of which parts are JSON before its end, and graphql-core's, as JSON."""
    asked, db = pair.asked, pair.asked.context.domain.db
    if pair.report.plan is None:
        return None
    before = db.statements
    context = _like(asked.context, as_json=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "SLICE", FEW)
        written = await planner(replace(asked, context=context))
    db.statements = before
    if context.report.retreat != pair.report.retreat:
        return f"as JSON the plan was given up: {context.report.retreat}; else: {pair.report.retreat}"
    return different(_read_back(written.data), _read_back(pair.core.data), "JSON")


def _read_back(data: Any) -> Any:
    return orjson.loads(orjson.dumps(data))


@contextmanager
def comparing() -> Iterator[None]:
    """Execute in both ways whatever executors execute; a difference fails the test."""
    if os.environ.get(SWITCH) == "off":
        yield
        return

    async def compared(executor: Executor, asked: Asked) -> ExecutionResult:
        if asked.operation.operation is not OperationType.QUERY:
            return await EXECUTE(executor, asked)
        pair = await by_both(partial(EXECUTE, executor), asked)
        found = pair.difference() or await misspelled(partial(EXECUTE, executor), pair)
        if found is not None:
            pytest.fail(described(asked, found), pytrace=False)
        return pair.planned

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Executor, "__call__", compared)
        yield


def errors_of(result: ExecutionResult) -> Errors:
    """Paths and messages of the errors, in no order."""
    return {(tuple(error.path or ()), error.message) for error in result.errors or ()}


def different(planned: Any, core: Any, path: str) -> str | None:
    """The first difference of two answers: a value, its type (1 is not 1.0), the order of keys, a length."""
    if isinstance(planned, dict) and isinstance(core, dict):
        if list(planned) != list(core):
            return f"{path}: keys {list(planned)} by plan, {list(core)} by graphql-core"
        pairs = ((planned[key], core[key], f"{path}.{key}") for key in core)
    elif isinstance(planned, list) and isinstance(core, list):
        if len(planned) != len(core):
            return f"{path}: {len(planned)} by plan, {len(core)} by graphql-core"
        pairs = ((one, other, f"{path}[{place}]") for place, (one, other) in enumerate(zip(planned, core, strict=True)))
    elif planned == core and (type(planned) is type(core) or (isinstance(planned, str) and isinstance(core, str))):
        return None
    else:
        return f"{path}: {planned!r} by plan, {core!r} by graphql-core"
    return next((found for each in pairs if (found := different(*each)) is not None), None)
