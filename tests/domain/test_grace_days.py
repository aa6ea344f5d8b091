"""Grace days go to what is due first, in whatever order work is marked (contracts/autolab.md §5, decision 0009)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.access import grant_extension
from app.domain.assessments.service import delete_assessment, update_assessment
from app.domain.attempts.models import AssessmentInstance, Event, EventKind
from app.domain.enrollment.service import enroll
from app.domain.grades.models import ChangeKind, ColumnGrade, GradeChange
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.service import recompute_grades, release_scores
from tests.domain.labs import DAY, DUE, LABS, lab, late, points, terms, unchanged_by_recomputing
from tests.domain.proof import grades, key_of
from tests.factories import University, as_user, person, scored

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("most", "expected"), [(None, 90.0), (1, 80.0), (0, 70.0), (9, 90.0)])
async def test_grace_days(world: University, most: int | None, expected: float) -> None:
    await terms(world, grace_days=2)
    work = await lab(world, max_grace_days=most)
    await scored(world.assistant, await late(world, work, 2.5), work, A=100)
    assert await points(world, work) == (expected, None)


async def test_grace_days_go_to_what_is_due_first(ctx: Context, world: University) -> None:
    """Lab 2 is marked first and uses them; lab 1 takes them from it, with a line of history and an event."""
    await terms(world, grace_days=3)
    first, second = await lab(world), await lab(world, "lab2")
    await scored(world.assistant, await late(world, second, 2.5), second, release=True, A=100)
    assert await points(world, second) == (100.0, 100.0)
    await scored(world.assistant, await late(world, first, 1.5), first, A=100)
    assert (await points(world, first), await points(world, second)) == ((100.0, None), (80.0, 80.0))
    grade = await key_of(ctx, ColumnGrade, assessment_id=second.assessment_id)
    changes = select(GradeChange.kind, GradeChange.points_before, GradeChange.points_after).where(
        GradeChange.column_grade_id == grade
    )
    assert [tuple(row) for row in await ctx.db.fetch(changes.order_by(GradeChange.id))] == [
        (ChangeKind.SCORED, None, 100.0),
        (ChangeKind.SCORED, 100.0, 80.0),
    ]
    sitting = await key_of(ctx, AssessmentInstance, assessment_id=second.assessment_id)
    events = select(Event.kind, Event.submission_id, Event.data).where(Event.assessment_instance_id == sitting)
    assert [tuple(row) for row in await ctx.db.fetch(events.order_by(Event.id.desc()).limit(1))] == [
        (EventKind.SCORE_ASSESSMENT, None, {"points": 80.0, "max_points": 100.0, "score_perc": 80.0})
    ]


async def test_of_one_due_date_names_decide(world: University) -> None:
    await terms(world, grace_days=1)
    second = await lab(world, "lab2", due_at=DUE)
    first = await lab(world)
    for work in (second, first):
        await scored(world.assistant, await late(world, work, 0.5), work, A=100)
    assert (await points(world, first), await points(world, second)) == ((100.0, None), (90.0, None))


async def test_extensions_move_the_due_date(world: University) -> None:
    await terms(world)
    work = await lab(world)
    await scored(world.assistant, await late(world, work, 2.5), work, A=100)
    assert await points(world, work) == (70.0, None)
    key: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    for until, expected in ((DUE + DAY, 80.0), (None, 100.0)):
        await grant_extension(world.instructor, **key, due_at=until)
        await recompute_grades(world.instructor, assessment_id=work.assessment_id)
        assert await points(world, work) == (expected, None)


async def test_an_extension_gives_grace_days_back(world: University) -> None:
    await terms(world, grace_days=2)
    first, second = await lab(world), await lab(world, "lab2")
    for work in (first, second):
        await scored(world.assistant, await late(world, work, 1.5), work, A=100)
    assert await points(world, second) == (80.0, None)
    await grant_extension(world.instructor, assessment_id=first.assessment_id, user_id=world.student_id)
    await recompute_grades(world.instructor, assessment_id=first.assessment_id)
    assert await points(world, second) == (100.0, None)


async def test_who_is_excused_or_zeroed_is_not_late(world: University) -> None:
    await terms(world, grace_days=2)
    first, second = await lab(world), await lab(world, "lab2")
    for work in (first, second):
        await scored(world.assistant, await late(world, work, 1.5), work, release=True, A=100)
    key: dict[str, Any] = {"assessment_id": first.assessment_id, "user_id": world.student_id}
    assert await points(world, second) == (80.0, 80.0)
    for excuse, back in (
        (exempt_grade(world.instructor, **key), exempt_grade(world.instructor, **key, is_exempt=False)),
        (override_grade(world.instructor, **key, points=0), override_grade(world.instructor, **key, points=None)),
    ):
        await excuse
        assert await points(world, second) == (100.0, 100.0)
        await back
        assert await points(world, second) == (80.0, 80.0)
    await override_grade(world.instructor, **key, points=50)
    assert (await points(world, first), await points(world, second)) == ((50.0, 50.0), (80.0, 80.0))


async def test_a_learner_does_not_touch_another(ctx: Context, world: University) -> None:
    await terms(world, grace_days=2)
    first, second = await lab(world), await lab(world, "lab2")
    for who in (world.student, world.second_student):
        await scored(world.assistant, await late(world, second, 1.5, who), second, A=100)
    await scored(world.assistant, await late(world, first, 1.5), first, A=100)
    found = {key: row[0] for key, row in (await grades(ctx, second)).items()}
    assert found == {world.student_id: 80.0, world.second_student_id: 100.0}


@pytest.mark.parametrize("seed", range(5))
async def test_any_order_of_writes_gives_what_recomputing_gives(world: University, seed: int) -> None:
    await terms(world, grace_days=3, version_penalty=2.0, max_unpenalized_submissions=1)
    works = [await lab(world, name) for name in LABS]
    writes: list[Callable[[], Awaitable[Any]]] = []
    for work, days in zip(works, ((-1, 1.5), (0.5, 2.5), (-2, 1.5)), strict=True):
        marks = {await late(world, work, each): 100 - 10 * place for place, each in enumerate(days)}
        writes += [partial(scored, world.assistant, key, work, A=value) for key, value in marks.items()]
        writes.append(partial(release_scores, world.instructor, assessment_id=work.assessment_id))
    excused: dict[str, Any] = {"assessment_id": works[1].assessment_id, "user_id": world.student_id}
    writes.append(partial(exempt_grade, world.instructor, **excused))
    writes.append(partial(exempt_grade, world.instructor, **excused, is_exempt=False))
    chance = Random(seed)
    chance.shuffle(writes)
    for write in writes:
        await write()
        if chance.random() < 0.3:
            await unchanged_by_recomputing(world, *chance.sample(works, 3))
    await exempt_grade(world.instructor, **excused, is_exempt=False)
    for work in works:
        await release_scores(world.instructor, assessment_id=work.assessment_id)
    assert [await points(world, work) for work in works] == [(88.0, 88.0), (70.0, 70.0), (70.0, 70.0)]
    await unchanged_by_recomputing(world, *works)


async def test_recomputing_follows_new_terms(world: University) -> None:
    await terms(world, grace_days=1)
    first, second = await lab(world), await lab(world, "lab2")
    for work in (first, second):
        await scored(world.assistant, await late(world, work, 1.5), work, A=100)
    assert [await points(world, work) for work in (first, second)] == [(90.0, None), (80.0, None)]
    await update_assessment(world.admin, assessment_id=first.assessment_id, due_at=DUE + DAY)
    await recompute_grades(world.instructor, assessment_id=first.assessment_id)
    assert [await points(world, work) for work in (first, second)] == [(100.0, None), (80.0, None)]
    await delete_assessment(world.admin, assessment_id=first.assessment_id)
    await recompute_grades(world.instructor, assessment_id=second.assessment_id)
    assert await points(world, second) == (90.0, None)
    await terms(world, late_penalty=0.0)
    await recompute_grades(world.instructor, assessment_id=second.assessment_id)
    assert await points(world, second) == (100.0, None)


@pytest.mark.parametrize("count", [1, 6])
async def test_the_number_of_statements_is_constant(ctx: Context, world: University, count: int) -> None:
    """However many learners, and however much is due later."""
    await terms(world, grace_days=2)
    works = [await lab(world, name) for name in list(LABS)[: 2 if count == 1 else 3]]
    for number in range(count):
        user_id = await person(ctx, f"learner{number}")
        await enroll(ctx, course_instance_id=world.course_instance_id, user_id=user_id)
        for work in works:
            await scored(world.assistant, await late(world, work, 1.5, as_user(ctx, user_id)), work, A=100)
    before = world.instructor.db.statements
    await release_scores(world.instructor, assessment_id=works[0].assessment_id)
    assert world.instructor.db.statements - before == 26
    await terms(world, grace_days=1)
    before = world.instructor.db.statements
    await recompute_grades(world.instructor, assessment_id=works[0].assessment_id)
    assert world.instructor.db.statements - before == 25
    assert set((await grades(ctx, works[1])).values()) == {(80.0, None, 80.0, None)}
