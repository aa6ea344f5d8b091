"""What is measured of servers: times in turn, requests per second, the slowest of a hundred answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from statistics import quantiles
from time import perf_counter
from typing import NamedTuple

from tests.benchmarks.exchange import Unsuccessful
from tests.benchmarks.peers.client import Client, connections
from tests.benchmarks.peers.servers import Server, Target

TURN_SECONDS = 60
CLIENTS = 8


class Measured(NamedTuple):
    """One turn: milliseconds or requests per second, and the server's own processor time for a request."""

    value: float
    processor: float


Measure = Callable[[], Awaitable[Measured]]
Turns = dict[str, list[Measured]]


async def in_turn(measures: Mapping[str, Measure], turns: int) -> Turns:
    """Measure each by name, again and again: A B C, B C A, C A B, so that none always follows the same."""
    found: Turns = {name: [] for name in measures}
    names = list(measures)
    for turn in range(turns):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            async with asyncio.timeout(TURN_SECONDS):
                found[name].append(await measures[name]())
    return found


async def latencies(targets: Mapping[str, Target], turns: int, warm_up: int = 3) -> Turns:
    """Milliseconds until a whole answer is there, one client, one request at a time."""
    async with AsyncExitStack() as stack:
        measures = {}
        for name, target in targets.items():
            (client,) = await stack.enter_async_context(connections(target.server.port))
            for _ in range(warm_up):
                await client.ask(target.wire)
            measures[name] = _latency(client, target)
        return await in_turn(measures, turns)


def _latency(client: Client, target: Target) -> Measure:
    async def measure() -> Measured:
        used = target.server.processor_seconds()
        elapsed = await _milliseconds(client, target.wire)
        return Measured(elapsed, target.server.processor_seconds() - used)

    return measure


async def _milliseconds(client: Client, wire: bytes) -> float:
    begun = perf_counter()
    await client.ask(wire)
    return (perf_counter() - begun) * 1000


async def rates(targets: Mapping[str, Target], turns: int, seconds: float, clients: int = CLIENTS) -> Turns:
    """Requests per second of several clients that ask again as soon as they have their answers."""
    async with AsyncExitStack() as stack:
        measures = {}
        for name, target in targets.items():
            opened = await stack.enter_async_context(connections(target.server.port, clients))
            await asyncio.gather(*(each.ask(target.wire) for each in opened))
            measures[name] = _rate(opened, target, seconds)
        return await in_turn(measures, turns)


def _rate(clients: Sequence[Client], target: Target, seconds: float) -> Measure:
    async def measure() -> Measured:
        used, begun = target.server.processor_seconds(), perf_counter()
        count = sum(await asyncio.gather(*(_count(each, target.wire, begun + seconds) for each in clients)))
        elapsed = perf_counter() - begun
        return Measured(count / elapsed, (target.server.processor_seconds() - used) / count)

    return measure


async def _count(client: Client, wire: bytes, until: float) -> int:
    """How many answers a client gets; all of one length. Raises Unsuccessful."""
    count, length = 1, len(await client.ask(wire))
    while perf_counter() < until:
        if len(await client.ask(wire)) != length:
            raise Unsuccessful("answers to the same request differ in length")
        count += 1
    return count


async def slowest(server: Server, small: bytes, large: bytes, turns: int, seconds: float) -> Turns:
    """The 99th percentile of a small query's milliseconds: `alone`, and `beside` a client that asks a large one."""
    async with connections(server.port, 2) as (client, other):
        for _ in range(3):
            await client.ask(small)
            await other.ask(large)

        async def alone() -> Measured:
            return await _percentile(client, small, seconds)

        async def beside() -> Measured:
            asking = asyncio.create_task(_ask_on(other, large))
            try:
                return await _percentile(client, small, seconds)
            finally:
                asking.cancel()
                with suppress(asyncio.CancelledError):
                    await asking

        return await in_turn({"alone": alone, "beside": beside}, turns)


async def _ask_on(client: Client, wire: bytes) -> None:
    """Ask until told to stop; the answer that is under way is waited for."""
    while True:
        asked = asyncio.ensure_future(client.ask(wire))
        try:
            await asyncio.shield(asked)
        except asyncio.CancelledError:
            await asked
            raise


async def _percentile(client: Client, wire: bytes, seconds: float) -> Measured:
    until = perf_counter() + seconds
    found = [await _milliseconds(client, wire), await _milliseconds(client, wire)]
    while perf_counter() < until:
        found.append(await _milliseconds(client, wire))
    return Measured(quantiles(found, n=100)[98], float("nan"))
