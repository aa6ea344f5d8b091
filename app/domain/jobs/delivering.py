"""A mail is sent: to each recipient once, however often its job is begun (decision 0013)."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, update

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.jobs.kinds import Outcome, Postponed, Run
from app.domain.jobs.letters import Letter, letter_to
from app.domain.jobs.messages import message_of
from app.domain.jobs.models import MessageDelivery
from app.domain.jobs.recipients import Recipient, recipients_of
from app.mail import MailFailed, MailRefused, Post

AGAIN_SECONDS = 60.0
EACH = 20
"""Mails between two words about how far it is."""


async def send_message(run: Run) -> Outcome:
    """Send a course message to whom it has not been sent to. Raises Postponed when the mail server fails."""
    async with run.program() as ctx:
        message = await message_of(ctx, run.task.id)
        place = await ctx.db.scalar(
            select(CourseInstance.long_name).where(CourseInstance.id == message.course_instance_id)
        )
        recipients = await recipients_of(ctx, message)
    sender = " ".join(f"{place} Course Staff".split())
    letter = Letter(sender, run.mail_from, message.subject, message.html, message.text)
    try:
        async with run.mailer() as post:
            for number, recipient in enumerate(recipients, 1):
                await _deliver(run, post, message.id, letter, recipient)
                if number % EACH == 0:
                    await run.note(number, len(recipients))
    except MailFailed as error:
        raise Postponed(str(error), AGAIN_SECONDS * run.task.attempts) from error
    async with run.program() as ctx:
        return await _outcome(ctx, message.id)


async def _deliver(run: Run, post: Post, message_id: int, letter: Letter, recipient: Recipient) -> None:
    """Note that it is sent, then send it: who is killed in between has sent nothing to one person, not twice."""
    own = MessageDelivery
    mine = (own.course_message_id == message_id, own.user_id == recipient.user_id)
    async with run.program() as ctx, ctx.db.transaction():
        row = {"course_message_id": message_id, "user_id": recipient.user_id, "sent_at": ctx.now}
        await ctx.db.execute(insert(own).values(**row))
    try:
        await post(letter_to(letter, recipient.email))
    except MailRefused as error:
        async with run.program() as ctx, ctx.db.transaction():
            await ctx.db.execute(update(own).where(*mine).values(refusal=str(error)[:255]))
    except MailFailed:
        async with run.program() as ctx, ctx.db.transaction():
            await ctx.db.execute(delete(own).where(*mine))
        raise


async def _outcome(ctx: Context, message_id: int) -> Outcome:
    """How many it reached, all beginnings together."""
    own = MessageDelivery
    counts = select(func.count(own.id), func.count(own.refusal)).where(own.course_message_id == message_id)
    [(total, refused)] = await ctx.db.fetch(counts)
    told = {"total": total, "attempted": total, "succeeded": total - refused, "failed": refused}
    return Outcome(f"the mail was sent to {total - refused} of {total} people", told)
