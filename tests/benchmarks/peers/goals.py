"""The goals: what is measured, beside what, and which ratio is good enough."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tests.benchmarks.comparison import measure
from tests.benchmarks.peers import learners, requests
from tests.benchmarks.peers.arena import Arena, Side
from tests.benchmarks.peers.measurement import Measured, latencies, rates, slowest
from tests.benchmarks.peers.servers import Target

TITLES = {"Mercurius": "Mercurius + graphql-jit", "PostGraphile": "PostGraphile 5"}
BY_HAND = {"SQLite": 1.0, "PostgreSQL": 1.1}
WIDTHS = (62, 10, 6, 12, 6, 6, 6, 19)
HEADS = ("ours / the other", "database", "median", "spread", "by CPU", "goal", "", "medians")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is measured: turns of single requests, turns and seconds of many."""

    turns: int
    load_turns: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """Ours divided by the other, turn by turn, and the goal if there is one: a limit, or the least if more is better.

    `by_processor` is the same ratio by the processor time that the servers used, not by the clock.
    """

    title: str
    database: str
    ratios: list[float]
    goal: float | None
    more_is_better: bool = False
    by_processor: float = math.nan
    medians: tuple[float, float] | None = None
    unit: str = "ms"

    @property
    def median(self) -> float:
        return median(self.ratios)

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached, at the precision that is printed; None without a goal."""
        found = round(self.median, 2)
        if self.goal is None:
            return None
        return found >= self.goal if self.more_is_better else found <= self.goal

    def line(self) -> str:
        """For people."""
        return _line(
            (
                *(self.title, self.database, f"{self.median:.2f}"),
                f"{min(self.ratios):.2f}–{max(self.ratios):.2f}",
                "" if math.isnan(self.by_processor) else f"{self.by_processor:.2f}",
                "" if self.goal is None else f"{'≥' if self.more_is_better else '≤'} {self.goal:g}",
                {True: "met", False: "missed", None: ""}[self.is_met],
                f"{self.medians[0]:,.1f} / {self.medians[1]:,.1f} {self.unit}" if self.medians else "",
            )
        )

    def record(self) -> dict[str, Any]:
        """For programs."""
        return {**asdict(self), "median": self.median, "is_met": self.is_met}


def heading() -> list[str]:
    """The first two lines."""
    return [_line(HEADS), "  ".join("-" * width for width in WIDTHS)]


def compared(title: str, database: str, ours: list[Measured], other: list[Measured], goal: float | None) -> Row:
    """A row of times, where less is better."""
    by_processor = median(a.processor / b.processor for a, b in zip(ours, other, strict=True))
    return _row(title, database, ours, other, goal, by_processor=by_processor)


def outpaced(title: str, database: str, ours: list[Measured], other: list[Measured], goal: float | None) -> Row:
    """A row of requests per second, where more is better; by processor time, requests in a second of it."""
    by_processor = median(b.processor / a.processor for a, b in zip(ours, other, strict=True))
    return _row(title, database, ours, other, goal, by_processor=by_processor, more_is_better=True, unit="/ s")


def _row(
    title: str, database: str, ours: list[Measured], other: list[Measured], goal: float | None, **rest: Any
) -> Row:
    ratios = [a.value / b.value for a, b in zip(ours, other, strict=True)]
    medians = median(each.value for each in ours), median(each.value for each in other)
    return Row(title, database, ratios, goal, medians=medians, **rest)


async def rows(arena: Arena, pace: Pace) -> AsyncIterator[Row]:
    """All rows, each as soon as it is measured."""
    for measured in (_nested, _gradebook, _small, _load, _learners, _fairness):
        async for row in measured(arena, pace):
            yield row


async def _nested(arena: Arena, pace: Pace) -> AsyncIterator[Row]:
    found = await latencies({k: t for side in arena.sides for k, t in side.nested().items()}, pace.turns)
    for side in arena.sides:
        name, ours = side.data.database, found[f"ours, {side.data.database}"]
        title = "nested 20 x 20 x 50, whole request / "
        yield compared(title + "by hand", name, ours, found[f"by hand, {name}"], BY_HAND[name])
        yield compared(title + TITLES[side.peer_name], name, ours, found[side.peer_name], 0.8)


async def _gradebook(arena: Arena, pace: Pace) -> AsyncIterator[Row]:
    for side in arena.sides:
        found, name = await latencies(side.gradebook(), pace.turns), side.data.database
        title = "gradebook 300 x 40, "
        yield compared(f"{title}GraphQL / by hand", name, found["GraphQL"], found["GraphQL by hand"], 1.0)
        yield compared(f"{title}PrairieLearn's route / by hand", name, found["route"], found["route by hand"], 1.5)


async def _small(arena: Arena, pace: Pace) -> AsyncIterator[Row]:
    targets = {side.data.database: _viewer(side) for side in arena.sides}
    targets["constant"] = Target(arena.constant, requests.constant(arena.sides[0].data))
    found = await rates(targets, pace.load_turns, pace.seconds)
    for side in arena.sides:
        name = side.data.database
        yield outpaced("{ viewer { uid } }, 8 clients / a constant", name, found[name], found["constant"], 0.35)


async def _load(arena: Arena, pace: Pace) -> AsyncIterator[Row]:
    targets = {k: t for side in arena.sides for k, t in side.nested().items()}
    found = await rates(targets, pace.load_turns, pace.seconds)
    for side in arena.sides:
        name, ours = side.data.database, found[f"ours, {side.data.database}"]
        yield outpaced(f"nested, 8 clients / {TITLES[side.peer_name]}", name, ours, found[side.peer_name], 2.0)
        yield outpaced("nested, 8 clients / by hand", name, ours, found[f"by hand, {name}"], None)


async def _learners(arena: Arena, pace: Pace) -> AsyncIterator[Row]:
    for side in arena.sides:
        async with learners.compared(side.data) as comparison:
            found = await measure(comparison)
        yield Row(f"{comparison.title} / by hand", comparison.database, found.ratios, 2.0)


async def _fairness(arena: Arena, pace: Pace) -> AsyncIterator[Row]:
    for side in arena.sides:
        small, large = requests.viewer(side.data), requests.gradebook_ours(side.data)
        found = await slowest(side.ours, small, large, pace.load_turns, pace.seconds)
        title = "{ viewer { uid } }, 99th percentile beside a gradebook / alone"
        yield compared(title, side.data.database, found["beside"], found["alone"], 3.0)


def _viewer(side: Side) -> Target:
    return Target(side.ours, requests.viewer(side.data))


def _line(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
