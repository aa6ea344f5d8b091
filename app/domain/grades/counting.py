"""Which of several results counts: of the submissions of a problem, of the instances of an assessment."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from app.domain.assessments.models import ScoringModel


class Mark(NamedTuple):
    """A result in points: the `number`th of its kind. `manual` is the part of it that a person awarded."""

    value: float
    number: int
    id: int
    manual: float | None = None


class Counting(NamedTuple):
    """What counts, in points, and the id of the result that it comes from (of an average, the last one)."""

    value: float
    manual: float | None
    id: int


def counting(model: str, marks: Sequence[Mark]) -> Counting | None:
    """The result that counts; None when there is none. Of equal ones the newest."""
    if not marks:
        return None
    match model:
        case ScoringModel.HIGHEST:
            best = max(marks, key=lambda mark: (mark.value, mark.id))
        case ScoringModel.LOWEST:
            best = min(marks, key=lambda mark: (mark.value, -mark.id))
        case ScoringModel.FIRST:
            best = min(marks, key=lambda mark: (mark.number, mark.id))
        case _:
            best = max(marks, key=lambda mark: (mark.number, mark.id))
    if model != ScoringModel.AVERAGE:
        return Counting(best.value, best.manual, best.id)
    manual = [mark.manual for mark in marks if mark.manual is not None]
    return Counting(fmean(mark.value for mark in marks), fmean(manual) if manual else None, best.id)


def percentage(points: float | None, max_points: float) -> float | None:
    """Points in percent of a maximum; 0 of a maximum of 0; None for no points."""
    if points is None:
        return None
    return 100 * points / max_points if max_points else 0.0
