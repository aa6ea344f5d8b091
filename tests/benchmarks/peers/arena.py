"""All servers at once, on the same data."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tests.benchmarks.peers import requests, servers
from tests.benchmarks.peers.client import answer
from tests.benchmarks.peers.contents import require_same
from tests.benchmarks.peers.data import Data
from tests.benchmarks.peers.servers import Server, Target


@dataclass(frozen=True, slots=True)
class Side:
    """The servers on one database: ours, the endpoints written by hand, another GraphQL server."""

    data: Data
    ours: Server
    handwritten: Server
    peer: Server
    peer_name: str
    nested_peer: bytes

    def nested(self) -> dict[str, Target]:
        """The nested query for each."""
        name = self.data.database
        return {
            f"ours, {name}": Target(self.ours, requests.nested_ours(self.data)),
            f"by hand, {name}": Target(self.handwritten, requests.nested_handwritten(self.data)),
            self.peer_name: Target(self.peer, self.nested_peer),
        }

    def gradebook(self) -> dict[str, Target]:
        """The gradebook, by GraphQL and by PrairieLearn's route, of ours and by hand."""
        return {
            "GraphQL": Target(self.ours, requests.gradebook_ours(self.data)),
            "GraphQL by hand": Target(self.handwritten, requests.gradebook_handwritten(self.data)),
            "route": Target(self.ours, requests.route_ours(self.data)),
            "route by hand": Target(self.handwritten, requests.route_handwritten(self.data)),
        }


@dataclass(frozen=True, slots=True)
class Arena:
    """A side for each database, and the server that answers a constant."""

    sides: Sequence[Side]
    constant: Server

    async def check(self) -> None:
        """Raises Unequal unless all that are compared answer the same."""
        answers = {
            name: await answer(target.server.port, target.wire)
            for side in self.sides
            for name, target in side.nested().items()
        }
        require_same("nested lists", answers)
        for side in self.sides:
            found = {name: await answer(each.server.port, each.wire) for name, each in side.gradebook().items()}
            for way in ("GraphQL", "route"):
                require_same(f"gradebook, {side.data.database}", {n: b for n, b in found.items() if n.startswith(way)})


@asynccontextmanager
async def opened(filled: Sequence[Data]) -> AsyncIterator[Arena]:
    """All servers, stopped with the block."""
    async with AsyncExitStack() as stack:

        async def start(program: servers.Program) -> Server:
            return await stack.enter_async_context(servers.started(program))

        sides = []
        for data in filled:
            settings = data.settings
            if settings.is_sqlite:
                peer, name, wire = servers.mercurius(settings), "Mercurius", requests.nested_mercurius()
            else:
                peer, name, wire = servers.postgraphile(settings), "PostGraphile", requests.nested_postgraphile()
            ours = await start(servers.ours(settings))
            handwritten = await start(servers.hosted(servers.HANDWRITTEN, settings))
            sides.append(Side(data, ours, handwritten, await start(peer), name, wire))
        yield Arena(sides, await start(servers.hosted(servers.CONSTANT, filled[0].settings)))
