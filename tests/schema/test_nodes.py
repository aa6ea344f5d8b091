"""Global ids: every object is found again by its own, and nothing by anything else."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.core.node import global_id
from tests.schema.client import ask, execute
from tests.schema.names import PARTS
from tests.schema.semester import Semester, semester
from tests.schema.sight import seen

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id databaseId __typename } }"
NODE = "query ($id: ID!) { node(id: $id) { id databaseId __typename } }"


@pytest.fixture(scope="module")
async def here(engine: AsyncEngine) -> AsyncIterator[Semester]:
    async with semester(engine) as made:
        yield made


def encoded(text: str) -> str:
    """The base64 of a text, as global ids are."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("kind", PARTS)
async def test_an_object_is_found_again_by_its_id(here: Semester, kind: str) -> None:
    name = seen(kind, "D")[0]
    key = here.names.keys[kind][name]
    found = (await ask(here.world.admin, NODE, id=here.names.id(kind, name)))["node"]
    assert found == {"id": encoded(f"{kind}:{key}"), "databaseId": key, "__typename": kind}
    again = (await ask(here.world.admin, NODE, id=found["id"]))["node"]
    assert again == found


async def test_objects_of_all_types_come_in_the_order_asked(here: Semester) -> None:
    expected = [
        {"id": here.names.id(kind, name), "databaseId": here.names.keys[kind][name], "__typename": kind}
        for place in range(3)
        for kind in PARTS
        for name in seen(kind, "D")[place : place + 1]
    ]
    assert len(expected) > 100
    for some in (expected[:100], expected[-100:], expected[99::-1]):
        assert (await ask(here.world.admin, NODES, ids=[each["id"] for each in some]))["nodes"] == some


async def test_an_id_asked_twice_is_answered_twice(here: Semester) -> None:
    sam, nobody, lab = here.names.id("User", "sam"), global_id("User", 2**31 - 1), here.names.id("Assessment", "lab1")
    found = (await ask(here.world.student, NODES, ids=[sam, nobody, lab, sam, nobody, sam]))["nodes"]
    kinds = [each and each["__typename"] for each in found]
    assert kinds == ["User", None, "Assessment", "User", None, "User"]


JUNK = [
    "",
    "1",
    "sam",
    "\u00e9",
    "VXNlcjox\n",
    "VXNlcjox=",
    "VXNlcjo",
    "====",
    "a" * 10_000,
    *map(
        encoded,
        (
            "User",
            "User:",
            ":1",
            "User:-1",
            "User:01",
            "User:+1",
            "User:0",
            "User:1.0",
            "User:1:1",
            "User: 1",
            "User:1 ",
            "User:\u0661",
            "User:2147483648",
            "User:99999999999999999999",
            "User:" + "1" * 5_000,
            "user:1",
            "Nobody:1",
            "Node:1",
            "Query:1",
            "UserConnection:1",
            "GradebookRow:1",
            "Event:1",
            "Counter:1",
            "File:1",
        ),
    ),
]


@pytest.mark.parametrize("junk", JUNK, ids=lambda text: repr(text[:24]))
async def test_junk_is_nobodys_id(here: Semester, junk: str) -> None:
    sam = here.names.id("User", "sam")
    assert await ask(here.world.admin, NODE, id=junk) == {"node": None}
    found = (await ask(here.world.admin, NODES, ids=[junk, sam]))["nodes"]
    assert [each and each["id"] for each in found] == [None, sam]
    assert await ask(here.world.admin, "query ($id: ID!) { user(by: {id: $id}) { uid } }", id=junk) == {"user": None}


async def test_an_id_of_another_type_is_none_of_a_look_up(here: Semester) -> None:
    document = (
        "query ($id: ID!) { user(by: {id: $id}) { id } course(by: {id: $id}) { id } group(by: {id: $id}) { id } }"
    )
    for kind, name in (("User", "sam"), ("Course", "EE210"), ("Group", "g1"), ("Submission", "sam lab1 1")):
        key = here.names.id(kind, name)
        found = await ask(here.world.admin, document, id=key)
        assert found == {root: {"id": key} if root == kind.lower() else None for root in ("user", "course", "group")}


NOT_ONE_KEY = [
    "{ user(by: {}) { id } }",
    '{ user(by: {uid: "x", username: "x"}) { id } }',
    "{ user(by: {uid: null}) { id } }",
    '{ user(by: {name: "Sam"}) { id } }',
    '{ user(by: {uin: "77120031"}) { id } }',
    '{ user(by: {externalId: "SIS-77"}) { id } }',
    "{ user { id } }",
    'query ($u: String = "x") { user(by: {uid: $u, username: $u}) { id } }',
]


@pytest.mark.parametrize("document", NOT_ONE_KEY)
async def test_a_look_up_takes_exactly_one_key(here: Semester, document: str) -> None:
    answer = await execute(here.world.admin, document)
    assert answer.data in (None, {"user": None})
    assert len(answer.errors) == 1
    assert answer.codes[0] in ("BAD_REQUEST", "BAD_USER_INPUT")


async def test_the_key_of_a_look_up_may_be_a_variable(here: Semester) -> None:
    document = "query ($by: UserBy!) { user(by: $by) { username } }"
    sam = here.names.row("User", "sam")
    for by in ({"uid": sam["uid"]}, {"uuid": sam["uuid"]}, {"email": sam["email"]}, {"databaseId": sam["id"]}):
        assert await ask(here.world.instructor, document, by=by) == {"user": {"username": "sam"}}
    for by in ({"uid": sam["uid"].upper()}, {"uid": sam["uid"] + " "}, {"uid": ""}, {"databaseId": -1}):
        assert await ask(here.world.instructor, document, by=by) == {"user": None}
    for bad in ({}, {"uid": None}, {"uid": "x", "email": "x"}, {"databaseId": "1"}, {"databaseId": 2**31}, None, "sam"):
        assert (await execute(here.world.instructor, document, {"by": bad})).codes == ["BAD_USER_INPUT"]


async def test_a_hundred_ids_at_once(here: Semester) -> None:
    sam = here.names.id("User", "sam")
    assert len((await ask(here.world.admin, NODES, ids=[sam] * 100))["nodes"]) == 100
    assert (await execute(here.world.admin, NODES, {"ids": [sam] * 101})).codes == ["LIMIT_EXCEEDED"]
    assert await ask(here.world.admin, NODES, ids=[]) == {"nodes": []}
    for bad in (None, [None], [1.5], [[sam]]):
        assert (await execute(here.world.admin, NODES, {"ids": bad})).data is None


async def test_an_object_is_asked_by_what_it_is(here: Semester) -> None:
    """Fragments on other types give nothing; a fragment on the interface gives what all have."""
    document = """query ($id: ID!) { node(id: $id) {
        ... on User { uid } ... on Course { key } ...Shared ... on Node { __typename } } }
        fragment Shared on Node { databaseId }"""
    sam, course = here.names.id("User", "sam"), here.names.id("Course", "EE210")
    key = here.world.student_id
    expected = {"uid": "sam@uni.example", "databaseId": key, "__typename": "User"}
    assert await ask(here.world.student, document, id=sam) == {"node": expected}
    expected = {"key": "EE210", "databaseId": here.world.course_id, "__typename": "Course"}
    assert await ask(here.world.student, document, id=course) == {"node": expected}
