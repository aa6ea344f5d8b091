"""GraphQL over WebSocket: which messages may come when, what ends a connection, and what is too much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.db.session import Database
from app.graphql_socket.view import GraphQLSocket
from tests.http.conftest import Served
from tests.http.sockets import PATIENCE, opened

VIEWER = "{ viewer { username } }"
HOUR = 3_600_000
CHANGES = """subscription ($after: BigInt) { columnGradesChanged(after: $after) {
    columnGrades { changeIndex points user { username } } } }"""
SCORED = "subscription ($id: ID!) { submissionScored(submissionId: $id) { scores { value } } }"


@pytest.fixture
async def slow(served: Served) -> AsyncIterator[Served]:
    """The application, which looks for changes when a test says so."""
    async with served.set(watch_milliseconds=HOUR) as made:
        yield made


def endpoint(served: Served) -> GraphQLSocket:
    """The application's endpoint for WebSockets."""
    view: GraphQLSocket = served.app.state.socket
    return view


@pytest.mark.parametrize("token", ["revoked", "expired", "inactive", "mistyped", "empty"])
async def test_a_token_that_does_not_work_is_forbidden(served: Served, token: str) -> None:
    async with opened(served.app) as socket:
        await socket.say("connection_init", payload={"authorization": f"Bearer {served.tokens[token]}"})
        assert await socket.hear() == (4403, "the access token is not valid")


async def test_a_token_that_may_not_read_is_forbidden(served: Served) -> None:
    async with opened(served.app, served.signed("writer")) as socket:
        await socket.say("connection_init")
        assert await socket.hear() == (4403, "the access token lacks the scope `read`")


async def test_who_does_not_greet_is_left(served: Served) -> None:
    async with served.set() as made:
        endpoint(made).patience = 0.0
        async with opened(made.app) as socket:
            assert await socket.hear() == (4408, "Connection initialisation timeout")


async def test_who_greets_twice_is_left(served: Served) -> None:
    async with opened(served.app) as socket:
        await socket.greet(served.tokens["student"])
        await socket.say("connection_init")
        assert await socket.hear() == (4429, "Too many initialisation requests")


async def test_who_asks_before_greeting_is_left(served: Served) -> None:
    async with opened(served.app) as socket:
        await socket.say("ping")
        assert await socket.hear() == {"type": "pong"}
        await socket.ask("1", VIEWER)
        assert await socket.hear() == (4401, "Unauthorized")


async def test_an_id_is_used_once_at_a_time(slow: Served) -> None:
    async with opened(slow.app) as socket:
        await socket.greet(slow.tokens["student"])
        await socket.ask("1", CHANGES)
        await socket.ask("1", VIEWER)
        assert await socket.hear() == (4409, "Subscriber for 1 already exists")


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",), ("chat", "v2")])
async def test_other_protocols_are_not_spoken(served: Served, protocols: tuple[str, ...]) -> None:
    async with opened(served.app, protocols=protocols) as socket:
        assert socket.protocol is None
        assert await socket.hear() == (4406, "Subprotocol not acceptable")


NO_MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "no JSON": ({"text": "{"}, "A message is JSON in a text frame."),
    "bytes": ({"bytes": b'{"type": "ping"}'}, "A message is JSON in a text frame."),
    "a list": ({"text": "[]"}, "A message is an object with a `type`."),
    "no type": ({"text": "{}"}, "A message is an object with a `type`."),
    "a type that is no text": ({"text": '{"type": 1}'}, "A message is an object with a `type`."),
    "an unknown type": ({"text": '{"type": "start"}'}, "There is no such type of message."),
    "no id": ({"text": '{"type": "subscribe"}'}, "The `id` of `subscribe` is a text that is not empty."),
    "an empty id": ({"text": '{"type": "complete", "id": ""}'}, "The `id` of `complete` is a text that is not empty."),
    "an id that is no text": ({"text": '{"type": "ping", "id": 1}'}, "The `id` of `ping` is a text that is not empty."),
    "no payload": ({"text": '{"type": "subscribe", "id": "1"}'}, "Send a JSON object with the key `query`."),
    "no query": ({"text": '{"type": "subscribe", "id": "1", "payload": {}}'}, "`query` must be a text."),
}


@pytest.mark.parametrize("case", NO_MESSAGES)
async def test_what_is_no_message_ends_the_connection(served: Served, case: str) -> None:
    frame, reason = NO_MESSAGES[case]
    async with opened(served.app) as socket:
        await socket.greet()
        await socket.frame(**frame)
        assert await socket.hear() == (4400, reason)


@pytest.mark.parametrize("payload", [[], "x", {"Authorization": 1}])
async def test_a_greeting_that_is_none(served: Served, payload: Any) -> None:
    async with opened(served.app) as socket:
        await socket.say("connection_init", payload=payload)
        assert (await socket.hear())[0] == 4400


async def test_subscriptions_are_counted_by_token_over_all_connections(served: Served) -> None:
    async with (
        served.set(max_subscriptions=2, watch_milliseconds=HOUR) as made,
        opened(made.app) as one,
        opened(made.app) as two,
        opened(made.app) as nobody,
    ):
        for socket in (one, two):
            await socket.greet(made.tokens["student"])
            await socket.ask("1", CHANGES)
            await socket.say("ping")
            assert await socket.hear() == {"type": "pong"}
        await two.ask("2", VIEWER)
        refused = [{"message": "too many operations are open", "extensions": {"code": "LIMIT_EXCEEDED"}}]
        assert await two.hear() == {"type": "error", "id": "2", "payload": refused}
        await nobody.greet()
        await nobody.ask("1", VIEWER)
        assert (await nobody.hear())["type"] == "next"
        assert (await nobody.hear())["type"] == "complete"
        await one.say("complete", "1")
        async with asyncio.timeout(PATIENCE):
            while endpoint(made).open_operations == 2:
                await asyncio.sleep(0)
        await two.ask("2", VIEWER)
        assert (await two.hear())["type"] == "next"


async def test_what_nobody_foresaw_is_masked(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    async with served.set() as made, opened(made.app) as socket:
        await socket.greet(made.tokens["student"])
        endpoint(made).open_database = unreachable
        await socket.ask("1", VIEWER)
        masked = [{"message": "Internal server error", "extensions": {"code": "INTERNAL_ERROR"}}]
        assert await socket.hear() == {"type": "error", "id": "1", "payload": masked}
    assert [record.getMessage() for record in caplog.records] == ["unforeseen error"]


async def test_a_look_that_fails_is_a_line_in_the_log(slow: Served, caplog: pytest.LogCaptureFixture) -> None:
    endpoint(slow).watch.open_database = unreachable
    await endpoint(slow).watch.look()
    assert [record.getMessage() for record in caplog.records] == ["changes were not looked for: no route to the host"]


def unreachable() -> Database:
    """Opens no database."""
    raise OSError("no route to the host")
