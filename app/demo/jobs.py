"""What the teachers of Data Analysis for Everyone had written in the background."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.demo.analysis import PLACE, TEACHER
from app.demo.calendar import AUTUMN_2026, MONDAY
from app.demo.offerings import people_of
from app.demo.stage import Scene, Stage
from app.domain.blocks.models import Block
from app.domain.jobs import claiming
from app.domain.jobs.kinds import Run
from app.domain.jobs.messages import schedule_message
from app.domain.jobs.models import CourseMessage, JobKind
from app.domain.jobs.running import WORK
from app.domain.jobs.service import request_report, revoke_job
from app.mail import console

WORKER = "the demo"


@dataclass(frozen=True, slots=True)
class Rehearsal(Run):
    """A job that is done in the transaction that asks for it, by the teacher."""

    ctx: Context

    @asynccontextmanager
    async def requester(self) -> AsyncIterator[Context]:
        """The teacher."""
        yield self.ctx

    async def note(self, done: int, total: int) -> None:
        """Nobody watches."""


async def _report(stage: Stage, kind: JobKind, **about: Any) -> None:
    ctx = stage.acting(TEACHER)
    job_id = await request_report(ctx, course_instance_id=stage.cast.course_instances[PLACE], kind=kind, **about)
    task = await claiming.take(ctx, job_id, WORKER)
    if task is not None:
        run = Rehearsal(task, lambda: ctx.db, ctx.clock, console, "no-reply@northbridge.example", ctx)
        await claiming.succeed(ctx, task, await WORK[kind](run))


async def write(stage: Stage) -> None:
    """Reports about the first graded week, about one learner, and about all grades; one is taken back, and a mail."""
    place = stage.cast.course_instances[PLACE]
    graded = select(Block.id).where(Block.course_instance_id == place, Block.is_graded).order_by(Block.position)
    block_id = await stage.db.scalar(graded.limit(1))
    learner_id = stage.cast.people[people_of(PLACE)[0]]
    await _report(stage, JobKind.PROBLEM_RESPONSES, block_ids=[block_id], block_kinds=["problem"])
    await _report(stage, JobKind.PROBLEM_RESPONSES, block_ids=[block_id], learner_id=learner_id)
    await _report(stage, JobKind.GRADES)
    ctx = stage.acting(TEACHER)
    await revoke_job(ctx, job_id=await request_report(ctx, course_instance_id=place, kind=JobKind.GRADES))
    said: dict[str, Any] = {"subject": "A new chapter", "html": "<p>For who goes further: <b>regression</b>.</p>"}
    message_id = await schedule_message(ctx, course_instance_id=place, targets=["learners"], **said)
    job_id = await stage.db.scalar(select(CourseMessage.job_id).where(CourseMessage.id == message_id))
    await revoke_job(ctx, job_id=job_id)


SCENES = (Scene(AUTUMN_2026.at(10, MONDAY), write),)
