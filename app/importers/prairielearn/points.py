"""What questions, zones and assessments are worth (https://docs.prairielearn.com/assessment/configuration/)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.importers.documents import Document


@dataclass(frozen=True, slots=True)
class Points:
    """The most that a placed question can give; in an exam also what its first, second, … try can give at most.

    `is_stepwise` homework reaches the most in steps, one for each correct answer; the model does not keep the step.
    """

    automatic: float
    manual: float
    by_try: list[float] | None = None
    is_stepwise: bool = False

    @property
    def total(self) -> float:
        """Of both kinds."""
        return self.automatic + self.manual


def question_points(entry: Document, block: Document, *, is_exam: bool, is_manual: bool) -> Points:
    """The points of a question: `entry` is the alternative that names it, `block` what encloses it (or the same).

    `points` is all there is, and belongs to people when they do the grading; `autoPoints` and `manualPoints` are parts.
    """
    parts = _numbers(entry, block, "autoPoints")
    part_maximum, manual = _number(entry, block, "maxAutoPoints"), _number(entry, block, "manualPoints")
    whole, whole_maximum = _numbers(entry, block, "points"), _number(entry, block, "maxPoints")
    is_split = not (parts is None and part_maximum is None and manual is None)
    listed = (parts if is_split else whole) or [0.0]
    if is_exam:
        most = max(listed)
        points = Points(most, manual or 0.0, listed if most else None)
    else:
        stated = whole_maximum if part_maximum is None else part_maximum
        most = listed[0] if stated is None else stated
        points = Points(most, manual or 0.0, is_stepwise=most != listed[0])
    return points if is_split or not is_manual else Points(0.0, points.total)


def chosen_points(points: Sequence[float], number: int | None) -> list[float]:
    """The `number` greatest of some points, all when it is None."""
    return sorted(points, reverse=True)[:number]


def _numbers(entry: Document, block: Document, key: str) -> list[float] | None:
    own = entry.numbers(key)
    return block.numbers(key) if own is None else own


def _number(entry: Document, block: Document, key: str) -> float | None:
    own = entry.number(key)
    return block.number(key) if own is None else own
