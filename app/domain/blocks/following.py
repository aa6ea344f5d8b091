"""Who is told that a course instance was derived from another, so that what belongs to its blocks is copied, too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from app.context import Context

Copies = Mapping[int, int]
"""The copies of rows, by the originals' ids."""
Follower = Callable[[Context, int, int, Copies], Awaitable[None]]

_followers: list[Follower] = []


def follows_deriving(follower: Follower) -> Follower:
    """Register a function of a later domain to be told, within the transaction: original, derived one, its blocks."""
    _followers.append(follower)
    return follower


async def derived(ctx: Context, origin_id: int, made_id: int, blocks: Copies) -> None:
    """Tell that the blocks of a course instance were copied."""
    for follower in _followers:
        await follower(ctx, origin_id, made_id, blocks)
