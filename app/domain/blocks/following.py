"""Who is told that a course instance was derived from another, or that other blocks of it are for the staff now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from app.context import Context

Copies = Mapping[int, int]
"""The copies of rows, by the originals' ids."""
Follower = Callable[[Context, int, int, Copies], Awaitable[None]]

HidingFollower = Callable[[Context, int], Awaitable[None]]

_followers: list[Follower] = []
_hiding_followers: list[HidingFollower] = []


def follows_deriving(follower: Follower) -> Follower:
    """Register a function of a later domain to be told, within the transaction: original, derived one, its blocks."""
    _followers.append(follower)
    return follower


async def derived(ctx: Context, origin_id: int, made_id: int, blocks: Copies) -> None:
    """Tell that the blocks of a course instance were copied."""
    for follower in _followers:
        await follower(ctx, origin_id, made_id, blocks)


def follows_hiding(follower: HidingFollower) -> HidingFollower:
    """Register a function of a later domain to be told, by course instance id, within the transaction of the change."""
    _hiding_followers.append(follower)
    return follower


async def hiding_changed(ctx: Context, course_instance_id: int) -> None:
    """Tell that blocks of a course instance are for the staff alone that were not, or the other way round."""
    for follower in _hiding_followers:
        await follower(ctx, course_instance_id)
