"""Statements of lists are compiled once for a form of filter, order and cursor, whatever the values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.context import Context
from app.db.compiled import compile_read
from app.db.paging import encode_cursor
from app.domain.enrollment.models import Enrollment
from app.domain.identity.models import User
from app.reading import relations, statements
from app.reading.relations import Order
from app.reading.roots import count, page
from tests.factories import person

pytestmark = pytest.mark.anyio

NAMES = ("username", "name", "id")
BY_NAME = Order(("name",))


@pytest.fixture
async def people(ctx: Context) -> list[int]:
    return [await person(ctx, f"p{number}", name=f"Name {number % 3}") for number in range(5)]


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been compiled since the test began, when nothing was kept."""
    made: list[str] = []

    def noted(*arguments: Any) -> Any:
        read = compile_read(*arguments)
        made.append(read.sql)
        return read

    monkeypatch.setattr("app.reading.statements.compile_read", noted)
    monkeypatch.setattr(statements, "_reads", type(statements._reads)())
    return made


async def found(ctx: Context, where: dict[str, Any], after: str | None = None) -> list[str]:
    """The names of the first two by their title after a cursor."""
    rows = (await page(ctx, User, NAMES, where, BY_NAME, 2, after)).rows
    return [row.username for row in rows]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (lambda name, _: {"username": {"eq": name}}, [["p1"], ["p4"]]),
        (lambda name, title: {"username": {"gte": name}, "name": {"contains": title}}, [["p2"], []]),
        (
            lambda name, title: {"or_": [{"name": {"contains": title}}, {"username": {"eq": name}}]},
            [["p1", "p2"], ["p0", "p3"]],
        ),
        (
            lambda name, _: {"username": {"starts_with": "p"}, "not_": {"username": {"lt": name}}},
            [["p3", "p1"], ["p4"]],
        ),
        (lambda name, _: {"username": {"in_": [name, "p3"]}}, [["p3", "p1"], ["p3", "p4"]]),
    ],
)
async def test_filters_that_differ_in_values(
    ctx: Context,
    people: list[int],
    compiled: list[str],
    where: Callable[..., dict[str, Any]],
    expected: list[list[str]],
) -> None:
    assert [await found(ctx, where(*given)) for given in (("p1", "2"), ("p4", "0"))] == expected
    assert len(compiled) == 1


async def test_nulls_and_operators_are_of_the_form(ctx: Context, people: list[int], compiled: list[str]) -> None:
    for condition in ({"eq": "7"}, {"eq": None}, {"gt": "7"}, {"is_null": False}, {"in_": ["7"]}, {"in_": ["7", None]}):
        await found(ctx, {"uin": condition})
    assert len(compiled) == 6
    assert await found(ctx, {"uin": {"is_null": True}}) == ["p0", "p3"]
    assert len(compiled) == 6


async def test_lists_have_few_lengths(ctx: Context, people: list[int], compiled: list[str]) -> None:
    lengths = []
    for length in range(6):
        assert await count(ctx, User, {"id": {"in_": people[:length]}}) == length
        lengths.append(len(compiled))
    assert lengths == [1, 2, 3, 4, 4, 5]


async def test_pages_after_a_cursor(ctx: Context, people: list[int], compiled: list[str]) -> None:
    """Of a root list, of one parent and of several; a null in the cursor makes another form."""
    mine = {"id": {"in_": people}}
    for title, key in (("Name 0", people[3]), ("Name 1", people[4])):
        assert len(await found(ctx, mine, encode_cursor([title, key]))) == (2 if title == "Name 0" else 1)
    assert len(compiled) == 1
    await found(ctx, mine, encode_cursor([None, people[3]]))
    assert len(compiled) == 2
    for keys in (people[:1], people[1:2], people[:2], people[2:4]):
        for after in (3, 4):
            await relations.page(ctx, Enrollment.user_id, ("id",), keys, Order(("id",)), 2, encode_cursor([after]))
    assert len(compiled) == 4


async def test_what_has_very_many_values_is_not_kept(ctx: Context, people: list[int], compiled: list[str]) -> None:
    for _ in range(2):
        assert await count(ctx, User, {"id": {"in_": [*people, *range(-statements.MOST_PARAMETERS, 0)]}}) == 5
    assert len(compiled) == 2
    assert len(statements._reads) == 0


async def test_the_last_that_ran_are_kept(
    ctx: Context, people: list[int], compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "KEPT", 2)
    asked: list[dict[str, Any]] = [{"username": {operator: "p1"}} for operator in ("eq", "gt", "eq", "lt", "eq", "gt")]
    assert [await count(ctx, User, each) for each in asked] == [1, 3, 1, 1, 1, 3]
    assert len(compiled) == 4
