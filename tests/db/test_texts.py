"""JSON written by the database reads as orjson would have written it."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest
from sqlalchemy import JSON, Boolean, Float, Integer, LargeBinary, String, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.texts import Cell, Spelled, can_spell, values_of
from app.db.types import Instant

FLOATS = [0.0, 0.1, 0.29, 1 / 3, 200 / 3, 66.67, -12.5, 1e-7, 123456.7891, 9999999999.9999, 1e10, 1e15, 1e22, 1e300]
VALUES: list[tuple[Any, Any]] = [
    *((Float(), value) for value in [*FLOATS, 5e-324, 1.7976931348623157e308, 2.5000000000000004, None]),
    *((Integer(), value) for value in (0, -1, 2**31 - 1, None)),
    *((Boolean(), value) for value in (True, False, None)),
    *((String(), value) for value in ("", 'a "quoted" \\ text', "\x01\n\t\x7f", "grüße 🎓", "null", "[1]", None)),
    *((Instant(), datetime(2024, 3, 1, 10, 11, 12, microsecond, UTC)) for microsecond in (0, 1, 120_000, 999_999)),
    (Instant(), None),
]


async def written(engine: AsyncEngine, kind: Any, values: list[Any]) -> list[Any]:
    """What the database makes of values, read back."""
    spelled: Any = Spelled(bindparam("value", type_=kind), kind)
    made = func.json_object("v", spelled) if engine.dialect.name == "sqlite" else func.concat('{"v":', spelled, "}")
    async with engine.connect() as connection:
        texts = [(await connection.execute(select(made), {"value": value})).scalar_one() for value in values]
    return [orjson.loads(text)["v"] for text in texts]


@pytest.mark.parametrize(("kind", "value"), VALUES)
async def test_values_are_those_of_orjson(engine: AsyncEngine, kind: Any, value: Any) -> None:
    (found,), wanted = await written(engine, kind, [value]), orjson.loads(orjson.dumps(value))
    assert (type(found), found) == (type(wanted), wanted)


async def test_numbers_keep_every_digit(engine: AsyncEngine) -> None:
    chance = Random(2026)
    numbers = [chance.gauss(50, 40) for _ in range(200)]
    numbers += [round(each, digits) for each in numbers for digits in (0, 1, 2, 4, 5)]
    numbers += [each * 10.0 ** chance.randrange(-20, 20) for each in numbers[:200]]
    assert await written(engine, Float(), numbers) == numbers


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
async def test_what_json_has_no_number_for_is_null(engine: AsyncEngine, value: float) -> None:
    assert await written(engine, Float(), [value]) == [None]


def test_other_types_are_not_written_by_databases() -> None:
    assert [can_spell(kind) for kind in (JSON(), LargeBinary())] == [False, False]


def test_labels_are_given_as_each_database_needs_them() -> None:
    cells = [Cell('a"', "points"), Cell("b", None, "Grade")]
    assert values_of(cells, "sqlite") == {"label_0": 'a"', "label_1": "b", "constant_1": "Grade"}
    assert values_of(cells, "postgresql") == {"label_0": '{"a\\"":', "label_1": ',"b":', "constant_1": '"Grade"'}
