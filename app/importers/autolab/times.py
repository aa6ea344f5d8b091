"""Dates and times as Autolab writes them; those without an offset are taken as UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from app.importers.documents import Document

MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.\d+)? ?(?P<offset>UTC|Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
LAST_SECOND = timedelta(hours=23, minutes=59, seconds=59)


def parse_instant(text: str) -> datetime:
    """`2013-10-20 23:59:00 +0000`, `2013-10-20 23:59:00 UTC` or `2013-10-20`, in UTC. Raises ValueError."""
    found = MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("not a date and time")
    offset = found["offset"] or "Z"
    try:
        moment = datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00'}{offset.replace('UTC', 'Z')}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a date and time") from None


def instant(document: Document, key: str) -> datetime | None:
    """A field that is a date and time, or None. Raises ImportFailure."""
    text = document.optional_text(key, 64)
    if text is None or not text.strip():
        return None
    try:
        return parse_instant(text.strip())
    except ValueError as error:
        document.fail(key, f"is {text!r}, {error}")


def end_of(document: Document, key: str) -> datetime | None:
    """A field that is a day, the last second of it; a time of day is taken as it is."""
    start = instant(document, key)
    is_day = start is not None and len((document.optional_text(key, 64) or "").strip()) == len("2013-10-20")
    return start + LAST_SECOND if start is not None and is_day else start
