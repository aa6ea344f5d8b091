"""Every operation as everybody, and its number of SQL statements (contracts/assessments.md §3).

Who signs in is nobody yet: test_auth.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.applications import Starlette

from app.context import Context
from app.db.session import Database
from app.domain.assessments.models import QuestionKind
from app.domain.assessments.questions import Choice, add_question
from app.domain.enrollment.service import enroll
from app.domain.grades.answering import submit_answers
from app.rest.systems import system_named
from tests.domain.proof import everything
from tests.factories import as_user, coursework, person
from tests.rest.assessments.conftest import ROOT, Ask, Place

pytestmark = pytest.mark.anyio

QUESTION = {"type": "true_false", "text": "New?", "correct_answer": False}


@dataclass(frozen=True, slots=True)
class Request:
    """A request, who may make it (by the letters of `Place`), and how many SQL statements it takes of the first."""

    method: str
    path: str
    may: str
    statements: int
    body: dict[str, Any] | None = None


def requests(place: Place, submission_id: int) -> dict[str, Request]:
    """A request to each operation."""
    one = place.path
    new = {"course_id": place.course, "title": "Mid", "passing_score": 70}
    answers = place.answers("opt_a", True, ["opt_a", "opt_c"])
    return {
        "Assessments": Request("GET", ROOT + "?per_page=100", "iatbjdnx", 17),
        "CreateAssessment": Request("POST", ROOT, "ix", 27, new),
        "Assessment": Request("GET", one, "iatbx", 19),
        "UpdateAssessment": Request("PATCH", one, "ix", 20, {"title": "Other"}),
        "Questions": Request("GET", one + "/questions?per_page=100", "iatbx", 19),
        "AddQuestion": Request("POST", one + "/questions", "ix", 32, QUESTION),
        "SubmitAnswers": Request("POST", one + "/submissions", "abit", 63, answers),
        "Submission": Request("GET", f"{one}/submissions/sub_{submission_id}", "iatx", 26),
    }


@pytest.fixture
async def submission_id(place: Place) -> int:
    """A submission of a's."""
    return await submit_answers(place.world.student, assessment_id=place.work.assessment_id)


async def test_who_may(ask: Ask, place: Place, submission_id: int, ctx: Context) -> None:
    found = requests(place, submission_id)
    assert set(found) == {route.operation for route in system_named("assessments").routes if route.answer is None}
    for name, request in found.items():
        refused = [who for who in "itjabdnx" if who not in request.may]
        before = await everything(ctx)
        for who in ["", *refused]:
            status, body = await ask(who, request.method, request.path, request.body)
            expected = (403, "FORBIDDEN") if who else (401, "UNAUTHORIZED")
            assert (status, (body["error"] or {}).get("code")) == expected, f"{name} as {who}"
        assert await everything(ctx) == before, name
        for who in request.may:
            status, body = await ask(who, request.method, request.path, request.body)
            assert (status, body["error"]) in ((200, None), (201, None)), f"{name} as {who}"


async def test_the_number_of_statements(
    ask: Ask, place: Place, submission_id: int, app: Starlette, open_database: Callable[[], Database]
) -> None:
    asked = requests(place, submission_id)
    few = {name: await statements(ask, request, app, open_database) for name, request in asked.items()}
    await multiply(place)
    many = {name: await statements(ask, request, app, open_database) for name, request in asked.items()}
    assert few == many == {name: request.statements for name, request in asked.items()}


async def statements(ask: Ask, request: Request, app: Starlette, open_database: Callable[[], Database]) -> int:
    """How many statements a request takes; what it writes is forgotten."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    savepoint = await (await open_database().connection()).begin_nested()
    status, body = await ask(request.may[0], request.method, request.path, request.body)
    await savepoint.rollback()
    assert status in (200, 201), body
    return sum(each.statements for each in opened)


async def multiply(place: Place) -> None:
    """More assessments and questions, and learners with submissions."""
    admin, here = place.world.admin, place.work.assessment_id
    for number in range(5):
        await coursework(place.world, f"another {number}", {"P": 1.0})
        choices = [Choice("a", "A"), Choice("b", "B")]
        asked: dict[str, Any] = {"prompt": "Which?", "choices": choices, "correct_answer": "a"}
        await add_question(admin, assessment_id=here, kind=QuestionKind.SINGLE_CHOICE, **asked)
        user_id = await person(admin, f"more{number}")
        await enroll(admin, course_instance_id=place.world.course_instance_id, user_id=user_id)
        await submit_answers(as_user(admin, user_id), assessment_id=here)
