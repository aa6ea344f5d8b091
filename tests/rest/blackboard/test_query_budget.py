"""Each operation takes a fixed number of SQL statements, however many rows it answers with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.assessments.service import create_assessment, create_category
from app.domain.enrollment.service import enroll
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_notation, create_grade_schema, create_grading_period
from app.domain.grades.overrides import override_grade
from tests.factories import person
from tests.rest.blackboard.conftest import Blackboard
from tests.rest.blackboard.operations import ADMINISTERING, OPERATIONS, READING, request_to

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
    "GradeSchemas": 9,
    "GradeNotations": 8,
    "GradingPeriods": 8,
    "Grades": 15,
    "LastChanged": 14,
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


SYMBOLS = [Symbol("F", 0.0, 90.0), Symbol("A", 90.0, 100.0)]
WRITTEN = {
    "UpdateCourse": 14,
    "CreateMembership": 16,
    "UpdateMembership": 19,
    "DeleteMembership": 12,
    "CreateColumn": 28,
    "UpdateColumn": 14,
    "DeleteColumn": 17,
    "UpdateGrade": 30,
    "CreateAttempt": 36,
    "UpdateAttempt": 27,
    "DeleteCourse": 8,
    "AddChild": 15,
    "RemoveChild": 10,
    "CreateUser": 7,
    "CreateCourse": 11,
    "DeleteUser": 39,
    "CreateDataSource": 4,
    "UpdateDataSource": 5,
    "DeleteDataSource": 8,
    "CreateTerm": 4,
    "UpdateTerm": 5,
    "DeleteTerm": 5,
    "UpdateUser": 6,
}
"""The same of what writes: by an instructor, or an administrator where it takes one; a total is computed along."""


def test_every_operation_has_a_budget() -> None:
    assert (set(STATEMENTS), set(WRITTEN)) == (set(READING), set(OPERATIONS) - set(READING))


async def test_statements(bb: Blackboard, app: Starlette, open_database: Callable[[], Database]) -> None:
    for numbers in (range(1), range(1, 6)):
        await multiply(bb, numbers)
        found = {operation: await statements(bb, app, open_database, operation) for operation in OPERATIONS}
        assert found == STATEMENTS | WRITTEN


async def statements(bb: Blackboard, app: Starlette, open_database: Callable[[], Database], operation: str) -> int:
    """How many statements a request takes; what it writes is forgotten."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    method, path, sent = request_to(bb, operation)
    savepoint = await bb.filled.connection.begin_nested()
    response = await bb.send(method, path, asker(operation), **sent)
    await savepoint.rollback()
    assert response.is_success, response.text
    return sum(each.statements for each in opened)


def asker(operation: str) -> str:
    """Who may do it, and is no more than it takes."""
    if operation in ADMINISTERING:
        return "ADM"
    return "S1" if operation in ("Children", "Child") else "I"


async def multiply(bb: Blackboard, numbers: range) -> None:
    """More of everything that is listed, or that is written along; and a total of all."""
    ctx, keys = bb.filled.admin, bb.filled.keys
    here: dict[str, Any] = {"course_instance_id": keys["A"]}
    for number in numbers:
        learner = await person(ctx, f"more{number}")
        for place, user_id in {"A": learner, "K1": learner, "D": await person(ctx, f"late{number}")}.items():
            await enroll(ctx, course_instance_id=keys[place], user_id=user_id)
        await override_grade(ctx, assessment_id=keys["M"], user_id=learner, points=1.0)
        await create_grade_schema(ctx, **here, title=f"Letters {number}", scale_type=ScaleType.TABULAR, symbols=SYMBOLS)
        await create_grade_notation(ctx, **here, code=f"N{number}")
        await create_grading_period(ctx, **here, title=f"Period {number}")
        category = await create_category(ctx, name=f"More {number}", abbreviation="X", **here)
        more = await create_assessment(ctx, name=f"more{number}", title="More", category_id=category, **here)
        await override_grade(ctx, assessment_id=more, user_id=keys["S1"], points=1.0)
    await set_calculation(ctx, assessment_id=keys["C"], kind=CalculationKind.TOTAL)
