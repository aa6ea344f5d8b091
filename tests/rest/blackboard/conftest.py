"""The contract's fixture F over the application, and requests by the tokens of its people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.context import Context
from app.db.session import Database
from app.domain.assessments.models import GradingType, ScoringModel
from app.domain.assessments.problems import create_problem
from app.domain.assessments.service import create_assessment, create_category
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.catalog.models import Availability, CourseInstance
from app.domain.catalog.service import create_course, create_organization
from app.domain.catalog.terms import create_term
from app.domain.enrollment.merging import merge_course_instance
from app.domain.enrollment.models import Role
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import drop_enrollment, enroll
from app.domain.grades.overrides import override_grade
from app.domain.grades.service import NewScore, score_problems
from app.domain.identity.institution import create_data_source
from app.domain.identity.models import AccessToken
from app.domain.identity.tokens import issue_token
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase, saved
from tests.factories import as_user, person

BASE = "/learn/api/public"
A, P = "/v1/courses/courseId:BIO101", "/v1/courses/courseId:HIST"
GRADEBOOK = "/v2/courses/courseId:BIO101/gradebook"
SCOPES_OF = {"READER": ["read"], "WRITER": ["read", "write"]}
STUDENTS = range(1, 12)


@dataclass(slots=True)
class Filled:
    """A connection whose open transaction holds the fixture; the keys of everything by its symbolic name."""

    connection: AsyncConnection
    admin: Context
    keys: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blackboard:
    """Requests to the API by the people of the fixture; `APP` is an application."""

    client: httpx.AsyncClient
    filled: Filled

    def id(self, name: str) -> str:
        """The primary id of something in the fixture."""
        return f"_{self.filled.keys[name]}_1"

    def column(self, name: str) -> str:
        """The path of a column of A's."""
        return f"{GRADEBOOK}/columns/{self.id(name)}"

    async def send(self, method: str, path: str, who: str | None = "APP", **more: Any) -> httpx.Response:
        """The response to a request below the base, by the token of `who`."""
        headers = {"Authorization": f"Bearer {self.filled.tokens[who]}"} if who else {}
        headers |= more.pop("headers", {})
        url = path if path.startswith(BASE) else BASE + path
        return await self.client.request(method, url, headers=headers, **more)

    async def get(self, path: str, who: str | None = "APP", **more: Any) -> httpx.Response:
        return await self.send("GET", path, who, **more)

    async def body(
        self, path: str, who: str | None = "APP", method: str = "GET", status: int = 200, **more: Any
    ) -> Any:
        """The body of a success."""
        response = await self.send(method, path, who, **more)
        assert response.status_code == status, response.text
        return response.json()

    async def results(self, path: str, who: str | None = "APP", **more: Any) -> list[Any]:
        """What a collection lists."""
        found: list[Any] = (await self.body(path, who, **more))["results"]
        return found

    async def refusal(self, path: str, who: str | None = "APP", method: str = "GET", **more: Any) -> tuple[int, str]:
        """Status and message of a refusal."""
        response = await self.send(method, path, who, **more)
        told = response.json()
        assert list(told) == ["status", "message", "extraInfo"], response.text
        assert told["status"] == response.status_code
        return response.status_code, told["message"]


async def fill(connection: AsyncConnection) -> Filled:
    """Fixture F."""
    db = RolledBackDatabase(connection, asyncio.Lock())
    ctx = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, lambda: NOW)
    made = Filled(connection, ctx)
    await _people(made)
    await _courses(made)
    await _columns(made)
    people = {"APP": "ADM", "ADM": "ADM", "I": "I", "TA": "TA", "S1": "S1", "S2": "S2", "S11": "S11", "OTHER": "OTHER"}
    for who, name in people.items():
        owner = as_user(ctx, made.keys[name], is_staff=name == "ADM")
        made.tokens[who] = (await issue_token(owner, name=who)).text
    for who, scopes in SCOPES_OF.items():
        owner = as_user(ctx, made.keys["I"])
        made.tokens[who] = (await issue_token(owner, name=who, scopes=scopes)).text
    await db.execute(update(AccessToken).values(last_used_at=NOW))
    return made


async def _people(made: Filled) -> None:
    ctx, keys = made.admin, made.keys
    keys["ADM"] = await person(ctx, "root", is_staff=True)
    for name in ("I", "TA", "OTHER", "STRANGER"):
        keys[name] = await person(ctx, name.lower())
    for number in STUDENTS:
        details = (
            {"given_name": "Sam", "family_name": "Ng", "uin": "77", "external_id": "sis-s1"} if number == 1 else {}
        )
        keys[f"S{number}"] = await person(ctx, f"s{number}", **details)


async def _courses(made: Filled) -> None:
    ctx, keys = made.admin, made.keys
    uni = await create_organization(ctx, key="uni", name="University")
    course = await create_course(ctx, organization_id=uni, key="ANY", short_name="ANY", title="Anything")
    availability = {"B": Availability.UNAVAILABLE, "D": Availability.DISABLED}
    for name, external_id in {"DS1": "SYSTEM", "DS2": "Courses-Year-2023-2024", "DS3": "Unused"}.items():
        keys[name] = await create_data_source(ctx, external_id=external_id)
    keys["F24"] = await create_term(ctx, external_id="f24", name="Autumn 2024")
    keys["OLDTERM"] = await create_term(ctx, external_id="f04", name="Autumn 2004")
    sources = {"A": keys["DS2"], "B": keys["DS1"]}
    codes = {"A": "BIO101", "B": "CHEM1", "P": "HIST", "K1": "HIST-1", "K2": "HIST-2", "D": "OLD"}
    created = {"A": datetime(2023, 1, 10, tzinfo=UTC), "B": datetime(2021, 3, 1, tzinfo=UTC)}
    for name, code in codes.items():
        details: dict[str, Any] = {"availability": availability[name]} if name in availability else {}
        details["data_source_id"] = sources.get(name)
        if name == "A":
            details |= {"external_id": "SIS-BIO101", "term_id": keys["F24"]}
        keys[name] = await create_course_instance(
            ctx, course_id=course, name=code, long_name=f"Course {code}", **details
        )
        if name in created:
            row = CourseInstance.id == keys[name]
            await ctx.db.execute(update(CourseInstance).where(row).values(created_at=created[name]))
    roles = {"I": Role.INSTRUCTOR, "TA": Role.COURSE_ASSISTANT}
    for who, role in roles.items():
        await enroll(ctx, course_instance_id=keys["A"], user_id=keys[who], role=role)
    for number in STUDENTS:
        made_id = await enroll(ctx, course_instance_id=keys["A"], user_id=keys[f"S{number}"])
        if number == STUDENTS[-1]:
            await drop_enrollment(ctx, enrollment_id=made_id)
    await enroll(ctx, course_instance_id=keys["B"], user_id=keys["OTHER"], role=Role.INSTRUCTOR)
    for place, who in {"K1": "S1", "K2": "S2", "P": "S3"}.items():
        await enroll(ctx, course_instance_id=keys[place], user_id=keys[who])
    for child in ("K1", "K2"):
        await merge_course_instance(ctx, parent_id=keys["P"], child_id=keys[child])


async def _columns(made: Filled) -> None:
    ctx, keys = made.admin, made.keys
    here: dict[str, Any] = {"course_instance_id": keys["A"]}
    for name, title in {"Q": "Quiz", "E": "Essay"}.items():
        keys[name] = await create_category(ctx, name=title, abbreviation=name, **here)
    columns: dict[str, dict[str, Any]] = {
        "M": {"category_id": keys["E"], "grading_type": GradingType.MANUAL, "max_points": 100.0},
        "T": {"category_id": keys["Q"], "max_points": 10.0, "scoring_model": ScoringModel.LAST},
        "C": {"category_id": keys["E"], "grading_type": GradingType.CALCULATED, "max_points": 110.0},
        "N": {"category_id": keys["E"], "grading_type": GradingType.MANUAL, "max_points": 20.0},
    }
    for name, details in columns.items():
        keys[name] = await create_assessment(ctx, name=name.lower(), title=f"Column {name}", **here, **details)
    graded = [("M", 11), *(("M", number) for number in STUDENTS[:-1]), *(("T", number) for number in STUDENTS[:-1])]
    for column, number in graded:
        student = keys[f"S{number}"]
        await override_grade(ctx, assessment_id=keys[column], user_id=student, points=float(number % 10))
    await _attempts(made)


async def _attempts(made: Filled) -> None:
    """Two attempts of S1's and one of S2's for T; the first is scored."""
    ctx, keys = made.admin, made.keys
    problem = await create_problem(ctx, assessment_id=keys["T"], name="All", max_points=10.0)
    for name, who in {"T1": "S1", "T2": "S1", "T3": "S2"}.items():
        learner = as_user(ctx, keys[who])
        sitting = await start_assessment_instance(learner, assessment_id=keys["T"])
        keys[name] = await submit(learner, assessment_instance_id=sitting, answers=[Answer(problem, "42")])
    await score_problems(ctx, submission_id=keys["T1"], scores=[NewScore(problem, 7.5, feedback="well")])


@pytest.fixture(scope="package")
async def filled(engine: AsyncEngine) -> AsyncIterator[Filled]:
    """The fixture, written once for all tests of this package."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        yield await fill(connection)
        await outer.rollback()


@pytest.fixture
async def open_database(filled: Filled) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases with the fixture in them that all see, and later forget, what this test wrote."""
    async with saved(filled.connection) as opened:
        yield opened


@pytest.fixture
def bb(client: httpx.AsyncClient, filled: Filled) -> Blackboard:
    return Blackboard(client, filled)
