"""Who is told when people take part in course instances from now on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from app.context import Context

Person = tuple[int, int]
"""The id of a course instance, and of a user there."""
Follower = Callable[[Context, Sequence[Person]], Awaitable[None]]

_followers: list[Follower] = []


def follows_enrolling(follower: Follower) -> Follower:
    """Register a function of a later domain to be told who is enrolled actively now, within the transaction."""
    _followers.append(follower)
    return follower


async def enrolled(ctx: Context, people: Sequence[Person]) -> None:
    """Tell that people are actively enrolled in course instances, whose rows are locked. Who enrols many tells once."""
    for follower in _followers if people else ():
        await follower(ctx, people)
