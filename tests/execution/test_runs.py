"""What plans give, for each kind of branch. Each answer is compared with graphql-core's too (comparison.py)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.db.session import Database
from schema.graph import build
from tests.execution.asking import Answer, answer, planned
from tests.execution.comparison import errors_of
from tests.execution.conftest import Campus
from tests.execution.failures import Failure, failing
from tests.execution.ground import Ground

HERE = 'courseInstance(by: {name: "sig-f24"})'
THERE = 'courseInstance(by: {name: "hist-f24"})'


async def here(campus: Campus, selection: str) -> Any:
    """What the instructor sees of the course instance."""
    return (await planned(campus.world.instructor, f"{{ {HERE} {{ {selection} }} }}"))["courseInstance"]


async def test_leaves_alone(campus: Campus) -> None:
    data = await here(campus, "name databaseId __typename availability again: name isHiddenInEnrollPage endAt")
    assert data == {
        "name": "sig-f24",
        "databaseId": campus.world.course_instance_id,
        "__typename": "CourseInstance",
        "availability": "AVAILABLE",
        "again": "sig-f24",
        "isHiddenInEnrollPage": False,
        "endAt": None,
    }


async def test_nothing_is_asked(campus: Campus) -> None:
    assert await planned(campus.world.instructor, "{ viewer @skip(if: true) { id } }") == {}
    assert await here(campus, "name @skip(if: true)") == {}


async def test_one(campus: Campus) -> None:
    assert await here(campus, "course { key organization { key } } again: course { title }") == {
        "course": {"key": "EE210", "organization": {"key": "uni"}},
        "again": {"title": "Signals"},
    }


async def test_one_that_is_null(campus: Campus) -> None:
    assert await here(campus, "parent { name course { key } }") == {"parent": None}


async def test_one_for_some_of_many(campus: Campus) -> None:
    document = "{ assessmentInstances { nodes { user { username } group { name } } } }"
    data = await planned(campus.world.instructor, document)
    assert data["assessmentInstances"]["nodes"] == [{"user": {"username": "sam"}, "group": None}]


async def test_many(campus: Campus) -> None:
    data = await here(campus, "assessments { nodes { problems { name maxPoints } zones { id } } } children { id }")
    problems = [{"name": "Part A", "maxPoints": 100.0}, {"name": "Style", "maxPoints": 10.0}]
    assert data == {"assessments": {"nodes": [{"problems": problems, "zones": []}] * 2}, "children": []}


async def test_through(campus: Campus) -> None:
    data = await here(campus, "groups { nodes { members { username } memberships { user { username } } } }")
    both = [{"username": "sam"}, {"username": "sue"}]
    assert data["groups"]["nodes"] == [{"members": both, "memberships": [{"user": each} for each in both]}]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("nodes { name }", {"nodes": [{"name": "lab1"}]}),
        ("edges { node { name } }", {"edges": [{"node": {"name": "lab1"}}]}),
        ("edges { __typename }", {"edges": [{"__typename": "AssessmentEdge"}]}),
        ("pageInfo { hasNextPage hasPreviousPage }", {"pageInfo": {"hasNextPage": True, "hasPreviousPage": False}}),
        ("pageInfo { __typename }", {"pageInfo": {"__typename": "PageInfo"}}),
        ("totalCount", {"totalCount": 2}),
        ("__typename", {"__typename": "AssessmentConnection"}),
    ],
)
async def test_a_page_of_one_part_alone(campus: Campus, selection: str, expected: Any) -> None:
    document = f"{{ {HERE} {{ assessments(first: 1) {{ {selection} }} }} assessments(first: 1) {{ {selection} }} }}"
    data = await planned(campus.world.instructor, document)
    assert data == {"courseInstance": {"assessments": expected}, "assessments": expected}


async def test_a_page_begins_after_a_cursor(campus: Campus) -> None:
    part = "edges { cursor } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } nodes { name }"
    first = (await here(campus, f"assessments(first: 1) {{ {part} }}"))["assessments"]
    cursor = first["pageInfo"]["endCursor"]
    assert first["edges"] == [{"cursor": cursor}]
    second = (await here(campus, f'assessments(first: 1, after: "{cursor}") {{ {part} }}'))["assessments"]
    assert second["nodes"] == [{"name": "lab2"}]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


async def test_an_empty_page(campus: Campus) -> None:
    part = "{ nodes { id } edges { cursor } pageInfo { startCursor endCursor hasNextPage } totalCount }"
    data = await planned(campus.world.admin, f"{{ {THERE} {{ groups {part} }} }}")
    nothing = {"startCursor": None, "endCursor": None, "hasNextPage": False}
    assert data["courseInstance"]["groups"] == {"nodes": [], "edges": [], "pageInfo": nothing, "totalCount": 0}


async def test_a_page_of_none(campus: Campus) -> None:
    data = await here(campus, "assessments(first: 0) { nodes { id } totalCount pageInfo { hasNextPage } }")
    assert data == {"assessments": {"nodes": [], "totalCount": 2, "pageInfo": {"hasNextPage": True}}}


async def test_aliases_of_nodes(campus: Campus) -> None:
    """Each has fields of its own; the statement selects what they need together."""
    parts = "a: nodes { name } b: nodes { maxPoints category { name } } edges { node { name } x: node { title } }"
    data = (await here(campus, f"assessments(first: 1) {{ {parts} a: nodes {{ kind }} }}"))["assessments"]
    assert data == {
        "a": [{"name": "lab1", "kind": "HOMEWORK"}],
        "b": [{"maxPoints": 110.0, "category": {"name": "Labs"}}],
        "edges": [{"node": {"name": "lab1"}, "x": {"title": "Lab1"}}],
    }


async def test_flat_objects_and_their_relations(campus: Campus) -> None:
    data = await here(campus, "gradebook { user { username } standing cells { assessmentLabel points } }")
    assert data["gradebook"][0] == {
        "user": {"username": "sam"},
        "standing": "STUDENT",
        "cells": [{"assessmentLabel": "L1", "points": 92.5}, {"assessmentLabel": "L2", "points": None}],
    }


async def test_arguments_of_a_batch(campus: Campus) -> None:
    document = f"query ($s: System!) {{ {HERE} {{ a: idFor(system: $s) b: idFor(system: BLACKBOARD) }} }}"
    data = await planned(campus.world.instructor, document, {"s": "AUTOLAB"})
    assert data["courseInstance"] == {"a": "sig-f24", "b": f"_{campus.world.course_instance_id}_1"}


async def test_introspection_beside_data(campus: Campus) -> None:
    document = '{ x: viewer { uid } __schema { queryType { name } } __typename node(id: "x") { id } y: viewer { uid } }'
    found = await answer(campus.world.student, document)
    uid = {"uid": "sam@uni.example"}
    assert found.data == {
        "x": uid,
        "__schema": {"queryType": {"name": "Query"}},
        "__typename": "Query",
        "node": None,
        "y": uid,
    }
    assert list(found.data) == ["x", "__schema", "__typename", "node", "y"]
    assert (found.report.retreat, list(found.report.plan.left if found.report.plan else [])) == (
        None,
        ["__schema", "node"],
    )


async def failed(campus: Campus, failure: Failure, document: str) -> Answer:
    """The answer where a batch function fails."""
    with failing(build().schema, failure):
        return await answer(campus.world.instructor, document)


async def test_a_required_value_is_missing(campus: Campus) -> None:
    """The plan is given up, and the nearest field that may be null is."""
    found = await failed(
        campus,
        Failure("Assessment.label", "gives nothing", 1),
        f"{{ {HERE} {{ assessments {{ nodes {{ label }} }} }} }}",
    )
    message = "Cannot return null for non-nullable field Assessment.label."
    assert (found.data, found.report.retreat) == ({"courseInstance": None}, "label is required")
    assert found.errors == [f"courseInstance.assessments.nodes.0.label: {message}"]


async def test_a_value_that_may_be_null_is_missing(campus: Campus) -> None:
    document = f"{{ {HERE} {{ idFor(system: AUTOLAB) assessments {{ nodes {{ statistics {{ count }} }} }} }} }}"
    found = await failed(campus, Failure("CourseInstance.idFor", "gives nothing", 1), document)
    assert (found.errors, found.report.retreat) == ([], None)
    assert found.data["courseInstance"]["idFor"] is None


async def test_a_batch_function_fails(campus: Campus) -> None:
    document = f"{{ viewer {{ uid }} {HERE} {{ name idFor(system: AUTOLAB) }} }}"
    found = await failed(campus, Failure("CourseInstance.idFor", "raises", 1), document)
    assert found.report.retreat == "RuntimeError: failed on purpose"
    assert found.data["courseInstance"] == {"name": "sig-f24", "idFor": None}
    assert found.errors == ["courseInstance.idFor: failed on purpose"]


@pytest.mark.parametrize("size", [-1, 101])
async def test_an_argument_is_refused(campus: Campus, size: int) -> None:
    document = "query ($n: Int) { viewer { uid enrollments(first: $n) { totalCount } } }"
    found = await answer(campus.world.student, document, {"n": size})
    assert found.data == {"viewer": None}
    assert [found.errors[0].split(":")[0], found.report.retreat is None] == ["viewer.enrollments", False]


async def test_variables_are_refused(campus: Campus) -> None:
    found = await answer(campus.world.student, "query ($n: Int!) { groups(first: $n) { totalCount } }", {"n": "x"})
    assert (found.data, found.report.plan, len(found.errors)) == (None, None, 1)


async def test_a_mutation_is_executed_by_graphql_core(campus: Campus) -> None:
    """Once: it is not repeated for a comparison."""
    document = """mutation ($i: CreateOrganizationInput!) {
        createOrganization(input: $i) { userErrors { code } organization { key } }
    }"""
    given = {"i": {"key": "new", "name": "New"}}
    found = await answer(campus.world.admin, document, given)
    assert found.data == {"createOrganization": {"userErrors": [], "organization": {"key": "new"}}}
    assert found.report.plan is None
    again = await answer(campus.world.admin, document, given)
    assert again.data == {"createOrganization": {"userErrors": [{"code": "TAKEN"}], "organization": None}}


async def test_large_selections_are_made_in_chunks(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.turns.SLICE", 1)
    data = await here(campus, "enrollments { nodes { user { username } role } totalCount }")
    names = [(each["user"]["username"], each["role"]) for each in data["enrollments"]["nodes"]]
    assert names == [("ida", "INSTRUCTOR"), ("tom", "COURSE_ASSISTANT"), ("sam", "STUDENT"), ("sue", "STUDENT")]


def test_operations_at_once(place: Ground) -> None:
    """Over two databases, by several people: each has the answer that they have alone."""
    document = "{ viewer { username } users(first: 7) { totalCount nodes { uid enrollments { nodes { role } } } } }"
    roles = ["administrator", "instructor", "learner", "assistant"] * 3

    async def ask(role: str) -> Any:
        graph = build()
        async with Database(place.engine) as db:
            result = await graph.execute(graph.prepare(document), place.asked_by(role, db))
        assert errors_of(result) == set()
        return result.data

    async def at_once() -> list[Any]:
        return await asyncio.gather(*map(ask, roles))

    alone = {role: place.run(ask(role)) for role in set(roles)}
    assert len({each["users"]["totalCount"] for each in alone.values()}) > 1
    assert place.run(at_once()) == [alone[role] for role in roles]
