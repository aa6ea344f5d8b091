"""Asks the graph in process: the answer, how it came about, and the SQL that it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.context import Context
from schema.execution.executor import Report
from schema.graph import build


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, how it came about, and how many SQL statements it took."""

    data: Any
    errors: list[str]
    report: Report
    statements: int


async def answer(
    ctx: Context, document: str, variables: dict[str, Any] | None = None, name: str | None = None
) -> Answer:
    """Ask in a request of its own, by plan."""
    graph = build()
    prepared = graph.prepare(document)
    assert not prepared.errors, prepared.errors
    before = ctx.db.statements
    request = Context(ctx.principal, ctx.db, ctx.clock)
    result = await graph.execute(prepared, request, variables, name)
    report = (result.extensions or {})["plan"]
    errors = [f"{'.'.join(map(str, error.path or ()))}: {error.message}" for error in result.errors or ()]
    return Answer(result.data, errors, report, ctx.db.statements - before)


async def planned(ctx: Context, document: str, variables: dict[str, Any] | None = None) -> Any:
    """The data of an answer that a plan gave, without errors."""
    found = await answer(ctx, document, variables)
    assert (found.errors, found.report.retreat) == ([], None)
    assert found.report.plan is not None
    return found.data
