"""Whether people take part in a course instance now."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import and_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.identity.models import User
from app.domain.rows import is_key
from app.errors import RuleBroken, UserErrorCode

Standing = tuple[str | None, str | None]


async def require_present(
    ctx: Context, course_instance_id: int, user_ids: Collection[int], *field: str, roles: Collection[Role] = tuple(Role)
) -> None:
    """Raise RuleBroken at `field` unless all these people are actively enrolled, in one of `roles`.

    NOT_FOUND for one whom the caller does not see, NOT_ENROLLED, DROPPED.
    """
    require_all_present(await standings(ctx, course_instance_id, user_ids), user_ids, *field, roles=roles)


def require_all_present(
    found: Mapping[int, Standing], user_ids: Collection[int], *field: str, roles: Collection[Role] = tuple(Role)
) -> None:
    """The same of people whose standings are known."""
    _require_known(found, user_ids, *field)
    for role, status in (found[user_id] for user_id in user_ids):
        if status == EnrollmentStatus.DROPPED:
            raise RuleBroken(UserErrorCode.DROPPED, "the person has dropped the course", *field)
        if role not in roles or status != EnrollmentStatus.ACTIVE:
            raise RuleBroken(UserErrorCode.NOT_ENROLLED, "the person does not take part in the course", *field)


async def standing_of(
    ctx: Context, course_instance_id: int, user_ids: Collection[int], *field: str
) -> dict[int, Standing]:
    """Like `standings`. Raises RuleBroken NOT_FOUND at `field` when there is somebody whom the caller does not see."""
    found = await standings(ctx, course_instance_id, user_ids)
    _require_known(found, user_ids, *field)
    return found


async def standings(ctx: Context, course_instance_id: int, user_ids: Collection[int]) -> dict[int, Standing]:
    """(role, status) of people in a course instance, by user id; Nones for somebody who was never enrolled.

    Of those of them whom the caller sees.
    """
    here = and_(Enrollment.user_id == User.id, Enrollment.course_instance_id == course_instance_id)
    statement = (
        select(User.id, Enrollment.role, Enrollment.status)
        .select_from(User)
        .join(Enrollment, here, isouter=True)
        .where(member_of(User.id, filter(is_key, user_ids)), ctx.visible(User))
    )
    return {row[0]: (row[1], row[2]) for row in await ctx.db.fetch(statement)}


def _require_known(found: Mapping[int, Standing], user_ids: Collection[int], *field: str) -> None:
    if not found.keys() >= set(user_ids):
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such user", *field)
