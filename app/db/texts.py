"""Lists of objects that the database writes as JSON, so that they read as orjson would have written them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from app.db.compiled import given
from app.db.types import Instant

SPELL = "campusgraph_number"
"""The function of our connections to SQLite that writes any number; registered by `install`."""

SEPARATOR = "\x1e"
"""Between the texts of SQLite, which are one: for each row that it gives, its thread must wait for the interpreter."""

SQLITE_NUMBER = f"""CASE
WHEN CAST({{0}} * 10000 + 0.5 AS INTEGER) / 10000.0 = {{0}} AND {{0}} BETWEEN 0 AND 1e10 THEN {{0}}
WHEN {{0}} IS NOT NULL THEN json({SPELL}({{0}})) END"""
"""SQLite writes 15 digits of a number, too few for some. A quotient of a whole number and 10,000 is the number nearest
to that decimal fraction: up to 10,000,000,000 its first 15 digits say all of it. For the rest there is the function.
"""
SQLITE: dict[type[TypeEngine[Any]], str] = {
    Boolean: "CASE {0} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END",
    Integer: "{0}",
    Float: SQLITE_NUMBER,
    String: "{0}",
    Instant: "replace({0}, '.000000+', '+')",
}
"""Values as arguments of `json_object`."""

POSTGRESQL_NUMBER = """CASE WHEN {0} IS NULL OR {0} IN ('NaN', 'Infinity', '-Infinity') THEN 'null'
WHEN {0} = trunc({0}) AND abs({0}) < 1e15 THEN {0}::text || '.0' ELSE {0}::text END"""
POSTGRESQL_INSTANT = (
    "coalesce('\"' || replace(to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00\"', "
    "'.000000+', '+'), 'null')"
)
POSTGRESQL: dict[type[TypeEngine[Any]], str] = {
    Boolean: "coalesce({0}::text, 'null')",
    Integer: "coalesce({0}::text, 'null')",
    Float: POSTGRESQL_NUMBER,
    String: "coalesce(to_json({0}::text)::text, 'null')",
    Instant: POSTGRESQL_INSTANT,
}
"""Values as texts of JSON."""


class Cell(NamedTuple):
    """A key of an object that the database writes, and the name of its column, or the constant that it holds."""

    label: str
    name: str | None
    constant: str | None = None


class Spelled(FunctionElement[str]):
    """A value as a part of JSON."""

    name = "spelled"
    type = String()
    inherit_cache = False

    def __init__(self, value: ColumnElement[Any], kind: TypeEngine[Any]) -> None:
        super().__init__(value)
        self.kind = next(known for known in SQLITE if isinstance(kind, known))


@compiles(Spelled, "sqlite")
def _for_sqlite(element: Spelled, compiler: Any, **options: Any) -> str:
    (value,) = element.clauses
    return SQLITE[element.kind].format(compiler.process(value, **options))


@compiles(Spelled, "postgresql")
def _for_postgresql(element: Spelled, compiler: Any, **options: Any) -> str:
    (value,) = element.clauses
    return POSTGRESQL[element.kind].format(compiler.process(value, **options))


def can_spell(kind: TypeEngine[Any]) -> bool:
    """Whether databases can write values of a type as answers have them."""
    return isinstance(kind, tuple(SQLITE))


def install(connection: Any) -> None:
    """Give a connection to SQLite the function that writes numbers."""
    connection.create_function(SPELL, 1, lambda value: orjson.dumps(value).decode(), deterministic=True)


def texts_of_each(
    foreign: Any,
    columns: Sequence[ColumnElement[Any] | None],
    shown: ColumnElement[bool],
    by: Sequence[ColumnElement[Any]],
    keys: BindParameter[Any],
    size: BindParameter[Any],
    dialect: str,
) -> Select[Any]:
    """For each of `keys` the JSON text of a list of objects: the first `size` rows whose `foreign` column equals it.

    The objects hold `columns`, where None stands for a constant. What `values_of` says must be given at each run;
    `texts_in` finds the texts in the rows.
    """
    cells = [column.label(f"cell_{place}") if column is not None else None for place, column in enumerate(columns)]
    page = select(*(cell for cell in cells if cell is not None)).where(shown).order_by(*by).limit(size)
    make = _sqlite_texts if dialect == "sqlite" else _postgresql_texts
    return make(foreign, cells, page, keys)


def _spelled(cells: Sequence[Any], page: Any) -> list[ColumnElement[Any]]:
    return [
        given(f"constant_{place}", String()) if cell is None else Spelled(page.c[cell.name], cell.type)
        for place, cell in enumerate(cells)
    ]


def _sqlite_texts(foreign: Any, cells: Sequence[Any], page: Any, keys: BindParameter[Any]) -> Select[Any]:
    each = func.json_each(keys).table_valued("key", "value", name="parents")
    rows = page.where(foreign == each.c.value).correlate(each).subquery("page")
    labels = (given(f"label_{place}", String()) for place in range(len(cells)))
    pairs = chain.from_iterable(zip(labels, _spelled(cells, rows), strict=True))
    text = select(func.json_group_array(func.json_object(*pairs))).select_from(rows).correlate(each).scalar_subquery()
    return select(func.group_concat(text, literal_column(f"char({ord(SEPARATOR)})"))).select_from(each)


def _postgresql_texts(foreign: Any, cells: Sequence[Any], page: Any, keys: BindParameter[Any]) -> Select[Any]:
    each = func.unnest(keys).table_valued("value", with_ordinality="place").render_derived("parents")
    rows = page.where(foreign == each.c.value).correlate(each).lateral("page")
    parts: list[Any] = []
    for place, value in enumerate(_spelled(cells, rows)):
        parts += [given(f"label_{place}", String()), value]
    listed = "[" + func.string_agg(func.concat(*parts, "}"), ",") + "]"
    text = select(func.coalesce(listed, "[]").label("text")).select_from(rows).lateral("texts")
    return select(text.c.text).select_from(each.join(text, true())).order_by(each.c.place)


def texts_in(rows: Sequence[Any], dialect: str) -> list[str]:
    """The texts in the rows of `texts_of_each`, in the order of the keys."""
    if dialect == "sqlite":
        return str(rows[0][0]).split(SEPARATOR)
    return [row[0] for row in rows]


def values_of(cells: Sequence[Cell], dialect: str) -> dict[str, str]:
    """Labels and constants of objects, by the names of the parameters of `texts_of_each`."""
    made: dict[str, str] = {}
    for place, cell in enumerate(cells):
        label, constant = cell.label, cell.constant
        if dialect != "sqlite":
            label = ("," if place else "{") + orjson.dumps(label).decode() + ":"
            constant = orjson.dumps(constant).decode()
        made[f"label_{place}"] = label
        if cell.name is None and constant is not None:
            made[f"constant_{place}"] = constant
    return made
