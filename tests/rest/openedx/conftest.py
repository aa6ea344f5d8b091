"""The contract's fixture (contracts/edx-core.md §26) over the application, and requests by the tokens of its people.

`staff` is global staff, `prof` staff of R, `ta` an assistant there, `other` staff of X; `ann` learns in R, `bob`
nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.context import Context
from app.db.session import Database
from app.domain.assessments.models import GradingType
from app.domain.assessments.service import create_assessment, create_category
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.service import create_block
from app.domain.catalog.models import EnrollmentMethod
from app.domain.catalog.service import create_course, create_organization
from app.domain.enrollment.models import Role
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_schema
from app.domain.identity.models import AccessToken
from app.domain.identity.tokens import issue_token
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase, saved
from tests.factories import as_user, person

R, X = "course-v1:edX+DemoX+Demo_Course", "course-v1:edX+Empty+1"
Q = quote(R, safe="")
BLOCK = "block-v1:edX+DemoX+Demo_Course+type@{}+block@{}"
ROOT = BLOCK.format("course", "course")
C, H, U = BLOCK.format("chapter", "c"), BLOCK.format("sequential", "h"), BLOCK.format("vertical", "u")
P, O = BLOCK.format("problem", "p"), BLOCK.format("openassessment", "o")  # noqa: E741  # the contract's letter
PEOPLE = ("staff", "prof", "ta", "other", "ann", "bob")
CALLERS = (None, "ann", "other", "ta", "prof", "staff")
"""Anonymous, learner, other course's staff, assistant, instructor, administrator."""


@dataclass(slots=True)
class Filled:
    """A connection whose open transaction holds the fixture; the keys of everything by its symbolic name."""

    connection: AsyncConnection
    admin: Context
    keys: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def by(self, who: str) -> Context:
        """The domain as one of the people asks it."""
        return as_user(self.admin, self.keys[who], is_staff=who == "staff")


@dataclass(frozen=True, slots=True)
class OpenEdx:
    """Requests to the API by the people of the fixture; `None` is nobody."""

    client: httpx.AsyncClient
    filled: Filled

    @property
    def keys(self) -> dict[str, int]:
        """The keys of everything by its symbolic name."""
        return self.filled.keys

    async def send(self, method: str, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        """The response to a request, by the token of `who`."""
        headers = {"Authorization": f"Bearer {self.filled.tokens[who]}"} if who else {}
        headers |= more.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **more)

    async def get(self, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        return await self.send("GET", path, who, **more)

    async def body(self, path: str, who: str | None = None, method: str = "GET", status: int = 200, **more: Any) -> Any:
        """The body of an answer of that status."""
        response = await self.send(method, path, who, **more)
        assert response.status_code == status, response.text
        return response.json()

    async def told(self, path: str, who: str | None = None, method: str = "GET", **more: Any) -> tuple[int, Any]:
        """Status and body of an answer; None for an empty one."""
        response = await self.send(method, path, who, **more)
        return response.status_code, response.json() if response.content else None


async def fill(connection: AsyncConnection) -> Filled:
    """The fixture."""
    db = RolledBackDatabase(connection, asyncio.Lock())
    ctx = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, lambda: NOW)
    made = Filled(connection, ctx)
    for name in PEOPLE:
        made.keys[name] = await person(ctx, name, is_staff=name == "staff")
        made.tokens[name] = (await issue_token(made.by(name), name=name)).text
    await _runs(made)
    await _contents(made)
    await _policy(made)
    await db.execute(update(AccessToken).values(last_used_at=NOW))
    return made


async def _runs(made: Filled) -> None:
    ctx, keys = made.admin, made.keys
    organization = await create_organization(ctx, key="edX", name="edX")
    for name, key, number in (("R", R, "DemoX"), ("X", X, "Empty")):
        course = await create_course(ctx, organization_id=organization, key=number, short_name=number, title=number)
        details: dict[str, Any] = {"name": number, "key": key, "long_name": f"{number} Course"}
        details["enrollment_method"] = EnrollmentMethod.SELF_ENROLLMENT
        keys[name] = await create_course_instance(ctx, course_id=course, **details)
    tracks: list[dict[str, Any]] = [{"slug": "audit", "name": "Audit"}]
    tracks.append({"slug": "verified", "name": "Verified Certificate", "min_price": 49})
    for track in tracks:
        await create_enrollment_track(ctx, course_instance_id=keys["R"], **track)
    for who, where, role in (
        ("prof", "R", Role.INSTRUCTOR),
        ("ta", "R", Role.COURSE_ASSISTANT),
        ("other", "X", Role.INSTRUCTOR),
        ("ann", "R", Role.STUDENT),
    ):
        await enroll(ctx, course_instance_id=keys[where], user_id=keys[who], role=role)


async def _contents(made: Filled) -> None:
    ctx, keys = made.admin, made.keys
    tree: list[tuple[str, str, str, str | None, dict[str, Any]]] = [
        ("ROOT", ROOT, "course", None, {"name": "DemoX Course"}),
        ("C", C, "chapter", "ROOT", {"name": "Chapter"}),
        ("H", H, "sequential", "C", {"name": "Homework 1"}),
        ("U", U, "vertical", "H", {"name": "Unit"}),
        ("P", P, "problem", "U", {"name": "Problem", "weight": 2.0}),
    ]
    for name, key, kind, parent, details in tree:
        above = None if parent is None else keys[parent]
        keys[name] = await create_block(
            ctx, course_instance_id=keys["R"], kind=kind, parent_id=above, usage_key=key, **details
        )


async def _policy(made: Filled) -> None:
    """Homework is all of the grade, one of it at least; half of it is a pass."""
    ctx, keys = made.admin, made.keys
    here: dict[str, Any] = {"course_instance_id": keys["R"]}
    keys["homework"] = await create_category(ctx, **here, name="Homework", abbreviation="HW")
    keys["assessment"] = await assess_block(ctx, block_id=keys["H"], category_id=keys["homework"])
    symbols = [Symbol("Pass", 50.0, 100.0), Symbol("F", 0.0, 50.0)]
    schema = await create_grade_schema(ctx, **here, title="Cut-offs", scale_type=ScaleType.TABULAR, symbols=symbols)
    final: dict[str, Any] = {"name": "final", "title": "Final", "max_points": 100.0, "is_external_grade": True}
    final |= {"grading_type": GradingType.CALCULATED, "grade_schema_id": schema, "category_id": keys["homework"]}
    column = await create_assessment(ctx, **here, **final)
    terms = [Term(keys["homework"], weight=100.0, min_count=1)]
    await set_calculation(ctx, assessment_id=column, kind=CalculationKind.WEIGHTED_TOTAL, is_running=False, terms=terms)


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
def edx(client: httpx.AsyncClient, filled: Filled) -> OpenEdx:
    return OpenEdx(client, filled)
