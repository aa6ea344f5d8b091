"""A learner's result of a whole course instance by a grading policy (contracts/edx-core.md §9.8): pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import fsum
from typing import Any, NamedTuple

from app.domain.grades.calculating import Part, Portion, counted, share_of

WHOLE = 100.0
GRACE = Decimal("0.0005")
HUNDREDTH = Decimal("0.01")
EXACT = 12
"""Decimals of a sum of fractions that are more than noise."""


class Section(NamedTuple):
    """What a learner has of an assignment type: `percentage` of what counts, how many slots count or are dropped."""

    percentage: float
    counted: int
    dropped: int


class CourseResult(NamedTuple):
    """`fraction` of the whole in hundredths; the letter of the best cut-off that it reaches, None for none."""

    fraction: float
    letter: str | None
    is_passed: bool


def rounded(total: float) -> float:
    """A fraction in hundredths, after the policy's grace of half a thousandth: 0.4944 is 0.49, 0.4945 is 0.5."""
    exact = Decimal(repr(round(total, EXACT)))
    return float((exact + GRACE).quantize(HUNDREDTH, ROUND_HALF_UP))


def section(portion: Portion) -> Section:
    """What a learner has of an assignment type: what is not graded, and slots without an assessment, count 0."""
    parts = counted(portion, is_running=False)
    slots = max(portion.min_count, len(portion.parts))
    return Section(WHOLE * _mean(parts), len(parts), slots - len(parts))


def course_result(portions: Sequence[Portion], symbols: Sequence[Mapping[str, Any]]) -> CourseResult:
    """The result by the portions' weights (in percent) and the symbols of cut-offs, the best first.

    The symbol that begins at 0 is no cut-off: it says that none is reached.
    """
    total = fsum(portion.weight / WHOLE * _mean(counted(portion, is_running=False)) for portion in portions)
    return reached(rounded(total), symbols)


def reached(fraction: float, symbols: Sequence[Mapping[str, Any]]) -> CourseResult:
    """The result that a fraction of the whole is by the symbols of cut-offs, the best first."""
    cutoffs = [each for each in symbols if each["lower_bound"] > 0]
    letters = [each["text"] for each in cutoffs if fraction >= round(each["lower_bound"] / WHOLE, EXACT)]
    return CourseResult(fraction, letters[0] if letters else None, bool(letters))


def _mean(parts: Sequence[Part]) -> float:
    return fsum(map(share_of, parts)) / len(parts) if parts else 0.0
