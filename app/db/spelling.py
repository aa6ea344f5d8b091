"""Values of columns in JSON that SQLite writes, so that they read as orjson would have written them."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Boolean, ColumnElement, Float, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from app.db.types import Instant

SPELL = "campusgraph_number"
"""The function of our connections that writes any number; registered by `install`."""

NUMBER = f"""CASE WHEN CAST({{0}} * 10000 + 0.5 AS INTEGER) / 10000.0 = {{0}} AND {{0}} < 1e10 THEN {{0}}
WHEN {{0}} IS NOT NULL THEN json({SPELL}({{0}})) END"""
"""SQLite writes 15 digits of a number, too few for some. A quotient of a whole number and 10,000 is the number nearest
to that decimal fraction: up to 10,000,000,000 its first 15 digits say all of it. For the rest there is the function.
"""

TEMPLATES: dict[type[TypeEngine[Any]], str] = {
    Boolean: "CASE {0} WHEN 1 THEN json('true') WHEN 0 THEN json('false') END",
    Integer: "{0}",
    Float: NUMBER,
    String: "{0}",
    Instant: "replace({0}, '.000000+', '+')",
}


class Spelled(FunctionElement[str]):
    """A value, as an argument of `json_object`."""

    name = "spelled"
    type = String()
    inherit_cache = False

    def __init__(self, value: ColumnElement[Any], kind: TypeEngine[Any]) -> None:
        super().__init__(value)
        self.template = next(template for known, template in TEMPLATES.items() if isinstance(kind, known))


@compiles(Spelled, "sqlite")
def _spelled(element: Spelled, compiler: Any, **options: Any) -> str:
    (value,) = element.clauses
    return element.template.format(compiler.process(value, **options))


def can_spell(kind: TypeEngine[Any]) -> bool:
    """Whether SQLite can write values of a type as answers have them."""
    return isinstance(kind, tuple(TEMPLATES))


def install(connection: Any) -> None:
    """Give a connection of SQLite the function that writes numbers."""
    connection.create_function(SPELL, 1, lambda value: orjson.dumps(value).decode(), deterministic=True)
