"""Each operation takes a fixed number of SQL statements, however many rows it answers with."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from starlette.applications import Starlette

from app.context import Context
from app.db.session import Database
from app.domain.assessments.models import Assessment, AssessmentAccessRule
from app.domain.attempts.models import AssessmentInstance, Event, InstanceQuestion, Submission, Variant
from app.domain.catalog.models import CourseInstanceAccessRule
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import ColumnGrade, Score
from app.domain.identity.models import User
from tests.rest.prairielearn.conftest import PrairieLearn
from tests.rest.prairielearn.operations import OPERATIONS
from tests.rest.prairielearn.world import add, answer, assessment, instant, mark, sitting

STATEMENTS = {
    "CourseInstance": 5,
    "CourseInstanceAccessRules": 6,
    "Gradebook": 9,
    "Assessments": 6,
    "Assessment": 6,
    "AssessmentAccessRules": 7,
    "AssessmentInstances": 10,
    "AssessmentInstance": 10,
    "InstanceQuestions": 9,
    "Submissions": 18,
    "Submission": 19,
    "AssessmentInstanceLog": 15,
}
"""Of a member of the staff: one for the token, one for the time zone, one for the rights, the rest for the body."""
ASKED_BY = {"DATA": 0, "ADMIN": -1}  # an administrator's rights need no looking up
LEARNERS = 30
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("who", ASKED_BY)
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_statements(
    pl: PrairieLearn, app: Starlette, open_database: Callable[[], Database], operation: str, who: str
) -> None:
    budget = STATEMENTS[operation] + ASKED_BY[who]
    assert await statements(pl, app, open_database, operation, who) == budget
    await multiply(pl.ctx)
    assert await statements(pl, app, open_database, operation, who) == budget


async def statements(
    pl: PrairieLearn, app: Starlette, open_database: Callable[[], Database], operation: str, who: str
) -> int:
    """How many statements a request takes."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    assert (await pl.get(OPERATIONS[operation], who)).status_code == 200
    return sum(each.statements for each in opened)


async def multiply(ctx: Context) -> None:
    """Thirty more of everything that is listed: learners with work of their own, rules, work of Rin's."""
    numbers = range(1, LEARNERS + 1)
    people = [
        {"id": 1000 + n, "uuid": uuid4().hex, "username": f"u{n}", "uid": f"u{n}@uni.example", "name": None}
        for n in numbers
    ]
    await add(ctx, User, *people)
    enrolled = {"course_instance_id": 41, "enrolled_at": instant("08-20 12:00")}
    await add(ctx, Enrollment, *({"user_id": 1000 + n} for n in numbers), **enrolled)
    await add(ctx, Assessment, *(assessment(2000 + n, f"a{n}", "More", category_id=2) for n in numbers))
    await add(ctx, AssessmentAccessRule, *({"id": 100 + n, "number": 10 + n} for n in numbers), assessment_id=7)
    await add(
        ctx, CourseInstanceAccessRule, *({"id": 100 + n, "number": 10 + n} for n in numbers), course_instance_id=41
    )
    await add(ctx, AssessmentInstance, *(sitting(3000 + n, 7, 1000 + n, points=1.0) for n in numbers))
    grades = [{"user_id": 1000 + n, "assessment_instance_id": 3000 + n, "change_index": 100 + n} for n in numbers]
    await add(ctx, ColumnGrade, *grades, course_instance_id=41, assessment_id=7, max_points=16.0, points=1.0)
    await add_work(ctx, numbers)


async def add_work(ctx: Context, numbers: range) -> None:
    """More of Rin's work, so that the operations on one instance have more to answer with, too."""
    drawn = {"instance_question_id": 61, "seed": "1", "created_at": instant("09-03 15:30")}
    await add(ctx, Variant, *({"id": 4000 + n, "number": 1 + n} for n in numbers), **drawn)
    handed = [answer(5000 + n, 61, 10 + n, "09-03 16:00", variant_id=4000 + n, answer={"n": n}) for n in numbers]
    await add(ctx, Submission, *handed, assessment_instance_id=31, course_instance_id=41)
    await add(ctx, Score, *(mark(5000 + n, 201, 1.0, "09-03 16:01", grader_id=504) for n in numbers))
    seen = {"assessment_instance_id": 31, "kind": "VIEW_VARIANT", "happened_at": instant("09-03 17:00")}
    await add(ctx, Event, *({"actor_id": 1000 + n} for n in numbers), **seen)
    await add(ctx, AssessmentInstance, *(sitting(6000 + n, 8, 1000 + n) for n in numbers))
    await add(
        ctx, InstanceQuestion, *({"id": 6000 + n, "assessment_instance_id": 6000 + n} for n in numbers), problem_id=204
    )
