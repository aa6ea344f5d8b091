"""Who works on a job: each is held by one worker at a time, for as long as that one says so (decision 0013)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from app.context import Context
from app.domain.files import note
from app.domain.jobs.kinds import Outcome, Task
from app.domain.jobs.models import Job, JobState

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
"""Workers that may die of a job, or mail servers that may fail it, before it is given up."""
TOO_OFTEN = "it was interrupted too often"
_FREED: dict[str, Any] = {"worker": None, "leased_until": None}


async def claim(ctx: Context, worker: str) -> Task | None:
    """Take the job that has been due for longest: one that waits, or whose worker has fallen silent; None for none.

    The update says again what makes a job free, so that of several workers one gets it on either database.
    """
    waiting = select(Job.id).where(_free(ctx)).order_by(Job.due_at, Job.id).limit(1)
    while (found := await ctx.db.scalar(waiting)) is not None:
        async with ctx.db.transaction():
            task = await take(ctx, found, worker)
            is_hopeless = task is not None and task.attempts > MAX_ATTEMPTS
            if task is not None and is_hopeless:
                await fail(ctx, task, TOO_OFTEN)
        if task is not None and not is_hopeless:
            return task
    return None


async def take(ctx: Context, job_id: int, worker: str) -> Task | None:
    """Begin a job, if it is free; None when it is not."""
    own: Any = Job
    begun = {
        "state": JobState.PROGRESS,
        "worker": worker,
        "leased_until": ctx.clock() + LEASE,
        "attempts": own.attempts + 1,
        "started_at": ctx.clock(),
        "updated_at": ctx.clock(),
        "progress": 0.0,
    }
    columns = [getattr(own, name) for name in Task._fields]
    statement = update(own).where(own.id == job_id, _free(ctx)).values(begun).returning(*columns)
    rows = await ctx.db.fetch(statement)
    return Task._make(rows[0]) if rows else None


def _free(ctx: Context) -> ColumnElement[bool]:
    own, now = Job, ctx.clock()
    waits = and_(own.state == JobState.SCHEDULED, own.due_at <= now)
    silent = and_(own.state == JobState.PROGRESS, own.leased_until <= now)
    return or_(waits, silent)


async def renew(ctx: Context, task: Task) -> bool:
    """Hold a job longer; False when another worker has it by now."""
    return await _say(ctx, task, leased_until=ctx.clock() + LEASE)


async def succeed(ctx: Context, task: Task, outcome: Outcome) -> bool:
    """Say what came of a job; False, and nothing is said, when another worker has it by now."""
    file: dict[str, Any] = {}
    if outcome.file is not None:
        name, stored = outcome.file
        await note(ctx, [stored])
        file = {"file_name": name, "file_size": stored.size, "sha256": stored.sha256}
    ended = {"state": JobState.SUCCESS, "finished_at": ctx.clock(), "progress": 1.0, **_FREED}
    return await _say(ctx, task, message=outcome.message, output=outcome.output, **ended, **file)


async def fail(ctx: Context, task: Task, message: str) -> bool:
    """Give a job up for good, and say why."""
    return await _say(ctx, task, state=JobState.FAILURE, message=message, finished_at=ctx.clock(), **_FREED)


async def postpone(ctx: Context, task: Task, message: str, seconds: float) -> bool:
    """Let a job be done again, from its beginning, in so many seconds."""
    later = ctx.clock() + timedelta(seconds=seconds)
    return await _say(ctx, task, state=JobState.SCHEDULED, message=message, due_at=later, **_FREED)


async def give_up(ctx: Context, task: Task) -> bool:
    """Let another worker do a job at once, as if this one had not begun: it was told to stop."""
    return await _say(ctx, task, state=JobState.SCHEDULED, attempts=task.attempts - 1, **_FREED)


async def _say(ctx: Context, task: Task, **values: Any) -> bool:
    """Change the job if this worker still holds it."""
    mine = (Job.id == task.id, Job.worker == task.worker, Job.state == JobState.PROGRESS, Job.attempts == task.attempts)
    done = await ctx.db.execute(update(Job).where(*mine).values(updated_at=ctx.clock(), **values))
    return int(done.rowcount) == 1
