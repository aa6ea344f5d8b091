"""Who is told when somebody takes part in a course instance from now on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.context import Context
from app.domain.enrollment.models import EnrollmentStatus

Follower = Callable[[Context, int, int], Awaitable[None]]

_followers: list[Follower] = []


def follows_enrolling(follower: Follower) -> Follower:
    """Register a function of a later domain to be told, by course instance and user id, within the transaction."""
    _followers.append(follower)
    return follower


async def enrolled(ctx: Context, course_instance_id: int, user_id: int, status: str) -> None:
    """Tell that a person is enrolled in a course instance, whose row is locked, if they are so actively."""
    for follower in _followers if status == EnrollmentStatus.ACTIVE else ():
        await follower(ctx, course_instance_id, user_id)
