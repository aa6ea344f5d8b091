"""What random operations found, at its smallest: each was answered otherwise by plan, or not at all."""

from __future__ import annotations

import pytest

from schema.core.node import global_id
from tests.execution.asking import answer, planned
from tests.execution.conftest import Campus

HERE = 'courseInstance(by: {name: "sig-f24"})'
REFUSED = "the cursor is not one of this connection"


async def test_everything_in_an_edge_is_skipped(campus: Campus) -> None:
    data = await planned(campus.world.admin, "{ organizations { edges { cursor @skip(if: true) } } }")
    assert data == {"organizations": {"edges": [{}]}}


async def test_everything_in_a_connection_is_skipped(campus: Campus) -> None:
    document = (
        f"{{ organizations {{ totalCount @skip(if: true) }} {HERE} {{ groups {{ nodes @skip(if: true) {{ id }} }} }} }}"
    )
    assert await planned(campus.world.admin, document) == {"organizations": {}, "courseInstance": {"groups": {}}}


@pytest.mark.parametrize("selection", ["totalCount", "__typename", "totalCount @skip(if: true)"])
async def test_a_cursor_is_read_where_no_row_is_asked(campus: Campus, selection: str) -> None:
    document = f'{{ {HERE} {{ groups(after: "junk") {{ {selection} }} }} groups(after: "junk") {{ {selection} }} }}'
    found = await answer(campus.world.admin, document)
    assert found.data is None
    assert found.errors == [f"groups: {REFUSED}"]
    nested = await answer(campus.world.admin, f'{{ {HERE} {{ groups(after: "junk") {{ {selection} }} }} }}')
    assert (nested.data, nested.errors) == ({"courseInstance": None}, [f"courseInstance.groups: {REFUSED}"])


async def test_an_unplanned_key_is_asked_in_a_fragment_too(campus: Campus) -> None:
    user = global_id("User", campus.world.student_id)
    document = f'{{ node(id: "{user}") {{ id }} viewer {{ id }} ... {{ node(id: "{user}") {{ databaseId }} }} }}'
    found = await answer(campus.world.student, document)
    assert found.data == {"node": {"id": user, "databaseId": campus.world.student_id}, "viewer": {"id": user}}


async def test_another_operation_has_a_variable_of_the_same_name(campus: Campus) -> None:
    document = """
        query A($x: Boolean!) { viewer { id @skip(if: $x) } }
        query B($x: CourseInstanceFilter!) { courseInstances(where: $x) { totalCount } }
    """
    found = await answer(campus.world.admin, document, {"x": {"name": {"in": ["sig-f24"]}}}, "B")
    assert (found.data, found.errors, found.report.retreat) == ({"courseInstances": {"totalCount": 1}}, [], None)


async def test_only_the_name_of_a_type_is_asked(campus: Campus) -> None:
    document = f"{{ {HERE} {{ __typename groups {{ nodes {{ __typename }} }} }} }}"
    data = await planned(campus.world.admin, document)
    assert data == {"courseInstance": {"__typename": "CourseInstance", "groups": {"nodes": [{"__typename": "Group"}]}}}


async def test_only_relations_are_asked(campus: Campus) -> None:
    """graphql-core reads the keys that relations start from as well."""
    document = f"{{ {HERE} {{ course {{ courseInstances {{ totalCount }} }} assessments {{ totalCount }} }} }}"
    data = await planned(campus.world.admin, document)
    assert data["courseInstance"] == {
        "course": {"courseInstances": {"totalCount": 1}},
        "assessments": {"totalCount": 2},
    }


@pytest.mark.parametrize("after", [False, True])
async def test_pages_of_several_parents_hold_the_key_of_their_parent(campus: Campus, after: bool) -> None:
    """On PostgreSQL the parent's key and the column would have one label in a lateral join."""
    document = """query ($after: String) {
        assessments { nodes { assessmentInstances(after: $after) { nodes { assessment { name } } } } }
    }"""
    cursor = "WzBd" if after else None  # of the order `id`: after 0
    data = await planned(campus.world.instructor, document, {"after": cursor})
    assert data["assessments"]["nodes"] == [
        {"assessmentInstances": {"nodes": [{"assessment": {"name": "lab1"}}]}},
        {"assessmentInstances": {"nodes": []}},
    ]


@pytest.mark.parametrize("selection", ["viewer { id @skip(if: $x) }", "viewer @skip(if: $x) { id }"])
async def test_null_decides(campus: Campus, selection: str) -> None:
    """A variable with a default may be null where a Boolean is needed: an error when that is reached, not before."""
    found = await answer(campus.world.student, f"query ($x: Boolean = true) {{ {selection} }}", {"x": None})
    assert ["not to be None" in each for each in found.errors] == [True]


async def test_null_decides_what_is_never_reached(campus: Campus) -> None:
    document = f"query ($x: Boolean = true) {{ {HERE} {{ accessRules {{ number @skip(if: $x) }} }} }}"
    found = await answer(campus.world.admin, document, {"x": None})
    assert (found.data, found.errors, found.report.retreat) == ({"courseInstance": {"accessRules": []}}, [], None)


async def test_several_keys_are_given_where_one_is_asked(campus: Campus) -> None:
    """Strawberry's types do not tell GraphQL's rules of `@oneOf`: the argument is refused when it is read."""
    found = await answer(campus.world.admin, '{ course(by: {key: "EE210", databaseId: 1}) { id } }')
    assert found.errors == ["course: OneOf Input Object 'CourseBy' must specify exactly one key."]
