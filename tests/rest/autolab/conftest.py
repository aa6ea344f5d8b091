"""The contract's fixture over the application, and requests by the tokens of its people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.context import Context
from app.db.session import Database
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.service import NewScore, score_problems
from app.domain.groups.service import create_group
from app.domain.identity.models import AccessToken
from app.domain.identity.tokens import issue_token
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase, saved
from tests.factories import Coursework, Team, University, coursework, handed_in, team, university

C = "/courses/sig-f24"
DAY = timedelta(days=1)
OPEN: dict[str, Any] = {"start_at": NOW - 10 * DAY, "due_at": NOW + 5 * DAY, "end_at": NOW + 7 * DAY}
PEOPLE = {
    "ADM": "admin",
    "INS": "instructor",
    "TA": "assistant",
    "ST": "student",
    "ST2": "second_student",
    "OTHER": "outsider",
    "NC": "loner",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A connection whose open transaction holds the fixture; its people, its work, their tokens."""

    connection: AsyncConnection
    world: University
    lab: Coursework
    pairs: Team
    tokens: dict[str, str]


@dataclass(frozen=True, slots=True)
class Autolab:
    """Requests to the API by the people of the fixture."""

    client: httpx.AsyncClient
    filled: Filled

    @property
    def world(self) -> University:
        """The people behind the tokens."""
        return self.filled.world

    async def send(self, method: str, path: str, who: str | None = "ST", **more: Any) -> httpx.Response:
        """The response to a request below the base, by the token of `who`."""
        headers = {"Authorization": f"Bearer {self.filled.tokens[who]}"} if who else {}
        return await self.client.request(method, "/api/v1" + path, headers=headers | more.pop("headers", {}), **more)

    async def get(self, path: str, who: str | None = "ST", **more: Any) -> httpx.Response:
        return await self.send("GET", path, who, **more)

    async def body(self, path: str, who: str | None = "ST", method: str = "GET", **more: Any) -> Any:
        """The body of a success."""
        response = await self.send(method, path, who, **more)
        assert response.status_code == 200, response.text
        return response.json()

    async def refusal(self, path: str, who: str | None = "ST", method: str = "GET", **more: Any) -> tuple[int, str]:
        """Status and sentence of a refusal."""
        response = await self.send(method, path, who, **more)
        assert list(response.json()) == ["error"], response.text
        return response.status_code, response.json()["error"]


async def fill(connection: AsyncConnection) -> Filled:
    """The fixture of the contract's acceptance cases."""
    db = RolledBackDatabase(connection, asyncio.Lock())
    world = await university(Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, lambda: NOW))
    admin, here = world.admin, world.course_instance_id
    await update_course_instance(
        admin, course_instance_id=here, grace_days=3, start_at=NOW - 60 * DAY, end_at=NOW + 60 * DAY
    )
    pairs = await team(world, [])
    groups: dict[str, Any] = {"group_set_id": pairs.group_set_id, "has_group_sittings": False}
    lab = await coursework(world, **OPEN, **groups, handin_filename="handin.c")
    past: dict[str, Any] = {"start_at": NOW - 9 * DAY, "due_at": NOW - DAY}
    future: dict[str, Any] = {"start_at": NOW + DAY, "due_at": NOW + 9 * DAY}
    await coursework(world, "lab2", **future, end_at=NOW + 9 * DAY)
    await coursework(world, "lab3", **past, end_at=NOW - DAY / 2)
    await coursework(world, "lab4", {}, **{**OPEN, "due_at": NOW + 6 * DAY}, are_handins_disabled=True)
    tokens = {who: (await issue_token(getattr(world, name), name=who)).text for who, name in PEOPLE.items()}
    for who, scopes in (("READER", ["read"]), ("WRITER", ["write"])):
        tokens[who] = (await issue_token(world.instructor, name=who, scopes=scopes)).text
    await admin.db.execute(update(AccessToken).values(last_used_at=NOW))
    return Filled(connection, world, lab, pairs, tokens)


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
def al(client: httpx.AsyncClient, filled: Filled) -> Autolab:
    return Autolab(client, filled)


@pytest.fixture
async def group(al: Autolab) -> int:
    """The busy world: both students in one group, with a scored, released submission that has feedback; its key."""
    world, lab = al.world, al.filled.lab
    pair = [world.student_id, world.second_student_id]
    made = await create_group(world.instructor, group_set_id=al.filled.pairs.group_set_id, name="pair", user_ids=pair)
    submission_id = await handed_in(world.student, lab)
    scores = [NewScore(lab.problem_ids["Part A"], 92.5, feedback="well done")]
    await score_problems(world.instructor, submission_id=submission_id, scores=scores, release=True)
    return made
