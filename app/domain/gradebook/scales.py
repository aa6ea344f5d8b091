"""How a grade is shown, and what a text is as a grade: percentages on scales. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.domain.gradebook.models import ScaleType
from app.domain.rules import number, text
from app.errors import RuleBroken, UserErrorCode

LONGEST = 64
COMPLETE = "Complete"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter or word for percentages from `lower_bound` to below `upper_bound`; it is worth `absolute_value`."""

    text: str
    lower_bound: float
    upper_bound: float
    absolute_value: float | None = None


class DisplayGrade(NamedTuple):
    """A grade as its column's schema shows it; `score` and `possible` in points. No score: a text stands for it."""

    scale_type: str
    score: float | None
    possible: float
    text: str | None


def checked_symbols(scale_type: str, symbols: Sequence[Symbol]) -> list[dict[str, Any]]:
    """The symbols as they are stored, the best first; without an absolute value the middle of the bounds.

    Raises RuleBroken at `symbols`: REQUIRED for a TABULAR scale without any, INVALID for others with some, and where
    the bounds do not cover 0 to 100 percent without gaps; at a symbol TAKEN, REQUIRED, TOO_LONG, OUT_OF_RANGE.
    """
    if scale_type != ScaleType.TABULAR:
        if symbols:
            raise RuleBroken(UserErrorCode.INVALID, "only a tabular scale has symbols", "symbols")
        return []
    if not symbols:
        raise RuleBroken(UserErrorCode.REQUIRED, "a tabular scale needs symbols", "symbols")
    names: set[str] = set()
    for index, each in enumerate(symbols):
        _check(each, names, "symbols", str(index))
    ascending = sorted(symbols, key=lambda each: (each.lower_bound, each.upper_bound))
    ends = [0.0, *(each.upper_bound for each in ascending)]
    gap = any(each.lower_bound != end for each, end in zip(ascending, ends, strict=False)) or ends[-1] != 100
    if gap:
        raise RuleBroken(UserErrorCode.INVALID, "the bounds must cover 0 to 100 percent without gaps", "symbols")
    return [_stored(each) for each in reversed(ascending)]


def _check(symbol: Symbol, names: set[str], *path: str) -> None:
    name = text(symbol.text, *path, "text", max_length=LONGEST)
    if name in names:
        raise RuleBroken(UserErrorCode.TAKEN, "another symbol has this text", *path, "text")
    names.add(name)
    number(symbol.lower_bound, *path, "lowerBound", minimum=0)
    number(symbol.upper_bound, *path, "upperBound", minimum=symbol.lower_bound)
    if symbol.absolute_value is not None:
        number(symbol.absolute_value, *path, "absoluteValue", minimum=0)


def _stored(symbol: Symbol) -> dict[str, Any]:
    middle = (symbol.lower_bound + symbol.upper_bound) / 2
    worth = middle if symbol.absolute_value is None else symbol.absolute_value
    bounds = {"lower_bound": float(symbol.lower_bound), "upper_bound": float(symbol.upper_bound)}
    return {"text": symbol.text.strip(), **bounds, "absolute_value": float(worth)}


def shown(
    scale_type: str,
    symbols: Sequence[Mapping[str, Any]],
    points: float | None,
    possible: float,
    percentage: float | None,
    said: str | None = None,
) -> DisplayGrade | None:
    """A grade on a scale; None for no grade. What is `said` in its place is its text on every scale."""
    if points is None:
        return None if said is None else DisplayGrade(scale_type, None, possible, said)
    text = _text(scale_type, symbols, points, percentage or 0.0) if said is None else said
    return DisplayGrade(scale_type, points, possible, text)


def _text(scale_type: str, symbols: Sequence[Mapping[str, Any]], points: float, percentage: float) -> str | None:
    """The words for a grade; None on scales of numbers.

    Above 100 percent it is the best symbol, which is the first. A scale of texts writes the points, whatever is graded
    is complete: of both the contract says nothing.
    """
    if scale_type == ScaleType.TEXT:
        return f"{points:.12g}"
    if scale_type == ScaleType.COMPLETE:
        return COMPLETE
    if scale_type != ScaleType.TABULAR:
        return None
    reached = [each for each in symbols if percentage >= each["lower_bound"]]
    return str((reached or symbols)[0 if reached else -1]["text"])


def meant(
    scale_type: str, symbols: Sequence[Mapping[str, Any]], said: str, possible: float, field: str
) -> tuple[float | None, str]:
    """The points and the text of a grade that is given in words (contracts/blackboard.md §5.7).

    A symbol has points, another text has none. Raises RuleBroken INVALID at `field` on scales of numbers, and for what
    is no symbol of a tabular one.
    """
    if scale_type == ScaleType.TEXT:
        return None, said
    if scale_type != ScaleType.TABULAR:
        raise RuleBroken(UserErrorCode.INVALID, "a number is asked for: the column's schema has no texts", field)
    for each in symbols:
        if each["text"] == said:
            return possible * each["absolute_value"] / 100, said
    known = ", ".join(each["text"] for each in symbols)
    raise RuleBroken(UserErrorCode.INVALID, f"a number is asked for, or one of {known}", field)
