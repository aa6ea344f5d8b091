"""Who follows grades over WebSocket hears of what any process writes; a server that stops says so."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.commands.program import acting
from app.domain.grades.overrides import override_grade
from app.domain.identity.tokens import issue_token
from app.settings import Settings
from tests.clients.conftest import Place
from tests.commands.conftest import migrated
from tests.commands.test_serving import PATIENCE, serving, stopped
from tests.factories import University, coursework, university
from tests.node.packages import Node

CHANGES = """subscription ($after: BigInt) { columnGradesChanged(after: $after) {
    columnGrades { changeIndex points user { username } } } }"""


@contextmanager
def opened(address: str, token: str) -> Iterator[ClientConnection]:
    """A connection that has been greeted."""
    url, protocols = f"{address.replace('http', 'ws', 1)}/graphql", [Subprotocol("graphql-transport-ws")]
    with connect(url, subprotocols=protocols, open_timeout=PATIENCE, compression=None) as socket:
        greeting = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
        socket.send(json.dumps(greeting))
        assert heard(socket) == {"type": "connection_ack"}
        yield socket


def heard(socket: ClientConnection) -> Any:
    """The next message."""
    return json.loads(socket.recv(timeout=PATIENCE))


def followed(socket: ClientConnection, after: int) -> None:
    """Begin to follow what changes after an index."""
    payload = {"query": CHANGES, "variables": {"after": after}}
    socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))


def test_all_workers_tell_what_another_process_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight connections, which the system spreads over two workers; this process writes."""
    with migrated(tmp_path, "following") as url:
        monkeypatch.setenv("CAMPUSGRAPH_DATABASE_URL", url)
        monkeypatch.setenv("CAMPUSGRAPH_FILES_URL", (tmp_path / "files").as_uri())
        monkeypatch.setenv("CAMPUSGRAPH_WATCH_MILLISECONDS", "50")
        monkeypatch.setenv("CAMPUSGRAPH_GRAPHIQL", "off")
        token, given = asyncio.run(made())
        with serving("--workers", "2") as (process, _, address), ExitStack() as stack:
            sockets = [stack.enter_context(opened(address, token)) for _ in range(8)]
            for socket in sockets:
                followed(socket, 0)
            for index, points in enumerate((5.0, 6.0), 1):
                asyncio.run(graded(points, **given))
                told = [{"changeIndex": index, "points": points, "user": {"username": "sam"}}]
                payload = {"data": {"columnGradesChanged": {"columnGrades": told}}}
                assert [heard(each) for each in sockets] == [{"type": "next", "id": "1", "payload": payload}] * 8
            assert stopped(process, signal.SIGTERM) == (0, "", "")
            assert [closed(each) for each in sockets] == [1012] * 8


def closed(socket: ClientConnection) -> int:
    """The code that ended the connection."""
    with pytest.raises(ConnectionClosed) as ended:
        socket.recv(timeout=PATIENCE)
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code


async def made() -> tuple[str, dict[str, int]]:
    """An instructor's token, and which grade is to change."""
    async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
        world: University = await university(ctx)
        work = await coursework(world)
        token = (await issue_token(world.instructor, name="following")).text
        return token, {"assessment_id": work.assessment_id, "user_id": world.student_id}


async def graded(points: float, **given: Any) -> None:
    """Set the grade."""
    async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
        await override_grade(ctx, points=points, **given)


def test_a_message_that_is_too_long_ends_the_connection(place: Place) -> None:
    with opened(place.address, place.tokens["sam"]) as socket:
        socket.send('"' + "x" * 2**20 + '"')
        assert closed(socket) == 1009


def test_a_published_client_follows(place: Place, node: Node) -> None:
    """graphql-ws, with which browsers do it."""
    url = f"{place.address.replace('http', 'ws', 1)}/graphql"
    done = node.run("follow.js", url, place.tokens["sam"], CHANGES, '{"after": 0}', "1")
    assert (done.returncode, done.stderr) == (0, "")
    [event] = [json.loads(line) for line in done.stdout.splitlines()]
    [grade] = event["data"]["columnGradesChanged"]["columnGrades"]
    assert (grade["points"], grade["user"]) == (92.5, {"username": "sam"})


def test_a_published_client_asks(place: Place, node: Node) -> None:
    url = f"{place.address.replace('http', 'ws', 1)}/graphql"
    done = node.run("follow.js", url, place.tokens["ida"], "{ viewer { username } }", "{}", "2")
    assert (done.returncode, done.stderr, json.loads(done.stdout)) == (0, "", {"data": {"viewer": {"username": "ida"}}})
