"""Each request has an id, one line in the log, and nothing in it about people."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from app.telemetry.logs import JsonFormatter
from tests.http.conftest import Served

GRAPHQL = {"method": "POST", "route": "/graphql", "status": 200}


@pytest.fixture(autouse=True)
def every_line(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO):
        yield


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What was told of requests, but how long they took."""
    fields = [dict(each.__dict__["fields"]) for each in caplog.records if each.getMessage() == "request"]
    assert all(each.pop("ms") >= 0 for each in fields)
    return fields


async def test_a_request_without_an_id_is_given_one(served: Served) -> None:
    found = [(await served.client.get("/healthz")).headers["x-request-id"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in found)
    assert found[0] != found[1]


@pytest.mark.parametrize("given", ["a" * 8, "0123-4567_89.AB", "f" * 64])
async def test_an_id_that_is_given_is_kept(served: Served, given: str) -> None:
    response = await served.client.get("/healthz", headers={"X-Request-Id": given})
    assert response.headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize("given", ["", "a" * 7, "f" * 65, "two words", "ada@uni.example", "a" * 8 + "é", '{"a":"b"}'])
async def test_an_id_that_is_none_is_replaced(served: Served, given: str) -> None:
    response = await served.client.get("/healthz", headers={b"X-Request-Id": given.encode()})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])


async def test_a_line_tells_what_was_run(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    await served.data("query Who { viewer { uid } }")
    await served.data("{ __typename }", None)
    assert lines(caplog) == [
        GRAPHQL | {"operations": ["client:Who"], "statements": 1},
        GRAPHQL | {"operations": ["client:anonymous"], "statements": 0},
    ]


async def test_a_line_has_the_template_of_the_route(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    place = f"/pl/api/v1/course_instances/{served.world.course_instance_id}"
    headers = {"Private-Token": served.tokens["admin"]}
    await served.client.get(f"{place}?secret=sam", headers=headers)
    await served.client.get(f"{place}/nothing/sam@uni.example", headers=headers)
    await served.client.get("/nobody/sam@uni.example")
    await served.client.request("SAM", "/graphql")
    found = lines(caplog)
    assert [(each["method"], each["route"], each["status"]) for each in found] == [
        ("GET", "/pl/api/v1/course_instances/{course_instance_id:digits}", 200),
        ("GET", "/pl/api/v1/{path:path}", 404),
        ("GET", "none", 404),
        ("other", "/graphql", 405),
    ]
    assert found[0]["operations"] == ["prairielearn/course_instances:CourseInstance"]
    assert not re.search("sam|secret|cgp_", str(found))


async def test_probes_are_told_of_only_when_they_fail(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        await served.client.get(path, headers=served.signed("admin"))
    assert lines(caplog) == []


async def test_lines_can_be_left_out(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    async with served.set(log_requests=False) as silent:
        await silent.data("{ __typename }")
    assert lines(caplog) == []


async def test_an_error_that_no_route_catches_names_its_request(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Any:
        raise RuntimeError("sam@uni.example is on fire")

    intact, served.app.state.open_database = served.app.state.open_database, broken
    response = await served.client.get("/files/1", headers={"X-Request-Id": "request-7"})
    served.app.state.open_database = intact
    assert (response.status_code, response.headers["x-request-id"]) == (500, "request-7")
    assert response.text == "Internal Server Error\nRequest request-7\n"
    (record,) = (each for each in caplog.records if each.levelno == logging.ERROR)
    assert record.getMessage() == "unforeseen error"
    assert lines(caplog) == [{"method": "GET", "route": "/files/{file_id}", "status": 500}]


async def test_a_client_that_leaves_is_told_by_a_status_of_its_own(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError("nobody listens")

    scope = {"type": "http", "method": "POST", "path": "/graphql", "raw_path": b"/graphql", "query_string": b""}
    await served.app({**scope, "headers": [(b"content-type", b"application/json")]}, receive, send)
    assert lines(caplog) == [GRAPHQL | {"status": 499}]


def formatted(level: int, message: str, *arguments: object, error: Exception | None = None) -> dict[str, Any]:
    """A record as the log has it, without its time."""
    told = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("campusgraph.x", level, "x.py", 1, message, arguments, told)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    made: dict[str, Any] = orjson.loads(text)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", made.pop("time"))
    return made


def test_a_line_is_an_object() -> None:
    assert formatted(logging.WARNING, "%s left\nTraceback of sam", 3) == {
        "level": "warning",
        "logger": "campusgraph.x",
        "message": "3 left",
    }


def test_an_error_is_told_by_types_and_places() -> None:
    def fail() -> None:
        try:
            raise KeyError("sam@uni.example")
        except KeyError as error:
            raise ValueError("sam@uni.example") from error

    with pytest.raises(ValueError, match="sam") as caught:
        fail()
    found = formatted(logging.ERROR, "unforeseen error", error=caught.value)
    assert [each["type"] for each in found["errors"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert re.fullmatch(rf"{__name__}:\d+ fail", found["errors"][1]["places"][0])
    assert "sam" not in str(found)
