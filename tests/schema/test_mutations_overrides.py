"""Grades of graded blocks set by hand through the graph, with all that goes with them."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.domain.enrollment.service import enroll
from app.domain.grades.overrides import override_grade
from tests.clock import NOW
from tests.factories import University, person, university
from tests.graded import block_key, graded
from tests.schema.client import ask, refusal, write

pytestmark = pytest.mark.anyio
TERMS = "overridePoints overrideMaxPoints overrideAllPoints overrideAllMaxPoints overrideReason overrideSource"
OUTCOMES = f"outcomes {{ columnGrade {{ points maxPoints {TERMS} overriddenAt }} code field message }}"
SET = block_key("sequential", "set")
BUDGET = 20


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def test_good_ones_are_stored_and_the_others_told(world: University) -> None:
    await graded(world)
    whose = {"userId": world.student_id, "blockKey": SET, "points": 1, "maxPoints": 4, "reason": "Appeal"}
    overrides = [whose, {"userId": world.loner_id, "blockKey": SET}, {"userId": world.student_id, "blockKey": "?"}]
    here = {"courseInstanceId": world.course_instance_id, "source": "GRADEBOOK"}
    made = await write(world.instructor, "overrideGrades", OUTCOMES, **here, overrides=overrides)
    grade: dict[str, Any] = {"points": 1.0, "maxPoints": 4.0, "overridePoints": 1.0, "overrideMaxPoints": 4.0}
    grade |= {"overrideAllPoints": 0.0, "overrideAllMaxPoints": 2.0, "overrideReason": "Appeal"}
    grade |= {"overrideSource": "GRADEBOOK", "overriddenAt": NOW}
    nothing = {"code": None, "field": None, "message": None}
    missing = "the person does not take part in the course", "no graded block of this course instance"
    assert made["outcomes"] == [
        {"columnGrade": made["outcomes"][0]["columnGrade"], **nothing},
        {"columnGrade": None, "code": "NOT_ENROLLED", "field": "userId", "message": missing[0]},
        {"columnGrade": None, "code": "NOT_FOUND", "field": "blockKey", "message": missing[1]},
    ]
    assert made["outcomes"][0]["columnGrade"] == grade
    seen = await ask(
        world.student, f"{{ viewer {{ columnGrades {{ nodes {{ {TERMS} }} }} courseGrades {{ totalCount }} }} }}"
    )
    assert seen["viewer"]["columnGrades"]["nodes"][0] == {name: grade[name] for name in TERMS.split()}


async def test_of_how_many_points_and_why(world: University) -> None:
    work = await graded(world)
    here = {"assessmentId": work.first.assessment_id, "userId": world.student_id}
    terms = {
        "points": 3,
        "maxPoints": 4,
        "allPoints": 3,
        "allMaxPoints": 5,
        "reason": "Late bus",
        "source": "PROCTORING",
    }
    made = await write(world.instructor, "overrideGrade", f"columnGrade {{ scorePerc {TERMS} }}", **here, **terms)
    assert made["columnGrade"] == {
        "scorePerc": 75.0,
        "overridePoints": 3.0,
        "overrideMaxPoints": 4.0,
        "overrideAllPoints": 3.0,
        "overrideAllMaxPoints": 5.0,
        "overrideReason": "Late bus",
        "overrideSource": "PROCTORING",
    }
    assert await refusal(world.instructor, "overrideGrade", **here, reason="Why not") == ("REQUIRED", ["points"])


async def test_the_number_of_statements_is_that_of_one(world: University) -> None:
    await graded(world)
    admin = world.admin

    async def statements(users: list[int]) -> int:
        overrides: list[dict[str, Any]] = [{"userId": each, "blockKey": SET, "points": 1} for each in users]
        before = admin.db.statements
        here = {"courseInstanceId": world.course_instance_id, "overrides": overrides}
        await write(admin, "overrideGrades", "outcomes { columnGrade { points } }", **here)
        return int(admin.db.statements - before)

    assert await statements([world.student_id]) == BUDGET
    more = [await person(admin, f"more{number}") for number in range(5)]
    for each in more:
        await enroll(admin, course_instance_id=world.course_instance_id, user_id=each)
    assert await statements(more) == BUDGET


async def test_a_cleared_override_leaves_the_scores(world: University) -> None:
    work = await graded(world)
    here: dict[str, Any] = {"assessment_id": work.first.assessment_id, "user_id": world.student_id}
    await override_grade(world.instructor, **here, points=2.0, max_points=4.0, reason="Appeal")
    told = {"assessmentId": here["assessment_id"], "userId": here["user_id"], "points": None}
    made = await write(world.instructor, "overrideGrade", f"columnGrade {{ points maxPoints {TERMS} }}", **told)
    expected = {"points": None, "maxPoints": 2.0} | dict.fromkeys(TERMS.split())
    assert made["columnGrade"] == expected
