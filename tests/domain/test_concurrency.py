"""Writers at the same moment, each with a connection of its own, in a database of their own: they commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.context import Context
from app.db.base import Base
from app.db.engine import create_engine
from app.db.migrate import reset_and_upgrade
from app.db.session import Database
from app.domain.assessments.models import QuestionKind
from app.domain.attempts.files import NewFile
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import enroll
from app.domain.files import File
from app.domain.grades.answering import submit_answers
from app.domain.grades.models import ColumnGrade, Counter, GradeChange
from app.domain.grades.overrides import override_grade
from app.domain.grades.service import NewScore, release_scores, score_problems
from app.domain.identity.models import AccessToken
from app.domain.identity.service import create_user
from app.domain.identity.tokens import authenticate, issue_token
from app.errors import RuleBroken
from app.principal import SCOPES, Principal
from app.settings import Settings
from tests.clock import NOW
from tests.factories import Coursework, University, coursework, handed_in, quiz, university

pytestmark = pytest.mark.anyio

MACHINE = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
Write = Callable[[Context], Awaitable[Any]]


@pytest.fixture(scope="module")
async def engine(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncEngine]:
    """A migrated database beside the one of the other tests."""
    if settings.is_sqlite:
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('concurrency') / 'test.sqlite3'}"
    else:
        url = f"{settings.database_url}_concurrency"
        name = make_url(url).database
        await administer(settings, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    engine = create_engine(replace(settings, database_url=url))
    await reset_and_upgrade(engine)
    yield engine
    await engine.dispose()
    if not settings.is_sqlite:
        await administer(settings, f'DROP DATABASE "{name}"')


async def administer(settings: Settings, *statements: str) -> None:
    """Run statements that PostgreSQL takes outside of transactions only."""
    server = create_async_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await server.dispose()


@pytest.fixture
async def committed(engine: AsyncEngine) -> AsyncIterator[Context]:
    """An administrator whose writes are seen by everybody; afterwards the database is empty."""
    async with Database(engine) as db:
        yield Context(MACHINE, db, clock=lambda: NOW)
    async with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(delete(table))


async def built(ctx: Context, **details: Any) -> tuple[University, Coursework]:
    async with ctx.db.transaction():
        world = await university(ctx)
        return world, await coursework(world, **details)


async def at_once(engine: AsyncEngine, principal: Principal, writes: list[Write]) -> list[Any]:
    """What each write returned, or the reason why it was refused; each in a transaction of its own."""

    async def run(write: Write) -> Any:
        async with Database(engine) as db:
            try:
                async with db.transaction():
                    return await write(Context(principal, db, clock=lambda: NOW))
            except RuleBroken as error:
                return error.reason

    return await asyncio.gather(*map(run, writes))


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
