"""Two ways to the same answer, run in turn, and the ratio of their times."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run gave, and how many SQL statements it took (None: not counted).

    A run of many requests tells their number, and how many bytes their bodies have in all.
    """

    content: bytes
    statements: int | None
    requests: int = 1
    total: int | None = None

    @property
    def length(self) -> int:
        """Bytes of all bodies."""
        return len(self.content) if self.total is None else self.total


Run = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row of the table: `ours` and `theirs` give the same content.

    A measured turn runs each as often as its part of `batches` says; the ratio is of times per run.
    """

    row: str
    title: str
    database: str
    ours: Run
    theirs: Run
    repeats: int
    batches: tuple[int, int] = (1, 1)
    warm_up: int = 2


@dataclass(frozen=True, slots=True)
class Measurement:
    """Ratios of times, ours divided by theirs, and both times in seconds: one of each turn."""

    comparison: Comparison
    ratios: list[float]
    ours: Answer
    theirs: Answer
    seconds: list[tuple[float, float]]

    @property
    def median(self) -> float:
        return median(self.ratios)


class Unequal(Exception):
    """The two sides do not answer the same: their times say nothing."""


def said(content: bytes) -> Any:
    """What an answer says, without what ours tells of its cost."""
    body = orjson.loads(content)
    return {name: each for name, each in body.items() if name != "extensions"} if isinstance(body, dict) else body


async def measure(comparison: Comparison, repeats: int | None = None) -> Measurement:
    """Warm up, then take turns; who begins alternates. Raises Unequal."""
    for _ in range(comparison.warm_up):
        ours, theirs = await comparison.ours(), await comparison.theirs()
    if said(ours.content) != said(theirs.content):
        raise Unequal(f"{comparison.title}: {ours.content[:500]!r} is not {theirs.content[:500]!r}")
    gc.collect()
    ratios, seconds = [], []
    for turn in range(repeats or comparison.repeats):
        if turn % 2:
            elapsed_theirs, theirs = await _timed_alone(comparison.theirs, comparison.batches[1])
            elapsed_ours, ours = await _timed(comparison.ours, comparison.batches[0])
        else:
            elapsed_ours, ours = await _timed(comparison.ours, comparison.batches[0])
            elapsed_theirs, theirs = await _timed_alone(comparison.theirs, comparison.batches[1])
        ratios.append(elapsed_ours / elapsed_theirs)
        seconds.append((elapsed_ours, elapsed_theirs))
    return Measurement(comparison, ratios, ours, theirs, seconds)


async def _timed(run: Run, batch: int) -> tuple[float, Answer]:
    """Seconds of a run, garbage collection included as it falls, and the last answer."""
    begun = perf_counter()
    for _ in range(batch):
        answer = await run()
    return (perf_counter() - begun) / batch, answer


async def _timed_alone(run: Run, batch: int) -> tuple[float, Answer]:
    """The same as if nothing else were in the process: the collector does not walk through our schema meanwhile."""
    if gc.get_freeze_count():
        return await _timed(run, batch)
    gc.freeze()
    try:
        return await _timed(run, batch)
    finally:
        gc.unfreeze()
