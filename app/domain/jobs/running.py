"""A job is run: its work beside what keeps hold of it, and what is said when it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app.context import Clock, Context
from app.domain.jobs import claiming, cohorts, delivering, grades, notices, responses
from app.domain.jobs.kinds import OpenDatabase, Postponed, Run, Task, Work
from app.domain.jobs.models import JobKind
from app.errors import DomainError
from app.mail import Mailer
from app.principal import Principal

FAULT = "it failed for a reason that the server's log tells"
AGAIN_SECONDS = 10.0
"""Until a job is tried again that the database or the store failed."""
WORK: dict[str, Work] = {
    JobKind.PROBLEM_RESPONSES: responses.report_responses,
    JobKind.GRADES: grades.report_grades,
    JobKind.COURSE_MESSAGE: delivering.send_message,
    JobKind.COHORT_PLACEMENT: cohorts.place_people,
    JobKind.ENROLLMENT_NOTICES: notices.send_notices,
}
"""What each kind does: a domain that has work for the background adds its function here, and its kind to the enum."""
Ending = Callable[[Context, Task], Awaitable[bool]]
log = logging.getLogger("campusgraph.jobs")


@dataclass(frozen=True, slots=True)
class Station:
    """Where jobs are run: a worker of a name that no other has, and what it needs."""

    worker: str
    open_database: OpenDatabase
    clock: Clock
    mailer: Mailer
    mail_from: str

    async def run_next(self) -> bool:
        """Do the job that has been due for longest; False when none is. Cancelled, it gives the job back first."""
        async with self.open_database() as db:
            task = await claiming.claim(self._context(db), self.worker)
        if task is None:
            return False
        work, keeping = asyncio.create_task(self._work(task)), asyncio.create_task(self._keep(task))
        try:
            await asyncio.wait({work, keeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            is_cut_short = not work.done()
            for each in (work, keeping):
                each.cancel()
            await asyncio.wait({work, keeping})
            await self._end(task, claiming.give_up if is_cut_short else work.result())
        return True

    def _context(self, db: Any) -> Context:
        return Context(Principal.program, db, self.clock)

    async def _work(self, task: Task) -> Ending:
        """Do what is to be done; what is to be said of it."""
        try:
            outcome = await WORK[task.kind](Run(task, self.open_database, self.clock, self.mailer, self.mail_from))
        except Postponed as error:
            return _again(task, str(error), error.seconds)
        except DomainError as error:
            return partial(claiming.fail, message=str(error))
        except (OSError, SQLAlchemyError) as error:
            log.warning("job %s is tried again: %s", task.id, " ".join(str(error).split())[:300])
            return _again(task, FAULT, AGAIN_SECONDS)
        except Exception:  # the edge of the worker: whatever it is, it is logged, and other jobs go on
            log.exception("job %s failed", task.id)
            return partial(claiming.fail, message=FAULT)
        return partial(claiming.succeed, outcome=outcome)

    async def _keep(self, task: Task) -> None:
        """Hold the job until this is cancelled; ends by itself when another worker has it."""
        while True:
            await asyncio.sleep(claiming.LEASE.total_seconds() / 3)
            try:
                async with self.open_database() as db, db.transaction():
                    if not await claiming.renew(self._context(db), task):
                        return
            except (OSError, SQLAlchemyError) as error:
                log.warning("job %s may be lost: %s", task.id, " ".join(str(error).split())[:300])

    async def _end(self, task: Task, ending: Ending) -> None:
        """Say how it ended. A database that fails is a line in the log: the job is then repeated."""
        try:
            async with self.open_database() as db, db.transaction():
                await ending(self._context(db), task)
        except (OSError, SQLAlchemyError) as error:
            log.warning("job %s will be repeated: %s", task.id, " ".join(str(error).split())[:300])


def _again(task: Task, message: str, seconds: float) -> Ending:
    if task.attempts >= claiming.MAX_ATTEMPTS:
        return partial(claiming.fail, message=message)
    return partial(claiming.postpone, message=message, seconds=seconds)
