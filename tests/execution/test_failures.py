"""What an operation that fails leaves behind: nothing."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.session import Database
from schema.graph import build
from tests.execution.ground import Ground

FAILING = [
    "{ viewer { columnGrades { nodes { id } } enrollments(first: 101) { totalCount } } }",
    "{ courses { totalCount nodes { questions(first: -1) { totalCount } } } }",
    "{ users { nodes { id } } assessments(first: 101) { totalCount } }",
]
SLOW = {
    "postgresql": "SELECT pg_sleep(0.2)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT max(i) FROM n",
}


@pytest.mark.parametrize("document", FAILING)
def test_a_failed_operation_gives_its_connection_back(place: Ground, document: str) -> None:
    assert place.run(connections_after(place, document)) == 0


@pytest.mark.parametrize("document", [*FAILING, "{ courses { nodes { title questions(first: 101) { totalCount } } } }"])
def test_a_failed_operation_leaves_no_task_that_waits(place: Ground, document: str) -> None:
    assert place.run(tasks_after(place, document)) == set()


async def tasks_after(place: Ground, document: str) -> set[str]:
    """What still waits, for values that nobody loads any more."""
    graph = build()
    async with Database(place.engine) as db:
        result = await graph.execute(graph.prepare(document), place.asked_by("instructor", db), planned=False)
    assert result.errors
    for _ in range(20):
        await asyncio.sleep(0)
    return {str(task.get_coro()) for task in asyncio.all_tasks() - {asyncio.current_task()}}


async def connections_after(place: Ground, document: str) -> int:
    """How many connections nobody gives back."""
    graph = build()
    before = taken(place)
    async with Database(place.engine) as db:
        ctx = place.asked_by("learner", db)
        result = await graph.execute(graph.prepare(document), ctx, planned=False)
        assert result.errors
    for _ in range(20):
        await asyncio.sleep(0.005)
    return taken(place) - before


def taken(place: Ground) -> int:
    """How many connections are in use."""
    return place.engine.pool.checkedout()  # type: ignore[attr-defined, no-any-return]


async def test_a_connection_goes_back_when_its_statement_has_ended(engine: AsyncEngine) -> None:
    """Else the next request has it: asyncpg refuses that another statement runs meanwhile."""
    db = Database(engine)
    reading = asyncio.create_task(db.fetch(text(SLOW[db.dialect])))
    await asyncio.sleep(0.02)
    assert not reading.done()
    await db.close()
    assert reading.done()
    with pytest.raises(RuntimeError, match="closed"):
        await db.fetch(text("SELECT 1"))
