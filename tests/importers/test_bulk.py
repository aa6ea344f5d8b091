from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Integer, MetaData, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from app.context import Context
from app.db import bulk
from app.db.base import Json
from app.db.types import Instant
from app.domain.catalog.models import Organization
from app.importers.merge import table_of
from tests.clock import NOW
from tests.importers.folders import count, values

TABLE = Table(
    "things",
    MetaData(),
    Column("id", Integer),
    Column("at", Instant()),
    Column("data", Json),
    Column("is_on", Boolean),
    prefixes=["TEMPORARY"],
)
ORGANIZATIONS = table_of(Organization)
COLUMNS = ("id", "key", "name", "created_at", "updated_at")


async def test_values_are_stored_as_statements_store_them(ctx: Context) -> None:
    local = datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    early, late = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    rows: list[bulk.Row] = [
        (1, local, {"a": [1, None, "é"]}, True),
        (2, early, {}, False),
        (3, late, ["x"], None),
        (4, None, None, None),
    ]
    async with bulk.staged(ctx.db, TABLE, ("id", "at", "data", "is_on"), rows):
        await ctx.db.execute(insert(TABLE), {"id": 5, "at": local, "data": {"a": [1, None, "é"]}, "is_on": True})
        assert [tuple(row) for row in await ctx.db.fetch(select(TABLE).order_by(TABLE.c.id))] == [
            *rows,
            (5, local, {"a": [1, None, "é"]}, True),
        ]
        same = select(func.count()).where(TABLE.c.at == local, TABLE.c.is_on)
        assert await ctx.db.scalar(same) == 2


async def test_a_stage_is_gone_afterwards(ctx: Context) -> None:
    for _ in range(2):
        async with bulk.staged(ctx.db, TABLE, ("id",), [(1,)]):
            assert await ctx.db.scalar(select(func.count()).select_from(TABLE)) == 1


async def test_ids_follow_the_greatest_and_are_not_given_twice(ctx: Context) -> None:
    first = list(await bulk.allocate(ctx.db, ORGANIZATIONS, 3))
    assert first == list(range(first[0], first[0] + 3))
    await bulk.insert_many(ctx.db, ORGANIZATIONS, COLUMNS, [(id_, str(id_), "x", NOW, NOW) for id_ in first])
    second = list(await bulk.allocate(ctx.db, ORGANIZATIONS, 1))
    assert second == [first[-1] + 1]
    assert list(await bulk.allocate(ctx.db, ORGANIZATIONS, 0)) == []
    made = {"key": "by the database", "name": "x", "created_at": NOW, "updated_at": NOW}
    await ctx.db.execute(insert(ORGANIZATIONS), made)
    assert await count(ctx, Organization) == 4


async def test_rows_are_written_in_chunks(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    ids = await bulk.allocate(ctx.db, ORGANIZATIONS, 5)
    rows: list[Any] = [(id_, str(id_), "x", NOW, NOW) for id_ in ids]
    told: list[int] = []
    await bulk.insert_many(ctx.db, ORGANIZATIONS, COLUMNS, rows, told.append)
    assert told == [2, 2, 1]
    assert await values(ctx, Organization.id, by=Organization.id) == list(ids)


async def test_a_broken_constraint_is_an_integrity_error(ctx: Context) -> None:
    ids = await bulk.allocate(ctx.db, ORGANIZATIONS, 2)
    with pytest.raises(IntegrityError):
        async with ctx.db.transaction():
            await bulk.insert_many(ctx.db, ORGANIZATIONS, COLUMNS, [(id_, "k", "x", NOW, NOW) for id_ in ids])
    assert await count(ctx, Organization) == 0


def test_a_memo_asks_once() -> None:
    asked: list[int] = []

    def negative(number: int) -> int:
        asked.append(number)
        return -number

    memo = bulk.Memo(negative)
    assert (memo[3], memo[3], memo[4]) == (-3, -3, -4)
    assert asked == [3, 4]
