"""Spans arrive at a collector, hang together, and say nothing about people."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from app.errors import ConfigurationError
from app.telemetry.tracing import tracing_to
from tests.http.conftest import Served
from tests.telemetry.collector import Collector, attributes, collecting

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SERVER, INTERNAL, ERROR = 2, 1, 2


async def traced(served: Served, *queries: str) -> Collector:
    """What a collector has when these were asked, in a trace that began elsewhere, and the application has ended."""
    with collecting() as collector:
        async with served.set(tracing_url=collector.url) as told, told.app.router.lifespan_context(told.app):
            for query in queries:
                headers = served.signed() | {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": "request-1"}
                await told.client.post("/graphql?secret=sam", json={"query": query}, headers=headers)
        return collector


async def test_a_request_and_its_operation_are_spans(served: Served) -> None:
    collector = await traced(served, "query Who { viewer { uid } }")
    operation, request = collector.spans
    assert {each["service.name"] for each in collector.resources} == {"campusgraph"}
    assert (request.name, request.kind, request.parent_span_id.hex()) == ("POST /graphql", SERVER, PARENT)
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
        "campusgraph.request_id": "request-1",
    }
    assert (operation.name, operation.kind, operation.parent_span_id) == ("query Who", INTERNAL, request.span_id)
    assert attributes(operation) == {
        "graphql.operation.name": "Who",
        "graphql.operation.type": "query",
        "campusgraph.document": "client",
        "campusgraph.statements": 1,
    }
    assert {each.trace_id.hex() for each in collector.spans} == {TRACE}
    assert {each.status.code for each in collector.spans} == {0}


async def test_a_failure_is_a_status_without_words(served: Served) -> None:
    collector = await traced(served, 'query Late { users(after: "sam") { totalCount } }')
    operation, request = collector.spans
    assert (operation.name, operation.status.code, operation.status.message) == ("query Late", ERROR, "")
    assert (len(operation.events), request.status.code) == (0, 0)
    assert all(word not in str(collector.spans) for word in ("sam", "secret", "cgp_"))


async def test_without_a_collector_there_are_no_spans(served: Served) -> None:
    assert tracing_to("") is None


def test_a_url_that_is_none() -> None:
    with pytest.raises(ConfigurationError, match=r"^the tracing URL begins with http:// or https://$"):
        tracing_to("localhost:4318")


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    modules: Any = sys.modules
    monkeypatch.setitem(modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ConfigurationError, match=r"^tracing needs the extra `tracing`: "):
        tracing_to("http://localhost:4318/v1/traces")
