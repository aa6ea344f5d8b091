"""GraphQL over WebSocket: the protocol `graphql-transport-ws`, message by message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.assessments.models import Assessment
from app.domain.attempts.models import Submission
from app.domain.grades.overrides import override_grade
from app.domain.identity.sessions import close_session, open_session
from app.domain.identity.tokens import digest, issue_token, revoke_token
from app.graphql_socket.view import GraphQLSocket
from app.web.session import COOKIE
from tests.http.conftest import Served
from tests.http.sockets import opened

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


async def grade(served: Served, points: float) -> None:
    """Set sam's grade by hand."""
    world = served.world
    assessment_id = await world.admin.db.scalar(select(Assessment.id))
    await override_grade(world.instructor, assessment_id=assessment_id, user_id=world.student_id, points=points)


async def test_a_query_is_answered_once(served: Served) -> None:
    async with opened(served.app) as socket:
        assert socket.protocol == "graphql-transport-ws"
        await socket.greet(served.tokens["student"])
        for _ in range(2):
            await socket.ask("1", VIEWER)
            assert await socket.hear() == {
                "type": "next",
                "id": "1",
                "payload": {"data": {"viewer": {"username": "sam"}}},
            }
            assert await socket.hear() == {"type": "complete", "id": "1"}


async def test_a_token_in_the_header_is_taken_too(served: Served) -> None:
    async with opened(served.app, served.signed("admin")) as socket:
        await socket.greet()
        await socket.ask("1", VIEWER)
        assert (await socket.hear())["payload"] == {"data": {"viewer": {"username": "root"}}}


async def test_without_a_token_one_is_nobody(served: Served) -> None:
    async with opened(served.app) as socket:
        await socket.greet()
        await socket.ask("1", VIEWER)
        assert (await socket.hear())["payload"] == {"data": {"viewer": None}}
        assert await socket.hear() == {"type": "complete", "id": "1"}
        await socket.ask("2", CHANGES)
        message = await socket.hear()
        assert (message["type"], message["id"]) == ("error", "2")
        assert [each["extensions"] for each in message["payload"]] == [{"code": "UNAUTHENTICATED"}]


OURS, FOREIGN = {"Host": "test", "Origin": "http://test"}, {"Host": "test", "Origin": "https://evil.example"}


async def test_strangers_do_not_read_the_schema(served: Served) -> None:
    query = "{ __schema { queryType { name } } }"
    async with opened(served.app) as stranger, opened(served.app) as somebody:
        await stranger.greet()
        await stranger.ask("1", query)
        message = await stranger.hear()
        assert (message["type"], message["payload"][0]["extensions"]) == ("error", {"code": "UNAUTHENTICATED"})
        await somebody.greet(served.tokens["student"])
        await somebody.ask("1", query)
        assert (await somebody.hear())["payload"] == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


async def test_a_session_counts_for_pages_of_this_site(served: Served) -> None:
    cookie = f"{COOKIE}={await open_session(served.world.student, served.world.student_id)}"
    async with opened(served.app, {**OURS, "Cookie": cookie}) as socket:
        await socket.greet()
        await socket.ask("1", VIEWER)
        assert (await socket.hear())["payload"] == {"data": {"viewer": {"username": "sam"}}}


async def test_a_session_does_not_count_for_other_pages(served: Served) -> None:
    cookie = f"{COOKIE}={await open_session(served.world.student, served.world.student_id)}"
    reason = "the session counts for requests of this site's own pages: send an access token"
    async with opened(served.app, {**FOREIGN, "Cookie": cookie}) as socket:
        await socket.say("connection_init")
        assert await socket.hear() == (4403, reason)
    async with opened(served.app, {**FOREIGN, "Cookie": cookie}) as socket:
        await socket.greet(served.tokens["admin"])
        await socket.ask("1", VIEWER)
        assert (await socket.hear())["payload"] == {"data": {"viewer": {"username": "root"}}}


async def test_who_signs_out_follows_no_more(slow: Served) -> None:
    text = await open_session(slow.world.student, slow.world.student_id)
    async with opened(slow.app, {**OURS, "Cookie": f"{COOKIE}={text}"}) as socket:
        await socket.greet()
        await socket.ask("1", CHANGES, after=0)
        assert (await socket.hear())["type"] == "next"
        await close_session(slow.world.student, text)
        await grade(slow, 4)
        await endpoint(slow).watch.look()
        message = await socket.hear()
        assert (message["type"], [each["extensions"] for each in message["payload"]]) == (
            "error",
            [{"code": "UNAUTHENTICATED"}],
        )


async def test_a_mutation_is_a_transaction(served: Served) -> None:
    update = """mutation ($id: ID!, $name: String) { updateUser(input: {userId: $id, name: $name}) {
        user { name } userErrors { code field } } }"""
    async with opened(served.app) as socket:
        await socket.greet(served.tokens["admin"])
        await socket.ask("1", update, id=str(served.world.loner_id), name="Lou Reed")
        done = {"data": {"updateUser": {"user": {"name": "Lou Reed"}, "userErrors": []}}}
        assert await socket.hear() == {"type": "next", "id": "1", "payload": done}
    async with opened(served.app) as socket:
        await socket.greet(served.tokens["reader"])
        await socket.ask("1", update, id=str(served.world.loner_id), name="Nobody")
        [error] = (await socket.hear())["payload"]["errors"]
        assert (error["path"], error["extensions"]["code"]) == (["updateUser"], "INSUFFICIENT_SCOPE")


FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "syntax": ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    "unknown field": ({"query": "{ nobody }"}, "GRAPHQL_VALIDATION_FAILED"),
    "too many aliases": (
        {"query": "{ " + " ".join(f"a{number}: __typename" for number in range(101)) + " }"},
        "LIMIT_EXCEEDED",
    ),
    "no operation": ({"query": "query A { __typename } query B { __typename }"}, "OPERATION_UNDETERMINED"),
    "variables of a query": ({"query": "query ($id: ID!) { node(id: $id) { id } }"}, "BAD_USER_INPUT"),
    "variables of a subscription": ({"query": CHANGES, "variables": {"after": "x"}}, "BAD_USER_INPUT"),
    "not found": ({"query": SCORED, "variables": {"id": "0"}}, "NOT_FOUND"),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_what_cannot_be_executed_is_an_error_and_frees_its_id(served: Served, case: str) -> None:
    payload, code = FAILURES[case]
    async with opened(served.app) as socket:
        await socket.greet(served.tokens["student"])
        for _ in range(2):
            await socket.say("subscribe", "1", payload)
            message = await socket.hear()
            assert (message["type"], message["id"]) == ("error", "1")
            assert [each["extensions"]["code"] for each in message["payload"]] == [code]


async def test_only_registered_documents_are_executed_where_the_installation_says_so(served: Served) -> None:
    async with served.set(registered_only=True) as made, opened(made.app) as socket:
        await socket.greet(made.tokens["student"])
        refused = [
            {"message": "Only registered documents are executed.", "extensions": {"code": "DOCUMENT_NOT_REGISTERED"}}
        ]
        for name, query in (("1", VIEWER), ("2", CHANGES)):
            await socket.ask(name, query)
            assert await socket.hear() == {"type": "error", "id": name, "payload": refused}


async def test_a_document_is_known_by_its_digest_after_it_was_sent(served: Served) -> None:
    known: dict[str, Any] = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(VIEWER)}}}
    async with opened(served.app) as socket:
        await socket.greet(served.tokens["student"])
        for payload, heard in ((known, "error"), (known | {"query": VIEWER}, "next"), (known, "next")):
            await socket.say("subscribe", "1", payload)
            message = await socket.hear()
            assert message["type"] == heard
            if heard == "error":
                assert message["payload"][0]["extensions"] == {"code": "PERSISTED_QUERY_NOT_FOUND"}
            else:
                assert message["payload"] == {"data": {"viewer": {"username": "sam"}}}
                assert (await socket.hear())["type"] == "complete"


async def test_changed_grades_arrive(slow: Served) -> None:
    watch = endpoint(slow).watch
    async with opened(slow.app) as socket, opened(slow.app) as other:
        await socket.greet(slow.tokens["student"])
        await other.greet(slow.tokens["admin"])
        await socket.ask("mine", CHANGES, after=0)
        first = (await socket.hear())["payload"]["data"]["columnGradesChanged"]["columnGrades"]
        index = first[-1]["changeIndex"]
        await other.ask("all", CHANGES, after=index)
        for step, points in enumerate((1.0, 2.0), 1):
            await grade(slow, points)
            await watch.look()
            told = [{"changeIndex": index + step, "points": points, "user": {"username": "sam"}}]
            event = {"data": {"columnGradesChanged": {"columnGrades": told}}}
            assert await socket.hear() == {"type": "next", "id": "mine", "payload": event}
            assert await other.hear() == {"type": "next", "id": "all", "payload": event}


async def test_a_subscription_that_is_completed_says_no_more(slow: Served) -> None:
    submission_id = await slow.world.admin.db.scalar(select(Submission.id))
    shown = {"data": {"submissionScored": {"scores": [{"value": 92.5}, {"value": 8.0}]}}}
    async with opened(slow.app) as socket:
        await socket.greet(slow.tokens["student"])
        for _ in range(2):
            await socket.ask("1", SCORED, id=submission_id)
            assert await socket.hear() == {"type": "next", "id": "1", "payload": shown}
            await socket.say("complete", "1")
        await socket.say("complete", "unknown")
        await socket.say("ping", payload={"n": 1})
        assert await socket.hear() == {"type": "pong", "payload": {"n": 1}}


async def test_nobody_looks_when_nobody_follows(slow: Served) -> None:
    async with opened(slow.app) as socket:
        await socket.greet(slow.tokens["student"])
        await socket.ask("1", CHANGES, after=0)
        assert (await socket.hear())["type"] == "next"
        assert endpoint(slow).watch.is_looking is True
    assert endpoint(slow).watch.is_looking is False
    assert endpoint(slow).open_operations == 0


async def test_a_token_that_is_revoked_ends_the_connection_before_the_next_event(slow: Served) -> None:
    token = await issue_token(slow.world.student, name="short")
    async with opened(slow.app) as socket:
        await socket.greet(token.text)
        await socket.ask("1", CHANGES, after=0)
        assert (await socket.hear())["type"] == "next"
        await revoke_token(slow.world.student, token_id=token.id)
        await grade(slow, 3)
        await endpoint(slow).watch.look()
        assert await socket.hear() == (4401, "the access token is not valid")


async def test_a_token_that_is_revoked_ends_the_connection_when_nothing_happens(slow: Served) -> None:
    endpoint(slow).recheck_seconds = 0.01
    token = await issue_token(slow.world.student, name="short")
    async with opened(slow.app) as socket:
        await socket.greet(token.text)
        await revoke_token(slow.world.student, token_id=token.id)
        assert await socket.hear() == (4401, "the access token is not valid")
