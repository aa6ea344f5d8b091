"""Who is told when people take part in course instances from now on, or in other tracks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from app.context import Context

Person = tuple[int, int]
"""The id of a course instance, and of a user there."""
Follower = Callable[[Context, Sequence[Person]], Awaitable[None]]

TrackFollower = Callable[[Context, int, int | None], Awaitable[None]]

_followers: list[Follower] = []
_track_followers: list[TrackFollower] = []


def follows_enrolling(follower: Follower) -> Follower:
    """Register a function of a later domain to be told who is enrolled actively now, within the transaction."""
    _followers.append(follower)
    return follower


async def enrolled(ctx: Context, people: Sequence[Person]) -> None:
    """Tell that people are actively enrolled in course instances, whose rows are locked. Who enrols many tells once."""
    for follower in _followers if people else ():
        await follower(ctx, people)


class Tidings(StrEnum):
    """What somebody is told of their place in a course instance."""

    ENROLLED = "ENROLLED"
    INVITED = "INVITED"
    AWAITED = "AWAITED"
    DROPPED = "DROPPED"
    WITHDRAWN = "WITHDRAWN"


class Notice(NamedTuple):
    """A mail that somebody shall get about their place in a course instance."""

    course_instance_id: int
    email: str
    tidings: Tidings


Messenger = Callable[[Context, Sequence[Notice]], Awaitable[None]]
_messengers: list[Messenger] = []


def sends_notices(messenger: Messenger) -> Messenger:
    """Register a function of a later domain that has mails sent, once the transaction has ended."""
    _messengers.append(messenger)
    return messenger


async def notify(ctx: Context, notices: Sequence[Notice]) -> None:
    """Have people told."""
    for messenger in _messengers if notices else ():
        await messenger(ctx, notices)


def follows_tracks(follower: TrackFollower) -> TrackFollower:
    """Register a function of a later domain to be told, by course instance and user id, within the transaction.

    Without a user id it is about everybody who takes part.
    """
    _track_followers.append(follower)
    return follower


async def tracks_changed(ctx: Context, course_instance_id: int, user_id: int | None = None) -> None:
    """Tell that somebody, or everybody, is in a track that promises something else than before."""
    for follower in _track_followers:
        await follower(ctx, course_instance_id, user_id)
