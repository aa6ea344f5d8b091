"""What a calculated column makes of one learner's other grades: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from app.domain.gradebook.models import CalculationKind

WHOLE = 100.0


class Part(NamedTuple):
    """A learner's grade of one column, in points; None: not graded. Exempted ones are no parts."""

    points: float | None
    max_points: float


MISSING = Part(0.0, 1.0)


class Portion(NamedTuple):
    """The parts of a term: of one column or of a category, and how many of the worst and best do not count.

    As many as are missing to `min_count` count as parts with 0 points.
    """

    parts: Sequence[Part]
    weight: float = 0.0
    drop_lowest: int = 0
    drop_highest: int = 0
    min_count: int = 0


class Outcome(NamedTuple):
    """Points of a maximum; None as long as nothing is graded, and where they cannot be computed (`is_corrupt`)."""

    points: float | None
    max_points: float
    is_corrupt: bool = False


def outcome(kind: str, is_running: bool, portions: Sequence[Portion], max_points: float) -> Outcome:
    """A learner's calculated grade.

    A total adds points, and their maxima are its own. The others are of `max_points` (100 for 0): an average is the
    mean percentage of all parts, a weighted total that of the portions' mean percentages by their weights.
    Running: what is not graded is left out; else it counts 0. Parts without a maximum add points and no percentage.
    """
    whole = max_points or WHOLE
    remaining = [counted(each, is_running) for each in portions]
    if all(part.points is None for each in portions for part in each.parts):
        return Outcome(None, max_points)
    if kind == CalculationKind.TOTAL:
        parts = [part for each in remaining for part in each]
        return Outcome(fsum(part.points or 0.0 for part in parts), fsum(part.max_points for part in parts))
    if kind == CalculationKind.AVERAGE:
        share = _mean([part for each in remaining for part in each])
    else:
        shares = [(portion.weight, _mean(parts)) for portion, parts in zip(portions, remaining, strict=True)]
        share = _weighed([(weight, each) for weight, each in shares if each is not None])
    if share is None:
        return Outcome(None, whole, is_corrupt=True)
    return Outcome(share * whole, whole)


def counted(portion: Portion, is_running: bool) -> list[Part]:
    """The parts that count. As many as there are less one are dropped at most: the worst first, then the best."""
    graded = [part for part in portion.parts if part.points is not None]
    parts = graded if is_running else [Part(part.points or 0.0, part.max_points) for part in portion.parts]
    if not is_running:
        parts += [MISSING] * (portion.min_count - len(portion.parts))
    parts.sort(key=lambda part: (share_of(part), part.max_points))
    lowest = min(portion.drop_lowest, max(len(parts) - 1, 0))
    highest = min(portion.drop_highest, max(len(parts) - lowest - 1, 0))
    return parts[lowest : len(parts) - highest]


def share_of(part: Part) -> float:
    """The fraction of the maximum; 0 where there is no maximum."""
    return (part.points or 0.0) / part.max_points if part.max_points else 0.0


def _mean(parts: Sequence[Part]) -> float | None:
    """The mean share of the parts that have a maximum; None without any."""
    shares = [share_of(part) for part in parts if part.max_points]
    return fsum(shares) / len(shares) if shares else None


def _weighed(shares: Sequence[tuple[float, float]]) -> float | None:
    """The mean of (weight, share); None without weight."""
    whole = fsum(weight for weight, _ in shares)
    return fsum(weight * share for weight, share in shares) / whole if whole else None
