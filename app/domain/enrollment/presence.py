"""Whether people take part in a course instance now."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.identity.models import User
from app.domain.rows import is_key
from app.errors import RuleBroken, UserErrorCode


async def require_present(
    ctx: Context, course_instance_id: int, user_ids: Collection[int], *field: str, roles: Collection[Role] = tuple(Role)
) -> None:
    """Raise RuleBroken at `field` unless all these people are actively enrolled, in one of `roles`.

    NOT_FOUND for one whom the caller does not see, NOT_ENROLLED, DROPPED.
    """
    for role, status in (await standing_of(ctx, course_instance_id, user_ids, *field)).values():
        if status == EnrollmentStatus.DROPPED:
            raise RuleBroken(UserErrorCode.DROPPED, "the person has dropped the course", *field)
        if role not in roles or status != EnrollmentStatus.ACTIVE:
            raise RuleBroken(UserErrorCode.NOT_ENROLLED, "the person does not take part in the course", *field)


async def standing_of(
    ctx: Context, course_instance_id: int, user_ids: Collection[int], *field: str
) -> dict[int, tuple[str | None, str | None]]:
    """(role, status) of people in a course instance, by user id; Nones for somebody who was never enrolled.

    Raises RuleBroken NOT_FOUND at `field` when there is somebody whom the caller does not see.
    """
    here = and_(Enrollment.user_id == User.id, Enrollment.course_instance_id == course_instance_id)
    statement = (
        select(User.id, Enrollment.role, Enrollment.status)
        .select_from(User)
        .join(Enrollment, here, isouter=True)
        .where(member_of(User.id, filter(is_key, user_ids)), ctx.visible(User))
    )
    found = {row[0]: (row[1], row[2]) for row in await ctx.db.fetch(statement)}
    if len(found) < len(set(user_ids)):
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such user", *field)
    return found
