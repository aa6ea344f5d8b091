"""Who is told when columns, or what they are worth, change, so that what is computed from them follows at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.context import Context

Follower = Callable[[Context, int], Awaitable[None]]

_followers: list[Follower] = []
_worth_followers: list[Follower] = []


def follows_columns(follower: Follower) -> Follower:
    """Register a function of a later domain to be told, by course instance id, within the transaction of the change."""
    _followers.append(follower)
    return follower


async def columns_changed(ctx: Context, course_instance_id: int) -> None:
    """Tell that a course instance's columns, or what they are worth, are not what they were."""
    for follower in _followers:
        await follower(ctx, course_instance_id)


def follows_worth(follower: Follower) -> Follower:
    """Register a function of a later domain to be told, by assessment id, within the transaction of the change."""
    _worth_followers.append(follower)
    return follower


async def worth_changed(ctx: Context, assessment_id: int) -> None:
    """Tell that an assessment's maximum is not what it was."""
    for follower in _worth_followers:
        await follower(ctx, assessment_id)
