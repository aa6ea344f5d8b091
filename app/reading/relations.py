"""The batch functions behind declared relations: keys of many parents in, their children out, in one statement.

All take the names of the children's columns and add the visibility predicate themselves. Those that end in `_rows`
give rows as the driver gave them, which begin with the parent's key; the others give, for each key, named tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.db.base import Base, facts, model_of_table, owner
from app.db.compiled import Raw, given
from app.db.paging import OrderKey, first_of_each
from app.db.sets import KeySet, member_of
from app.db.texts import Cell, texts_in, texts_of_each, values_of
from app.policy import Viewing, masked, visible
from app.reading.cursors import START, Beginning, Begun, begin, following
from app.reading.rows import children, expressions, key_name, shape, shaped
from app.reading.statements import fetch, fetch_raw

Attribute = InstrumentedAttribute[Any]
Names = tuple[str, ...]
Condition = Callable[..., ColumnElement[bool]]
KEYS = given("keys", KeySet())
KEY = given("key", Integer())
SIZE = given("size", BigInteger())
EVERY = -1
"""The size of a page that has no end, on SQLite."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of children or of a root list: columns of the model; `descending` for those that fall."""

    columns: tuple[str, ...]
    descending: frozenset[str] = frozenset()


@dataclass(slots=True)
class Slice:
    """A part of a connection: its rows and their order, whether more follow, and what its total is counted by.

    `counter` is the declaration that can count the total of `count_key`.
    """

    rows: list[Any]
    order: tuple[str, ...]
    has_next: bool
    has_previous: bool
    count_key: Any
    counter: Any = None


def order_keys(viewing: Viewing, model: type[Base], order: Order) -> list[OrderKey]:
    """The keys of an order, completed by the primary key in the last one's direction: total, and an index's order."""
    names = order_names(model, order)
    falling = order.descending
    if len(names) > len(order.columns) and order.descending.intersection(order.columns[-1:]):
        falling |= {names[-1]}
    columns = model.__table__.c
    return [
        OrderKey(
            name,
            masked(getattr(model, name), viewing),
            columns[name].type.python_type,
            bool(columns[name].nullable),
            name in falling,
        )
        for name in names
    ]


def order_names(model: type[Base], order: Order) -> tuple[str, ...]:
    """The names of an order's keys: up to one that is unique, for which the primary key is added if need be."""
    columns = model.__table__.c
    for place, name in enumerate(order.columns):
        if columns[name].primary_key or (columns[name].unique and not columns[name].nullable):
            return order.columns[: place + 1]
    return (*order.columns, key_name(model))


def beginning(ctx: Context, model: type[Base], order: Order, cursor: str | None) -> Beginning:
    """Where a page of this order begins: after the cursor, or at the start."""
    return START if cursor is None else begin(order_keys(ctx.viewing, model, order), cursor)


async def one_rows(ctx: Context, target: Attribute, names: Names, keys: Sequence[Any]) -> Raw:
    """The visible rows whose unique `target` column is among the keys."""

    def build(viewing: Viewing) -> Select[Any]:
        model = owner(target)
        columns = expressions(viewing, model, names)
        return select(target, *columns).where(member_of(target, KEYS), visible(model, viewing))

    return await fetch_raw(ctx, ("one", target, names), build, keys=keys)


async def one(ctx: Context, target: Attribute, names: Names, keys: Sequence[Any]) -> list[Any]:
    """For each key the visible row whose unique `target` column equals it, or None."""
    return _single(owner(target), names, keys, (await one_rows(ctx, target, names, keys)).values)


async def many_rows(ctx: Context, foreign: Attribute, names: Names, keys: Sequence[Any], order: Order) -> Raw:
    """The visible rows whose `foreign` column is among the keys, in order."""

    def build(viewing: Viewing) -> Select[Any]:
        model = owner(foreign)
        statement = select(foreign, *expressions(viewing, model, names))
        ordered = statement.order_by(*(key.by() for key in order_keys(viewing, model, order)))
        return ordered.where(member_of(foreign, KEYS), children(viewing, foreign))

    return await fetch_raw(ctx, ("many", foreign, names, order), build, keys=keys)


async def many(ctx: Context, foreign: Attribute, names: Names, keys: Sequence[Any], order: Order) -> list[list[Any]]:
    """For each key the visible rows whose `foreign` column equals it, all of them, in order."""
    return _grouped(owner(foreign), names, keys, (await many_rows(ctx, foreign, names, keys, order)).values)


async def first_rows(
    ctx: Context, foreign: Attribute, names: Names, keys: Sequence[Any], order: Order, condition: Condition, **said: Any
) -> Raw:
    """For each key the first visible row, in order, that satisfies a condition and whose `foreign` column equals it.

    `said` are arguments of the condition, of which there are few.
    """
    dialect = ctx.db.dialect

    def build(viewing: Viewing) -> Any:
        model = owner(foreign)
        columns, shown = expressions(viewing, model, names), and_(children(viewing, foreign), condition(**said))
        return first_of_each(model, foreign, columns, shown, order_keys(viewing, model, order), KEYS, SIZE, dialect)

    name = ("first", foreign, names, order, condition, *sorted(said.items()))
    return await fetch_raw(ctx, name, build, keys=keys, size=1)


async def first(
    ctx: Context, foreign: Attribute, names: Names, keys: Sequence[Any], order: Order, condition: Condition, **said: Any
) -> list[Any]:
    """For each key the row of `first_rows`, or None."""
    rows = await first_rows(ctx, foreign, names, keys, order, condition, **said)
    return _single(owner(foreign), names, keys, rows.values)


async def through_rows(
    ctx: Context,
    near: Attribute,
    far: Attribute,
    names: Names,
    keys: Sequence[Any],
    order: Order,
    condition: Condition,
) -> Raw:
    """The visible rows that a link table joins to the keys: `near` names the key, `far` the row."""

    def build(viewing: Viewing) -> Select[Any]:
        link, model = owner(near), far_model(far)
        return (
            select(near, *expressions(viewing, model, names))
            .join_from(link, model, far == model.id)  # type: ignore[attr-defined]
            .where(member_of(near, KEYS), condition(), visible(link, viewing), visible(model, viewing))
            .order_by(*(key.by() for key in order_keys(viewing, model, order)))
        )

    return await fetch_raw(ctx, ("through", near, far, names, order, condition), build, keys=keys)


def far_model(far: Attribute) -> type[Base]:
    """The model that a link table's foreign key refers to."""
    return model_of_table(facts(far).target or "")


async def through(
    ctx: Context,
    near: Attribute,
    far: Attribute,
    names: Names,
    keys: Sequence[Any],
    order: Order,
    condition: Condition,
) -> list[list[Any]]:
    """For each key the visible rows that a link table joins to it."""
    rows = await through_rows(ctx, near, far, names, keys, order, condition)
    return _grouped(far_model(far), names, keys, rows.values)


async def page_rows(
    ctx: Context, foreign: Attribute, names: Names, keys: Sequence[Any], order: Order, first: int, cursor: str | None
) -> Raw:
    """For each key, one after another, its first `first` + 1 visible rows after the cursor."""
    dialect = ctx.db.dialect
    begun = beginning(ctx, owner(foreign), order, cursor)
    name = (foreign, names, order, begun.form)
    given: dict[str, Any] = {"size": first + 1, **begun.values}
    if len(keys) == 1:
        return await fetch_raw(ctx, ("page of one", *name), lambda v: _page(v, *name), key=keys[0], **given)
    return await fetch_raw(ctx, ("page", *name), lambda v: _pages(v, *name, dialect), keys=keys, **given)


def _page(viewing: Viewing, foreign: Attribute, names: Names, order: Order, begun: Begun) -> Any:
    """The page of one parent."""
    model, ordering = owner(foreign), order_keys(viewing, owner(foreign), order)
    statement = select(foreign, *expressions(viewing, model, names)).where(foreign == KEY, children(viewing, foreign))
    return statement.where(following(ordering, begun)).order_by(*(key.by() for key in ordering)).limit(SIZE)


def _pages(viewing: Viewing, foreign: Attribute, names: Names, order: Order, begun: Begun, dialect: str) -> Any:
    """The pages of several parents."""
    model, ordering = owner(foreign), order_keys(viewing, owner(foreign), order)
    shown = and_(children(viewing, foreign), following(ordering, begun))
    columns = expressions(viewing, model, names)
    return first_of_each(model, foreign, columns, shown, ordering, KEYS, SIZE, dialect)


async def list_texts(
    ctx: Context, foreign: Attribute, cells: Sequence[Cell], keys: Sequence[Any], order: Order, size: int | None
) -> dict[Any, str]:
    """For each key the JSON text of its first `size` visible rows; of all when it is None.

    Labels are given each time: the statement is the same whatever clients call the columns.
    """
    names, dialect = tuple(cell.name for cell in cells), ctx.db.dialect

    def build(viewing: Viewing) -> Select[Any]:
        model = owner(foreign)
        known = iter(expressions(viewing, model, [name for name in names if name is not None]))
        columns = [None if name is None else next(known) for name in names]
        by = [key.by() for key in order_keys(viewing, model, order)]
        return texts_of_each(foreign, columns, children(viewing, foreign), by, KEYS, SIZE, dialect)

    most = EVERY if size is None and dialect == "sqlite" else size
    values = values_of(cells, dialect)
    rows = await fetch(ctx, ("texts", foreign, names, order), build, keys=keys, size=most, **values)
    return dict(zip(keys, texts_in(rows, dialect), strict=True))


async def page(
    ctx: Context, foreign: Attribute, names: Names, keys: Sequence[Any], order: Order, first: int, cursor: str | None
) -> list[Slice]:
    """For each key the first `first` visible rows after the cursor whose `foreign` column equals it."""
    rows = await page_rows(ctx, foreign, names, keys, order, first, cursor)
    groups = _grouped(owner(foreign), names, keys, rows.values)
    places = order_names(owner(foreign), order)
    return [
        Slice(group[:first], places, len(group) > first, cursor is not None, key)
        for key, group in zip(keys, groups, strict=True)
    ]


def _single(model: type[Base], names: Names, keys: Sequence[Any], rows: Sequence[Any]) -> list[Any]:
    """Like `_grouped`, where each key has one row at most: that or None."""
    return [next(iter(group), None) for group in _grouped(model, names, keys, rows)]


def _grouped(model: type[Base], names: Names, keys: Sequence[Any], rows: Sequence[Any]) -> list[list[Any]]:
    """Rows that begin with their parent's key, as named tuples, in the order of `keys`."""
    make = shape(model, names)._make
    groups: dict[Any, list[Any]] = {key: [] for key in keys}
    for row in rows:
        groups[row[0]].append(make(row[1:]))
    return [groups[key] for key in keys]


async def count(ctx: Context, foreign: Attribute, keys: Sequence[Any]) -> list[int]:
    """For each key the number of visible rows whose `foreign` column equals it."""

    def build(viewing: Viewing) -> Select[Any]:
        columns: tuple[Any, ...] = (foreign, func.count())
        return select(*columns).where(member_of(foreign, KEYS), children(viewing, foreign)).group_by(foreign)

    found = {row[0]: row[1] for row in await fetch(ctx, ("count", foreign), build, keys=keys)}
    return [found.get(key, 0) for key in keys]


async def look_up(
    ctx: Context, column: Attribute, names: Names, value: Any, shown: Callable[[Viewing], Any] | None = None
) -> Any | None:
    """The visible row whose unique `column` equals `value`, or None. Without names it holds the primary key.

    `shown` is a predicate that implies the model's visibility, where one costs less.
    """
    model = owner(column)
    names = names or (key_name(model),)

    def build(viewing: Viewing) -> Select[Any]:
        wanted = column == given("value", column.type)
        is_shown = visible(model, viewing) if shown is None else shown(viewing)
        return select(*expressions(viewing, model, names)).where(wanted, is_shown)

    rows = shaped(model, names, await fetch(ctx, ("look up", column, names, shown), build, value=value))
    return rows[0] if rows else None
