"""Grades that are final: where the installation says so, 30 days after the end of a course instance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.batches import NewOverride, override_grades
from app.domain.grades.freezing import frozen_places
from app.domain.grades.overrides import exempt_grade, override_grade
from app.errors import Forbidden, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, refused
from tests.domain.test_learners import grade_of, score
from tests.factories import university
from tests.graded import Graded, block_key, graded

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("freezing")]
DAY = timedelta(days=1)
FROZEN = UserErrorCode.FROZEN


@pytest.fixture
async def work(ctx: Context) -> Graded:
    """A homework of a course instance that ended 31 days ago."""
    made = await graded(await university(ctx))
    await ended(made, 31)
    return made


async def ended(work: Graded, days: int) -> None:
    """Let the course instance have ended so many days ago."""
    dates: dict[str, Any] = {"start_at": NOW - 100 * DAY, "end_at": NOW - days * DAY}
    await update_course_instance(work.world.admin, course_instance_id=work.world.course_instance_id, **dates)


async def test_nobody_sets_them_by_hand(work: Graded) -> None:
    world = work.world
    keys: dict[str, Any] = {"assessment_id": work.first.assessment_id, "user_id": world.student_id}
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    some = [NewOverride(world.student_id, block_key("sequential", "set"), 1.0)]
    for ctx in (world.instructor, world.admin):
        await refused(ctx, override_grade(ctx, **keys, points=1.0), FROZEN, "assessmentId")
        await refused(ctx, override_grade(ctx, **keys, notes="late"), FROZEN, "assessmentId")
        await refused(ctx, exempt_grade(ctx, **keys), FROZEN, "assessmentId")
        await refused(ctx, override_grades(ctx, **here, overrides=some), FROZEN, "courseInstanceId")
        assert await frozen_places(ctx, [world.course_instance_id, world.other_course_instance_id]) == [True, False]
    await denied(world.assistant, override_grade(world.assistant, **keys, points=1.0), Forbidden)
    await ended(work, 30)
    assert await frozen_places(world.student, [world.course_instance_id]) == [False]
    assert await override_grade(world.instructor, **keys, points=1.0) is not None


async def test_work_is_still_marked(work: Graded) -> None:
    """What is scored follows the work: only what people set beside it is over."""
    await score(work, work.world.student, 1.0)
    assert (await grade_of(work.world.student, work, work.world.student_id)).points == 1.0


async def test_who_sees_that_they_are(work: Graded) -> None:
    world, place = work.world, [work.world.course_instance_id]
    for ctx in (world.student, world.assistant, world.previewer):
        assert await frozen_places(ctx, place) == [True]
    for ctx in (world.outsider, world.loner):
        assert await frozen_places(ctx, place) == [False]
