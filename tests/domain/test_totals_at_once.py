"""Grades and columns of one total that change at the same moment: the total is computed from all of it.

In databases of their own: all writers commit, each over a connection of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.session import Database
from app.domain.assessments.models import GradingType
from app.domain.assessments.service import create_assessment, delete_assessment, update_assessment
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.models import CalculationKind
from app.domain.grades.history import draw
from app.domain.grades.models import ColumnGrade
from app.domain.grades.overrides import override_grade
from app.domain.grades.service import NewScore, score_problems
from app.settings import Settings
from tests.clock import NOW
from tests.domain.rivals import Write, all_wait, as_one, built, committing, own_database
from tests.factories import University, coursework, handed_in

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def engine(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncEngine]:
    async with own_database(settings, tmp_path_factory.mktemp("totals")) as made:
        yield made


@pytest.fixture
async def committed(engine: AsyncEngine) -> AsyncIterator[Context]:
    async with committing(engine) as ctx:
        yield ctx


class Book:
    """Two columns of 10 and 40 points that people grade, one of 10 that is scored, and their `total`."""

    def __init__(self, engine: AsyncEngine, world: University, columns: dict[str, int]) -> None:
        self.engine, self.world, self.columns = engine, world, columns

    async def alone(self, *writes: Write) -> None:
        """The writes one after another."""
        for write in writes:
            await as_one(self.engine, self.world.instructor.principal, write)

    async def behind(self, first: Write, *writes: Write) -> None:
        """Let the writes come as far as they can, in their order, while the first is not committed; then all finish.

        On SQLite they wait before they begin.
        """
        tasks: list[asyncio.Task[None]] = []
        async with Database(self.engine) as db, db.transaction():
            await first(Context(self.world.instructor.principal, db, clock=lambda: NOW))
            for write in writes:
                tasks.append(asyncio.create_task(self.alone(write)))
                await all_wait(self.engine, tasks)
        await asyncio.gather(*tasks)

    async def at_once(self, *writes: Write) -> None:
        """Let all wait for somebody who draws change indices."""
        await self.behind(partial(draw, count=0), *writes)

    def given(self, name: str, points: float | None) -> Write:
        """Sets sam's grade by hand."""
        return partial(override_grade, assessment_id=self.columns[name], user_id=self.world.student_id, points=points)

    def changed(self, name: str, **what: Any) -> Write:
        """Changes a column."""
        return partial(update_assessment, assessment_id=self.columns[name], **what)

    def calculated(self, kind: CalculationKind) -> Write:
        """Says how the total is computed."""
        return partial(set_calculation, assessment_id=self.columns["total"], kind=kind)

    async def total(self) -> tuple[float | None, float]:
        """(points, maximum) of sam's total."""
        own = ColumnGrade
        mine = (own.assessment_id == self.columns["total"], own.user_id == self.world.student_id)
        async with Database(self.engine) as db:
            (row,) = await db.fetch(select(own.points, own.max_points).where(*mine))
        return row.points, row.max_points


@pytest.fixture
async def book(engine: AsyncEngine, committed: Context) -> Book:
    world, work = await built(committed, problems={"A": 10.0})
    columns = {"lab": work.assessment_id}
    async with committed.db.transaction():
        for name, kind, points in (("quiz", "MANUAL", 10.0), ("essay", "MANUAL", 40.0), ("total", "CALCULATED", 0.0)):
            told: dict[str, Any] = {"name": name, "title": name, "category_id": work.category_id}
            told |= {"grading_type": GradingType(kind), "max_points": points, "is_visible": True}
            columns[name] = await create_assessment(committed, course_instance_id=world.course_instance_id, **told)
    return Book(engine, world, columns)


async def test_two_graders(book: Book) -> None:
    await book.alone(book.calculated(CalculationKind.TOTAL))
    await book.at_once(book.given("quiz", 8), book.given("essay", 30))
    assert await book.total() == (38.0, 50.0)
    await book.at_once(book.given("quiz", 6), book.given("essay", None))
    assert await book.total() == (6.0, 10.0)


async def test_a_grader_and_a_scorer(book: Book, committed: Context) -> None:
    await book.alone(book.calculated(CalculationKind.TOTAL))
    async with committed.db.transaction():
        lab = await coursework(book.world, "lab2", {"A": 10.0})
        submission_id = await handed_in(book.world.student, lab)
    score: Write = partial(score_problems, submission_id=submission_id, scores=[NewScore(lab.problem_ids["A"], 7)])
    await book.at_once(score, book.given("essay", 30))
    assert await book.total() == (37.0, 50.0)


async def test_many_graders(book: Book) -> None:
    await book.alone(book.calculated(CalculationKind.TOTAL))
    writes = [book.given(name, points) for points in (1, 2, 3) for name in ("quiz", "essay")]
    await asyncio.gather(*map(book.alone, writes))
    own = ColumnGrade
    parts = select(own.points).where(own.assessment_id != book.columns["total"])
    async with Database(book.engine) as db:
        given = [row[0] for row in await db.fetch(parts)]
    assert (len(given), await book.total()) == (2, (sum(given), 50.0))


async def test_two_columns_change(book: Book) -> None:
    await book.alone(book.given("quiz", 10), book.given("essay", 10), book.calculated(CalculationKind.WEIGHTED_TOTAL))
    await book.at_once(book.changed("quiz", weight=3.0), book.changed("essay", weight=1.0))
    assert await book.total() == (81.25, 100.0)


async def test_a_column_changes_and_another_goes(book: Book) -> None:
    await book.alone(book.given("quiz", 10), book.given("essay", 10), book.calculated(CalculationKind.TOTAL))
    gone: Write = partial(delete_assessment, assessment_id=book.columns["essay"])
    await book.at_once(book.changed("quiz", is_included_in_calculations=False), gone)
    assert await book.total() == (None, 0.0)


async def test_a_column_changes_before_the_formula(book: Book) -> None:
    await book.alone(book.given("quiz", 10), book.given("essay", 10))
    left_out = book.changed("essay", is_included_in_calculations=False)
    await book.behind(left_out, book.calculated(CalculationKind.TOTAL))
    assert await book.total() == (10.0, 10.0)


async def test_a_column_changes_after_the_formula(book: Book) -> None:
    await book.alone(book.given("quiz", 10), book.given("essay", 10))
    left_out = book.changed("essay", is_included_in_calculations=False)
    await book.behind(book.calculated(CalculationKind.TOTAL), left_out)
    assert await book.total() == (10.0, 10.0)


async def test_the_first_grade_and_an_override_of_the_total(book: Book) -> None:
    await book.alone(book.calculated(CalculationKind.TOTAL))
    await book.at_once(book.given("quiz", 8), book.given("total", 45))
    assert await book.total() == (45.0, 10.0)
    await book.alone(book.given("total", None))
    assert await book.total() == (8.0, 10.0)


async def test_an_override_of_the_total_and_a_grade(book: Book) -> None:
    await book.alone(book.calculated(CalculationKind.TOTAL))
    await book.at_once(book.given("total", 45), book.given("quiz", 8))
    assert await book.total() == (45.0, 10.0)
