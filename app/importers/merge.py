"""Rows into a table by their natural key: the missing are inserted, the differing updated, the rest left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, inspect, select, true, update

from app.context import Context
from app.db.base import Base
from app.db.bulk import Advance, Row, allocate, insert_many
from app.db.sets import member_of


@dataclass(frozen=True, slots=True)
class Merged:
    """The id of every row within the merge's limits by its natural key, given or not, and what was done."""

    ids: dict[Row, int]
    created: int
    changed: int
    unchanged: int

    @property
    def counts(self) -> dict[str, int]:
        """As `Summary.add` takes them."""
        return {"created": self.created, "changed": self.changed, "unchanged": self.unchanged}

    @property
    def kept(self) -> int:
        """How many stored rows within the merge's limits were not given, and left alone."""
        return len(self.ids) - self.created - self.changed - self.unchanged


async def merge(
    ctx: Context,
    model: type[Base],
    rows: Sequence[Row],
    *,
    key: tuple[str, ...],
    compared: tuple[str, ...] = (),
    initial: tuple[str, ...] = (),
    within: ColumnElement[bool] | None = None,
    advance: Advance | None = None,
) -> Merged:
    """Merge `rows` (tuples of the columns `key`, `compared`, `initial` in this order, no key twice) into a table.

    `compared` columns are brought to the given values, `initial` ones are only given to new rows. `within` limits the
    existing rows that are looked at; it must hold for every row given. Columns not named get the model's defaults.
    """
    table = table_of(model)
    ids, values = await _existing(ctx, table, key, compared, within)
    missing: list[Row] = []
    differing: list[Row] = []
    first, last = len(key), len(key) + len(compared)
    for row in rows:
        known = ids.get(row[:first])
        if known is None:
            missing.append(row)
        elif values[known] != row[first:last]:
            differing.append((known, *row[first:last]))
    await overwrite(ctx, model, compared, differing)
    drawn = await allocate(ctx.db, table, len(missing))
    fixed = defaults(ctx, table, {"id", *key, *compared, *initial})
    added = [(number, *row, *fixed.values()) for number, row in zip(drawn, missing, strict=True)]
    await insert_many(ctx.db, table, ("id", *key, *compared, *initial, *fixed), added, advance)
    ids.update((row[:first], number) for number, row in zip(drawn, missing, strict=True))
    if advance is not None:
        advance(len(rows) - len(missing))
    return Merged(ids, len(missing), len(differing), len(rows) - len(missing) - len(differing))


async def follow_renames(
    ctx: Context, model: type[Base], uuids: Mapping[Row, str], *, parent: str, within: ColumnElement[bool]
) -> int:
    """Give stored rows the names that their uuids have in the files, so that a merge by name finds them.

    `uuids` are by (parent, name). A name that belongs to a row which the files do not rename stays with it.
    Returns the number of rows renamed.
    """
    table = table_of(model)
    wanted = {(key[0], uuid): key for key, uuid in uuids.items()}
    columns = (table.c.id, table.c[parent], table.c.uuid, table.c.name)
    stored = {row[0]: tuple(row[1:]) for row in await ctx.db.fetch(select(*columns).where(within))}
    moving = {id_: wanted.get((owner, uuid), (owner, name)) for id_, (owner, uuid, name) in stored.items()}
    moving = {id_: key for id_, key in moving.items() if key != (stored[id_][0], stored[id_][2])}
    taken = {(owner, name) for id_, (owner, _, name) in stored.items() if id_ not in moving}
    moved = []
    for id_, key in moving.items():
        if key not in taken:
            taken.add(key)
            moved.append((id_, key[1]))
    await overwrite(ctx, model, ("name",), [(id_, f"~{id_}") for id_, _ in moved])  # names may change places
    await overwrite(ctx, model, ("name",), moved)
    return len(moved)


async def remove_surplus(ctx: Context, model: type[Base], merged: Merged, rows: Sequence[Row]) -> int:
    """Delete the rows that a merge by two columns found and was not given. Returns how many. For settings only."""
    given = {row[:2] for row in rows}
    surplus = [number for key, number in merged.ids.items() if key not in given]
    if surplus:
        table = table_of(model)
        await ctx.db.execute(delete(table).where(member_of(table.c.id, surplus)))
    return len(surplus)


async def overwrite(ctx: Context, model: type[Base], columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Update rows by id: each of `rows` is an id and the new values of `columns`."""
    if not rows:
        return
    table = table_of(model)
    named: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    if "updated_at" in table.c:
        named["updated_at"] = ctx.now
    statement = update(table).where(table.c.id == bindparam("row_id")).values(named)
    names = ("row_id", *(f"new_{name}" for name in columns))
    await ctx.db.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])


def table_of(model: type[Base]) -> Table:
    """The table of a model."""
    table = inspect(model).local_table
    assert isinstance(table, Table)
    return table


def defaults(ctx: Context, table: Table, given: set[str]) -> dict[str, Any]:
    """The model's defaults of the columns that are not given; instants default to this import's moment."""
    found: dict[str, Any] = {}
    for column in table.columns:
        default: Any = column.default
        if column.name in given or default is None:
            continue
        if column.name.endswith("_at"):
            found[column.name] = ctx.now
        else:
            found[column.name] = default.arg(None) if default.is_callable else default.arg
    return found


async def _existing(
    ctx: Context, table: Table, key: tuple[str, ...], compared: tuple[str, ...], within: ColumnElement[bool] | None
) -> tuple[dict[Row, int], dict[int, Row]]:
    columns = [table.c[name] for name in ("id", *key, *compared)]
    rows = await ctx.db.fetch(select(*columns).where(true() if within is None else within))
    last = 1 + len(key)
    return {tuple(row[1:last]): row[0] for row in rows}, {row[0]: tuple(row[last:]) for row in rows}
