"""A university with work in it, made once for a module that only reads; and the demo university, committed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from tests.clock import NOW
from tests.conftest import TEST_URL, RolledBackDatabase
from tests.execution.ground import PROGRAM, Ground, ground
from tests.factories import Coursework, Team, University, coursework, handed_in, scored, team, university


@dataclass(frozen=True, slots=True)
class Campus:
    """Two assessments, the first with a submission of the student's, scored in part; a group of both students."""

    world: University
    work: Coursework
    other: Coursework
    team: Team
    submission_id: int


@pytest.fixture(scope="module")
async def campus(engine: AsyncEngine) -> AsyncIterator[Campus]:
    """What the tests of a module ask about."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        db = RolledBackDatabase(connection, asyncio.Lock())
        world = await university(Context(PROGRAM, db, clock=lambda: NOW))
        work, other = await coursework(world), await coursework(world, "lab2")
        submission_id = await handed_in(world.student, work)
        await scored(world.assistant, submission_id, work, Part_A=92.5, release=True)
        yield Campus(world, work, other, await team(world), submission_id)
        await outer.rollback()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The demo university, in a database of its own."""
    url = os.environ.get(TEST_URL) or f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('fuzz') / 'fuzz.sqlite3'}"
    with ground(url) as made:
        yield made
