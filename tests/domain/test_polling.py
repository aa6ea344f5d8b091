"""Who remembers the greatest change index they have seen, and asks for greater ones, never misses a change.

contracts/blackboard.md §6, in databases of their own: all writers commit, each over a connection of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.session import Database
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.models import ColumnGrade, Counter, GradeChange
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.service import NewScore, recompute_grades, release_scores, score_problems
from app.importers.oulad.arrivals import insert_marks
from app.importers.oulad.marks import Mark
from app.principal import Principal
from app.reading.relations import Order
from app.reading.roots import page
from app.settings import Settings
from tests.clock import NOW
from tests.domain.rivals import MACHINE, Write, all_wait, as_one, built, committing, own_database
from tests.factories import Coursework, University, coursework, handed_in

pytestmark = pytest.mark.anyio

ROUNDS = 3
BY_INDEX = Order(("change_index",))


@pytest.fixture(scope="module")
async def engine(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncEngine]:
    async with own_database(settings, tmp_path_factory.mktemp("polling")) as made:
        yield made


@pytest.fixture
async def committed(engine: AsyncEngine) -> AsyncIterator[Context]:
    async with committing(engine) as ctx:
        yield ctx


@dataclass(slots=True)
class Poller:
    """A client that only knows what it has been told: the index that it saw last of each grade."""

    engine: AsyncEngine
    principal: Principal
    greatest: int = 0
    seen: dict[int, int] = field(default_factory=dict)

    async def poll(self) -> list[int]:
        """Ask for all that is greater than what was seen; the indices that are new."""
        async with Database(self.engine) as db:
            ctx = Context(self.principal, db, clock=lambda: NOW)
            greater = {"change_index": {"gt": self.greatest}}
            found = (await page(ctx, ColumnGrade, ("id", "change_index"), greater, BY_INDEX, 100, None)).rows
        self.seen |= {row.id: row.change_index for row in found}
        self.greatest = max([self.greatest, *(row.change_index for row in found)])
        return [row.change_index for row in found]

    async def follow(self, writers: Awaitable[Any]) -> None:
        """Poll as long as there are writers, and once more."""
        task = asyncio.ensure_future(writers)
        while not task.done():
            await self.poll()
        await task
        await self.poll()


async def all_indices(ctx: Context) -> dict[int, int]:
    """The index of each grade, as the database has it."""
    rows = await ctx.db.fetch(select(ColumnGrade.id, ColumnGrade.change_index))
    return {row[0]: row[1] for row in rows}


async def courseworks(world: University, count: int) -> list[Coursework]:
    return [await coursework(world, f"lab{place}", {"A": 10.0}, scoring_model="LAST") for place in range(2, count + 2)]


def override(work: Coursework, user_id: int, **what: Any) -> Write:
    return lambda ctx: override_grade(ctx, assessment_id=work.assessment_id, user_id=user_id, **what)


def mark(world: University, work: Coursework, user_id: int) -> Mark:
    """A row of a file of marks that nobody has entered yet."""
    ids = (work.assessment_id, user_id, world.course_instance_id, work.problem_ids["A"])
    return Mark(*ids, submitted_at=NOW, is_late=False, is_banked=False, value=5.0, manual_value=None)


def marks_import(marks: list[Mark]) -> Write:
    return lambda ctx: insert_marks(ctx, marks, lambda count: None)


async def test_indices_are_seen_in_their_order(engine: AsyncEngine, committed: Context) -> None:
    """Who draws later waits for who drew earlier, in another course's column too."""
    world, work = await built(committed, problems={"A": 10.0})
    async with committed.db.transaction():
        (other,) = await courseworks(world, 1)
    poller, teacher = Poller(engine, world.admin.principal), world.instructor.principal
    async with Database(engine) as first:
        async with first.transaction():
            await override(work, world.student_id, points=1)(Context(teacher, first, clock=lambda: NOW))
            later = asyncio.ensure_future(as_one(engine, teacher, override(other, world.student_id, points=2)))
            await all_wait(engine, [later])
            assert await poller.poll() == []
        await later
    assert await poller.poll() == [1, 2]
    assert poller.seen == await all_indices(committed)


async def test_a_long_import_that_draws_early_hides_nothing(engine: AsyncEngine, committed: Context) -> None:
    world, work = await built(committed, problems={"A": 10.0})
    async with committed.db.transaction():
        other, third = await courseworks(world, 2)
    poller, teacher = Poller(engine, world.admin.principal), world.instructor.principal
    marks = [mark(world, work, world.student_id), mark(world, work, world.second_student_id)]
    async with Database(engine) as first:
        async with first.transaction():
            ctx = Context(MACHINE, first, clock=lambda: NOW)
            await marks_import(marks)(ctx)
            later = asyncio.ensure_future(as_one(engine, teacher, override(other, world.student_id, points=2)))
            await all_wait(engine, [later])
            assert await poller.poll() == []
            await marks_import([mark(world, third, world.student_id)])(ctx)
        await later
    assert await poller.poll() == [1, 2, 3, 4]
    assert poller.seen == await all_indices(committed)


async def test_who_gives_up_leaves_no_gap_that_is_filled_later(engine: AsyncEngine, committed: Context) -> None:
    world, work = await built(committed, problems={"A": 10.0})
    poller, teacher = Poller(engine, world.admin.principal), world.instructor.principal
    await as_one(engine, teacher, override(work, world.student_id, points=1))
    assert await poller.poll() == [1]
    with pytest.raises(RuntimeError, match="given up"):
        await as_one(engine, teacher, given_up(override(work, world.student_id, points=3)))
    assert await poller.poll() == []
    await as_one(engine, teacher, override(work, world.second_student_id, points=2))
    assert await poller.poll() == [2]
    assert poller.seen == await all_indices(committed)


def given_up(write: Write) -> Write:
    """The write, and then a failure."""

    async def run(ctx: Context) -> None:
        await write(ctx)
        raise RuntimeError("given up")

    return run


class Writing:
    """What many do at the same moment, ROUNDS times."""

    def __init__(self, engine: AsyncEngine, world: University, works: list[Coursework], handed: list[int]) -> None:
        self.engine, self.teacher = engine, world.instructor.principal
        self.world, self.works, self.handed = world, works, handed

    def all(self) -> Awaitable[Any]:
        """Scores, releases, overrides, remarks, exemptions, recomputing, imports, and what fails."""
        first, second, late, third = (each.assessment_id for each in self.works[:4])
        sam, sue = self.world.student_id, self.world.second_student_id
        return asyncio.gather(
            self.repeated(
                lambda n: self.score(0, n),
                lambda n: partial(release_scores, assessment_id=first, is_released=n % 2 == 1),
            ),
            self.repeated(
                lambda n: self.score(1, n),
                lambda n: partial(override_grade, assessment_id=second, user_id=sam, feedback=f"{n}"),
            ),
            self.repeated(lambda n: self.score(2, n), lambda n: partial(recompute_grades, assessment_id=late)),
            self.repeated(
                lambda n: partial(override_grade, assessment_id=third, user_id=sam, points=n),
                lambda n: partial(override_grade, assessment_id=third, user_id=sam, points=None),
            ),
            self.repeated(
                lambda n: partial(exempt_grade, assessment_id=third, user_id=sue, is_exempt=n % 2 == 0),
                lambda n: partial(override_grade, assessment_id=first, user_id=sue, notes=f"{n}"),
            ),
            self.repeated(self.imported),
            self.failing(),
        )

    async def repeated(self, *writes: Callable[[int], Write]) -> None:
        """Each write in each round, one after another."""
        for number in range(ROUNDS):
            for write in writes:
                await as_one(self.engine, self.teacher, write(number))

    async def failing(self) -> None:
        """Overrides that are given up."""
        for number in range(ROUNDS):
            with pytest.raises(RuntimeError, match="given up"):
                write = override(self.works[0], self.world.second_student_id, points=100 + number)
                await as_one(self.engine, self.teacher, given_up(write))

    def score(self, place: int, number: int) -> Write:
        """Other points than before for the learner's work, seen at once in every second round."""
        marks = [NewScore(self.works[place].problem_ids["A"], float(number))]
        return partial(score_problems, submission_id=self.handed[place], scores=marks, release=number % 2 == 0)

    def imported(self, number: int) -> Write:
        """Marks of two learners in a column of the round's own."""
        people = (self.world.student_id, self.world.second_student_id)
        return marks_import([mark(self.world, self.works[4 + number], each) for each in people])


async def test_a_poller_loses_no_change_of_many_writers(engine: AsyncEngine, committed: Context) -> None:
    world, work = await built(committed, problems={"A": 10.0})
    async with committed.db.transaction():
        terms: dict[str, Any] = {"late_penalty": 1.0, "grace_days": 1}
        await update_course_instance(committed, course_instance_id=world.course_instance_id, **terms)
        late = await coursework(world, "late", {"A": 10.0}, due_at=NOW - timedelta(hours=1))
        second, *others = await courseworks(world, 2 + ROUNDS)
        works = [work, second, late, *others]
        handed = [await handed_in(world.student, each) for each in works[:3]]
    poller = Poller(engine, world.admin.principal)
    await poller.follow(Writing(engine, world, works, handed).all())
    grades = await all_indices(committed)
    assert poller.seen == grades
    assert len(grades) == 3 + 1 + 2 + 2 * ROUNDS
    drawn = await committed.db.scalar(select(Counter.value))
    own = GradeChange.change_index
    told = await committed.db.fetch(select(func.count(own), func.count(own.distinct()), func.max(own)))
    assert [tuple(row) for row in told] == [(drawn, drawn, drawn)]
    assert poller.greatest == drawn
