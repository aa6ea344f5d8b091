"""Older versions of reading operations (contracts/blackboard.md §5.9)."""

from __future__ import annotations

import pytest

from app.domain.grades.overrides import override_grade
from tests.rest.blackboard.conftest import GRADEBOOK, A, Blackboard

pytestmark = pytest.mark.anyio

V1 = A + "/gradebook"


async def test_courses(bb: Blackboard) -> None:
    newest = await bb.body("/v3/courses")
    assert await bb.body("/v2/courses") == newest
    without = [
        {key: each[key] for key in each if key not in ("closedComplete", "modified")} for each in newest["results"]
    ]
    oldest = await bb.results("/v1/courses")
    assert oldest == [{**each, "readOnly": False} for each in without]
    assert await bb.body("/v1/courses/courseId:BIO101") == oldest[0]
    page = await bb.body("/v1/courses?limit=2&sort=name(desc)&fields=name")
    assert page["paging"]["nextPage"].startswith("/learn/api/public/v1/courses?limit=2&")


async def test_columns(bb: Blackboard) -> None:
    found = {each["id"]: each for each in await bb.results(V1 + "/columns")}
    newest = {each["id"]: each for each in await bb.results(GRADEBOOK + "/columns")}
    assert found.keys() == newest.keys()
    column = found[bb.id("M")]
    assert column["score"] == {"possible": 100, "decimalPlaces": 2}
    dropped = {"gradebookCategoryId", "includeInCalculations"}
    assert column.keys() == newest[bb.id("M")].keys() - dropped - {"displayName"}
    assert await bb.body(f"{V1}/columns/{bb.id('M')}") == column


async def test_grades_are_the_ones_that_count(bb: Blackboard) -> None:
    ctx, keys = bb.filled.admin, bb.filled.keys
    await override_grade(ctx, assessment_id=keys["M"], user_id=keys["S1"], points=87.5)
    grade = await bb.body(f"{V1}/columns/{bb.id('M')}/users/{bb.id('S1')}")
    assert (grade["score"], grade["text"], grade["status"]) == (87.5, "87.5", "Graded")
    assert grade.keys().isdisjoint({"displayGrade", "changeIndex", "gradeNotationId"})
    listed = await bb.results(f"{V1}/columns/{bb.id('M')}/users")
    assert [each for each in listed if each["userId"] == bb.id("S1")] == [grade]
    of_user = await bb.results(f"{V1}/users/{bb.id('S1')}")
    assert [each for each in of_user if each["columnId"] == bb.id("M")] == [grade]
    assert await bb.body(f"{V1}/columns/{bb.id('N')}/users/{bb.id('S1')}") == {
        "userId": bb.id("S1"),
        "columnId": bb.id("N"),
    }
