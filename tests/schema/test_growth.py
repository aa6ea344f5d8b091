"""The first page of a large list costs the same however many rows there are: an index gives it in order."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.db.compiled import Read
from app.db.session import Database
from schema.graph import build
from tests.factories import University, university

INDEXES = {
    ("users", "DATABASE_ID"): "pk_users",
    ("users", "USERNAME"): "uq_users_username",
    ("users", "UID"): "uq_users_uid",
    ("users", "CREATED_AT"): "ix_users_created_at_id",
    ("enrollments", "DATABASE_ID"): "pk_enrollments",
    ("enrollments", "ENROLLED_AT"): "ix_enrollments_enrolled_at_id",
    ("assessmentInstances", "DATABASE_ID"): "pk_assessment_instances",
    ("assessmentInstances", "MODIFIED_AT"): "ix_assessment_instances_modified_at_id",
    ("submissions", "DATABASE_ID"): "pk_submissions",
    ("submissions", "SUBMITTED_AT"): "ix_submissions_submitted_at_id",
}
ONLY_BY_INDEX = ("SET LOCAL enable_seqscan = off", "SET LOCAL enable_sort = off")


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


def test_every_order_of_a_large_list_is_here() -> None:
    """An order that is added needs an index, and its line above."""
    enums = {name: build().schema.type_map[f"{name[0].upper()}{name[1:-1]}OrderField"] for name, _ in INDEXES}
    offered = {(name, value) for name, enum in enums.items() for value in getattr(enum, "values")}  # noqa: B009
    assert offered == set(INDEXES)


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize(("order", "index"), list(INDEXES.items()))
async def test_an_index_gives_the_first_page(
    world: University, monkeypatch: pytest.MonkeyPatch, order: tuple[str, str], index: str, direction: str
) -> None:
    reads: list[tuple[Read, Any]] = []
    read = Database.read

    async def spy(self: Database, statement: Read, given: Any) -> Any:
        reads.append((statement, given))
        return await read(self, statement, given)

    monkeypatch.setattr(Database, "read", spy)
    graph = build()
    name, field = order
    query = f"{{ {name}(orderBy: [{{field: {field}, direction: {direction}}}]) {{ nodes {{ id }} }} }}"
    request = Context(world.admin.principal, world.admin.db, world.admin.clock)
    assert (await graph.execute(graph.prepare(query), request)).errors is None
    plan = await explained(world.admin.db, *reads[-1])
    assert "TEMP B-TREE FOR ORDER BY" not in plan
    assert "Sort" not in "".join(plan.splitlines()[:2])
    assert expected(index, world.admin.db.dialect) in plan


def expected(index: str, dialect: str) -> str:
    """What the plan says of an index. SQLite reads a table in the order of its primary key without naming one."""
    if dialect == "postgresql":
        return index
    if index.startswith("pk_"):
        return "SCAN"
    return "INDEX sqlite_autoindex_users" if index.startswith("uq_") else f"INDEX {index}"


async def explained(db: Database, statement: Read, given: Any) -> str:
    """The database's plan for a statement."""
    values = statement.values(given)
    connection = await db.connection()
    if db.dialect == "sqlite":
        found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.sql}", tuple(values))
        return "\n".join(str(row[-1]) for row in found)
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    for setting in ONLY_BY_INDEX:
        await driver.execute(setting)
    return "\n".join(row[0] for row in await driver.fetch(f"EXPLAIN {statement.sql}", *values))
