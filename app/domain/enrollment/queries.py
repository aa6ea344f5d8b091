"""Reads of enrolment that are more than a relation."""

from __future__ import annotations

from typing import cast

from sqlalchemy import func, select

from app.context import Context
from app.domain.enrollment.policy import may_teach
from app.domain.identity.models import User
from app.domain.rules import is_control


async def find_person(
    ctx: Context,
    *,
    course_instance_id: int,
    email: str | None = None,
    username: str | None = None,
    uid: str | None = None,
) -> int | None:
    """The user of an address or a name (one is given), seen or not: whom an instructor wants to enrol. None if nobody.

    Raises like `enroll`.
    """
    await may_teach(ctx, course_instance_id)
    names = {User.email: email, User.username: username, User.uid: uid}
    column, value = next((column, value) for column, value in names.items() if value is not None)
    if any(is_control(character) for character in value):
        return None
    return cast("int | None", await ctx.db.scalar(select(User.id).where(func.lower(column) == func.lower(value))))
