"""Ours with other server settings, beside the settings of app/server.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from statistics import median

from tests.benchmarks.peers import requests
from tests.benchmarks.peers.data import Data
from tests.benchmarks.peers.measurement import Measured, rates, slowest
from tests.benchmarks.peers.servers import Target, hosted, started

OURS = "app.main:create"
AS_IS = "as they are"
PYTHON_SWITCH = "0.005"
FAIRNESS_TURNS = 2
VARIANTS: Mapping[str, Sequence[str]] = {
    AS_IS: (),
    "httptools, not h11": ("--http", "httptools"),
    "asyncio, not uvloop": ("--loop", "asyncio"),
    "switch interval 0.005 s": ("--switch", PYTHON_SWITCH),
    "garbage as Python does": ("--thaw",),
    "both of these": ("--switch", PYTHON_SWITCH, "--thaw"),
    "garbage 10 times as rare": ("--young", "500000"),
}
WIDTHS = (10, 24, 11, 11, 11, 11, 14)
HEADS = ("database", "server settings", "small", "by CPU", "nested", "by CPU", "p99 in a crowd")


async def lines(data: Data, turns: int, seconds: float) -> list[str]:
    """A table: requests per second as multiples of the first line's, by the clock and by processor time."""
    async with AsyncExitStack() as stack:
        running = {}
        for name, options in VARIANTS.items():
            running[name] = await stack.enter_async_context(started(hosted(OURS, data.settings, *options)))
        small = await rates({n: Target(s, requests.viewer(data)) for n, s in running.items()}, turns, seconds)
        nested = await rates({n: Target(s, requests.nested_ours(data)) for n, s in running.items()}, turns, seconds)
        waits = {}
        for name, server in running.items():
            waits[name] = await slowest(
                server, requests.viewer(data), requests.gradebook_ours(data), FAIRNESS_TURNS, seconds
            )
    made = [_line(HEADS)]
    for name in VARIANTS:
        ratios = [*_ratios(small[name], small[AS_IS]), *_ratios(nested[name], nested[AS_IS])]
        beside = median(each.value for each in waits[name]["beside"])
        made.append(_line((data.database, name, *(f"{each:.2f}" for each in ratios), f"{beside:.1f} ms")))
    return made


def _ratios(variant: list[Measured], as_is: list[Measured]) -> tuple[float, float]:
    pairs = list(zip(variant, as_is, strict=True))
    return median(a.value / b.value for a, b in pairs), median(b.processor / a.processor for a, b in pairs)


def _line(cells: Sequence[str]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()
