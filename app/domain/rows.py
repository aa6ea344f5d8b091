"""Rows by key: found if the caller sees them, inserted, changed; and whether a name is still free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.db.base import Base, Timestamped
from app.domain.rules import MAX_INTEGER, camel
from app.errors import NotFound, RuleBroken, UserErrorCode

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def is_key(value: int) -> bool:
    """Whether a number can be a row's key at all. Larger ones are not sent to the database, which would choke."""
    return 0 < value <= MAX_INTEGER


async def visible_row(
    ctx: Context, model: type[Base], key: int, *columns: InstrumentedAttribute[Any], lock: bool = False
) -> Any:
    """Columns of the row of that key, as a named tuple. Raises NotFound when there is none that the caller sees.

    With `lock` no other transaction can change or lock the row until this one ends.
    """
    found = await find_row(ctx, model, key, *columns, lock=lock)
    if found is None:
        raise NotFound("no such " + _noun(model))
    return found


async def find_row(
    ctx: Context, model: type[Base], key: int, *columns: InstrumentedAttribute[Any], lock: bool = False
) -> Any:
    """Like `visible_row`, but None when there is no such row or none that the caller sees."""
    if not is_key(key):
        return None
    statement = select(*columns).where(model.__table__.c.id == key, ctx.visible(model))
    rows = await ctx.db.fetch(statement.with_for_update(key_share=True, of=model) if lock else statement)
    return rows[0] if rows else None


async def referred_row(
    ctx: Context, model: type[Base], key: int, *columns: InstrumentedAttribute[Any], field: str
) -> Any:
    """Like `visible_row` for a row that an input refers to by the way: RuleBroken NOT_FOUND at `field` instead."""
    found = await find_row(ctx, model, key, *columns)
    if found is None:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such " + _noun(model), field)
    return found


async def require_known(ctx: Context, values: Mapping[str, Any], **models: type[Base]) -> None:
    """Raise NOT_FOUND at the first of the named values that is given and no key of a row that the caller sees."""
    for name, model in models.items():
        if values.get(name) is not None:
            key: Any = model.__table__.c.id
            await referred_row(ctx, model, values[name], key, field=camel(name))


async def insert_row(ctx: Context, model: type[Base], values: Mapping[str, Any]) -> int:
    """Insert a row, made now; its key. Raises RuleBroken TAKEN when somebody took a unique value just before."""
    stamps = {"created_at": ctx.now, "updated_at": ctx.now} if issubclass(model, Timestamped) else {}
    key = model.__table__.c.id
    try:
        return cast("int", await ctx.db.scalar(insert(model).values(**stamps, **values).returning(key)))
    except IntegrityError as error:
        raise _taken(error) from None


async def insert_rows(ctx: Context, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of the same columns in one statement, made now; their keys, in the order of the rows."""
    if not rows:
        return []
    stamps = {"created_at": ctx.now, "updated_at": ctx.now} if issubclass(model, Timestamped) else {}
    statement = insert(model).returning(model.__table__.c.id, sort_by_parameter_order=True)
    return [row[0] for row in await ctx.db.fetch(statement, [{**stamps, **row} for row in rows])]


async def update_row(ctx: Context, model: type[Base], key: int, values: Mapping[str, Any]) -> None:
    """Change a row, if there is anything to change. Raises RuleBroken TAKEN like `insert_row`."""
    if not values:
        return
    stamps = {"updated_at": ctx.now} if issubclass(model, Timestamped) else {}
    try:
        await ctx.db.execute(update(model).where(model.__table__.c.id == key).values(**{**stamps, **values}))
    except IntegrityError as error:
        raise _taken(error) from None


async def update_rows(ctx: Context, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Change many rows in one statement: each mapping has the `id` and the same columns as the others."""
    if rows:
        table = cast("Table", model.__table__)
        changed = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in rows[0] if name != "id"}
        statement = update(table).where(table.c.id == bindparam("new_id")).values(changed)
        await ctx.db.execute(statement, [{f"new_{name}": value for name, value in row.items()} for row in rows])


async def insert_missing(ctx: Context, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, passing over those whose unique key is there already."""
    if rows:
        statement = INSERTS[ctx.db.dialect](cast("Table", model.__table__)).on_conflict_do_nothing()
        await ctx.db.execute(statement, list(rows))


async def require_free(
    ctx: Context,
    model: type[Base],
    values: Mapping[str, Any],
    names: Iterable[str],
    *conditions: ColumnElement[bool],
    except_key: int | None = None,
) -> None:
    """Raise TAKEN at the first of the named values that another row has, in any mixture of capitals.

    `conditions` say among which rows; values that are absent or null are free.
    """
    columns = model.__table__.c
    for name in names:
        value = values.get(name)
        if value is None:
            continue
        same = or_(columns[name] == value, func.lower(columns[name]) == func.lower(value))
        statement = select(columns.id).where(same, *conditions)
        if except_key is not None:
            statement = statement.where(columns.id != except_key)
        if await ctx.db.scalar(statement.limit(1)) is not None:
            raise RuleBroken(
                UserErrorCode.TAKEN, f"another {_noun(model)} has this {name.replace('_', ' ')}", camel(name)
            )


async def free_name(
    ctx: Context, column: InstrumentedAttribute[str], name: str, *conditions: ColumnElement[bool]
) -> str:
    """The name, or the name and the first number from 2, that no row has; `conditions` say among which rows."""
    return free_among(name, [row[0] for row in await ctx.db.fetch(select(column).where(*conditions))])


def free_among(name: str, names: Iterable[str]) -> str:
    """The name, or the name and the first number from 2, that none of `names` is, in any capitals."""
    taken = {each.lower() for each in names}
    candidate, number, stem = name, 2, name[:240]
    while candidate.lower() in taken:
        candidate, number = f"{stem} {number}", number + 1
    return candidate


async def require_unused(
    ctx: Context, model: type[Base], key: int, field: str, *, apart_from: Sequence[type[Base]] = ()
) -> None:
    """Raise IN_USE at `field` when any row refers to this one; rows of the tables `apart_from` do not count."""
    target, passed = cast("Table", model.__table__).c.id, {each.__tablename__ for each in apart_from}
    for table in Base.metadata.sorted_tables:
        for column in table.c if table.name not in passed else ():
            if column.references(target) and await ctx.db.scalar(select(column).where(column == key).limit(1)):
                raise RuleBroken(UserErrorCode.IN_USE, f"{table.name.replace('_', ' ')} refer to it", field)


def _noun(model: type[Base]) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model.__name__)
    return words.strip()


def _taken(error: IntegrityError) -> Exception:
    if "unique" in str(error.orig).lower():
        return RuleBroken(UserErrorCode.TAKEN, "somebody else took this name or key at the same moment")
    return error
