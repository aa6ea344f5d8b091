"""Each operation takes a fixed number of SQL statements, however many rows it reads or writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import insert
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.assessments.problems import create_problem
from app.domain.assessments.service import update_assessment
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll
from app.domain.groups.models import GroupMembership
from app.domain.groups.service import create_group, update_group_set
from tests.clock import NOW
from tests.factories import as_user, coursework, handed_in, person, scored
from tests.rest.autolab.conftest import Autolab
from tests.rest.autolab.operations import REQUESTS, Request

pytestmark = pytest.mark.anyio

STATEMENTS = {
    "CurrentUser": 2,
    "Courses": 6,
    "Assessments": 6,
    "Assessment": 11,
    "Writeup": 7,
    "Handout": 7,
    "Problems": 7,
    "Submissions": 18,
    "Feedback": 18,
    "HandIn": 41,
    "CreateProblem": 15,
    "SetGroupSettings": 13,
    "Groups": 15,
    "CreateGroups": 18,
    "Group": 10,
    "DeleteGroup": 11,
    "Scores": 11,
    "ScoresOfUser": 23,
    "UpdateLatest": 51,
    "Members": 6,
    "Member": 8,
    "CreateMember": 14,
    "UpdateMember": 12,
    "DropMember": 12,
}
"""Of who may: one for the token, three for the course and the assessment in the path, the rest for the operation."""


async def test_statements(al: Autolab, group: int, app: Starlette, open_database: Callable[[], Database]) -> None:
    for numbers in (range(1), range(1, 6)):
        await multiply(al, group, numbers)
        groups = [{"name": f"g{n}", "group_members": [f"al{n}@uni.example", f"bo{n}@uni.example"]} for n in numbers]
        requests = REQUESTS | {"CreateGroups": replace(REQUESTS["CreateGroups"], body={"groups": groups})}
        found = {
            operation: await statements(al, app, open_database, request, group)
            for operation, request in requests.items()
        }
        assert found == STATEMENTS


def test_every_operation_has_a_budget() -> None:
    assert set(STATEMENTS) == set(REQUESTS)


async def statements(
    al: Autolab, app: Starlette, open_database: Callable[[], Database], request: Request, group: int
) -> int:
    """How many statements a request takes; what it writes is forgotten."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    savepoint = await al.filled.connection.begin_nested()
    response = await al.send(request.method, request.path.format(group=group), request.who, **request.sent())
    await savepoint.rollback()
    assert response.status_code == 200, response.text
    return sum(each.statements for each in opened)


async def multiply(al: Autolab, group: int, numbers: range) -> None:
    """More of everything: courses, assessments, problems, and learners, in groups and in the pair, with scored work."""
    world, admin, lab, pairs = al.world, al.world.admin, al.filled.lab, al.filled.pairs
    await update_group_set(admin, group_set_id=pairs.group_set_id, max_size=40)
    for number in numbers:
        await coursework(world, f"more{number}")
        await create_problem(admin, assessment_id=lab.assessment_id, name=f"more {number}", max_points=1.0)
        place = await create_course_instance(admin, course_id=world.course_id, name=f"more{number}", long_name="More")
        for user_id in (world.student_id, world.instructor_id):
            await enroll(admin, course_instance_id=place, user_id=user_id)
    one = [await learner(al, f"al{number}") for number in numbers]
    other = [await learner(al, f"bo{number}") for number in numbers]
    await update_assessment(admin, assessment_id=lab.assessment_id, group_set_id=None)
    for user_id in other:
        await work(al, user_id)
    await update_assessment(admin, assessment_id=lab.assessment_id, group_set_id=pairs.group_set_id)
    joined = {"group_id": group, "group_set_id": pairs.group_set_id, "joined_at": NOW}
    await admin.db.execute(insert(GroupMembership), [joined | {"user_id": user_id} for user_id in other])
    for user_id in one:
        await create_group(admin, group_set_id=pairs.group_set_id, name="team", user_ids=[user_id])
        await work(al, user_id)
        await work(al, world.student_id)


async def learner(al: Autolab, name: str) -> int:
    """One more learner."""
    user_id = await person(al.world.admin, name)
    await enroll(al.world.admin, course_instance_id=al.world.course_instance_id, user_id=user_id)
    return user_id


async def work(al: Autolab, user_id: int) -> None:
    """One more submission of a learner's, with scores."""
    submission_id = await handed_in(as_user(al.world.admin, user_id), al.filled.lab)
    await scored(al.world.admin, submission_id, al.filled.lab, Part_A=7.0, Style=2.0)
