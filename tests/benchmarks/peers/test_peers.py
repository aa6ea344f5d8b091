"""The parts that measure, without peers and without times."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.benchmarks.comparison import Unequal
from tests.benchmarks.exchange import Unsuccessful
from tests.benchmarks.peers import goals, packages
from tests.benchmarks.peers.client import answer, connections
from tests.benchmarks.peers.contents import require_same
from tests.benchmarks.peers.measurement import Measured, in_turn, rates
from tests.benchmarks.peers.servers import Server, Target

ASKED = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@asynccontextmanager
async def answering(*pieces: bytes) -> AsyncIterator[int]:
    """The port of a server that answers every request with these pieces, one write each."""
    tasks = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.001)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*(each for each in tasks if each))


async def test_an_answer_in_pieces_is_whole() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\ncontent-", b"Length: 4\r\n\r", b"\nab", b"cd") as port:
        assert await answer(port, ASKED) == b"abcd"


async def test_a_connection_answers_again_and_again() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as port, connections(port, 2) as clients:
        assert [bytes(await each.ask(ASKED)) for each in clients * 2] == [b"ok"] * 4


@pytest.mark.parametrize("head", [b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0", b"HTTP/1.1 200 OK"])
async def test_a_refusal_is_nothing_to_measure(head: bytes) -> None:
    async with answering(head + b"\r\n\r\n") as port:
        with pytest.raises(Unsuccessful, match=re.escape(head.decode().partition("\r")[0])):
            await answer(port, ASKED)


async def test_rates_count_answers() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as port:
        found = await rates({"a": Target(Server(port, 0), ASKED)}, turns=2, seconds=0.02)
    assert [each.value > 0 for each in found["a"]] == [True, True]


async def test_each_turn_begins_with_another() -> None:
    order = []

    def measure(name: str) -> object:
        async def run() -> Measured:
            order.append(name)
            return Measured(1.0, 1.0)

        return run

    await in_turn({name: measure(name) for name in "abc"}, turns=3)  # type: ignore[misc]
    assert "".join(order) == "abcbcacab"


def test_contents_are_the_same_however_instants_are_spelled() -> None:
    first = b'{"data": [{"dueAt": "2024-10-01T12:00:00Z", "points": 10.0}]}'
    require_same("x", {"a": first, "b": b'{"data":[{"points":10,"dueAt":"2024-10-01T12:00:00.000000+00:00"}]}'})
    with pytest.raises(Unequal, match=r"^x: b says .*11:00.* a says"):
        require_same("x", {"a": first, "b": first.replace(b"12:", b"11:")})


def test_a_row_tells_whether_its_goal_is_met() -> None:
    ours = [Measured(3.0, 1.0), Measured(1.0, 2.0), Measured(2.0, 3.0)]
    other = [Measured(1.0, 2.0)] * 3
    slower, faster = (each("title", "SQLite", ours, other, 2.0) for each in (goals.compared, goals.outpaced))
    told = [re.split(r" {2,}", row.line())[2:] for row in (slower, faster)]
    assert told == [
        ["2.00", "1.00–3.00", "1.00", "≤ 2", "met", "2.0 / 1.0 ms"],
        ["2.00", "1.00–3.00", "1.00", "≥ 2", "met", "2.0 / 1.0 / s"],
    ]
    assert not goals.compared("title", "SQLite", ours, other, 1.99).is_met
    assert not goals.outpaced("title", "SQLite", ours, other, 2.01).is_met
    assert goals.outpaced("title", "SQLite", ours, other, None).is_met is None


def test_the_peers_have_exact_versions() -> None:
    wanted = json.loads((packages.SOURCES / "package.json").read_text())["dependencies"]
    assert [each for each in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", each)] == []
