"""Addresses that may enrol before anybody has them, and are enrolled once somebody has (contracts/edx-core.md §7)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from app.context import Context
from app.db.sets import member_of
from app.domain.enrollment.entering import crowd, settle
from app.domain.enrollment.models import EnrollmentInvitation
from app.domain.enrollment.policy import may_teach
from app.domain.identity.arrivals import on_arrival
from app.domain.identity.models import User
from app.domain.identity.policy import may_write
from app.domain.rows import insert_missing, update_row, visible_row
from app.domain.rules import email_address, fitted
from app.errors import RuleBroken, UserErrorCode


async def invite_by_email(ctx: Context, *, course_instance_id: int, email: str, is_automatic: bool = False) -> int:
    """Let whoever will have an e-mail address enrol, or (`is_automatic`) enrol them then; the invitation's id.

    The same address again changes that. Instructors, administrators. Raises NotFound, Forbidden; RuleBroken at `email`:
    REQUIRED, INVALID, TOO_LONG, TAKEN by somebody who is there: enrol them.
    """
    await may_teach(ctx, course_instance_id)
    values = fitted(EnrollmentInvitation, {"email": email, "is_automatic": is_automatic})
    values["email"] = values["email"].lower()
    email_address(values["email"], "email")
    taken = select(User.id).where(func.lower(User.email) == values["email"])
    if await ctx.db.scalar(taken) is not None:
        raise RuleBroken(UserErrorCode.TAKEN, "somebody has this address already", "email")
    own = EnrollmentInvitation
    row = {"course_instance_id": course_instance_id, "created_at": ctx.now, "updated_at": ctx.now, **values}
    await insert_missing(ctx, own, [row])
    mine = select(own.id).where(own.course_instance_id == course_instance_id, own.email == values["email"])
    made: int = await ctx.db.scalar(mine)
    await update_row(ctx, own, made, {"is_automatic": is_automatic})
    return made


async def withdraw_invitation(ctx: Context, *, enrollment_invitation_id: int) -> int:
    """Invite an address no more; the id. Instructors, administrators. Raises NotFound, Forbidden."""
    may_write(ctx)
    own = EnrollmentInvitation
    found = await visible_row(ctx, own, enrollment_invitation_id, own.course_instance_id)
    await may_teach(ctx, found.course_instance_id)
    await ctx.db.execute(delete(own).where(own.id == enrollment_invitation_id))
    return enrollment_invitation_id


async def is_invited(ctx: Context, course_instance_id: int, user_id: int) -> bool:
    """Whether a person's address is invited."""
    own = EnrollmentInvitation
    email = select(func.lower(User.email)).where(User.id == user_id).scalar_subquery()
    statement = select(own.id).where(own.course_instance_id == course_instance_id, own.email == email)
    return await ctx.db.scalar(statement) is not None


@on_arrival
async def accept_invitations(ctx: Context, user_ids: Sequence[int]) -> None:
    """Enrol new people where their addresses are invited automatically, in the usual track.

    However many they are, it takes the same number of statements.
    """
    own, table = EnrollmentInvitation, User
    statement = (
        select(own.course_instance_id, table.id)
        .join(table, func.lower(table.email) == own.email)
        .where(member_of(table.id, user_ids), own.is_automatic, ctx.visible(own))
        .order_by(own.course_instance_id, table.id)
    )
    awaited = [(row[0], row[1]) for row in await ctx.db.fetch(statement)]
    if not awaited:
        return
    people = await crowd(ctx, {place for place, _ in awaited}, {user_id for _, user_id in awaited})
    for person in awaited:
        if person not in people.rows:
            people.enter(person)
    await settle(ctx, people)
