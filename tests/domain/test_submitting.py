from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.context import Context
from app.domain.assessments.access import AccessRule, grant_extension, set_assessment_access_rules
from app.domain.assessments.service import update_assessment
from app.domain.attempts.files import NewFile
from app.domain.attempts.models import (
    AssessmentInstance,
    InstanceQuestion,
    Submission,
    Variant,
)
from app.domain.attempts.service import close_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment
from app.domain.groups.models import GroupMembership
from app.errors import NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, only_row, refused
from tests.factories import Coursework, University, at, coursework, handed_in, sat, team

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
CODES = UserErrorCode
HERE = "assessmentInstanceId"
TEXT = [NewFile("a.txt", b"a", "text/plain")]


async def test_the_whole_assessment_is_handed_in(ctx: Context, world: University) -> None:
    work = await coursework(world, due_at=NOW)
    here = await sat(world.student, work)
    part, style = work.problem_ids.values()
    answers = [Answer(style, [1, 2]), Answer(part, {"x": None})]
    row = await only_row(ctx, Submission, await submit(world.student, **here, answers=answers))
    assert (row.assessment_instance_id, row.course_instance_id) == (*here.values(), world.course_instance_id)
    assert (row.instance_question_id, row.variant_id, row.submitted_by_id) == (None, None, world.student_id)
    assert (row.number, row.submitted_at, row.grading_requested_at) == (1, NOW, NOW)
    assert (row.answer, row.raw_answer) == ({str(style): [1, 2], str(part): {"x": None}},) * 2
    assert (row.credit, row.mode, row.is_late, row.is_banked) == (None, None, False, False)
    second = await submit(at(world.student, NOW + MINUTE), **here, files=TEXT)
    row = await only_row(ctx, Submission, second)
    assert (row.number, row.answer, row.is_late) == (2, None, True)
    sitting = await only_row(ctx, AssessmentInstance, here["assessment_instance_id"])
    assert sitting.modified_at == NOW + MINUTE
    assert await ctx.db.scalar(select(func.count()).select_from(Variant)) == 0


async def test_one_question_is_answered(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here = await sat(world.student, work)
    style = work.problem_ids["Style"]
    first = await submit(world.student, **here, problem_id=style, answers=[Answer(style, {"c": 13})])
    second = await submit(world.student, **here, problem_id=style, answers=[Answer(style, "text")])
    rows = [await only_row(ctx, Submission, each) for each in (first, second)]
    question = await key_of(ctx, InstanceQuestion, problem_id=style)
    assert [(row.instance_question_id, row.answer) for row in rows] == [
        (question, {"c": 13}),
        (question, {"answer": "text"}),
    ]
    variant = await only_row(ctx, Variant, await key_of(ctx, Variant, instance_question_id=question))
    assert [row.variant_id for row in rows] == [variant.id, variant.id]
    assert (variant.number, variant.created_at) == (1, NOW)
    assert variant.seed == sha256(f"{question}:1".encode()).hexdigest()[:8]
    assert (variant.params, variant.true_answer, variant.options) == ({}, {}, {})


async def test_the_only_question_is_always_named(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={"Only": 5})
    only = work.problem_ids["Only"]
    here = await sat(world.student, work)
    row = await only_row(ctx, Submission, await submit(world.student, **here, files=TEXT))
    assert row.instance_question_id == await key_of(ctx, InstanceQuestion, problem_id=only)
    row = await only_row(ctx, Submission, await submit(world.student, **here, answers=[Answer(only, True)]))
    assert row.answer == {"answer": True}


async def test_answers_name_problems_of_the_sitting_once(ctx: Context, world: University) -> None:
    work, other = await coursework(world), await coursework(world, "lab2")
    here = await sat(world.student, work)
    part, style = work.problem_ids.values()
    foreign = other.problem_ids["Style"]

    async def refuse(reason: UserErrorCode, *field: str, **values: Any) -> None:
        await refused(ctx, submit(world.student, **here, **values), reason, *field)

    await refuse(CODES.REQUIRED, "answers")
    await refuse(CODES.NOT_FOUND, "problemId", problem_id=foreign, files=TEXT)
    await refuse(CODES.NOT_FOUND, "problemId", problem_id=2**70, files=TEXT)
    await refuse(CODES.NOT_FOUND, "answers", "0", "problemId", answers=[Answer(foreign, 1)])
    twice = [Answer(part, 1), Answer(part, 2)]
    await refuse(CODES.INVALID, "answers", "1", "problemId", answers=twice)
    mixed = [Answer(style, 1), Answer(part, 2)]
    await refuse(CODES.NOT_FOUND, "answers", "1", "problemId", answers=mixed, problem_id=style)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("\0", CODES.INVALID),
        (["\ud800"], CODES.INVALID),
        ({"\0": 1}, CODES.INVALID),
        (float("nan"), CODES.INVALID),
        ({"a": [float("inf")]}, CODES.INVALID),
        (2**63, CODES.OUT_OF_RANGE),
        (object(), CODES.INVALID),
    ],
    ids=repr,
)
async def test_an_answer_is_json(ctx: Context, world: University, value: Any, reason: UserErrorCode) -> None:
    work = await coursework(world)
    here = await sat(world.student, work)
    write = submit(world.student, **here, answers=[Answer(work.problem_ids["Style"], value)])
    await refused(ctx, write, reason, "answers", "0", "value")


async def test_an_answer_is_not_nested_without_end(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here = await sat(world.student, work)
    deep: Any = 1
    for _ in range(31):
        deep = [deep]
    style = work.problem_ids["Style"]
    await submit(world.student, **here, answers=[Answer(style, deep)])
    write = submit(world.student, **here, answers=[Answer(style, [deep])])
    await refused(ctx, write, CODES.INVALID, "answers", "0", "value")


async def test_learners_hand_in_between_the_dates(ctx: Context, world: University) -> None:
    work = await coursework(world, due_at=NOW, end_at=NOW + DAY)
    here = await sat(world.student, work)
    late = at(world.student, NOW + DAY + MINUTE)
    await submit(at(world.student, NOW + DAY), **here, files=TEXT)
    await refused(ctx, submit(late, **here, files=TEXT), CODES.PAST_DEADLINE, HERE)
    await submit(at(world.assistant, NOW + 9 * DAY), **here, files=TEXT)
    await grant_extension(ctx, assessment_id=work.assessment_id, user_id=world.student_id, due_at=NOW + 2 * DAY)
    row = await only_row(ctx, Submission, await submit(late, **here, files=TEXT))
    assert (row.number, row.is_late) == (3, False)
    await update_assessment(ctx, assessment_id=work.assessment_id, start_at=NOW, due_at=None, end_at=None)
    await refused(ctx, submit(world.student, **here, files=TEXT), CODES.NOT_RELEASED, HERE)


async def test_learners_hand_in_as_often_as_allowed(ctx: Context, world: University) -> None:
    work = await coursework(world, max_submissions=2)
    here = await sat(world.student, work)
    for _ in range(2):
        await submit(world.student, **here, files=TEXT)
    await refused(ctx, submit(world.student, **here, files=TEXT), CODES.LIMIT_REACHED, HERE)
    row = await only_row(ctx, Submission, await submit(world.instructor, **here, files=TEXT))
    assert (row.number, row.submitted_by_id) == (3, world.instructor_id)
    await update_assessment(ctx, assessment_id=work.assessment_id, max_submissions=4)
    await submit(world.student, **here, files=TEXT)
    await submit(world.second_student, **await sat(world.second_student, work), files=TEXT)


async def test_a_closed_sitting_takes_nothing(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here = await sat(world.student, work)
    await close_assessment_instance(world.student, **here)
    for caller in (world.student, world.instructor, world.admin):
        await refused(ctx, submit(caller, **here, files=TEXT), CODES.NOT_OPEN, HERE)


async def test_a_time_limit_binds_learners(ctx: Context, world: University) -> None:
    work = await coursework(world, time_limit_minutes=30)
    here = await sat(world.student, work)
    await submit(at(world.student, NOW + 30 * MINUTE), **here, files=TEXT)
    late = NOW + 31 * MINUTE
    await refused(ctx, submit(at(world.student, late), **here, files=TEXT), CODES.PAST_DEADLINE, HERE)
    await submit(at(world.assistant, late), **here, files=TEXT)


async def test_credit_is_that_of_the_best_rule_in_force(ctx: Context, world: University) -> None:
    work = await coursework(world)
    rules = [AccessRule(credit=110, end_at=NOW), AccessRule(credit=50, password="p"), AccessRule(credit=0)]
    await set_assessment_access_rules(ctx, assessment_id=work.assessment_id, rules=rules)
    here = await sat(world.student, work)
    first = await submit(world.student, **here, files=TEXT)
    second = await submit(at(world.student, NOW + MINUTE), **here, files=TEXT)
    assert [(await only_row(ctx, Submission, each)).credit for each in (first, second)] == [110, 50]
    await set_assessment_access_rules(ctx, assessment_id=work.assessment_id, rules=rules[2:])
    await refused(ctx, submit(world.student, **here, files=TEXT), CODES.NOT_OPEN, HERE)


async def test_who_dropped_hands_in_nothing(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here = await sat(world.student, work)
    await drop_enrollment(ctx, enrollment_id=await key_of(ctx, Enrollment, user_id=world.student_id))
    for caller in (world.student, world.instructor):
        await refused(ctx, submit(caller, **here, files=TEXT), CODES.DROPPED, HERE)


async def test_a_group_hands_in_together(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    first = await handed_in(world.student, work)
    second = await handed_in(world.second_student, work)
    third = await handed_in_by_staff(world, work)
    rows = [await only_row(ctx, Submission, each) for each in (first, second, third)]
    assert len({row.assessment_instance_id for row in rows}) == 1
    assert [(row.number, row.submitted_by_id) for row in rows] == [
        (1, world.student_id),
        (2, world.second_student_id),
        (3, world.assistant_id),
    ]


async def handed_in_by_staff(world: University, work: Coursework) -> int:
    here = await sat(world.student, work)
    return await submit(world.assistant, **here, files=TEXT)


async def test_a_group_hands_in_when_all_have_confirmed(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    here = await sat(world.student, work)
    own = GroupMembership
    await ctx.db.execute(update(own).where(own.user_id == world.second_student_id).values(is_confirmed=False))
    for caller in (world.student, world.assistant):
        await refused(ctx, submit(caller, **here, files=TEXT), CODES.NOT_CONFIRMED, HERE)


async def test_the_sitting_of_a_group_without_members_takes_nothing(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    here = await sat(world.student, work)
    await ctx.db.execute(update(GroupMembership).values(left_at=NOW))
    await denied(ctx, submit(world.student, **here, files=TEXT), NotFound)
    await refused(ctx, submit(world.assistant, **here, files=TEXT), CODES.NOT_IN_GROUP, HERE)


async def test_nobody_hands_in_for_others(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here = await sat(world.student, work)
    for stranger in (world.second_student, world.outsider, world.previewer, world.loner):
        await denied(ctx, submit(stranger, **here, files=TEXT), NotFound)
    for key in (0, 999_999, 2**40, 2**90):
        await denied(ctx, submit(world.admin, assessment_instance_id=key, files=TEXT), NotFound)
