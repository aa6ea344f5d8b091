"""When work is taken (contracts/autolab.md §5): pure functions of dates and counts. None is no date, or no limit."""

from __future__ import annotations

from datetime import datetime, timedelta


def extended(
    due_at: datetime | None, end_at: datetime | None, extension: tuple[datetime | None, datetime | None] | None
) -> tuple[datetime | None, datetime | None]:
    """The due date and the end with an extension's own; one without dates is time without end.

    A later due date moves an earlier end along.
    """
    if extension is None:
        return due_at, end_at
    if extension == (None, None):
        return None, None
    due_at, end_at = extension[0] or due_at, extension[1] or end_at
    if due_at is not None and end_at is not None:
        end_at = max(due_at, end_at)
    return due_at, end_at


def last_moment(end_at: datetime | None, slack_seconds: int) -> datetime | None:
    """The last moment at which work is taken; None where there is none, also at the end of the calendar."""
    try:
        return None if end_at is None else end_at + timedelta(seconds=slack_seconds)
    except OverflowError:
        return None


def is_released(start_at: datetime | None, moment: datetime) -> bool:
    """Whether work may begin: strictly after the start."""
    return start_at is None or start_at < moment


def is_taken(last_at: datetime | None, moment: datetime) -> bool:
    """Whether work is still taken, the last moment included."""
    return last_at is None or moment <= last_at


def is_on_time(due_at: datetime | None, moment: datetime) -> bool:
    """Whether work is not late, the due date included."""
    return due_at is None or moment <= due_at


def is_used_up(count: int, limit: int | None) -> bool:
    """Whether somebody who has handed in so often may not do so again."""
    return limit is not None and count >= limit
