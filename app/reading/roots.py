"""Root lists: filters, order and pages over all visible rows of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from app.context import Context
from app.db.base import Base
from app.policy import Viewing, visible
from app.reading.cursors import following
from app.reading.filters import Where, predicate, take_apart
from app.reading.relations import SIZE, Order, Slice, beginning, order_keys, order_names
from app.reading.rows import expressions, shaped
from app.reading.statements import fetch


async def page(
    ctx: Context,
    model: type[Base],
    names: tuple[str, ...],
    where: Where | None,
    order: Order,
    first: int,
    cursor: str | None,
) -> Slice:
    """The first `first` visible rows after the cursor that satisfy the filter."""
    rows = shaped(model, names, await page_rows(ctx, model, names, where, order, first, cursor))
    return Slice(rows[:first], order_names(model, order), len(rows) > first, cursor is not None, where)


async def page_rows(
    ctx: Context,
    model: type[Base],
    names: tuple[str, ...],
    where: Where | None,
    order: Order,
    first: int,
    cursor: str | None,
) -> Sequence[Any]:
    """The first `first` + 1 visible rows after the cursor that satisfy the filter."""
    asked = take_apart(where)
    begun = beginning(ctx, model, order, cursor)

    def build(viewing: Viewing) -> Select[Any]:
        ordering = order_keys(viewing, model, order)
        statement = select(*expressions(viewing, model, names)).where(
            visible(model, viewing), predicate(viewing, model, asked.form), following(ordering, begun.form)
        )
        return statement.order_by(*(key.by() for key in ordering)).limit(SIZE)

    name = ("root", model, names, order, asked.form, begun.form)
    return await fetch(ctx, name, build, size=first + 1, **asked.values, **begun.values)


async def count(ctx: Context, model: type[Base], where: Where | None) -> int:
    """How many visible rows satisfy the filter."""
    asked = take_apart(where)

    def build(viewing: Viewing) -> Select[Any]:
        shown = visible(model, viewing), predicate(viewing, model, asked.form)
        return select(func.count()).select_from(model).where(*shown)

    rows = await fetch(ctx, ("root count", model, asked.form), build, **asked.values)
    return int(rows[0][0])
