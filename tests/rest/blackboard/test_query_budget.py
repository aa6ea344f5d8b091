"""Each operation takes a fixed number of SQL statements, however many rows it answers with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.assessments.service import create_assessment, create_category
from app.domain.enrollment.service import enroll
from app.domain.grades.overrides import override_grade
from tests.factories import person
from tests.rest.blackboard.conftest import Blackboard
from tests.rest.blackboard.operations import READING, request_to

pytestmark = pytest.mark.anyio

STATEMENTS = {
    "Version": 0,
    "Courses": 6,
    "Course": 11,
    "Children": 9,
    "Child": 11,
    "CrossListSet": 8,
    "Memberships": 11,
    "Membership": 10,
    "MembershipsOfUser": 10,
    "Columns": 9,
    "Column": 11,
    "Categories": 8,
    "Category": 8,
    "GradeSchemas": 8,
    "GradeNotations": 8,
    "GradingPeriods": 8,
    "Grades": 15,
    "LastChanged": 15,
    "Grade": 15,
    "GradesOfUser": 13,
    "CoursesV1": 6,
    "CourseV1": 11,
    "CoursesV2": 6,
    "CourseV2": 11,
    "ColumnsV1": 9,
    "ColumnV1": 11,
    "GradesV1": 15,
    "GradeV1": 15,
    "GradesOfUserV1": 13,
    "Attempts": 18,
    "Attempt": 19,
    "Users": 3,
    "User": 4,
    "DataSources": 2,
    "DataSource": 3,
    "Terms": 2,
    "Term": 3,
    "CourseRoles": 2,
}
"""Of an instructor: one for the token, one for the course, two for the caller's part in it, the rest for the body."""


@pytest.mark.parametrize("operation", READING)
async def test_statements(
    bb: Blackboard, app: Starlette, open_database: Callable[[], Database], operation: str
) -> None:
    few = await statements(bb, app, open_database, operation)
    await multiply(bb)
    many = await statements(bb, app, open_database, operation)
    assert (few, many) == (STATEMENTS[operation], STATEMENTS[operation])


async def statements(bb: Blackboard, app: Starlette, open_database: Callable[[], Database], operation: str) -> int:
    """How many statements a request takes."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    method, path, _ = request_to(bb, operation)
    who = "S1" if operation in ("Children", "Child") else "I"
    assert (await bb.send(method, path, who)).status_code == 200
    return sum(each.statements for each in opened)


async def multiply(bb: Blackboard) -> None:
    """More of everything that is listed."""
    ctx, keys = bb.filled.admin, bb.filled.keys
    for number in range(5):
        learner = await person(ctx, f"more{number}")
        await enroll(ctx, course_instance_id=keys["A"], user_id=learner)
        await override_grade(ctx, assessment_id=keys["M"], user_id=learner, points=1.0)
        here: dict[str, Any] = {"course_instance_id": keys["A"]}
        category = await create_category(ctx, name=f"More {number}", abbreviation="X", **here)
        more = await create_assessment(ctx, name=f"more{number}", title="More", category_id=category, **here)
        await override_grade(ctx, assessment_id=more, user_id=keys["S1"], points=1.0)
