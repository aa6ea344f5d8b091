"""Marks that a course instance keeps back from its learners, and every total that would betray them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.context import Context
from app.domain.assessments.access import grant_extension
from app.domain.assessments.pacing import effective_due_dates
from app.domain.assessments.withholding import incomplete, withheld, withheld_columns
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.blocks.models import ShowCorrectness
from app.domain.blocks.service import update_block
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.breakdown import breakdowns
from app.domain.grades.course_results import CourseResult
from app.domain.grades.learners import course_results, subsection_grades
from app.domain.grades.models import ColumnGrade, CourseGrade, Score
from app.domain.grades.overrides import override_grade
from app.domain.progress.service import reset_deadlines
from tests.clock import NOW
from tests.domain.test_learners import enrollment_of, score
from tests.factories import university
from tests.graded import Graded, graded

pytestmark = pytest.mark.anyio
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
NEVER, PAST_DUE = ShowCorrectness.NEVER, ShowCorrectness.PAST_DUE


@pytest.fixture
async def work(ctx: Context) -> Graded:
    """Two homeworks, of which sam has half and all."""
    made = await graded(await university(ctx), "one", "two")
    await score(made, made.world.student, 1.0, 0)
    await score(made, made.world.student, 2.0, 1)
    return made


async def hide(work: Graded, name: str = "two", **details: Any) -> None:
    await update_block(work.world.admin, block_id=work.blocks[name], **{"show_correctness": NEVER, **details})


async def result(work: Graded, ctx: Context) -> CourseResult:
    """What somebody sees of sam's result."""
    (found,) = await course_results(ctx, [await enrollment_of(work.world, work.world.student_id)])
    return found


async def kept(work: Graded, ctx: Context) -> list[int]:
    """Which of the homeworks are withheld from somebody."""
    found = {row[0] for row in await ctx.db.fetch(withheld(ctx.viewing))}
    assert {row[0] for row in await ctx.db.fetch(incomplete(ctx.viewing))} == (
        {work.world.course_instance_id} if found else set()
    )
    totals = {row[0] for row in await ctx.db.fetch(withheld_columns(ctx.viewing))} - found
    assert totals == ({work.total_id} if found else set())
    return [number for number, each in enumerate(work.sets) if each.assessment_id in found]


async def test_a_course_grade_is_made_of_the_others(work: Graded) -> None:
    world = work.world
    assert await result(work, world.student) == CourseResult(0.75, "Pass", is_passed=True)
    await hide(work)
    assert await result(work, world.student) == CourseResult(0.5, "Pass", is_passed=True)
    for ctx in (world.assistant, world.instructor, world.admin):
        assert await result(work, ctx) == CourseResult(0.75, "Pass", is_passed=True)
    await hide(work, "one")
    assert await result(work, world.student) == CourseResult(0.0, None, is_passed=False)
    await override_grade(world.instructor, assessment_id=work.total_id, user_id=world.student_id, points=90.0)
    assert await result(work, world.student) == CourseResult(0.9, "Pass", is_passed=True)


async def test_what_is_missing_counts_as_before(ctx: Context) -> None:
    work = await graded(await university(ctx), "one", "two", min_count=2)
    await score(work, work.world.student, 2.0, 0)
    await hide(work)
    assert (await result(work, work.world.student)).fraction == 0.5


async def test_nothing_betrays_them(work: Graded) -> None:
    world = work.world

    async def seen(ctx: Context) -> dict[str, list[Any]]:
        """What somebody sees of sam's work: values that are not null."""
        found: dict[str, list[Any]] = {}
        for name, model, column in (
            ("sittings", AssessmentInstance, AssessmentInstance.points),
            ("percentages", AssessmentInstance, AssessmentInstance.score_perc),
            ("questions", InstanceQuestion, InstanceQuestion.points),
            ("best", InstanceQuestion, InstanceQuestion.highest_submission_score),
            ("scores", Score, Score.value),
            ("grades", ColumnGrade, ColumnGrade.points),
            ("whole", CourseGrade, CourseGrade.percentage),
        ):
            rows = await ctx.db.fetch(select(ctx.readable(column)).where(ctx.visible(model)))
            found[name] = sorted(row[0] for row in rows if row[0] is not None)
        return found

    everything = await seen(world.student)
    assert (everything["scores"], everything["grades"], everything["whole"]) == ([1.0, 2.0], [1.0, 2.0, 75.0], [75.0])
    await hide(work)
    own = await seen(world.student)
    assert own == {name: values[:1] for name, values in everything.items()} | {"whole": []}
    for ctx in (world.assistant, world.instructor, world.admin):
        assert await seen(ctx) == everything
    (mine,) = await subsection_grades(world.student, [await enrollment_of(world, world.student_id)])
    told = [(each.name, each.is_withheld, each.points, each.is_attempted, each.original_points) for each in mine]
    assert told == [("One", False, 1.0, True, 1.0), ("Two", True, 0.0, False, 0.0)]
    (entries,) = await breakdowns(world.student, [await enrollment_of(world, world.student_id)])
    assert [(each.label, each.fraction) for each in entries] == [("HW", 0.5)]
    rows = await world.student.db.fetch(select(Submission.id).where(world.student.visible(Submission)))
    assert len(rows) == 2
    await hide(work, show_correctness=ShowCorrectness.ALWAYS)
    assert await seen(world.student) == everything


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        ({}, False),
        ({"due_at": NOW + DAY}, True),
        ({"due_at": NOW - DAY}, False),
        ({"due_at": NOW}, True),
        ({"weeks_due": 1}, False),
    ],
)
async def test_until_they_are_due(work: Graded, said: dict[str, Any], is_kept: bool) -> None:
    world = work.world
    await hide(work, show_correctness=PAST_DUE, **said)
    assert await kept(work, world.student) == [1] * is_kept
    for ctx in (world.assistant, world.instructor):
        assert await kept(work, ctx) == []


async def test_a_due_date_from_above_and_one_of_ones_own(work: Graded) -> None:
    world, two = work.world, work.sets[1].assessment_id
    await update_block(world.admin, block_id=work.blocks["chapter"], due_at=NOW - DAY)
    await hide(work, show_correctness=PAST_DUE)
    assert await kept(work, world.student) == []
    await update_block(world.admin, block_id=work.blocks["chapter"], due_at=NOW + DAY)
    assert await kept(work, world.student) == [1]
    own: dict[str, Any] = {"assessment_id": two, "user_id": world.student_id}
    for due_at, found in ((NOW - DAY, []), (NOW + DAY, [1]), (None, [])):
        await grant_extension(world.admin, **own, due_at=due_at, end_at=None)
        assert await kept(work, world.student) == found
        assert await kept(work, world.second_student) == [1]
    (due,) = await effective_due_dates(world.student, [work.blocks["two"]])
    assert due is None


async def test_at_ones_own_pace(work: Graded) -> None:
    """The second of two weeks is over for who began two weeks ago, until they begin again."""
    world, own = work.world, Enrollment
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await update_course_instance(world.admin, **here, is_self_paced=True, start_at=NOW - 9 * WEEK)
    key = await enrollment_of(world, world.student_id)
    await world.admin.db.execute(update(own).where(own.id == key).values(enrolled_at=NOW - 2 * WEEK - DAY))
    await hide(work, show_correctness=PAST_DUE, weeks_due=2)
    assert await kept(work, world.student) == []
    assert await kept(work, world.second_student) == [1]
    await hide(work, show_correctness=PAST_DUE, weeks_due=3)
    assert await kept(work, world.student) == [1]
    await hide(work, show_correctness=PAST_DUE, weeks_due=2)
    await reset_deadlines(world.student, **here)
    assert await kept(work, world.student) == [1]
