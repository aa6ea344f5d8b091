"""Mails about enrolments: who enters, is invited or leaves by a list is told, in the background (edx-core.md §7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select, update

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.following import Notice, Tidings, sends_notices
from app.domain.jobs.kinds import Outcome, Postponed, Run
from app.domain.jobs.letters import Letter, letter_to
from app.domain.jobs.models import EnrollmentNotice, Job, JobKind, JobState
from app.domain.rows import insert_rows
from app.mail import MailFailed, MailRefused, Post

AGAIN_SECONDS = 60.0
EACH = 20
"""Mails between two words about how far it is."""
SUBJECTS = {
    Tidings.ENROLLED: "You are enrolled in {}",
    Tidings.INVITED: "You are invited to {}",
    Tidings.AWAITED: "You are invited to {}",
    Tidings.DROPPED: "You are no longer enrolled in {}",
    Tidings.WITHDRAWN: "You are no longer invited to {}",
}
TEXTS = {
    Tidings.ENROLLED: "You are enrolled in {}. Sign in to begin.",
    Tidings.INVITED: "You may take part in {}: make an account with this e-mail address, and enrol.",
    Tidings.AWAITED: "You may take part in {}: make an account with this e-mail address, and you are enrolled.",
    Tidings.DROPPED: "You have been taken out of {}. What you did there is kept.",
    Tidings.WITHDRAWN: "The invitation to {} has been withdrawn.",
}


@sends_notices
async def announce(ctx: Context, notices: Sequence[Notice]) -> None:
    """Have mails sent once the transaction has ended: a job for each course instance. Two statements."""
    first: dict[tuple[int, str], str] = {}
    for each in notices:
        first.setdefault((each.course_instance_id, each.email), each.tidings)
    counts = Counter(place for place, _ in first)
    told = {"kind": JobKind.ENROLLMENT_NOTICES, "state": JobState.SCHEDULED, "output": {}, "due_at": ctx.now}
    told |= {"requester_id": ctx.principal.user_id, "is_administrative": ctx.principal.is_admin}
    rows = [
        {"course_instance_id": place, "uuid": str(uuid4()), "input": {"mails": count}, **told}
        for place, count in counts.items()
    ]
    jobs = dict(zip(counts, await insert_rows(ctx, Job, rows), strict=True))
    mails = [{"job_id": jobs[place], "email": email, "tidings": tidings} for (place, email), tidings in first.items()]
    await ctx.db.execute(insert(EnrollmentNotice), mails)
    ctx.db.ring_on_commit()


async def send_notices(run: Run) -> Outcome:
    """Send the mails of a job that were not sent yet. Raises Postponed when the mail server fails."""
    own = EnrollmentNotice
    async with run.program() as ctx:
        name = select(CourseInstance.long_name).where(CourseInstance.id == run.task.course_instance_id)
        place = " ".join(str(await ctx.db.scalar(name)).split())
        waiting = select(own.id, own.email, own.tidings).where(own.job_id == run.task.id, own.sent_at.is_(None))
        mails = await ctx.db.fetch(waiting.order_by(own.id))
    letters = {each: _letter(run, place, each) for each in Tidings}
    try:
        async with run.mailer() as post:
            for number, row in enumerate(mails, 1):
                await _deliver(run, post, letters[Tidings(row.tidings)], row)
                if number % EACH == 0:
                    await run.note(number, len(mails))
    except MailFailed as error:
        raise Postponed(str(error), AGAIN_SECONDS * run.task.attempts) from error
    async with run.program() as ctx:
        return await _outcome(ctx, run.task.id)


def _letter(run: Run, place: str, tidings: Tidings) -> Letter:
    text = TEXTS[tidings].format(place)
    subject = SUBJECTS[tidings].format(place)
    return Letter(f"{place} Course Staff", run.mail_from, subject, f"<p>{escape(text)}</p>", text)


async def _deliver(run: Run, post: Post, letter: Letter, row: Any) -> None:
    """Note that it is sent, then send it: who is killed in between has sent nothing to one person, not twice."""
    await _note(run, row.id, sent_at=run.clock())
    try:
        await post(letter_to(letter, row.email))
    except MailRefused as error:
        await _note(run, row.id, refusal=str(error)[:255])
    except MailFailed:
        await _note(run, row.id, sent_at=None)
        raise


async def _note(run: Run, key: int, **values: Any) -> None:
    own = EnrollmentNotice
    async with run.program() as ctx, ctx.db.transaction():
        await ctx.db.execute(update(own).where(own.id == key).values(**values))


async def _outcome(ctx: Context, job_id: int) -> Outcome:
    """How many mails were sent, all beginnings together."""
    own = EnrollmentNotice
    counts = select(func.count(own.id), func.count(own.refusal)).where(own.job_id == job_id)
    [(total, refused)] = await ctx.db.fetch(counts)
    told = {"total": total, "attempted": total, "succeeded": total - refused, "failed": refused}
    return Outcome(f"{total - refused} of {total} people were told", told)
