"""People say of themselves what they aim at in a course instance, what to show them, and what they agree to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from app.context import Context
from app.domain.blocks.visits import be_at_work
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.presence import require_present
from app.domain.identity.policy import may_write
from app.domain.progress.models import TOKEN, LearnerRecord
from app.domain.rows import insert_missing, update_row, visible_row
from app.domain.rules import text
from app.errors import NotFound, RuleBroken, UserErrorCode

MOST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Celebrated:
    """What was said of celebrations, and whether nothing had been said before."""

    record_id: int
    is_first: bool


async def set_course_goal(
    ctx: Context, *, course_instance_id: int, has_goal_reminders: bool, goal_days_per_week: int | None = None
) -> int:
    """Aim at so many days a week in a course instance, with mails that remind one or without; the record's id.

    No days, or none given, leave the number as it is (contracts/edx-core.md §4.5). Raises NotFound; RuleBroken:
    NOT_ENROLLED, DROPPED at `courseInstanceId`, OUT_OF_RANGE at `goalDaysPerWeek`.
    """
    days = goal_days_per_week or 0
    if not 0 <= days <= MOST_DAYS:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, f"0 to {MOST_DAYS} days", "goalDaysPerWeek")
    await _present(ctx, course_instance_id)
    own = LearnerRecord
    record = await _record(ctx, course_instance_id, own.goal_days_per_week, own.reminder_token)
    said = {"goal_days_per_week": days or record.goal_days_per_week or 0, "has_goal_reminders": has_goal_reminders}
    await update_row(ctx, own, record.id, {**said, "reminder_token": record.reminder_token or uuid4().hex})
    record_id: int = record.id
    return record_id


async def stop_goal_reminders(ctx: Context, *, token: str) -> int:
    """End the reminders of the goal that a mail's token is about, whosever it is; the course instance's id.

    Whoever knows the token may. Raises NotFound for one that nobody was sent.
    """
    may_write(ctx)
    own = LearnerRecord
    statement = select(own.id, own.course_instance_id).where(own.reminder_token == token)
    rows = await ctx.db.fetch(statement) if len(token) == TOKEN and token.isalnum() else ()
    if not rows:
        raise NotFound("no such goal")
    await update_row(ctx, own, rows[0].id, {"has_goal_reminders": False})
    place: int = rows[0].course_instance_id
    return place


async def set_celebrations(
    ctx: Context,
    *,
    course_instance_id: int,
    celebrates_first_section: Change[bool] = UNSET,
    celebrates_weekly_goal: Change[bool] = UNSET,
) -> Celebrated:
    """Say whether the first section, and a week's goal, are still to be celebrated; false: not again.

    Raises NotFound; RuleBroken NOT_ENROLLED, DROPPED at `courseInstanceId`.
    """
    await _present(ctx, course_instance_id)
    own = LearnerRecord
    record = await _record(ctx, course_instance_id, own.celebrates_first_section, own.celebrates_weekly_goal)
    said = given(celebrates_first_section=celebrates_first_section, celebrates_weekly_goal=celebrates_weekly_goal)
    await update_row(ctx, own, record.id, said)
    before = (record.celebrates_first_section, record.celebrates_weekly_goal)
    return Celebrated(record.id, is_first=bool(said) and before == (None, None))


async def dismiss_welcome_message(ctx: Context, *, course_instance_id: int, dismissed_update: str) -> int:
    """Don't show the message of this update, the newest, any more; the record's id. A newer one is shown again.

    Raises NotFound; RuleBroken: NOT_ENROLLED, DROPPED at `courseInstanceId`, REQUIRED, TOO_LONG, INVALID at
    `dismissedUpdate`.
    """
    await _present(ctx, course_instance_id)
    name = text(dismissed_update, "dismissedUpdate", max_length=64)
    return await _said(ctx, course_instance_id, {"dismissed_update": name})


async def sign_integrity(ctx: Context, *, course_instance_id: int) -> int:
    """Promise to work honestly in a course instance; the record's id. The first time counts. Raises NotFound."""
    await _visible(ctx, course_instance_id)
    record = await _record(ctx, course_instance_id, LearnerRecord.signed_at)
    if record.signed_at is None:
        await update_row(ctx, LearnerRecord, record.id, {"signed_at": ctx.now})
    record_id: int = record.id
    return record_id


async def set_course_email(ctx: Context, *, course_instance_id: int, receives_email: bool) -> int:
    """Say whether one wants the mails that the staff writes to everybody; the record's id. Raises NotFound."""
    await _visible(ctx, course_instance_id)
    return await _said(ctx, course_instance_id, {"receives_email": receives_email})


async def reset_deadlines(ctx: Context, *, course_instance_id: int) -> int:
    """Begin now: where people go at their own pace, due dates count from here; the record's id.

    Raises NotFound; RuleBroken NOT_ENROLLED, DROPPED at `courseInstanceId`.
    """
    await _present(ctx, course_instance_id)
    return await _said(ctx, course_instance_id, {"schedule_start_at": ctx.now})


async def record_activity(ctx: Context, *, course_instance_id: int) -> int:
    """Say that one is at work in a course instance; the record's id.

    Raises NotFound; RuleBroken NOT_ENROLLED, DROPPED at `courseInstanceId`.
    """
    await _present(ctx, course_instance_id)
    await be_at_work(ctx, course_instance_id)
    return await _said(ctx, course_instance_id, {"last_active_at": ctx.now})


async def _visible(ctx: Context, course_instance_id: int) -> None:
    may_write(ctx)
    _ = ctx.user_id
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id)


async def _present(ctx: Context, course_instance_id: int) -> None:
    """Raise unless the caller takes part in the course instance."""
    await _visible(ctx, course_instance_id)
    await require_present(ctx, course_instance_id, [ctx.user_id], "courseInstanceId")


async def _record(ctx: Context, course_instance_id: int, *columns: Any) -> Any:
    """The key and columns of the caller's record, made if need be; nobody else can change it until this ends."""
    own = LearnerRecord
    whose = {"course_instance_id": course_instance_id, "user_id": ctx.user_id}
    await insert_missing(ctx, own, [{**whose, "created_at": ctx.now, "updated_at": ctx.now}])
    mine = (own.course_instance_id == course_instance_id, own.user_id == ctx.user_id)
    (row,) = await ctx.db.fetch(select(own.id, *columns).where(*mine).with_for_update(key_share=True))
    return row


async def _said(ctx: Context, course_instance_id: int, values: dict[str, Any]) -> int:
    record = await _record(ctx, course_instance_id)
    await update_row(ctx, LearnerRecord, record.id, values)
    record_id: int = record.id
    return record_id
