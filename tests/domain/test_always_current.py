"""Whatever is written in whatever order, calculated columns are what a recompute from nothing makes of the grades."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.context import Context
from app.domain.assessments.models import Assessment, GradingType
from app.domain.assessments.service import create_assessment, create_category, delete_assessment, update_assessment
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind
from app.domain.grades.calculated import COMPUTED, recalculate_all
from app.domain.grades.models import ColumnGrade, GradeChange
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.service import NewScore, recompute_grades, release_scores, score_problems
from app.domain.groups.service import add_group_member, remove_group_member
from app.errors import NotFound, RuleBroken
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase, saved
from tests.factories import Coursework, University, coursework, handed_in, team, university

pytestmark = pytest.mark.anyio

CHECKED = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(frozen=True, slots=True)
class Room:
    """Columns graded by hand (`quiz`, `essay`), by scores (`lab`, and `pairs` by groups) and calculated ones."""

    connection: AsyncConnection
    world: University
    columns: dict[str, int]
    categories: dict[str, int]
    works: dict[str, Coursework]
    submissions: dict[str, int]
    people: dict[str, int]
    group_id: int

    @property
    def ctx(self) -> Context:
        return self.world.instructor


Step = Callable[[Room], Awaitable[Any]]


async def override(room: Room, column: str, who: str, points: float | None) -> None:
    await override_grade(room.ctx, assessment_id=room.columns[column], user_id=room.people[who], points=points)


async def exempt(room: Room, column: str, who: str, yes: bool) -> None:
    await exempt_grade(room.ctx, assessment_id=room.columns[column], user_id=room.people[who], is_exempt=yes)


async def score(room: Room, work: str, value: float | None, release: bool) -> None:
    scores = [NewScore(room.works[work].problem_ids["A"], value)]
    await score_problems(room.ctx, submission_id=room.submissions[work], scores=scores, release=release)


async def release(room: Room, work: str, yes: bool) -> None:
    await release_scores(room.ctx, assessment_id=room.columns[work], is_released=yes)


async def change(room: Room, column: str, **what: Any) -> None:
    await update_assessment(room.ctx, assessment_id=room.columns[column], **what)


async def move(room: Room, column: str, category: str) -> None:
    await update_assessment(room.ctx, assessment_id=room.columns[column], category_id=room.categories[category])


async def go(room: Room, column: str) -> None:
    await delete_assessment(room.ctx, assessment_id=room.columns[column])


async def recompute(room: Room, column: str) -> None:
    await recompute_grades(room.ctx, assessment_id=room.columns[column])


async def regroup(room: Room, who: str, joins: bool) -> None:
    write = add_group_member if joins else remove_group_member
    await write(room.ctx, group_id=room.group_id, user_id=room.people[who])


async def calculate(
    room: Room, column: str, kind: CalculationKind, is_running: bool, columns: list[str], category: str | None
) -> None:
    weighted = kind is CalculationKind.WEIGHTED_TOTAL
    terms = [Term(column_id=room.columns[name], weight=3.0 if weighted else None) for name in columns]
    if category is not None:
        weight = 5.0 if weighted else None
        terms.append(Term(category_id=room.categories[category], weight=weight, drop_lowest=1))
    await set_calculation(room.ctx, assessment_id=room.columns[column], kind=kind, is_running=is_running, terms=terms)


def step(write: Any, **arguments: Any) -> Any:
    """Calls of a write with such arguments."""
    return some.builds(partial, some.just(write), **arguments)


BY_HAND, SCORED, CALCULATED = ["quiz", "essay"], ["lab", "pairs"], ["total", "mean", "final"]
ANY, PLAIN = some.sampled_from(BY_HAND + SCORED + CALCULATED), some.sampled_from(BY_HAND + SCORED)
TOTALS, WORKS = some.sampled_from(CALCULATED), some.sampled_from(SCORED)
WHO, CATEGORIES = some.sampled_from(["sam", "sue"]), some.sampled_from(["Quizzes", "Labs"])
POINTS, FLAG = some.none() | some.sampled_from([0.0, 2.5, 7.0, 10.0]), some.booleans()
CALCULATION = step(
    calculate,
    column=TOTALS,
    kind=some.sampled_from(CalculationKind),
    is_running=FLAG,
    columns=some.lists(ANY, max_size=3, unique=True),
    category=some.none() | CATEGORIES,
)
STEPS = some.one_of(
    CALCULATION,
    step(override, column=ANY, who=WHO, points=POINTS),
    step(override, column=PLAIN, who=WHO, points=POINTS),
    step(exempt, column=ANY, who=WHO, yes=FLAG),
    step(score, work=WORKS, value=POINTS, release=FLAG),
    step(release, work=WORKS, yes=FLAG),
    step(change, column=ANY, is_visible=FLAG),
    step(change, column=ANY, is_included_in_calculations=FLAG),
    step(change, column=ANY, weight=some.sampled_from([None, 0.0, 20.0])),
    step(change, column=some.sampled_from(BY_HAND + CALCULATED), max_points=some.sampled_from([0.0, 10.0, 30.0])),
    step(move, column=ANY, category=CATEGORIES),
    step(go, column=ANY),
    step(recompute, column=ANY),
    step(regroup, who=WHO, joins=FLAG),
)


@pytest.fixture(scope="module")
async def room(engine: AsyncEngine) -> AsyncIterator[Room]:
    """Built once; each example forgets what it wrote."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        yield await furnished(connection)
        await outer.rollback()


async def furnished(connection: AsyncConnection) -> Room:
    """A learner's lab and a pair's, handed in and not scored; three calculated columns of which one uses another."""
    db = RolledBackDatabase(connection, asyncio.Lock())
    world = await university(Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, clock=lambda: NOW))
    pair = await team(world)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    works = {"lab": await coursework(world, "lab", {"A": 10.0})}
    works["pairs"] = await coursework(world, "pairs", {"A": 10.0}, group_set_id=pair.group_set_id)
    columns = {name: work.assessment_id for name, work in works.items()}
    categories = {"Labs": works["lab"].category_id}
    categories["Quizzes"] = await create_category(world.admin, **here, name="Quizzes", abbreviation="Q")
    for name in BY_HAND + CALCULATED:
        told: dict[str, Any] = {"name": name, "title": name, "category_id": categories["Quizzes"], "max_points": 10.0}
        kind = GradingType.MANUAL if name in BY_HAND else GradingType.CALCULATED
        columns[name] = await create_assessment(world.admin, **here, **told, grading_type=kind)
    submissions = {name: await handed_in(world.student, work) for name, work in works.items()}
    people = {"sam": world.student_id, "sue": world.second_student_id}
    made = Room(connection, world, columns, categories, works, submissions, people, pair.group_id)
    await calculate(made, "total", CalculationKind.TOTAL, True, [], "Labs")
    await calculate(made, "mean", CalculationKind.AVERAGE, False, ["quiz", "essay", "total"], None)
    await calculate(made, "final", CalculationKind.WEIGHTED_TOTAL, True, ["essay"], "Labs")
    return made


Calculated = dict[tuple[int, int], tuple[Any, ...]]


async def calculated(room: Room) -> Calculated:
    """What has been computed or overridden, by column and learner; who has nothing to compute from is left out."""
    own, column = ColumnGrade.__table__.c, Assessment
    statement = (
        select(own.assessment_id, own.user_id, own.override_points, *(own[name] for name in COMPUTED))
        .join(column, column.id == own.assessment_id)
        .where(column.grading_type == GradingType.CALCULATED, column.deleted_at.is_(None))
        .where(or_(own.points.is_not(None), own.is_corrupt))
    )
    return {(row[0], row[1]): tuple(row[2:]) for row in await room.ctx.db.fetch(statement)}


async def from_nothing(room: Room) -> Calculated:
    """The same after all that was computed is forgotten, and computed again."""
    db, own = room.ctx.db, ColumnGrade
    of_calculated = own.assessment_id.in_([room.columns[name] for name in CALCULATED])
    await db.execute(delete(own).where(of_calculated, own.id.not_in(select(GradeChange.column_grade_id))))
    nothing = dict.fromkeys(COMPUTED) | {"max_points": 0.0, "is_corrupt": False, "change_index": 0}
    await db.execute(update(own).where(of_calculated).values(nothing))
    await recalculate_all(room.ctx, room.world.course_instance_id)
    return await calculated(room)


@CHECKED
@given(steps=some.lists(STEPS, min_size=1, max_size=12))
async def test_any_order_of_writes(room: Room, steps: list[Step]) -> None:
    """What is refused, since a column is gone or a formula would be circular, changes nothing."""
    async with saved(room.connection):
        for each in steps:
            with suppress(RuleBroken, NotFound):
                async with room.ctx.db.transaction():
                    await each(room)
        kept = await calculated(room)
        assert await from_nothing(room) == kept
