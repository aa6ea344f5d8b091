"""What operations may cost: the formula, number by number."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import get_introspection_query

from app.errors import LimitExceeded
from schema.core.limits import Limits
from schema.execution.cost import WEIGHTS_KEPT, Weight, points, weigh
from schema.graph import build

NESTED = (
    "{ courseInstances(first: 20) { nodes { assessments(first: 30) { nodes { columnGrades%s { nodes { %s } } } } } } }"
)
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id %s } }"
SIZED = "query ($n: Int, $is: Boolean = true) { viewer { uid } groups(first: $n) @include(if: $is) { nodes { id } } }"
CREATE = 'createUser(input: {username: "%s"}) { user { uid } userErrors { code } }'
MEMBERS = "... on Group { members { uid } }"


def weighed(document: str, limits: Limits | None = None, /, **variables: Any) -> Weight:
    """The weight of a valid document's only operation."""
    graph = build()
    prepared = graph.prepare(document)
    assert prepared.errors == []
    return weigh(graph, prepared, None, variables, limits or Limits())


GOLDEN: dict[str, tuple[int, int, int, int]] = {
    # nodes, objects, writes, cost
    "{ __typename }": (0, 1, 0, 1),
    "{ viewer { uid name } }": (0, 2, 0, 1),
    "{ limits { nodes } }": (0, 2, 0, 1),
    '{ node(id: "VXNlcjox") { id } }': (0, 2, 0, 1),
    "{ courseInstances { totalCount } }": (0, 2, 0, 1),
    "{ courseInstances { totalCount nodes { name } } }": (20, 22, 0, 1),
    "{ courseInstances(first: 100) { nodes { name } } }": (100, 102, 0, 2),
    "{ courseInstances(first: 98) { nodes { name } } }": (98, 100, 0, 1),
    "{ courseInstances(first: 0) { nodes { name assessments { nodes { name } } } } }": (0, 2, 0, 1),
    "{ courseInstances(first: -3) { nodes { name } } }": (0, 2, 0, 1),
    "{ courseInstances(first: 5) { edges { cursor node { name } } pageInfo { hasNextPage } } }": (5, 13, 0, 1),
    "{ courseInstances(first: 5) { nodes { course { organization { name } } } } }": (5, 17, 0, 1),
    NESTED % ("", "points"): (12620, 13242, 0, 133),
    NESTED % ("(first: 50)", "points user { uid }"): (30620, 61242, 0, 613),
    "{ groups(first: 3) { nodes { members { uid } } } }": (33, 35, 0, 1),
    '{ courseInstance(by: {name: "a"}) { gradebook { user { uid } cells { points } } } }': (12300, 12602, 0, 127),
    "{ assessments(first: 4) { nodes { statistics { count histogram { count } } } } }": (44, 50, 0, 1),
    "{ viewer { uid } viewer { name } ...F } fragment F on Query { viewer { uid } }": (0, 2, 0, 1),
    "{ a: viewer { uid } b: viewer { name } }": (0, 3, 0, 1),
    "{ groups @skip(if: true) { nodes { id } } viewer @include(if: false) { uid } }": (0, 1, 0, 1),
    f"mutation {{ {CREATE % 'a'} }}": (1, 4, 1, 11),
    f"mutation {{ a: {CREATE % 'a'} b: {CREATE % 'b'} }}": (2, 7, 2, 21),
    "{ __schema { queryType { name } } }": (0, 3, 0, 1),
    "{ __schema { types { name fields { name } } } }": (2800, 2802, 0, 29),
    '{ __type(name: "User") { fields { name } } }': (6, 8, 0, 1),
}


@pytest.mark.parametrize(("document", "expected"), GOLDEN.items())
def test_the_formula(document: str, expected: tuple[int, int, int, int]) -> None:
    found = weighed(document)
    assert (found.nodes, found.objects, found.writes, found.cost) == expected


@pytest.mark.parametrize(
    ("document", "variables", "objects"),
    [
        (SIZED, {}, 23),
        (SIZED, {"n": None}, 23),
        (SIZED, {"n": 7}, 10),
        (SIZED, {"n": 7, "is": False}, 2),
        (NODES % "", {"ids": []}, 1),
        (NODES % "", {"ids": ["a", "b", "c"]}, 4),
        (NODES % "", {"ids": "a"}, 2),
        (NODES % MEMBERS, {"ids": ["a", "b"]}, 23),
        (NODES % f"{MEMBERS} ... on Submission {{ scores {{ problem {{ name }} }} }}", {"ids": ["a"]}, 22),
        ('{ nodes(ids: ["a", "b"]) { id } }', {}, 3),
    ],
)
def test_variables_decide(document: str, variables: dict[str, Any], objects: int) -> None:
    """One document, its weights remembered by what decides; an object of any type is the heaviest that it may be."""
    for _ in range(2):
        assert weighed(document, **variables).objects == objects


@pytest.mark.parametrize("variables", [{"n": "x"}, {"is": None}, {"n": 2**40}, {"n": "\0"}])
def test_variables_that_can_not_be_coerced_weigh_nothing(variables: dict[str, Any]) -> None:
    assert weighed(SIZED, **variables) == Weight()
    assert Weight().cost == 1


def test_few_weights_of_an_operation_are_remembered() -> None:
    prepared = build().prepare(SIZED)
    for size in range(2 * WEIGHTS_KEPT):
        assert weigh(build(), prepared, None, {"n": size}, Limits()).objects == 3 + size
    assert len(prepared.weights[None].weights) <= WEIGHTS_KEPT


def test_operations_of_a_document_are_weighed_each() -> None:
    graph = build()
    prepared = graph.prepare("query A { viewer { uid } } query B { groups { nodes { id } } }")
    assert [weigh(graph, prepared, name, {}, Limits()).objects for name in "ABA"] == [2, 22, 2]


def test_points() -> None:
    assert [points(objects, 0) for objects in (0, 1, 100, 101, 200, 500_000)] == [1, 1, 1, 2, 2, 5000]
    assert [points(4, writes) for writes in (1, 2, 25)] == [11, 21, 251]


def test_the_nodes_of_an_answer_are_limited() -> None:
    """Up to the last one, and whatever is beyond all numbers that databases know."""
    pages = "{ courseInstances(first: $n) { nodes { groups(first: 100) { nodes { id } } } } }"
    assert weighed(pages.replace("$n", "10"), Limits(nodes=1010)).nodes == 1010
    with pytest.raises(LimitExceeded) as refused:
        weighed(pages.replace("$n", "10"), Limits(nodes=1009))
    assert str(refused.value) == "the operation may return 1010 nodes: at most 1009 are allowed"
    deep = "{ id }"
    for _ in range(4):
        deep = f"{{ courseInstance {{ groups(first: 2147483647) {{ nodes {deep} }} }} }}"
    with pytest.raises(LimitExceeded) as refused:
        weighed(f"{{ groups {{ nodes {deep} }} }}")
    assert str(refused.value) == (
        f"the operation may return {20 * sum((2**31 - 1) ** level for level in range(5))} nodes: "
        "at most 500000 are allowed"
    )


def test_introspection_as_tools_send_it_is_allowed() -> None:
    assert weighed(get_introspection_query()).cost == 797


def fragments(count: int, body: str, last: str) -> str:
    """Fragments of which each spreads the next in a body, the last one aside."""
    each = [
        f"fragment F{number} on CourseInstance {{ {body} }}".replace("...N", f"...F{number + 1}")
        for number in range(count)
    ]
    return " ".join([*each, f"fragment F{count} on CourseInstance {{ {last} }}"])


def test_fragments_that_double_are_weighed_once() -> None:
    """Side by side they are one selection; one below the other they are 2 to the power of their number."""
    start = "{ courseInstances(first: 1) { nodes { ...F0 } } } "
    assert weighed(start + fragments(60, "...N ...N", "name")).objects == 3
    doubled = start + fragments(10, "parent { ...N } a: parent { ...N }", "name")
    assert weighed(doubled).selections == 2**11 + 1
    with pytest.raises(LimitExceeded) as refused:
        weighed(doubled, Limits(tokens=2000))
    assert str(refused.value) == "the operation has, its fragments opened, more than 2000 selections"


def test_fragments_that_mix_without_end_are_not_followed_to_the_end() -> None:
    """Each key opens another set of fragments, so that almost no two selections are alike."""
    numbers, levels = {0}, []
    for level in range(9):
        for number in numbers:
            first, second, *rest = (f"...L{level + 1}F{(number + step) % 14}" for step in (1, 2, 3, 5))
            body = f"a: parent {{ {first} {second} }} b: parent {{ {rest[0]} }} c: parent {{ {rest[1]} }}"
            levels.append(f"fragment L{level}F{number} on CourseInstance {{ {body} }}")
        numbers = {(number + step) % 14 for number in numbers for step in (1, 2, 3, 5)}
    last = [f"fragment L9F{number} on CourseInstance {{ name }}" for number in numbers]
    document = "{ courseInstances { nodes { ...L0F0 } } } " + " ".join([*levels, *last])
    with pytest.raises(LimitExceeded) as refused:
        weighed(document, Limits(tokens=100))
    assert str(refused.value) == "the operation asks for more than 100 different selections"
