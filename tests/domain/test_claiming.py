"""Graders who claim the same open response at the same moment: one of them has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.domain.assessments.service import create_category
from app.domain.attempts.locking import lock_submission
from app.domain.attempts.models import Submission
from app.domain.grades.models import Score
from app.domain.grades.rubrics import grade_open_response
from app.settings import Settings
from tests.domain.essays import GOOD, essay_in
from tests.domain.rivals import Write, at_once, committing, own_database
from tests.factories import university

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def engine(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncEngine]:
    async with own_database(settings, tmp_path_factory.mktemp("claiming")) as made:
        yield made


@pytest.fixture
async def committed(engine: AsyncEngine) -> AsyncIterator[Context]:
    async with committing(engine) as ctx:
        yield ctx


async def test_one_of_two_graders_has_it_and_marks_once(engine: AsyncEngine, committed: Context) -> None:
    async with committed.db.transaction():
        world = await university(committed)
        here = world.course_instance_id
        category_id = await create_category(committed, course_instance_id=here, name="Homework", abbreviation="HW")
        made = await essay_in(world, category_id)
    claim: Write = lambda ctx: lock_submission(ctx, submission_id=made.submission_id)  # noqa: E731
    people = [world.assistant.principal, world.instructor.principal]
    told = await asyncio.gather(*(at_once(engine, each, [claim] * 4) for each in people))
    winner = next(place for place, each in enumerate(told) if "LOCKED" not in each)
    assert told[winner] == [made.submission_id] * 4
    assert told[1 - winner] == ["LOCKED"] * 4
    mark: Write = lambda ctx: grade_open_response(  # noqa: E731
        ctx, submission_id=made.submission_id, criteria=GOOD, feedback="So."
    )
    told = await asyncio.gather(*(at_once(engine, each, [mark] * 3) for each in people))
    assert sorted(map(str, told[winner])) == sorted([str(made.submission_id), "LOCKED", "LOCKED"])
    assert told[1 - winner] == ["LOCKED"] * 3
    assert await committed.db.scalar(select(Submission.locked_by_id)) is None
    assert [row[0] for row in await committed.db.fetch(select(Score.value))] == [4.0]
