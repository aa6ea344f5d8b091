"""Who may do what (contracts/blackboard.md §7): every caller, every operation; who may not changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.db.base import Base
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import Submission
from app.domain.catalog.models import CourseInstance, Term
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import ColumnGrade
from app.domain.identity.models import DataSource, User
from app.rest.systems import system_named
from tests.rest.blackboard.conftest import GRADEBOOK, A, Blackboard
from tests.rest.blackboard.operations import ADMINISTERING, INSTRUCTING, MARKING, OPERATIONS, READING, request_to

pytestmark = pytest.mark.anyio

CHANGED: tuple[type[Base], ...] = (
    Assessment,
    CourseInstance,
    Enrollment,
    ColumnGrade,
    User,
    DataSource,
    Term,
    Submission,
)
FOR_ALL = {"Version", "Courses", "Users", "User", "MembershipsOfUser", "CourseRoles"}
FOR_ALL |= {"DataSources", "DataSource", "Terms", "Term"}
OF_P = {"Children", "Child"}
OF_ALL_LEARNERS = {"LastChanged"}


async def state(bb: Blackboard) -> list[Any]:
    """What the operations could change."""
    db = bb.filled.admin.db
    return [[tuple(row) for row in await db.fetch(select(each.__table__).order_by("id"))] for each in CHANGED]


def expected(operation: str, who: str) -> int | None:
    """The status of a refusal; None for whoever may. Older versions of an operation refuse alike."""
    operation = re.sub(r"V\d$", "", operation)
    if who == "ANYBODY":
        return None if operation == "Version" else 401
    if who == "READER":
        return None if operation in READING and operation not in OF_P else 404 if operation in OF_P else 403
    if operation in FOR_ALL:
        return 404 if (operation, who) == ("User", "OTHER") else None
    if operation in ADMINISTERING:
        return 404 if operation == "DeleteCourse" else 403
    if operation in OF_P:
        return None if who == "S1" else 404
    if who == "OTHER":
        return 404 if operation in ("Course", "CrossListSet") else 403
    if operation in MARKING:
        return None if who == "TA" else 403
    if operation in INSTRUCTING or operation in OF_ALL_LEARNERS:
        return None if who == "TA" and operation in OF_ALL_LEARNERS else 403
    return None


def test_every_operation_is_in_the_matrix() -> None:
    assert {route.operation for route in system_named("blackboard").routes} == set(OPERATIONS)


@pytest.mark.parametrize("who", ["ANYBODY", "S1", "TA", "OTHER", "READER"])
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_who_may_not(bb: Blackboard, operation: str, who: str) -> None:
    method, path, more = request_to(bb, operation)
    before = await state(bb)
    response = await bb.send(method, path, None if who == "ANYBODY" else who, **more)
    may_write = operation in MARKING and who == "TA"
    assert response.status_code == (expected(operation, who) or (201 if (method, may_write) == ("POST", True) else 200))
    assert (await state(bb) != before) is may_write


@pytest.mark.parametrize("operation", [*READING, *MARKING, *INSTRUCTING])
async def test_instructors_may(bb: Blackboard, operation: str) -> None:
    method, path, more = request_to(bb, operation)
    response = await bb.send(method, path, "I", **more)
    assert response.status_code == (404 if operation in OF_P else {"PUT": 201, "POST": 201}.get(method, 200)) or (
        operation == "DeleteMembership" and response.status_code == 204
    )


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_administrators_and_applications_may(bb: Blackboard, operation: str) -> None:
    method, path, more = request_to(bb, operation)
    before = await state(bb)
    response = await bb.send(method, path, "ADM", **more)
    assert response.status_code in (200, 201, 202, 204)
    assert (await state(bb) != before) is (operation not in READING)


async def test_what_a_student_sees_of_columns(bb: Blackboard) -> None:
    (column, *_) = await bb.results(GRADEBOOK + "/columns", "S1")
    assert list(column) == ["id", "name", "score", "availability", "grading"]
    course = await bb.body(f"/v3/courses/{bb.id('A')}", "S1")
    assert {"uuid", "externalId", "dataSourceId", "created", "allowGuests"} & set(course) == set()


async def test_what_a_student_sees_of_grades(bb: Blackboard) -> None:
    for path in (bb.column("M") + "/users", f"{GRADEBOOK}/users/{bb.id('S1')}"):
        rows = await bb.results(path, "S1")
        assert {each["userId"] for each in rows} == {bb.id("S1")}
        keys = {"userId", "columnId", "status", "displayGrade", "exempt", "feedback", "changeIndex"}
        assert all(set(each) <= keys for each in rows)
    assert (await bb.refusal(f"{GRADEBOOK}/users/{bb.id('S2')}", "S1"))[0] == 403


async def test_who_has_left_is_in_the_course_no_more(bb: Blackboard) -> None:
    assert (await bb.refusal(GRADEBOOK + "/columns", "S11"))[0] == 403
    assert (await bb.refusal(A + "/users", "S11"))[0] == 403


async def test_a_disabled_course_is_for_applications(bb: Blackboard) -> None:
    await bb.body("/v3/courses/courseId:BIO101", method="PATCH", json={"availability": {"available": "Disabled"}})
    for who in ("I", "S1"):
        assert (await bb.refusal("/v3/courses/courseId:BIO101", who))[0] == 404
        assert bb.id("A") not in [each["id"] for each in await bb.results("/v3/courses", who)]
    await bb.body("/v3/courses/courseId:BIO101", method="PATCH", json={"availability": {"available": "No"}})
    assert (await bb.refusal(GRADEBOOK + "/columns", "S1"))[0] == 404
    assert len(await bb.results(GRADEBOOK + "/columns", "I")) == 4
