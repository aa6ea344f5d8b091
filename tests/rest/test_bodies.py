"""A body is a place in a document's data; a variable's value comes from the path, the query or the request's body."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from app.errors import BadRequest, NotFound
from app.rest.binding import NOWHERE, bind, bounded
from app.rest.route import Body, Call, Row, at, by, closed, nullable, required, spells
from app.settings import Settings
from tests.clock import NOW

CALL = Call({"id": 7}, NOW, Settings())
DATA: Row = {"rows": [{"n": 3, "k": None}, {"n": 1, "k": "b"}, {"n": 2, "k": "a"}], "one": {"n": 9}, "none": None}


@spells(double={"type": "integer"}, n=None)
def doubled(row: Row, call: Call) -> Row:
    return {"double": 2 * row["n"]}


def is_odd(row: Row, call: Call) -> bool:
    return bool(row["n"] % 2)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (Body(), DATA),
        (at("one"), {"n": 9}),
        (at("rows", 1), {"n": 1, "k": "b"}),
        (at("rows", 1, "k"), "b"),
        (at("one", spelling=doubled), {"double": 18}),
        (at("rows", spelling=doubled), [{"double": 6}, {"double": 2}, {"double": 4}]),
        (at("rows", order=by("k")), [DATA["rows"][2], DATA["rows"][1], DATA["rows"][0]]),
        (at("rows", keep=is_odd, order=by("n"), one=True), {"n": 1, "k": "b"}),
        (at("rows", spelling=doubled, order=by("double"), one=True), {"double": 2}),
    ],
)
def test_a_body_is_a_place_in_the_data(body: Body, expected: Any) -> None:
    assert body(DATA, CALL) == expected


@pytest.mark.parametrize(
    "body",
    [
        at("none"),
        at("none", "n"),
        at("rows", 3),
        at("rows", 0, "k"),
        at("rows", keep=lambda row, call: False, one=True),
    ],
)
def test_a_body_that_is_not_there_is_not_found(body: Body) -> None:
    with pytest.raises(NotFound):
        body(DATA, CALL)


ROW = closed({"n": {"type": "integer", "description": "How many."}, "k": {"type": ["string", "null"]}})
DERIVED = closed({"rows": {"type": ["array", "null"], "items": ROW}, "one": nullable(ROW)})
DOUBLED = closed({"k": {"type": ["string", "null"]}, "double": {"type": "integer"}})


@pytest.mark.parametrize(
    ("body", "expected", "may_miss"),
    [
        (Body(), DERIVED, False),
        (at("one"), ROW, False),
        (at("rows"), {"type": "array", "items": ROW}, False),
        (at("rows", 0), ROW, True),
        (at("rows", one=True), ROW, True),
        (at("rows", spelling=doubled), {"type": "array", "items": DOUBLED}, False),
        (at("one", spelling=doubled), DOUBLED, False),
    ],
)
def test_the_schema_of_a_body_follows_its_place(body: Body, expected: Row, may_miss: bool) -> None:
    assert body.schema(DERIVED) == expected
    assert body.may_miss is may_miss


def test_a_respelled_key_keeps_its_description_unless_it_has_a_new_one() -> None:
    kept = spells(n={"type": "string"})(lambda row, call: row).schema(ROW)
    assert kept["properties"]["n"] == {"type": "string", "description": "How many."}
    told = spells(n={"type": "string", "description": "As text."})(lambda row, call: row).schema(ROW)
    assert told["properties"]["n"] == {"type": "string", "description": "As text."}


def test_a_schema_takes_null_or_not() -> None:
    word = {"type": "string", "enum": ["a", "b"]}
    either = {"type": ["string", "null"], "enum": ["a", "b", None]}
    assert (nullable(word), nullable(either), nullable({})) == (either, either, {})
    assert (required(either), required(word), required({})) == (word, word, {})


def declared(text: str) -> dict[str, Any]:
    """The types of declared variables."""
    (operation,) = parse(f"query A({text}) {{ a }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return {each.variable.name.value: each.type for each in operation.variable_definitions or ()}


VARIABLES = declared("$i: Int!, $f: Float, $b: Boolean, $s: String, $l: [Int!]")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("i", "12", 12),
        ("i", "-3", -3),
        ("f", "1.5", 1.5),
        ("f", "2", 2.0),
        ("b", "true", True),
        ("b", "ON", True),
        ("b", "0", False),
        ("s", "12", "12"),
        ("s", "", ""),
        ("l", "4", 4),
    ],
)
def test_a_query_parameter_has_its_variables_type(name: str, text: str, value: Any) -> None:
    found = bind(VARIABLES, {}, {name: text}, {})
    assert found == {name: value}
    assert type(found[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("i", "x", "Int"),
        ("i", "", "Int"),
        ("i", "1.5", "Int"),
        ("i", "9" * 5000, "Int"),
        ("f", "x", "Float"),
        ("b", "maybe", "Boolean"),
        ("l", "x", "Int"),
    ],
)
def test_a_query_parameter_of_another_type_is_a_bad_request(name: str, text: str, kind: str) -> None:
    with pytest.raises(BadRequest, match=f"^{name} is not a valid {kind}$"):
        bind(VARIABLES, {}, {name: text}, {})


def test_the_path_comes_before_the_query_and_the_query_before_the_body() -> None:
    everywhere = {"i": "1", "s": "path"}, {"i": "2", "s": "query", "f": "3"}, {"i": 3, "f": 4.5, "b": True, "x": 1}
    assert bind(VARIABLES, *everywhere) == {"i": 1, "s": "path", "f": 3.0, "b": True}


@pytest.mark.parametrize(
    ("digits", "key"),
    [("7", 7), ("007", 7), ("2147483647", 2**31 - 1), ("2147483648", NOWHERE), ("9" * 5000, NOWHERE), ("0", NOWHERE)],
)
def test_a_number_that_no_row_can_have_as_its_key_is_nowhere(digits: str, key: int) -> None:
    assert bounded(digits) == key
    assert bind(VARIABLES, {"i": digits}, {}, {}) == {"i": key}
