"""Blocks in the graph: found by key, read to a depth, completed, gone on with."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.domain.blocks.service import create_block
from app.domain.catalog.keys import usage_key
from tests.factories import University, university
from tests.schema.client import ask, execute

pytestmark = pytest.mark.anyio
RUN = "course-v1:uni+EE210+f24"
TREE = (
    ("course", "course", None),
    ("chapter", "week", "course"),
    ("vertical", "unit", "week"),
    ("html", "text", "unit"),
    ("discussion", "talk", "unit"),
    ("chapter", "end", "course"),
)
BELOW = """query ($by: BlockBy!, $depth: Int) { block(by: $by) { kind name descendants(depth: $depth) {
    name depth parent { name } children { name } } } }"""
RESUME = """query ($name: String!) { courseInstance(by: {name: $name}) {
    resumeBlock { name parent { name completion } } } }"""
RECORD = """mutation ($input: RecordCompletionInput!) { recordCompletion(input: $input) {
    courseInstance { rootBlock { completion } blocks { totalCount nodes { name completion } } }
    userErrors { code } } }"""


@pytest.fixture
async def world(ctx: Context) -> University:
    made = await university(ctx)
    ids: dict[str | None, int | None] = {None: None}
    for kind, name, parent in TREE:
        place: dict[str, Any] = {"course_instance_id": made.course_instance_id, "parent_id": ids[parent]}
        ids[name] = await create_block(made.admin, kind=kind, name=name, usage_key=usage_key(RUN, kind, name), **place)
    return made


@pytest.mark.parametrize(
    ("depth", "names"),
    [
        (None, ["week", "unit", "text", "talk", "end"]),
        (0, []),
        (1, ["week", "end"]),
        (2, ["week", "unit", "end"]),
        (32, ["week", "unit", "text", "talk", "end"]),
    ],
)
async def test_descendants_to_a_depth(world: University, depth: int | None, names: list[str]) -> None:
    by = {"usageKey": "block-v1:uni+EE210+f24+type@course+block@course"}
    found = (await ask(world.student, BELOW, by=by, depth=depth))["block"]
    assert (found["kind"], found["name"]) == ("course", "course")
    assert [each["name"] for each in found["descendants"]] == names
    parents = {name: parent for _, name, parent in TREE}
    for each in found["descendants"]:
        assert each["parent"] == {"name": parents[each["name"]]}
        assert [child["name"] for child in each["children"]] == [n for n, p in parents.items() if p == each["name"]]


CONTENT = "query ($by: BlockBy!) { block(by: $by) { content } }"


@pytest.mark.parametrize(
    ("kind", "seen"), [("html", "<p>1</p>"), ("course_info", "<p>1</p>"), ("problem", None), ("static_tab", None)]
)
async def test_what_learners_read(world: University, kind: str, seen: str | None) -> None:
    by = {"usageKey": usage_key(RUN, "course", "course")}
    root = (await ask(world.admin, "query ($by: BlockBy!) { block(by: $by) { databaseId } }", by=by))["block"]
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "parent_id": root["databaseId"]}
    key = usage_key(RUN, kind, "one")
    await create_block(world.admin, kind=kind, usage_key=key, content="<p>1</p>", **place)
    assert await ask(world.student, CONTENT, by={"usageKey": key}) == {"block": {"content": seen}}
    assert await ask(world.instructor, CONTENT, by={"usageKey": key}) == {"block": {"content": "<p>1</p>"}}


@pytest.mark.parametrize("depth", [-1, 33])
async def test_a_depth_has_its_limits(world: University, depth: int) -> None:
    by = {"usageKey": usage_key(RUN, "course", "course")}
    assert (await execute(world.student, BELOW, {"by": by, "depth": depth})).codes == ["LIMIT_EXCEEDED"]


async def test_completion_and_where_one_goes_on(world: University) -> None:
    student, name = world.student, "sig-f24"
    nothing = await ask(student, RESUME, name=name)
    assert nothing == {"courseInstance": {"resumeBlock": None}}
    by = {"usageKey": usage_key(RUN, "html", "text")}
    text = (await ask(student, "query ($by: BlockBy!) { block(by: $by) { id } }", by=by))["block"]["id"]
    given = {"courseInstanceId": world.course_instance_id, "completions": [{"blockId": text, "completion": 1}]}
    answer = (await ask(student, RECORD, input=given))["recordCompletion"]
    assert answer["userErrors"] == []
    shown = answer["courseInstance"]
    assert shown["rootBlock"] == {"completion": 1.0}
    assert shown["blocks"]["totalCount"] == 6
    assert {each["name"]: each["completion"] for each in shown["blocks"]["nodes"]} == {
        **{"course": 1.0, "week": 1.0, "unit": 1.0, "text": 1.0, "talk": None, "end": 1.0}
    }
    found = await ask(student, RESUME, name=name)
    assert found == {"courseInstance": {"resumeBlock": {"name": "text", "parent": {"name": "unit", "completion": 1.0}}}}
