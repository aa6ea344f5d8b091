"""The contract's fixture: two courses, learners in all states, an assessment of three questions, 25 more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.context import Context
from app.domain.assessments.models import QuestionKind
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.service import enroll, update_enrollment
from app.domain.identity.tokens import issue_token
from tests.domain.proof import key_of
from tests.factories import Coursework, University, as_user, coursework, person, quiz, university

ROOT = "/api/v1/assessments"
Ask = Callable[..., Awaitable[tuple[int, Any]]]


@dataclass(frozen=True, slots=True)
class Place:
    """The university, `asmnt_q`, and tokens: i and t teach crs_1, j crs_2; a, b learn, d dropped, n is nowhere."""

    world: University
    work: Coursework
    tokens: dict[str, str]

    @property
    def course(self) -> str:
        return f"crs_{self.world.course_instance_id}"

    @property
    def quiz(self) -> str:
        return f"asmnt_{self.work.assessment_id}"

    @property
    def path(self) -> str:
        return f"{ROOT}/{self.quiz}"

    def answers(self, *values: Any) -> dict[str, Any]:
        """The body that answers the first questions."""
        keys = list(self.work.problem_ids.values())[: len(values)]
        pairs = zip(keys, values, strict=True)
        return {"answers": [{"question_id": f"qst_{key}", "answer": value} for key, value in pairs]}


@pytest.fixture
async def place(ctx: Context) -> Place:
    world = await university(ctx)
    questions: dict[str, Any] = {
        "Q1": (QuestionKind.SINGLE_CHOICE, "a", "abc"),
        "Q2": (QuestionKind.TRUE_FALSE, True, ""),
        "Q3": (QuestionKind.MULTIPLE_CHOICE, ["a", "c"], "abc"),
    }
    work = await quiz(world, questions, "q", passing_percentage=70, max_submissions=2)
    for number in range(25):
        await coursework(world, f"more {number}", {})
    dropped = await person(ctx, "dan")
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": dropped}
    await enroll(ctx, **here)
    enrollment_id = await key_of(ctx, Enrollment, **here)
    await update_enrollment(ctx, enrollment_id=enrollment_id, status=EnrollmentStatus.DROPPED)
    people = {
        "i": world.instructor,
        "t": world.assistant,
        "j": world.outsider,
        "a": world.student,
        "b": world.second_student,
        "d": as_user(ctx, dropped),
        "n": world.loner,
        "x": world.admin,
    }
    tokens = {}
    for name, who in people.items():
        issued = await issue_token(who, name="test")
        tokens[name] = issued.text
    return Place(world, work, tokens)


@pytest.fixture
def ask(client: httpx.AsyncClient, place: Place) -> Ask:
    """`await ask(who, method, path, body)`: the status and the body of the answer."""

    async def asked(who: str, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {place.tokens[who]}"} if who else {}
        given = {"json": body} if body is not None else {}
        response = await client.request(method, path, headers=headers, **given, **more)
        assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= set(response.headers)
        return response.status_code, response.json()

    return asked
