"""Mails to a course instance's people: asked for, changed while they wait (contracts/edx-core.md §17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.policy import may_teach
from app.domain.identity.policy import may_write
from app.domain.jobs.letters import text_of
from app.domain.jobs.models import CourseMessage, Job, JobKind, JobState
from app.domain.jobs.recipients import require_targets
from app.domain.jobs.service import add_job
from app.domain.rows import insert_row, update_row, visible_row
from app.domain.rules import fitted, instant
from app.errors import RuleBroken, UserErrorCode

LINE_ENDS = ("\u2028", "\u2029", "\x85")
MOST = 256 * 1024
"""Characters of a mail."""


async def schedule_message(
    ctx: Context,
    *,
    course_instance_id: int,
    targets: Sequence[str],
    subject: str,
    html: str,
    text: str | None = None,
    due_at: datetime | None = None,
) -> int:
    """Have a mail sent to a course instance's people, at once or when it is due; the message's id.

    Instructors and administrators. Without a text it has what the HTML says. Raises NotFound, Forbidden; RuleBroken:
    REQUIRED, TOO_LONG and INVALID at `subject` and `html`, REQUIRED at `targets`, INVALID and NOT_FOUND at (`targets`,
    index), OUT_OF_RANGE at `dueAt` for a moment that is past.
    """
    await may_teach(ctx, course_instance_id)
    sender_id = ctx.user_id
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    wanted = await require_targets(ctx, course_instance_id, targets)
    said = _checked({"subject": subject, "html": html, "text": text_of(html) if text is None else text})
    moment = ctx.now if due_at is None else _future(ctx, due_at)
    job_id = await add_job(ctx, course_instance_id, JobKind.COURSE_MESSAGE, {"targets": wanted}, due_at=moment)
    row = {
        "course_instance_id": course_instance_id,
        "job_id": job_id,
        "sender_id": sender_id,
        "targets": wanted,
        **said,
    }
    return await insert_row(ctx, CourseMessage, row)


async def update_message(
    ctx: Context,
    *,
    course_message_id: int,
    targets: Change[Sequence[str]] = UNSET,
    subject: Change[str] = UNSET,
    html: Change[str] = UNSET,
    text: Change[str | None] = UNSET,
    due_at: Change[datetime] = UNSET,
) -> int:
    """Change a mail that waits; its id. A new HTML brings its text with it, if no other is given; null does, too.

    Raises NotFound, Forbidden; RuleBroken like `schedule_message`, and NOT_OPEN at `courseMessageId` once the mail is
    being sent, or taken back.
    """
    may_write(ctx)
    own = CourseMessage
    found = await visible_row(ctx, own, course_message_id, own.course_instance_id, own.job_id, own.html)
    await may_teach(ctx, found.course_instance_id)
    changes = given(subject=subject, html=html, text=text)
    if changes.get("text", "") is None or ("html" in changes and "text" not in changes):
        changes["text"] = text_of(changes.get("html", found.html) or "")
    changes = _checked(changes)
    job: dict[str, Any] = {"updated_at": ctx.now}
    if due_at is not UNSET and isinstance(due_at, datetime):
        job["due_at"] = _future(ctx, due_at)
    if targets is not UNSET and isinstance(targets, Sequence):
        changes["targets"] = await require_targets(ctx, found.course_instance_id, targets)
        job["input"] = {"targets": changes["targets"]}
    await _change_waiting(ctx, found.job_id, job)
    await update_row(ctx, own, course_message_id, changes)
    return course_message_id


async def _change_waiting(ctx: Context, job_id: int, values: dict[str, Any]) -> None:
    """Change a job if it waits: no worker takes it before this transaction ends."""
    waits = (Job.id == job_id, Job.state == JobState.SCHEDULED)
    ctx.db.ring_on_commit()
    done = await ctx.db.execute(update(Job).where(*waits).values(**values))
    if done.rowcount != 1:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "the mail is being sent, or is over", "courseMessageId")


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    checked = fitted(CourseMessage, said)
    for name, text in checked.items():
        if len(text) > MOST:
            raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MOST} characters", name)
    if any(each in checked.get("subject", "") for each in LINE_ENDS):
        raise RuleBroken(UserErrorCode.INVALID, "a subject is one line", "subject")
    return checked


def _future(ctx: Context, moment: datetime) -> datetime:
    due = instant(moment, "dueAt")
    if due < ctx.now:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "the moment is past", "dueAt")
    return due


async def message_of(ctx: Context, job_id: int) -> Any:
    """The row of the mail that a job sends."""
    [row] = await ctx.db.fetch(select(CourseMessage.__table__).where(CourseMessage.job_id == job_id))
    return row
