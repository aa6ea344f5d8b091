"""What tests of writes need: the whole database before and after, refusals told exactly, the callers of a matrix."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Text, cast, func, literal, select, text, union_all
from sqlalchemy.dialects import postgresql, sqlite

import app.domain.all
from app.context import Context
from app.db.base import Base
from app.domain.grades.models import ColumnGrade
from app.errors import DomainError, RuleBroken, UserErrorCode
from tests.factories import Coursework, University

assert app.domain.all.MODELS

CALLERS = ("anonymous", "loner", "student", "outsider", "previewer", "assistant", "instructor", "admin")

Everything = set[tuple[str, str]]


async def everything(ctx: Context) -> Everything:
    """All rows of all tables, as (table, text)."""
    return {(row[0], row[1]) for row in await ctx.db.fetch(text(_all_rows(ctx.db.dialect)))}


@cache
def _all_rows(dialect: str) -> str:
    selects = []
    for table in Base.metadata.sorted_tables:
        row: ColumnElement[str] = literal(str(table.name))
        for column in table.columns:
            row = row + "|" + func.coalesce(cast(column, Text), "-")
        selects.append(select(literal(str(table.name)), row))
    spoken = (sqlite if dialect == "sqlite" else postgresql).dialect()
    return str(union_all(*selects).compile(dialect=spoken, compile_kwargs={"literal_binds": True}))


@asynccontextmanager
async def nothing_changes(ctx: Context, before: Everything | None = None) -> AsyncIterator[None]:
    """Asserts that the block leaves every table as it was (or as it was known to be `before`)."""
    before = before or await everything(ctx)
    yield
    assert await everything(ctx) == before


async def refused(ctx: Context, write: Awaitable[Any], reason: UserErrorCode, *field: str) -> str:
    """Asserts that a write is refused for exactly this reason and field and changes nothing; the message."""
    async with nothing_changes(ctx):
        with pytest.raises(RuleBroken) as caught:
            await write
    assert (caught.value.reason, caught.value.field) == (reason, list(field))
    return str(caught.value)


async def denied(
    ctx: Context, write: Awaitable[Any], error: type[DomainError], before: Everything | None = None
) -> None:
    """Asserts that a write raises exactly this error and changes nothing."""
    async with nothing_changes(ctx, before):
        with pytest.raises(DomainError) as caught:
            await write
    assert type(caught.value) is error


async def only_row(ctx: Context, model: type[Base], key: int) -> Any:
    """The row of a table as a named tuple."""
    rows = await ctx.db.fetch(select(model.__table__).where(model.__table__.c.id == key))
    assert len(rows) == 1
    return rows[0]


async def key_of(ctx: Context, model: type[Base], **values: Any) -> int:
    """The id of the one row that has these values."""
    columns = model.__table__.c
    rows = await ctx.db.fetch(select(columns.id).where(*(columns[name] == value for name, value in values.items())))
    assert len(rows) == 1
    return int(rows[0][0])


def context_of(world: University, caller: str) -> Context:
    """The context of one of CALLERS."""
    found = getattr(world, caller)
    assert isinstance(found, Context)
    return found


async def grades(ctx: Context, work: Coursework) -> dict[int, tuple[Any, ...]]:
    """(points, released points, percentage, released percentage) of an assessment by user id."""
    own = ColumnGrade
    columns = (own.user_id, own.points, own.released_points, own.score_perc, own.released_score_perc)
    rows = await ctx.db.fetch(select(*columns).where(own.assessment_id == work.assessment_id))
    return {row[0]: tuple(row[1:]) for row in rows}
