"""Assessment instances are started and closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.access import AccessRule, grant_extension, set_assessment_access_rules
from app.domain.assessments.models import Problem, Zone
from app.domain.assessments.problems import create_problem
from app.domain.attempts.drawing import drawn_of
from app.domain.attempts.models import AssessmentInstance, Event, InstanceQuestion
from app.domain.attempts.service import close_assessment_instance, start_assessment_instance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.service import drop_enrollment, update_enrollment
from app.domain.groups.service import remove_group_member
from app.domain.rows import insert_row
from app.errors import Forbidden, NotFound, Unauthenticated, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University, at, coursework, team

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
CODES = UserErrorCode


async def asked(ctx: Context, sitting: int) -> list[tuple[int, int]]:
    """(number, problem id) of the questions of a sitting, in order."""
    own = InstanceQuestion
    statement = select(own.number, own.problem_id).where(own.assessment_instance_id == sitting).order_by(own.number)
    return [tuple(row) for row in await ctx.db.fetch(statement)]


async def test_a_learner_starts(ctx: Context, world: University) -> None:
    work = await coursework(world, max_bonus_points=3)
    made = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    row = await only_row(ctx, AssessmentInstance, made)
    assert (row.assessment_id, row.course_instance_id) == (work.assessment_id, world.course_instance_id)
    assert (row.user_id, row.group_id, row.number, row.is_open) == (world.student_id, None, 1, True)
    assert (row.points, row.released_points, row.score_perc, row.released_score_perc) == (None, None, None, None)
    assert (row.max_points, row.max_bonus_points) == (110.0, 3.0)
    assert (row.started_at, row.modified_at, row.closes_at, row.closed_at) == (NOW, NOW, None, None)
    assert await asked(ctx, made) == [(1, work.problem_ids["Part A"]), (2, work.problem_ids["Style"])]
    assert await ctx.db.fetch(select(Event.id)) == []


async def test_starting_again_finds_the_open_sitting(ctx: Context, world: University) -> None:
    work = await coursework(world, max_instances=1)
    made = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    async with nothing_changes(ctx):
        again = at(world.student, NOW + DAY)
        assert await start_assessment_instance(again, assessment_id=work.assessment_id) == made
        assert (
            await start_assessment_instance(world.assistant, assessment_id=work.assessment_id, user_id=world.student_id)
            == made
        )


async def test_a_sitting_without_problems_is_worth_what_the_assessment_is(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={}, max_points=7)
    made = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    assert (await only_row(ctx, AssessmentInstance, made)).max_points == 7.0
    assert await asked(ctx, made) == []


async def test_a_time_limit_closes_a_sitting(ctx: Context, world: University) -> None:
    work = await coursework(world, time_limit_minutes=30)
    first = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    assert (await only_row(ctx, AssessmentInstance, first)).closes_at == NOW + 30 * MINUTE
    later = at(world.student, NOW + 30 * MINUTE)
    second = await start_assessment_instance(later, assessment_id=work.assessment_id)
    row = await only_row(ctx, AssessmentInstance, first)
    assert (row.is_open, row.closed_at) == (False, NOW + 30 * MINUTE)
    assert (await only_row(ctx, AssessmentInstance, second)).number == 2
    events = await ctx.db.fetch(select(Event.assessment_instance_id, Event.kind, Event.happened_at, Event.actor_id))
    assert [tuple(row) for row in events] == [(first, "CLOSE", NOW + 30 * MINUTE, None)]


async def test_there_are_so_many_sittings_as_allowed(ctx: Context, world: University) -> None:
    work = await coursework(world, max_instances=1)
    start: dict[str, Any] = {"assessment_id": work.assessment_id}
    made = await start_assessment_instance(world.student, **start)
    await close_assessment_instance(world.student, assessment_instance_id=made)
    await refused(ctx, start_assessment_instance(world.student, **start), CODES.LIMIT_REACHED, "assessmentId")
    other = await start_assessment_instance(world.assistant, **start, user_id=world.student_id)
    assert (await only_row(ctx, AssessmentInstance, other)).number == 2


async def test_learners_start_between_the_dates(ctx: Context, world: University) -> None:
    work = await coursework(world, start_at=NOW, due_at=NOW + DAY, end_at=NOW + 2 * DAY)
    start: dict[str, Any] = {"assessment_id": work.assessment_id}
    await denied(ctx, start_assessment_instance(world.student, **start), NotFound)
    late = at(world.student, NOW + 2 * DAY + MINUTE)
    await refused(ctx, start_assessment_instance(late, **start), CODES.PAST_DEADLINE, "assessmentId")
    await grant_extension(ctx, **start, user_id=world.student_id, due_at=NOW + 3 * DAY)
    await start_assessment_instance(late, **start)
    await start_assessment_instance(at(world.second_student, NOW + 2 * DAY), **start)


async def test_dates_do_not_bind_the_staff(ctx: Context, world: University) -> None:
    work = await coursework(world, start_at=NOW + DAY, end_at=NOW + 2 * DAY)
    start: dict[str, Any] = {"assessment_id": work.assessment_id}
    mine = await start_assessment_instance(world.assistant, **start)
    assert (await only_row(ctx, AssessmentInstance, mine)).user_id == world.assistant_id
    late = at(world.instructor, NOW + 9 * DAY)
    theirs = await start_assessment_instance(late, **start, user_id=world.student_id)
    assert (await only_row(ctx, AssessmentInstance, theirs)).user_id == world.student_id


async def test_access_rules_admit_learners(ctx: Context, world: University) -> None:
    work = await coursework(world)
    start: dict[str, Any] = {"assessment_id": work.assessment_id}
    rules = [AccessRule(credit=100, password="sesame", time_limit_minutes=50)]
    await set_assessment_access_rules(ctx, **start, rules=rules)
    await refused(ctx, start_assessment_instance(world.student, **start), CODES.NOT_OPEN, "assessmentId")
    wrong = start_assessment_instance(world.student, **start, password="open")
    await refused(ctx, wrong, CODES.NOT_OPEN, "assessmentId")
    made = await start_assessment_instance(world.student, **start, password="sesame")
    assert (await only_row(ctx, AssessmentInstance, made)).closes_at == NOW + 50 * MINUTE


async def test_who_may_sit(ctx: Context, world: University) -> None:
    work = await coursework(world)
    start: dict[str, Any] = {"assessment_id": work.assessment_id}
    await refused(ctx, start_assessment_instance(world.previewer, **start), CODES.NOT_ENROLLED, "assessmentId")
    await refused(ctx, start_assessment_instance(world.admin, **start), CODES.NOT_ENROLLED, "assessmentId")
    await denied(ctx, start_assessment_instance(ctx, **start), Unauthenticated)
    for caller, user_id, reason in (
        (world.instructor, world.loner_id, CODES.NOT_FOUND),
        (world.instructor, 999_999, CODES.NOT_FOUND),
        (world.admin, world.loner_id, CODES.NOT_ENROLLED),
    ):
        await refused(ctx, start_assessment_instance(caller, **start, user_id=user_id), reason, "userId")
    other = start_assessment_instance(world.student, **start, user_id=world.second_student_id)
    await denied(ctx, other, Forbidden)
    await denied(ctx, start_assessment_instance(world.student, assessment_id=2**40), NotFound)


async def test_who_left_does_not_sit(ctx: Context, world: University) -> None:
    work = await coursework(world)
    start: dict[str, Any] = {"assessment_id": work.assessment_id}
    key = await key_of(ctx, Enrollment, user_id=world.student_id)
    await update_enrollment(ctx, enrollment_id=key, status=EnrollmentStatus.COMPLETED)
    await refused(ctx, start_assessment_instance(world.student, **start), CODES.NOT_ENROLLED, "assessmentId")
    await drop_enrollment(ctx, enrollment_id=key)
    await refused(ctx, start_assessment_instance(world.student, **start), CODES.DROPPED, "assessmentId")
    staff = start_assessment_instance(world.instructor, **start, user_id=world.student_id)
    await refused(ctx, staff, CODES.DROPPED, "userId")


async def test_a_column_without_attempts_is_not_sat(ctx: Context, world: University) -> None:
    work = await coursework(world, grading_type="MANUAL")
    write = start_assessment_instance(world.instructor, assessment_id=work.assessment_id)
    await refused(ctx, write, CODES.NOT_OPEN, "assessmentId")


async def test_a_group_sits_as_one(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    start: dict[str, Any] = {"assessment_id": work.assessment_id}
    made = await start_assessment_instance(world.student, **start)
    row = await only_row(ctx, AssessmentInstance, made)
    assert (row.user_id, row.group_id) == (None, pairs.group_id)
    assert await start_assessment_instance(world.second_student, **start) == made
    mine = await start_assessment_instance(world.assistant, **start)
    assert (await only_row(ctx, AssessmentInstance, mine)).user_id == world.assistant_id
    await remove_group_member(ctx, group_id=pairs.group_id, user_id=world.student_id)
    await refused(ctx, start_assessment_instance(world.student, **start), CODES.NOT_IN_GROUP, "assessmentId")
    staff = start_assessment_instance(world.assistant, **start, user_id=world.student_id)
    await refused(ctx, staff, CODES.NOT_IN_GROUP, "userId")


async def test_groups_of_one_are_no_groups(ctx: Context, world: University) -> None:
    ones = await team(world, [world.student_id], max_size=1)
    work = await coursework(world, group_set_id=ones.group_set_id)
    for learner in (world.student, world.second_student):
        made = await start_assessment_instance(learner, assessment_id=work.assessment_id)
        row = await only_row(ctx, AssessmentInstance, made)
        assert (row.user_id, row.group_id) == (learner.user_id, None)


async def test_a_sitting_is_closed_once(ctx: Context, world: University) -> None:
    work = await coursework(world)
    made = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    assert await close_assessment_instance(world.assistant, assessment_instance_id=made) == made
    row = await only_row(ctx, AssessmentInstance, made)
    assert (row.is_open, row.closed_at) == (False, NOW)
    events = await ctx.db.fetch(select(Event.assessment_instance_id, Event.kind, Event.happened_at, Event.actor_id))
    assert [tuple(row) for row in events] == [(made, "CLOSE", NOW, world.assistant_id)]
    async with nothing_changes(ctx):
        await close_assessment_instance(at(world.student, NOW + DAY), assessment_instance_id=made)
    await denied(ctx, close_assessment_instance(world.second_student, assessment_instance_id=made), NotFound)


async def test_zones_order_and_limit(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={"Loose": 1})
    key = work.assessment_id
    last = await insert_row(ctx, Zone, {"assessment_id": key, "number": 2, "max_points": 15.0})
    first = await insert_row(ctx, Zone, {"assessment_id": key, "number": 1, "best_problems": 1})
    zoned = [(last, 10), (last, 10), (first, 4), (first, 3)]
    problems = [
        await create_problem(ctx, assessment_id=key, name=f"P{place}", max_points=points, zone_id=zone)
        for place, (zone, points) in enumerate(zoned)
    ]
    made = await start_assessment_instance(world.student, assessment_id=key)
    order = [work.problem_ids["Loose"], problems[2], problems[3], problems[0], problems[1]]
    assert await asked(ctx, made) == list(enumerate(order, start=1))
    assert (await only_row(ctx, AssessmentInstance, made)).max_points == 1 + 4 + 15


async def test_alternatives_are_drawn_the_same_for_the_same_sitting(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={"Fixed": 2})
    alternatives = [
        await create_problem(
            ctx,
            assessment_id=work.assessment_id,
            name=f"Alternative {place}",
            max_points=5,
            alternative_group=1,
            alternatives_chosen=2,
        )
        for place in range(5)
    ]
    problems = await ctx.db.fetch(
        select(Problem.__table__).where(Problem.assessment_id == work.assessment_id).order_by(Problem.number)
    )
    made = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    drawn = [problem.id for problem in drawn_of(problems, made)]
    assert [problem_id for _, problem_id in await asked(ctx, made)] == drawn
    assert (drawn[0], len(drawn)) == (work.problem_ids["Fixed"], 3)
    assert set(drawn[1:]) < set(alternatives)
    assert (await only_row(ctx, AssessmentInstance, made)).max_points == 12.0
    assert len({tuple(each.id for each in drawn_of(problems, sitting)) for sitting in range(60)}) == 10
