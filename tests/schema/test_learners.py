"""Learners' results by enrolment, and learners in pages, as the graph tells them."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.domain.blocks.models import ShowCorrectness
from app.domain.blocks.service import update_block
from app.domain.enrollment.service import enroll
from app.domain.grades.batches import NewOverride, override_grades
from app.domain.grades.models import Certificate, CertificateStatus
from app.domain.rows import insert_row
from tests.factories import University, person, university
from tests.graded import block_key, graded
from tests.schema.client import ask, execute
from tests.schema.test_query_budget import statements

pytestmark = pytest.mark.anyio
RESULT = "courseResult { fraction letter isPassed }"
SUBSECTIONS = """subsectionGrades {
  block { usageKey } assessment { title } category { abbreviation } categoryName label name columnGrade { points }
  isAttempted isOverridden fraction points maxPoints allPoints allMaxPoints originalPoints originalMaxPoints
  overrideReason overrideSource problemScores { problem { name } points maxPoints }
}"""
BREAKDOWN = "breakdown { category label detail fraction isTotal dropped }"
BOOK = f"""query ($place: Int!, $asked: String) {{ courseInstance(by: {{ databaseId: $place }}) {{
  roster(nameContains: $asked) {{ totalCount filteredCount hasNext hasPrevious learners {{
    enrollment {{ user {{ username }} {RESULT} {SUBSECTIONS} {BREAKDOWN} }}
  }} }}
}} }}"""
SUBSECTION = {
    "block": {"usageKey": block_key("sequential", "set")},
    "assessment": {"title": "Set"},
    "category": {"abbreviation": "HW"},
    "categoryName": "Homework",
    "label": "HW 01",
    "name": "Set",
    "columnGrade": {"points": 1.0},
    "isAttempted": False,
    "isOverridden": True,
    "fraction": 0.5,
    "points": 1.0,
    "maxPoints": 2.0,
    "allPoints": 0.0,
    "allMaxPoints": 2.0,
    "originalPoints": 0.0,
    "originalMaxPoints": 2.0,
    "overrideReason": "Appeal",
    "overrideSource": "GRADEBOOK",
    "problemScores": [{"problem": {"name": "Set-problem"}, "points": 0.0, "maxPoints": 2.0}],
}
ENTRY = {
    "category": "Homework",
    "label": "HW",
    "detail": "Homework = 50.00%",
    "fraction": 0.5,
    "isTotal": True,
    "dropped": None,
}
BUDGET = {
    "{ courseInstances { nodes { roster { totalCount learners { enrollment { user { username } } } } } } }": 5,
    "{ enrollments { nodes { courseResult { fraction letter isPassed } } } }": 2,
    "{ enrollments { nodes { subsectionGrades { label points } } } }": 4,
    "{ enrollments { nodes { subsectionGrades { problemScores { points } } } } }": 6,
    "{ enrollments { nodes { breakdown { label fraction } } } }": 8,
    "{ courseInstances { nodes { hasFinalGrades hasCertificates } } }": 2,
}


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def test_the_book_of_an_instructor(world: University) -> None:
    await graded(world)
    override = NewOverride(world.student_id, block_key("sequential", "set"), 1.0, reason="Appeal")
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "source": "GRADEBOOK"}
    await override_grades(world.instructor, **here, overrides=[override])
    found = await ask(world.instructor, BOOK, place=world.course_instance_id, asked="SAM")
    roster = found["courseInstance"]["roster"]
    (line,) = roster.pop("learners")
    assert roster == {"totalCount": 2, "filteredCount": 1, "hasNext": False, "hasPrevious": False}
    assert line["enrollment"] == {
        "user": {"username": "sam"},
        "courseResult": {"fraction": 0.5, "letter": "Pass", "isPassed": True},
        "subsectionGrades": [SUBSECTION],
        "breakdown": [ENTRY],
    }
    for ctx, count in ((world.student, 1), (world.second_student, 0), (world.previewer, 0)):
        seen = await ask(ctx, BOOK, place=world.course_instance_id, asked="SAM")
        assert len(seen["courseInstance"]["roster"]["learners"]) == count


@pytest.mark.parametrize(("query", "budget"), list(BUDGET.items()))
async def test_the_budget_is_kept_and_does_not_grow(world: University, query: str, budget: int) -> None:
    await graded(world, "one", "two")
    few = await statements(world.instructor, query)
    for number in range(4):
        learner = await person(world.admin, f"more{number}")
        await enroll(world.admin, course_instance_id=world.course_instance_id, user_id=learner)
    assert (few, await statements(world.instructor, query)) == (budget, budget)


async def test_pages_of_an_odd_size(world: University) -> None:
    document = (
        "query ($place: Int!, $first: Int!) "
        "{ courseInstance(by: { databaseId: $place }) { roster(first: $first) { totalCount } } }"
    )
    for first, code in ((101, "LIMIT_EXCEEDED"), (0, "BAD_REQUEST"), (-1, "BAD_REQUEST")):
        given = {"place": world.course_instance_id, "first": first}
        answer = await execute(world.instructor, document, given)
        assert [each["extensions"]["code"] for each in answer.errors] == [code]


async def test_a_certificate_by_its_number(world: University) -> None:
    own = {"course_instance_id": world.course_instance_id, "user_id": world.student_id}
    said = {"uuid": "c" * 32, "status": CertificateStatus.DOWNLOADABLE, "track": "verified", "grade": "0.88"}
    await insert_row(world.admin, Certificate, {**own, **said})
    document = "query ($uuid: String!) { certificate(by: { uuid: $uuid }) { grade isPassing user { username } } }"
    found = {"grade": "0.88", "isPassing": True, "user": {"username": "sam"}}
    for ctx in (world.student, world.assistant, world.admin):
        assert await ask(ctx, document, uuid="c" * 32) == {"certificate": found}
    for ctx, uuid in ((world.second_student, "c" * 32), (world.outsider, "c" * 32), (world.admin, "d" * 32)):
        assert await ask(ctx, document, uuid=uuid) == {"certificate": None}


async def test_what_is_withheld_is_told(world: University) -> None:
    work = await graded(world, "one", "two")
    await update_block(world.admin, block_id=work.blocks["two"], show_correctness=ShowCorrectness.NEVER)
    document = """query ($place: Int!) { courseInstance(by: { databaseId: $place }) { roster(username: "sam") {
        learners { enrollment { subsectionGrades { name isWithheld } } } } } }"""
    for ctx, withheld in ((world.student, True), (world.instructor, False), (world.admin, False)):
        roster = (await ask(ctx, document, place=world.course_instance_id))["courseInstance"]["roster"]
        (line,) = roster["learners"]
        grades = [{"name": "One", "isWithheld": False}, {"name": "Two", "isWithheld": withheld}]
        assert line["enrollment"]["subsectionGrades"] == grades
