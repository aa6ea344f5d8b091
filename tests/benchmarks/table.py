"""Measurements as lines of a table, and as JSON."""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.benchmarks.comparison import Answer, Measurement

WIDTHS = (1, 52, 10, 6, 13, 17, 9, 21)
HEADS = ("", "ours / by hand, in time", "database", "median", "spread", "ms", "SQL", "bytes")


def heading() -> list[str]:
    """The first two lines."""
    return [_line(HEADS), "  ".join("-" * width for width in WIDTHS)]


def line(measurement: Measurement) -> str:
    """A row: the ratio's median, its least and greatest value, then time, statements, bytes of both sides."""
    comparison, ratios = measurement.comparison, measurement.ratios
    sides = measurement.ours, measurement.theirs
    return _line(
        (
            *(comparison.row, comparison.title, comparison.database),
            *(_ratio(measurement.median), f"{_ratio(min(ratios))}–{_ratio(max(ratios))}"),
            " / ".join(f"{1000 * median(each):,.2f}" for each in zip(*measurement.seconds, strict=True)),
            " / ".join("–" if each.statements is None else str(each.statements) for each in sides),
            " / ".join(f"{each.length:,}" if each.length else "–" for each in sides),
        )
    )


def record(measurement: Measurement) -> dict[str, Any]:
    """The same for programs."""
    comparison, ratios = measurement.comparison, measurement.ratios
    return {
        **{"row": comparison.row, "title": comparison.title, "database": comparison.database},
        **{"median": measurement.median, "minimum": min(ratios), "maximum": max(ratios), "ratios": ratios},
        "seconds": measurement.seconds,
        **{"ours": _side(measurement.ours), "theirs": _side(measurement.theirs)},
    }


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def _side(answer: Answer) -> dict[str, int | None]:
    return {"statements": answer.statements, "requests": answer.requests, "bytes": answer.length or None}


def _line(cells: tuple[str, ...]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
