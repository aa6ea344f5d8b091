"""Root lists: filters, order and pages over all visible rows of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select, true

from app.context import Context
from app.db.base import Base
from app.errors import BadRequest, LimitExceeded
from app.policy import Viewing, visible
from app.reading.cursors import following
from app.reading.relations import SIZE, Order, Slice, order_keys, order_names
from app.reading.rows import expressions, shaped
from app.reading.statements import fetch, fetch_once

Where = Mapping[str, Any]
MAX_FILTER_TERMS = 200
MAX_FILTER_VALUES = 1_000
MAX_FILTER_LEVELS = 16
ESCAPE = "\\"


def predicate(ctx: Context, model: type[Base], where: Where | None) -> ColumnElement[bool]:
    """The SQL of a filter: columns (by attribute name) with operators, and `and_`, `or_`, `not_` of filters.

    Filters compare what the principal may see of a column, so that a hidden value can't be found out by asking.
    """
    if where is None:
        return true()
    _measure(where)
    return _conjunction(ctx, model, where)


def _measure(where: Where) -> None:
    """Raise LimitExceeded for a filter of more terms, listed values or levels than a database takes."""
    terms = values = levels = 0
    level: list[Where] = [where]
    while level:
        levels += 1
        below: list[Where] = []
        for each in level:
            terms += len(each)
            for name, value in each.items():
                if name in ("and_", "or_"):
                    below += value or ()
                elif name == "not_":
                    below += [] if value is None else [value]
                else:
                    values += len(value.get("in_") or ())
        level = below
    for count, most, what in (
        (terms, MAX_FILTER_TERMS, "terms"),
        (values, MAX_FILTER_VALUES, "values in lists"),
        (levels, MAX_FILTER_LEVELS, "levels"),
    ):
        if count > most:
            raise LimitExceeded(f"the filter has {count} {what}: at most {most} are allowed", "filter")


def _conjunction(ctx: Context, model: type[Base], where: Where) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    for name, value in where.items():
        if value is None:
            continue
        if name == "and_":
            parts += [_conjunction(ctx, model, each) for each in value]
        elif name == "or_":
            parts.append(or_(*(_conjunction(ctx, model, each) for each in value)) if value else ~true())
        elif name == "not_":
            parts.append(func.coalesce(not_(_conjunction(ctx, model, value)), true()))
        else:
            column = ctx.readable(getattr(model, name))
            parts += [_comparison(column, operator, operand) for operator, operand in value.items()]
    return and_(true(), *parts)


def _comparison(column: ColumnElement[Any], operator: str, operand: Any) -> Any:
    match operator:
        case "eq":
            return column.is_(None) if operand is None else column == operand
        case "is_null":
            return true() if operand is None else column.is_(None) if operand else column.is_not(None)
        case _ if operand is None:
            return true()
        case "in_":
            known = [literal(each, column.type) for each in operand if each is not None]
            listed = column.in_(known)
            return or_(listed, column.is_(None)) if len(known) < len(operand) else listed
        case "gt":
            return column > operand
        case "gte":
            return column >= operand
        case "lt":
            return column < operand
        case "lte":
            return column <= operand
        case "contains":
            return _like(column, operand, "%{}%")
        case "starts_with":
            return _like(column, operand, "{}%")
    raise BadRequest(f"unknown operator {operator}")


def _like(column: ColumnElement[Any], operand: str, pattern: str) -> ColumnElement[bool]:
    """Whether a text contains or begins with another in any case; on SQLite, case is only known of ASCII letters."""
    found = func.lower(column).like(pattern.format(_escaped(operand.lower())), escape=ESCAPE)
    if operand.isascii():
        return found
    return or_(found, column.like(pattern.format(_escaped(operand)), escape=ESCAPE))


def _escaped(text: str) -> str:
    for character in (ESCAPE, "%", "_"):
        text = text.replace(character, ESCAPE + character)
    return text


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

    def build(viewing: Viewing) -> Select[Any]:
        statement = select(*expressions(viewing, model, names)).where(visible(model, viewing))
        return statement.order_by(*(key.by() for key in order_keys(viewing, model, order))).limit(SIZE)

    if where is None and cursor is None:
        return await fetch(ctx, ("root", model, names, order), build, size=first + 1)
    statement = build(ctx.viewing).where(predicate(ctx, model, where))
    if cursor is not None:
        statement = statement.where(following(order_keys(ctx.viewing, model, order), cursor))
    return await fetch_once(ctx, statement, size=first + 1)


async def count(ctx: Context, model: type[Base], where: Where | None) -> int:
    """How many visible rows satisfy the filter."""

    def build(viewing: Viewing) -> Select[Any]:
        return select(func.count()).select_from(model).where(visible(model, viewing))

    if where is None:
        rows = await fetch(ctx, ("root count", model), build)
    else:
        rows = await fetch_once(ctx, build(ctx.viewing).where(predicate(ctx, model, where)))
    return int(rows[0][0])
