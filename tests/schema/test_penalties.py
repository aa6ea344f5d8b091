"""What late days and versions cost, in the graph: for each caller as far as they may see the marks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.assessments.models import ScoringModel
from app.domain.catalog.models import PenaltyUnit
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.service import release_scores
from app.domain.groups.service import remove_group_member
from tests.clock import NOW
from tests.factories import Coursework, University, at, coursework, handed_in, scored, team, university
from tests.schema.client import ask, execute

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
DUE = NOW - 10 * DAY
COSTS = "penalties { daysLate graceDaysUsed penalizedDays rawPoints latePenalty versionPenalty }"
SUBMISSIONS = f"{{ submissions {{ nodes {{ number {COSTS} }} }} }}"
SITTINGS = f"{{ assessmentInstances {{ nodes {{ points {COSTS} }} }} }}"
OTHERS = ("loner", "second_student", "outsider", "previewer")


@pytest.fixture
async def world(ctx: Context) -> University:
    """Two grace days, ten percent for each day more, two points for each version after the first."""
    made = await university(ctx)
    await update_course_instance(
        ctx,
        course_instance_id=made.course_instance_id,
        grace_days=2,
        late_penalty=10.0,
        late_penalty_unit=PenaltyUnit.PERCENT,
        version_penalty=2.0,
        max_unpenalized_submissions=1,
    )
    return made


async def marked(world: University, **details: Any) -> Coursework:
    """Two versions: one and a half days late with 60 points that are shown, 2.5 days late with 80 that are not."""
    work = await coursework(
        world, problems={"A": 90.0, "B": 10.0}, due_at=DUE, scoring_model=ScoringModel.LAST, **details
    )
    first = await handed_in(at(world.student, DUE + 1.5 * DAY), work)
    await scored(world.assistant, first, work, release=True, A=55, B=5)
    second = await handed_in(at(world.student, DUE + 2.5 * DAY), work)
    await scored(world.assistant, second, work, A=75, B=5)
    return work


def costs(
    late: int, used: int, penalized: int, raw: float | None, by_days: float | None, by_version: float | None
) -> dict[str, Any]:
    """The penalties of a submission or of a sitting."""
    days = {"daysLate": late, "graceDaysUsed": used, "penalizedDays": penalized}
    return {**days, "rawPoints": raw, "latePenalty": by_days, "versionPenalty": by_version}


async def submissions(ctx: Context) -> list[Any]:
    nodes = (await ask(ctx, SUBMISSIONS))["submissions"]["nodes"]
    return [each["penalties"] for each in sorted(nodes, key=lambda node: node["number"])]


async def sittings(ctx: Context) -> list[tuple[Any, Any]]:
    return [(each["points"], each["penalties"]) for each in (await ask(ctx, SITTINGS))["assessmentInstances"]["nodes"]]


FIRST = costs(2, 2, 0, 60.0, 0.0, 0.0)
SECOND = costs(3, 2, 1, 80.0, 8.0, 2.0)


@pytest.mark.parametrize("caller", ["assistant", "instructor", "admin"])
async def test_the_staff_see_all(world: University, caller: str) -> None:
    await marked(world)
    ctx = getattr(world, caller)
    assert await submissions(ctx) == [FIRST, SECOND]
    assert await sittings(ctx) == [(70.0, SECOND)]


async def test_learners_see_what_follows_from_released_marks(world: University) -> None:
    """The days of a version are no secret, its points are."""
    work = await marked(world)
    assert await submissions(world.student) == [FIRST, costs(3, 2, 1, None, None, None)]
    assert await sittings(world.student) == [(60.0, FIRST)]
    key = work.problem_ids["A"]
    await release_scores(world.instructor, assessment_id=work.assessment_id, problem_ids=[key])
    assert await submissions(world.student) == [FIRST, costs(3, 2, 1, 75.0, 7.5, 2.0)]
    await release_scores(world.instructor, assessment_id=work.assessment_id)
    assert await submissions(world.student) == [FIRST, SECOND]
    assert await sittings(world.student) == [(70.0, SECOND)]


@pytest.mark.parametrize("caller", OTHERS)
async def test_others_see_nothing(world: University, caller: str) -> None:
    await marked(world)
    ctx = getattr(world, caller)
    assert await submissions(ctx) == []
    assert await sittings(ctx) == []


async def test_nobody_in_particular_is_asked_to_sign_in(world: University) -> None:
    await marked(world)
    for document in (SUBMISSIONS, SITTINGS):
        assert (await execute(world.anonymous, document)).codes == ["UNAUTHENTICATED"]


async def test_before_there_is_a_mark(world: University) -> None:
    work = await coursework(world, due_at=DUE)
    await handed_in(at(world.student, DUE + 0.5 * DAY), work)
    assert await submissions(world.student) == [costs(1, 1, 0, None, None, None)]
    assert await sittings(world.student) == [(None, None)]


async def test_where_nothing_is_due(world: University) -> None:
    work = await coursework(world, problems={"A": 10.0})
    await scored(world.assistant, await handed_in(world.student, work), work, release=True, A=5)
    assert await submissions(world.student) == [costs(0, 0, 0, 5.0, 0.0, 0.0)]
    assert await sittings(world.student) == [(5.0, costs(0, 0, 0, 5.0, 0.0, 0.0))]


async def test_in_a_group_each_sees_their_own(world: University) -> None:
    """Sue has used her grace days before; the staff see them of whoever handed it in."""
    early = await coursework(world, "lab0", {"A": 10.0}, due_at=DUE - 5 * DAY)
    await scored(world.assistant, await handed_in(at(world.second_student, DUE - 3.5 * DAY), early), early, A=1)
    pairs = await team(world)
    work = await coursework(world, "lab1", {"A": 100.0}, due_at=DUE, group_set_id=pairs.group_set_id)
    made = await handed_in(at(world.second_student, DUE + 0.5 * DAY), work)
    await scored(world.assistant, made, work, release=True, A=50)
    sam, sue = costs(1, 1, 0, 50.0, 0.0, 0.0), costs(1, 0, 1, 50.0, 5.0, 0.0)
    assert await submissions(world.student) == [sam]
    assert await sittings(world.student) == [(50.0, sam)]
    assert sue in await submissions(world.second_student)
    assert (50.0, sue) in await sittings(world.second_student)
    assert sue in await submissions(world.assistant)
    assert (50.0, sam) in await sittings(world.assistant)
    for user_id in (world.student_id, world.second_student_id):
        await remove_group_member(world.admin, group_id=pairs.group_id, user_id=user_id)
    assert None in await submissions(world.assistant)
    assert (50.0, None) in await sittings(world.assistant)
