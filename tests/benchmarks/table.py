"""Measurements as lines of a table, and as JSON."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.comparison import Answer, Measurement

WIDTHS = (1, 52, 10, 6, 13, 9, 21)
HEADS = ("", "ours / by hand, in time", "database", "median", "spread", "SQL", "bytes")


def heading() -> list[str]:
    """The first two lines."""
    return [_line(HEADS), "  ".join("-" * width for width in WIDTHS)]


def line(measurement: Measurement) -> str:
    """A row: the ratio's median, its least and greatest value, then statements and bytes of both sides."""
    comparison, ratios = measurement.comparison, measurement.ratios
    sides = measurement.ours, measurement.theirs
    return _line(
        (
            *(comparison.row, comparison.title, comparison.database),
            *(f"{measurement.median:.2f}", f"{min(ratios):.2f}–{max(ratios):.2f}"),
            " / ".join("–" if each.statements is None else str(each.statements) for each in sides),
            " / ".join(f"{len(each.content):,}" if each.content else "–" for each in sides),
        )
    )


def record(measurement: Measurement) -> dict[str, Any]:
    """The same for programs."""
    comparison, ratios = measurement.comparison, measurement.ratios
    return {
        **{"row": comparison.row, "title": comparison.title, "database": comparison.database},
        **{"median": measurement.median, "minimum": min(ratios), "maximum": max(ratios), "ratios": ratios},
        **{"ours": _side(measurement.ours), "theirs": _side(measurement.theirs)},
    }


def _side(answer: Answer) -> dict[str, int | None]:
    return {"statements": answer.statements, "bytes": len(answer.content) or None}


def _line(cells: tuple[str, ...]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
