"""Every grade of a merged course can be attributed to the course that the learner came in by (contract, §8)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.assessments.models import GradingType
from app.domain.assessments.service import create_assessment, create_category
from app.domain.grades.overrides import override_grade
from tests.answers import uncounted
from tests.rest.blackboard.conftest import Blackboard
from tests.rest.blackboard.workflow import QUERY, Pulled, of_graph, pull

pytestmark = pytest.mark.anyio

POINTS = {"S1": 1.5, "S2": 2.5, "S3": 3.5}


async def graded(bb: Blackboard) -> int:
    """A column of the parent course in which its three learners have grades."""
    ctx, keys = bb.filled.admin, bb.filled.keys
    here: dict[str, Any] = {"course_instance_id": keys["P"]}
    category = await create_category(ctx, name="Essay", abbreviation="E", **here)
    details: dict[str, Any] = {"category_id": category, "grading_type": GradingType.MANUAL, "max_points": 4.0}
    column = await create_assessment(ctx, name="essay", title="Essay", **here, **details)
    for name, points in POINTS.items():
        await override_grade(ctx, assessment_id=column, user_id=keys[name], points=points)
    return column


async def by_rest(bb: Blackboard) -> Pulled:
    async def get(path: str) -> Any:
        response = await bb.get(path)
        assert response.status_code in (200, 204), response.text
        return response.json() if response.content else None

    return await pull(get)


async def by_graph(bb: Blackboard) -> Pulled:
    headers = {"Authorization": f"Bearer {bb.filled.tokens['APP']}"}
    response = await bb.client.post("/graphql", json={"query": QUERY}, headers=headers)
    assert set(uncounted(response)) == {"data"}, response.text
    return of_graph(response.json()["data"])


@pytest.mark.parametrize("read", [by_rest, by_graph], ids=lambda read: read.__name__)
async def test_grades_by_child_course(bb: Blackboard, read: Any) -> None:
    column, keys = await graded(bb), bb.filled.keys
    pulled = await read(bb)
    children = {(course, user): child for course, user, child in pulled.members}
    found = {
        (children[course, user] or course, user, points)
        for course, of, user, points, _ in pulled.grades
        if of == column
    }
    assert found == {
        (keys["K1"], keys["S1"], 1.5),
        (keys["K2"], keys["S2"], 2.5),
        (keys["P"], keys["S3"], 3.5),
    }
    own = {member for member in pulled.members if member[0] in (keys["K1"], keys["K2"])}
    assert own == {(keys["K1"], keys["S1"], None), (keys["K2"], keys["S2"], None)}


async def test_both_ways_read_the_same(bb: Blackboard) -> None:
    """Of a university with merged courses, members who left, columns without grades."""
    await graded(bb)
    assert (await by_rest(bb)).record() == (await by_graph(bb)).record()
