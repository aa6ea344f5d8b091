"""Who wants to know that people have come: a later domain may have waited for somebody's e-mail address.

A domain that registers here is told of every person made by `create_user`, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from app.context import Context

Arrived = Callable[[Context, Sequence[int]], Awaitable[None]]
_told: list[Arrived] = []


def on_arrival(function: Arrived) -> Arrived:
    """Register a function of the context, which is an administrator's, and of the ids of new people."""
    _told.append(function)
    return function


async def welcome(ctx: Context, user_ids: Sequence[int]) -> None:
    """Tell all that registered. Whoever makes people in bulk calls it once for all of them."""
    for function in _told:
        await function(ctx, user_ids)
