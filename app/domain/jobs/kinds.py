"""What is given to the functions that do jobs, and what they give back. Each may be repeated from its beginning."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select, update

from app.context import Clock, Context
from app.db.session import Database
from app.domain.identity.models import User
from app.domain.jobs.models import Job, JobState
from app.errors import DomainError, Forbidden
from app.files.store import Stored
from app.mail import Mailer
from app.principal import ADMIN, READ, WRITE, Principal

OpenDatabase = Callable[[], Database]


class Task(NamedTuple):
    """A job that was claimed: the columns that its work needs."""

    id: int
    course_instance_id: int
    kind: str
    requester_id: int | None
    is_administrative: bool
    block_id: int | None
    learner_id: int | None
    input: dict[str, Any]
    input_sha256: str | None
    attempts: int
    worker: str | None


class Written(NamedTuple):
    """A file that a job wrote: its name, and what is in the store."""

    name: str
    stored: Stored


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: a sentence, numbers, a file."""

    message: str
    output: dict[str, Any] = field(default_factory=dict)
    file: Written | None = None


class Postponed(DomainError):
    """The job can't be done now: it shall be tried again in so many seconds."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt at a job."""

    task: Task
    open_database: OpenDatabase
    clock: Clock
    mailer: Mailer
    mail_from: str

    @asynccontextmanager
    async def program(self) -> AsyncIterator[Context]:
        """The program itself, on a database of its own."""
        async with self.open_database() as db:
            yield Context(Principal.program, db, self.clock)

    @asynccontextmanager
    async def requester(self) -> AsyncIterator[Context]:
        """Who asked for the job, with the rights that they have today. Raises Forbidden when they may do nothing."""
        async with self.open_database() as db:
            yield Context(await _principal(db, self.task), db, self.clock)

    async def note(self, done: int, total: int) -> None:
        """Say how far it is."""
        mine = (Job.id == self.task.id, Job.worker == self.task.worker, Job.state == JobState.PROGRESS)
        async with self.program() as ctx, ctx.db.transaction():
            await ctx.db.execute(update(Job).where(*mine).values(progress=done / total if total else 0.0))


async def _principal(db: Database, task: Task) -> Principal:
    if task.requester_id is None:
        return Principal.program
    own = User
    rows: Sequence[Any] = await db.fetch(select(own.is_staff, own.is_disabled).where(own.id == task.requester_id))
    if rows[0].is_disabled:
        raise Forbidden("who asked for it may not do anything any more")
    scopes = {READ, WRITE, ADMIN} if task.is_administrative else {READ, WRITE}
    return Principal.of(task.requester_id, is_staff=rows[0].is_staff, scopes=frozenset(scopes))


Work = Callable[[Run], Awaitable[Outcome]]
"""What a kind of job does. The list is in `running.py`."""
