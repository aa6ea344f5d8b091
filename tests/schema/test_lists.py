"""Filters of root lists: every operator on every column against the same condition in Python, and how they combine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from schema.core.needs import declared
from schema.core.node import global_id
from schema.core.registry import name_of
from schema.core.roots import Roots
from schema.graph import build
from tests.schema.client import ask, execute
from tests.schema.inventory import inventory, rows_of

SCHEMA = build().schema
assert SCHEMA.query_type is not None
FIELDS = {name: declared(field) for name, field in SCHEMA.query_type.fields.items()}
LISTS: dict[str, Roots] = {name: root for name, root in FIELDS.items() if isinstance(root, Roots)}
COLUMNS = [(name, spelled) for name, root in LISTS.items() for spelled in root.columns.attributes]
RANGES: dict[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


@pytest.fixture(scope="module")
async def admin(engine: AsyncEngine) -> AsyncIterator[Context]:
    async with inventory(engine) as made:
        yield made


def holds(condition: dict[str, Any], value: Any) -> bool:
    """Whether a value satisfies conditions on it; those that are null say nothing, but for `eq`."""
    return all(_holds(operator, operand, value) for operator, operand in condition.items())


def _holds(operator: str, operand: Any, value: Any) -> bool:
    if operator == "eq":
        return bool(value == operand)
    if operand is None:
        return True
    if operator == "isNull":
        return (value is None) is operand
    if operator == "in":
        return value in operand
    if value is None:
        return False
    if operator == "contains":
        return operand.lower() in value.lower()
    if operator == "startsWith":
        return bool(value.lower().startswith(operand.lower()))
    return RANGES[operator](value, operand)


def operators(root: str, spelled: str) -> set[str]:
    """The operators that the schema offers for a column."""
    where = SCHEMA.type_map[f"{name_of(LISTS[root].model)}Filter"]
    assert isinstance(where, GraphQLInputObjectType)
    condition = get_named_type(where.fields[spelled].type)
    assert isinstance(condition, GraphQLInputObjectType)
    return set(condition.fields)


def conditions(offered: set[str], values: list[Any]) -> Iterator[dict[str, Any]]:
    """Conditions with every operator, on some of the values that there are."""
    yield from ({operator: None} for operator in sorted(offered))
    yield from ({"isNull": answer} for answer in (True, False))
    yield from ({"eq": value} for value in values[:3])
    yield {"eq": values[0], "isNull": True}
    if "in" in offered:
        yield from ({"in": listed} for listed in ([], [None], values, [values[0], None], values[1:] * 2))
    if "gt" in offered:
        yield from ({operator: value} for operator in RANGES for value in values[-2:])
        yield {"gt": min(values), "lt": max(values)}
    if "contains" in offered:
        texts = [values[0], values[0].swapcase(), values[0][1:3], ""]
        yield from ({operator: text} for operator in ("contains", "startsWith") for text in texts)


def sent(value: Any) -> Any:
    """A value as it is sent in JSON."""
    if isinstance(value, list):
        return [sent(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize(("root", "spelled"), COLUMNS)
async def test_every_operator(admin: Context, root: str, spelled: str) -> None:
    listed = LISTS[root]
    rows, key = await rows_of(admin, listed.model), listed.columns.attributes[spelled].key
    values = list(dict.fromkeys(row[key] for row in rows if row[key] is not None))
    kind = name_of(listed.model)
    asked = list(conditions(operators(root, spelled), values))
    given = ", ".join(f"$w{place}: {kind}Filter" for place in range(len(asked)))
    fields = " ".join(
        f"f{place}: {root}(where: $w{place}, first: 100) {{ {'totalCount' if place % 4 == 0 else ''} nodes {{ id }} }}"
        for place in range(len(asked))
    )
    wheres = {f"w{i}": {spelled: {op: sent(each) for op, each in c.items()}} for i, c in enumerate(asked)}
    found = await ask(admin, f"query ({given}) {{ {fields} }}", **wheres)
    for place, condition in enumerate(asked):
        ids = [global_id(kind, row["id"]) for row in rows if holds(condition, row[key])]
        assert [each["id"] for each in found[f"f{place}"]["nodes"]] == ids, condition
        assert found[f"f{place}"].get("totalCount", len(ids)) == len(ids), condition


TEXTS = ["%", "_", "\\", "%%", "a_b", "A_B", "\\_", "\\%", "a\\b", "50%", "' OR 1=1 --", "beta ", "ALPHA"]


@pytest.mark.parametrize("text", TEXTS)
async def test_no_character_of_a_text_has_a_meaning_of_its_own(admin: Context, text: str) -> None:
    document = """query ($text: String!) {
        contains: organizations(where: {name: {contains: $text}}) { nodes { name } }
        startsWith: organizations(where: {name: {startsWith: $text}}) { nodes { name } } }"""
    names = [row["name"] for row in await rows_of(admin, LISTS["organizations"].model)]
    found = await ask(admin, document, text=text)
    for operator in ("contains", "startsWith"):
        assert [each["name"] for each in found[operator]["nodes"]] == [n for n in names if holds({operator: text}, n)]


async def test_letters_beyond_ascii_are_found_as_they_are_written(admin: Context) -> None:
    document = "query ($text: String!) { users(where: {name: {contains: $text}}) { nodes { name } } }"
    for text in ("Åsa", "Å", "ÅSA", "sa"):
        assert await ask(admin, document, text=text) == {"users": {"nodes": [{"name": "Åsa"}]}}


def test_each_kind_of_column_is_among_them() -> None:
    offered = {frozenset(operators(*column)) for column in COLUMNS}
    equality = {"eq", "isNull"}
    ranges = equality | {"in", *RANGES}
    kinds = (equality, equality | {"in"}, ranges, ranges | {"contains", "startsWith"})
    assert offered == {frozenset(each) for each in kinds}


USERS = "query ($where: UserFilter) { users(where: $where, first: 100) { totalCount nodes { name username } } }"
BETA, NOBODY, ASA, PERCENT, LOW, SLASH, NONE = range(7)
IS_BETA, HAS_NAME, IS_ASA = {"name": {"eq": "beta"}}, {"name": {"isNull": False}}, {"name": {"eq": "Åsa"}}
COMBINED: list[tuple[Any, list[int]]] = [
    ({}, [0, 1, 2, 3, 4, 5, 6]),
    (None, [0, 1, 2, 3, 4, 5, 6]),
    ({"name": {}}, [0, 1, 2, 3, 4, 5, 6]),
    ({"name": None}, [0, 1, 2, 3, 4, 5, 6]),
    ({"and": []}, [0, 1, 2, 3, 4, 5, 6]),
    ({"and": None}, [0, 1, 2, 3, 4, 5, 6]),
    ({"or": []}, []),
    ({"or": None}, [0, 1, 2, 3, 4, 5, 6]),
    ({"not": None}, [0, 1, 2, 3, 4, 5, 6]),
    ({"not": {}}, []),
    ({"not": {"or": []}}, [0, 1, 2, 3, 4, 5, 6]),
    ({"not": {"and": []}}, []),
    ({"or": [{}]}, [0, 1, 2, 3, 4, 5, 6]),
    ({"or": [IS_BETA, IS_ASA]}, [BETA, ASA]),
    ({"and": [IS_BETA, IS_ASA]}, []),
    ({"and": [HAS_NAME, {"not": IS_BETA}]}, [ASA, PERCENT, LOW, SLASH]),
    ({"not": IS_BETA}, [NOBODY, ASA, PERCENT, LOW, SLASH, NONE]),
    ({"not": {"not": IS_BETA}}, [BETA]),
    ({"not": {"name": {"gt": "B"}}}, [NOBODY, PERCENT, NONE]),
    ({"name": {"isNull": True}, "username": {"eq": "Alpha"}}, [NOBODY]),
    ({"name": {"isNull": True}, "or": [{"username": {"eq": "Alpha"}}, IS_BETA]}, [NOBODY]),
    ({"or": [{"and": [HAS_NAME, IS_ASA]}, {"not": HAS_NAME}]}, [NOBODY, ASA, NONE]),
    ({"not": {"or": [IS_BETA, {"name": {"isNull": True}}]}}, [ASA, PERCENT, LOW, SLASH]),
    ({"name": {"contains": "_"}}, [LOW]),
    ({"name": {"contains": "\\"}}, [SLASH]),
    ({"name": {"contains": "% O"}}, [PERCENT]),
    ({"name": {"startsWith": "A"}}, [LOW, SLASH]),
]


@pytest.mark.parametrize(("where", "places"), COMBINED)
async def test_conditions_combine(admin: Context, where: Any, places: list[int]) -> None:
    found = (await ask(admin, USERS, where=where))["users"]
    people = (await ask(admin, USERS))["users"]["nodes"]
    assert found == {"totalCount": len(places), "nodes": [people[place] for place in places]}


async def test_a_filter_may_stand_in_the_document(admin: Context) -> None:
    document = """query ($text: String, $no: Boolean = true) { users(where: {
        or: [{name: {eq: null}, username: {eq: "Alpha"}}, {name: {contains: $text}}], not: {name: {isNull: $no}}
    }) { nodes { name } } }"""
    assert await ask(admin, document, text="sa") == {"users": {"nodes": [{"name": "Åsa"}]}}


BAD = [
    ({"name": {"eq": 1}}, "BAD_USER_INPUT"),
    ({"name": "beta"}, "BAD_USER_INPUT"),
    ({"nick": {"eq": "x"}}, "BAD_USER_INPUT"),
    ({"passwordHash": {"eq": "x"}}, "BAD_USER_INPUT"),
    ({"databaseId": {"gt": 2**31}}, "BAD_USER_INPUT"),
    ({"databaseId": {"gt": "1"}}, "BAD_USER_INPUT"),
    ({"createdAt": {"gt": "2024-01-01"}}, "BAD_USER_INPUT"),
    ({"createdAt": {"gt": "2024-01-01T00:00:00"}}, "BAD_USER_INPUT"),
    ({"createdAt": {"gt": "0001-01-01T00:00:00+14:00"}}, "BAD_USER_INPUT"),
    ({"createdAt": {"gt": 0}}, "BAD_USER_INPUT"),
    ({"name": {"contains": "a\0"}}, "BAD_USER_INPUT"),
    ({"and": [None]}, "BAD_USER_INPUT"),
    ({"and": [{"or": [{"name": {"like": "x"}}]}]}, "BAD_USER_INPUT"),
    ({"or": [IS_BETA] * 200}, "LIMIT_EXCEEDED"),
    ({"databaseId": {"in": list(range(1001))}}, "LIMIT_EXCEEDED"),
]


@pytest.mark.parametrize(("where", "code"), BAD)
async def test_what_is_no_filter_is_refused(admin: Context, where: Any, code: str) -> None:
    assert (await execute(admin, USERS, {"where": where})).codes == [code]


async def test_filters_as_large_as_allowed(admin: Context) -> None:
    for where, total in (
        ({"or": [IS_BETA] * 199}, 1),
        ({"databaseId": {"in": list(range(-1000, 0))}}, 0),
        (nested(15), 1),
    ):
        assert (await ask(admin, USERS, where=where))["users"]["totalCount"] == total
    for levels in (16, 25):
        assert (await execute(admin, USERS, {"where": nested(levels)})).codes == ["LIMIT_EXCEEDED"]
    assert (await execute(admin, USERS, {"where": nested(40)})).codes == ["BAD_USER_INPUT"]


def nested(levels: int) -> dict[str, Any]:
    """A condition in so many levels of `and`, with its own level and that of its operator."""
    return IS_BETA if levels == 0 else {"and": [nested(levels - 1)]}


async def test_totals_count_what_the_filter_finds_on_all_pages(admin: Context) -> None:
    document = (
        "{ users(where: {name: {isNull: false}}, first: 2) { totalCount nodes { name } pageInfo { hasNextPage } } }"
    )
    found = (await ask(admin, document))["users"]
    assert found == {"totalCount": 5, "nodes": [{"name": "beta"}, {"name": "Åsa"}], "pageInfo": {"hasNextPage": True}}
    nothing = """{ users(where: {name: {eq: "nobody"}}) {
        totalCount nodes { name } edges { cursor } pageInfo { hasNextPage } } }"""
    empty = {"totalCount": 0, "nodes": [], "edges": [], "pageInfo": {"hasNextPage": False}}
    assert (await ask(admin, nothing))["users"] == empty
