"""Terms that courses and their assessments share: penalties, and limits where -1 means none."""

from __future__ import annotations

from app.domain.catalog.models import PenaltyUnit
from app.importers.documents import INTEGER_LIMIT, Document

UNITS = {0: PenaltyUnit.POINTS, 1: PenaltyUnit.PERCENT, "points": PenaltyUnit.POINTS, "percent": PenaltyUnit.PERCENT}
UNLIMITED = -1


def penalty(document: Document, key: str) -> tuple[float, str] | None:
    """What each late day or surplus version costs, and in which unit; None when the file does not say."""
    child = document.child(key)
    value = None if child is None else child.number("value")
    if child is None or value is None:
        return None
    kind = child.get("kind", int, str)
    unit = UNITS.get(0 if kind is None else kind)
    if unit is None:
        child.fail("kind", f"is {kind!r}, neither 0 (points) nor 1 (percent)")
    return float(value), unit.value


def limit(document: Document, key: str) -> int | None:
    """A whole number from -1 on (no limit), or None when the file does not say."""
    value: int | None = document.get(key, int)
    if value is not None and not UNLIMITED <= value < INTEGER_LIMIT:
        document.fail(key, f"is {value}, not between {UNLIMITED} and {INTEGER_LIMIT - 1}")
    return value
