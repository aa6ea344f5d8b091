"""Groups in which each member has a sitting (decision 0008), and what files an assessment takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.context import Context
from app.domain.assessments.access import grant_extension
from app.domain.assessments.grouping import set_assessment_groups
from app.domain.assessments.models import Assessment, QuestionKind
from app.domain.assessments.service import update_assessment
from app.domain.attempts.files import NewFile
from app.domain.attempts.models import AssessmentInstance, Submission, SubmissionFile
from app.domain.attempts.service import close_assessment_instance, start_assessment_instance
from app.domain.attempts.submitting import Answer, hand_in, submit
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import drop_enrollment
from app.domain.grades.answering import submit_answers
from app.domain.grades.models import ColumnGrade
from app.domain.groups.models import GroupMembership
from app.domain.groups.service import remove_group_member
from app.errors import NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, only_row, refused
from tests.factories import Coursework, University, at, coursework, quiz, sat, scored, team

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
CODES = UserErrorCode
TEXT = [NewFile("a.txt", b"a", "text/plain")]


async def paired(world: University, **details: Any) -> Coursework:
    """An assessment on which both students work in a pair, each in a sitting of their own."""
    pairs = await team(world)
    return await coursework(world, group_set_id=pairs.group_set_id, has_group_sittings=False, **details)


async def handed(ctx: Context, **work: Any) -> int:
    """What `hand_in` returns, in a transaction of its own."""
    async with ctx.db.transaction():
        return await hand_in(ctx, **work)


async def work_of(ctx: Context) -> list[tuple[Any, ...]]:
    """Whose sittings the submissions are in, their numbers, who sent them, and whether they are late."""
    own = AssessmentInstance
    statement = (
        select(own.user_id, own.group_id, Submission.number, Submission.submitted_by_id, Submission.is_late)
        .join(own, own.id == Submission.assessment_instance_id)
        .order_by(Submission.id)
    )
    return [tuple(row) for row in await ctx.db.fetch(statement)]


async def test_each_member_gets_a_submission(ctx: Context, world: University) -> None:  # autolab case 26
    work = await paired(world, due_at=NOW)
    here: dict[str, Any] = {"assessment_id": work.assessment_id}
    sam, sue = world.student_id, world.second_student_id
    first = await handed(world.student, **here, files=TEXT)
    assert (await only_row(ctx, Submission, first)).number == 1
    late = at(world.second_student, NOW + DAY)
    await grant_extension(ctx, **here, user_id=sam, due_at=NOW + DAY)
    await submit(late, **await sat(late, work), files=TEXT)
    assert await work_of(ctx) == [
        (sam, None, 1, sam, False),
        (sue, None, 1, sam, False),
        (sue, None, 2, sue, True),
        (sam, None, 2, sue, False),
    ]
    digests = {row[0] for row in await ctx.db.fetch(select(SubmissionFile.sha256))}
    assert len(digests) == 1
    await scored(world.instructor, first, work, Part_A=50)
    grades = await ctx.db.fetch(select(ColumnGrade.user_id, ColumnGrade.points))
    assert [tuple(row) for row in grades] == [(sam, 50.0)]


async def test_a_learner_without_a_group_works_alone(ctx: Context, world: University) -> None:
    pairs = await team(world, [world.student_id])
    work = await coursework(world, group_set_id=pairs.group_set_id, has_group_sittings=False)
    await handed(world.second_student, assessment_id=work.assessment_id, files=TEXT)
    assert await work_of(ctx) == [(world.second_student_id, None, 1, world.second_student_id, False)]
    await update_assessment(ctx, assessment_id=work.assessment_id, has_group_sittings=True)
    alone = handed(world.second_student, assessment_id=work.assessment_id, files=TEXT)
    await refused(ctx, alone, CODES.NOT_IN_GROUP, "assessmentId")


async def test_all_or_nobody(ctx: Context, world: University) -> None:
    work = await paired(world, max_submissions=1, end_at=NOW)
    here: dict[str, Any] = {"assessment_id": work.assessment_id}
    late = at(world.student, NOW + DAY)
    sitting = await sat(world.student, work)
    await grant_extension(ctx, **here, user_id=world.student_id)
    await refused(ctx, submit(late, **sitting, files=TEXT), CODES.PAST_DEADLINE, "assessmentInstanceId")
    await grant_extension(ctx, **here, user_id=world.second_student_id)
    own = GroupMembership
    mate = own.user_id == world.second_student_id
    await ctx.db.execute(update(own).where(mate).values(is_confirmed=False))
    for caller in (late, world.instructor):
        await refused(ctx, submit(caller, **sitting, files=TEXT), CODES.NOT_CONFIRMED, "assessmentInstanceId")
    await ctx.db.execute(update(own).where(mate).values(is_confirmed=True))
    await submit(late, **sitting, files=TEXT)
    for caller in (world.student, world.second_student):
        await refused(ctx, handed(caller, **here, files=TEXT), CODES.GROUP_LIMIT_REACHED, "assessmentId")
    await submit(world.assistant, **sitting, files=TEXT)
    assert [row[2] for row in await work_of(ctx)] == [1, 1, 2, 2]


async def test_who_dropped_is_left_out(ctx: Context, world: University) -> None:
    work = await paired(world)
    await drop_enrollment(ctx, enrollment_id=await key_of(ctx, Enrollment, user_id=world.second_student_id))
    await handed(world.student, assessment_id=work.assessment_id, files=TEXT)
    assert [row[0] for row in await work_of(ctx)] == [world.student_id]
    mine = handed(world.second_student, assessment_id=work.assessment_id, files=TEXT)
    await refused(ctx, mine, CODES.DROPPED, "assessmentId")


async def test_who_left_the_group_works_alone(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id, has_group_sittings=False)
    await handed(world.student, assessment_id=work.assessment_id, files=TEXT)
    await remove_group_member(ctx, group_id=pairs.group_id, user_id=world.student_id)
    await handed(world.student, assessment_id=work.assessment_id, files=TEXT)
    whose = [(row[0], row[2]) for row in await work_of(ctx)]
    assert whose == [(world.student_id, 1), (world.second_student_id, 1), (world.student_id, 2)]


async def test_another_sitting_is_begun_for_a_mate(ctx: Context, world: University) -> None:
    work = await paired(world, max_instances=1)
    theirs = await start_assessment_instance(world.second_student, assessment_id=work.assessment_id)
    await close_assessment_instance(world.second_student, assessment_instance_id=theirs)
    mine = handed(world.student, assessment_id=work.assessment_id, files=TEXT)
    await refused(ctx, mine, CODES.LIMIT_REACHED, "assessmentId")
    await update_assessment(ctx, assessment_id=work.assessment_id, max_instances=2)
    await handed(world.student, assessment_id=work.assessment_id, files=TEXT)
    numbers = await ctx.db.fetch(
        select(AssessmentInstance.user_id, AssessmentInstance.number)
        .join(Submission, Submission.assessment_instance_id == AssessmentInstance.id)
        .order_by(Submission.id)
    )
    assert [tuple(row) for row in numbers] == [(world.student_id, 1), (world.second_student_id, 2)]


async def test_one_problem_is_answered_for_all(ctx: Context, world: University) -> None:
    work = await paired(world)
    style = work.problem_ids["Style"]
    await submit(world.student, **await sat(world.student, work), problem_id=style, answers=[Answer(style, 1)])
    rows = await ctx.db.fetch(select(Submission.answer, Submission.instance_question_id).order_by(Submission.id))
    assert [row.answer for row in rows] == [{"answer": 1}, {"answer": 1}]
    assert len({row.instance_question_id for row in rows}) == 2


async def test_rules_mark_the_answers_of_all(ctx: Context, world: University) -> None:
    pairs = await team(world)
    groups: dict[str, Any] = {"group_set_id": pairs.group_set_id, "has_group_sittings": False}
    work = await quiz(world, {"Q": (QuestionKind.TRUE_FALSE, True, "")}, **groups)
    answers = [Answer(work.problem_ids["Q"], True)]
    await submit_answers(world.student, assessment_id=work.assessment_id, answers=answers)
    grades = await ctx.db.fetch(select(ColumnGrade.user_id, ColumnGrade.points).order_by(ColumnGrade.user_id))
    assert [tuple(row) for row in grades] == [(world.student_id, 1.0), (world.second_student_id, 1.0)]


async def test_the_limit_is_of_a_person_over_all_sittings(ctx: Context, world: University) -> None:
    work = await coursework(world, max_submissions=2)
    here: dict[str, Any] = {"assessment_id": work.assessment_id}
    first = await sat(world.student, work)
    await submit(world.student, **first, files=TEXT)
    await close_assessment_instance(world.student, **first)
    await handed(world.student, **here, files=TEXT)
    await refused(ctx, handed(world.student, **here, files=TEXT), CODES.LIMIT_REACHED, "assessmentId")
    pairs = await team(world)
    await update_assessment(ctx, **here, group_set_id=pairs.group_set_id)
    shared = handed(world.second_student, **here, files=TEXT)
    await refused(ctx, shared, CODES.GROUP_LIMIT_REACHED, "assessmentId")


@pytest.mark.parametrize(
    ("details", "reason"),
    [({"are_handins_disabled": True}, CODES.NOT_OPEN), ({"is_embedded_quiz": True}, CODES.INVALID)],
)
async def test_where_nobody_hands_in_files(
    ctx: Context, world: University, details: dict[str, Any], reason: UserErrorCode
) -> None:  # autolab case 18
    work = await coursework(world, **details)
    here = await sat(world.student, work)
    for caller in (world.student, world.instructor, world.admin):
        await refused(ctx, submit(caller, **here, files=TEXT), reason, "files")
    style = work.problem_ids["Style"]
    assert await submit(world.student, **here, answers=[Answer(style, 1)])


async def test_the_slack_after_the_end(ctx: Context, world: University) -> None:
    work = await coursework(world, due_at=NOW, end_at=NOW)
    place = world.course_instance_id
    await update_course_instance(ctx, course_instance_id=place, late_slack_seconds=60)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "files": TEXT}
    made = await handed(at(world.student, NOW + timedelta(seconds=60)), **here)
    assert (await only_row(ctx, Submission, made)).is_late
    late = handed(at(world.student, NOW + timedelta(seconds=61)), **here)
    await refused(ctx, late, CODES.PAST_DEADLINE, "assessmentId")


async def test_what_began_earlier_and_came_later_is_the_later(ctx: Context, world: University) -> None:
    work = await coursework(world)
    moments = []
    for offset in (timedelta(seconds=2), timedelta(0), timedelta(minutes=-2)):
        made = await handed(at(world.student, NOW + offset), assessment_id=work.assessment_id, files=TEXT)
        moments.append((await only_row(ctx, Submission, made)).submitted_at - NOW)
    assert moments == [timedelta(seconds=2), timedelta(seconds=2), timedelta(minutes=-2)]


async def test_groups_of_autolab_hand_in_each_for_all(ctx: Context, world: University) -> None:
    work = await coursework(world)
    key = work.assessment_id
    assert (await only_row(ctx, Assessment, key)).has_group_sittings
    await set_assessment_groups(world.instructor, assessment_id=key, max_size=2, is_self_assigned=True)
    assert not (await only_row(ctx, Assessment, key)).has_group_sittings


async def test_who_hands_in(ctx: Context, world: University) -> None:
    work = await coursework(world)
    for stranger in (world.outsider, world.loner):
        await denied(ctx, handed(stranger, assessment_id=work.assessment_id, files=TEXT), NotFound)
    for key in (0, 2**40, 2**90):
        await denied(ctx, handed(world.student, assessment_id=key, files=TEXT), NotFound)
    nothing = handed(world.student, assessment_id=work.assessment_id, files=[])
    await refused(ctx, nothing, CODES.REQUIRED, "answers")
