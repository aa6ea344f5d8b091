"""Writers at the same moment, each with a connection of its own, in a database of their own: they commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.session import Database
from app.domain.assessments.grouping import set_assessment_groups
from app.domain.assessments.models import Assessment, Problem, QuestionKind
from app.domain.assessments.questions import add_question
from app.domain.attempts.files import NewFile
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, hand_in, submit
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import enroll
from app.domain.files import File
from app.domain.grades.answering import submit_answers
from app.domain.grades.latest import score_latest_submission
from app.domain.grades.models import ColumnGrade, Counter, GradeChange
from app.domain.grades.overrides import override_grade
from app.domain.grades.service import NewScore, release_scores, score_problems
from app.domain.groups.batches import NewGroup, create_groups
from app.domain.groups.models import GroupMembership, GroupSet
from app.domain.identity.models import AccessToken
from app.domain.identity.service import create_user
from app.domain.identity.tokens import authenticate, issue_token
from app.settings import Settings
from tests.clock import NOW
from tests.domain.rivals import MACHINE, Write, at_once, built, committing, own_database
from tests.factories import Coursework, coursework, handed_in, quiz, team, university

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def engine(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncEngine]:
    async with own_database(settings, tmp_path_factory.mktemp("concurrency")) as made:
        yield made


@pytest.fixture
async def committed(engine: AsyncEngine) -> AsyncIterator[Context]:
    async with committing(engine) as ctx:
        yield ctx


async def test_the_last_attempt_is_given_once(engine: AsyncEngine, committed: Context) -> None:
    world, work = await built(committed, max_submissions=3)
    async with committed.db.transaction():
        sitting = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    files = [NewFile("a.txt", b"the same for all")]
    here: dict[str, Any] = {"assessment_instance_id": sitting, "files": files}
    answers = await at_once(engine, world.student.principal, [lambda ctx: submit(ctx, **here)] * 10)
    assert answers.count("LIMIT_REACHED") == 7
    numbers = await committed.db.fetch(select(Submission.number).order_by(Submission.number))
    assert [row[0] for row in numbers] == [1, 2, 3]
    assert len(await committed.db.fetch(select(File.sha256))) == 1


async def test_the_last_answers_are_taken_once(engine: AsyncEngine, committed: Context) -> None:
    """`max_submissions` 1, ten at once, no sitting yet (assessments case 28)."""
    async with committed.db.transaction():
        world = await university(committed)
        work = await quiz(world, {"Q": (QuestionKind.TRUE_FALSE, True, "")}, max_submissions=1)
    answers = [Answer(work.problem_ids["Q"], True)]
    write: Write = lambda ctx: submit_answers(ctx, assessment_id=work.assessment_id, answers=answers)  # noqa: E731
    told = await at_once(engine, world.student.principal, [write] * 10)
    assert told.count("LIMIT_REACHED") == 9
    assert len(await committed.db.fetch(select(Submission.id))) == 1
    assert await committed.db.scalar(select(ColumnGrade.points)) == 1.0


async def test_groups_of_the_same_people_are_made_at_once(engine: AsyncEngine, committed: Context) -> None:
    world, _ = await built(committed)
    async with committed.db.transaction():
        pairs = await team(world)
    both = [NewGroup("both", [world.student_id, world.second_student_id]), NewGroup("nobody")]
    write: Write = lambda ctx: create_groups(ctx, group_set_id=pairs.group_set_id, groups=both)  # noqa: E731
    made = await at_once(engine, world.instructor.principal, [write] * 6)
    keys = {each.group_ids[0] for each in made}
    assert len(keys) == 6
    current = select(GroupMembership.user_id, GroupMembership.group_id).where(GroupMembership.left_at.is_(None))
    rows = await committed.db.fetch(current.order_by(GroupMembership.user_id))
    assert [row.user_id for row in rows] == [world.student_id, world.second_student_id]
    assert len({row.group_id for row in rows} & keys) == 1


async def test_an_assessment_gets_one_set_of_groups(engine: AsyncEngine, committed: Context) -> None:
    world, work = await built(committed)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "is_self_assigned": False}
    writes: list[Write] = [
        lambda ctx, size=size: set_assessment_groups(ctx, **here, max_size=size)  # type: ignore[misc]
        for size in range(2, 8)
    ]
    assert await at_once(engine, world.instructor.principal, writes) == [work.assessment_id] * 6
    (row,) = await committed.db.fetch(select(GroupSet.id, GroupSet.name, GroupSet.max_size))
    assert (row.name, row.max_size in range(2, 8)) == ("lab1", True)
    assert await committed.db.scalar(select(Assessment.group_set_id)) == row.id


async def test_questions_are_added_at_once(engine: AsyncEngine, committed: Context) -> None:
    world, work = await built(committed, problems={})
    asked: dict[str, Any] = {"kind": QuestionKind.TRUE_FALSE, "prompt": "So?", "correct_answer": True}
    write: Write = lambda ctx: add_question(ctx, assessment_id=work.assessment_id, **asked)  # noqa: E731
    await at_once(engine, world.instructor.principal, [write] * 6)
    numbers = await committed.db.fetch(select(Problem.number).order_by(Problem.number))
    assert [row[0] for row in numbers] == [1, 2, 3, 4, 5, 6]
    assert await committed.db.scalar(select(Assessment.max_points)) == 6.0


async def test_the_latest_submission_is_scored_at_once(engine: AsyncEngine, committed: Context) -> None:
    problems = {f"P{place}": 10.0 for place in range(4)}
    world, work = await built(committed, problems=problems)
    async with committed.db.transaction():
        await handed_in(world.student, work)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id, "with_group": True}

    def score(problem_id: int) -> Write:
        return lambda ctx: score_latest_submission(ctx, **here, scores=[NewScore(problem_id, 1)])

    await at_once(engine, world.instructor.principal, [score(each) for each in work.problem_ids.values()])
    assert await committed.db.scalar(select(ColumnGrade.points)) == 4.0


@pytest.mark.parametrize("has_group_sittings", [False, True])
async def test_a_group_hands_in_at_once(engine: AsyncEngine, committed: Context, has_group_sittings: bool) -> None:
    async with committed.db.transaction():
        world = await university(committed)
        set_id = (await team(world)).group_set_id
        work = await coursework(world, max_submissions=4, group_set_id=set_id, has_group_sittings=has_group_sittings)
    write: Write = lambda ctx: hand_in(ctx, assessment_id=work.assessment_id, files=[NewFile("a", b"a")])  # noqa: E731
    pair = (world.student.principal, world.second_student.principal)
    told = await asyncio.gather(*(at_once(engine, each, [write] * 10) for each in pair))
    assert [each for answers in told for each in answers if isinstance(each, str)] == ["GROUP_LIMIT_REACHED"] * 16
    sittings = await committed.db.fetch(select(Submission.assessment_instance_id, Submission.number))
    keys = sorted({row[0] for row in sittings})
    assert (len(keys), len(sittings)) == ((1, 4) if has_group_sittings else (2, 8))
    assert sorted(map(tuple, sittings)) == [(key, number) for key in keys for number in range(1, 5)]


async def test_one_sitting_is_started(engine: AsyncEngine, committed: Context) -> None:
    world, work = await built(committed)
    key = work.assessment_id
    answers = await at_once(
        engine, world.student.principal, [lambda ctx: start_assessment_instance(ctx, assessment_id=key)] * 6
    )
    assert len(set(answers)) == 1
    assert len(await committed.db.fetch(select(AssessmentInstance.id))) == 1


async def test_no_score_is_lost(engine: AsyncEngine, committed: Context) -> None:
    problems = {f"P{place}": 10.0 for place in range(8)}
    world, work = await built(committed, problems=problems)
    async with committed.db.transaction():
        submission = await handed_in(world.student, work)

    def score(problem_id: int) -> Write:
        return lambda ctx: score_problems(ctx, submission_id=submission, scores=[NewScore(problem_id, 1)])

    writes: list[Write] = [score(problem_id) for problem_id in work.problem_ids.values()]
    writes.insert(4, lambda ctx: release_scores(ctx, assessment_id=work.assessment_id))
    other: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.second_student_id}
    writes.append(lambda ctx: override_grade(ctx, **other, points=5))
    answers = await at_once(engine, world.instructor.principal, writes)
    assert [answer for answer in answers if isinstance(answer, str)] == []
    points = await committed.db.fetch(select(InstanceQuestion.points))
    assert [row[0] for row in points] == [1.0] * 8
    grades = await committed.db.fetch(select(ColumnGrade.user_id, ColumnGrade.points).order_by(ColumnGrade.user_id))
    assert [tuple(row) for row in grades] == [(world.student_id, 8.0), (world.second_student_id, 5.0)]
    indices = [row[0] for row in await committed.db.fetch(select(GradeChange.change_index))]
    assert sorted(indices) == list(range(1, await committed.db.scalar(select(Counter.value)) + 1))


async def test_grace_days_are_used_once(engine: AsyncEngine, committed: Context) -> None:
    """Four assessments of one learner are marked at the same moment, each a day late: the first two are forgiven."""
    async with committed.db.transaction():
        world = await university(committed)
        terms: dict[str, Any] = {"late_penalty": 1.0, "grace_days": 2}
        await update_course_instance(committed, course_instance_id=world.course_instance_id, **terms)
        names = [f"lab{place}" for place in range(4)]
        works = [await coursework(world, name, {"A": 10}, due_at=NOW - timedelta(hours=1)) for name in names]
        submissions = [await handed_in(world.student, work) for work in works]

    def score(submission_id: int, work: Coursework) -> Write:
        marks = [NewScore(work.problem_ids["A"], 10)]
        return lambda ctx: score_problems(ctx, submission_id=submission_id, scores=marks)

    writes = [score(key, work) for key, work in zip(submissions, works, strict=True)]
    told = await at_once(engine, world.instructor.principal, [*writes[::-1], *writes])
    assert sorted(told) == sorted([*submissions, *submissions])
    own = ColumnGrade.points
    points = await committed.db.fetch(select(own).order_by(ColumnGrade.assessment_id))
    assert [row[0] for row in points] == [10.0, 10.0, 9.0, 9.0]


async def test_the_first_indices_are_drawn_at_once(engine: AsyncEngine, committed: Context) -> None:
    world, first = await built(committed)
    async with committed.db.transaction():
        works = [first] + [await coursework(world, f"lab{place}") for place in range(2, 6)]

    def override(work: Coursework) -> Write:
        return lambda ctx: override_grade(ctx, assessment_id=work.assessment_id, user_id=world.student_id, points=5)

    await at_once(engine, world.instructor.principal, [override(work) for work in works])
    indices = [row[0] for row in await committed.db.fetch(select(ColumnGrade.change_index))]
    assert sorted(indices) == [1, 2, 3, 4, 5]


async def test_a_person_is_enrolled_once(engine: AsyncEngine, committed: Context) -> None:
    world, _ = await built(committed)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.loner_id}
    answers = await at_once(engine, world.instructor.principal, [lambda ctx: enroll(ctx, **here)] * 5)
    assert answers.count("ALREADY_ENROLLED") == 4
    assert len(await committed.db.fetch(select(Enrollment.id).where(Enrollment.user_id == world.loner_id))) == 1


async def test_a_username_is_given_once(engine: AsyncEngine, committed: Context) -> None:
    answers = await at_once(engine, MACHINE, [lambda ctx: create_user(ctx, username="ida")] * 5)
    assert answers.count("TAKEN") == 4


async def test_reading_goes_on_while_somebody_writes_for_long(engine: AsyncEngine, committed: Context) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one writer at a time")
    async with committed.db.transaction():
        user_id = await create_user(committed, username="sam")
        issued = await issue_token(committed, user_id=user_id, name="laptop")
    async with Database(engine) as writer, Database(engine) as reader:
        await reader.execute(text("PRAGMA busy_timeout = 0"))
        async with writer.transaction():
            await writer.execute(text("SELECT 1"))
            assert (await authenticate(reader, issued.text, NOW)).user_id == user_id
        assert await reader.scalar(select(AccessToken.last_used_at)) is None
        await authenticate(reader, issued.text, NOW)
        assert await reader.scalar(select(AccessToken.last_used_at)) == NOW
        await reader.execute(text("PRAGMA busy_timeout = 10000"))
