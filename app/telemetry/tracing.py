"""Spans of requests and operations for a collector of OpenTelemetry, where the installation names one.

The library is the extra `tracing`, and is imported only here. Its own variables (OTEL_TRACES_SAMPLER,
OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES …) say the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

from app.errors import ConfigurationError

NAME = "campusgraph"
SCHEMES = ("http://", "https://")


class Span:
    """A span that is current in its block. `tell` says how it went, once that is known."""

    def __init__(self, manager: Any, failure: Any) -> None:
        self._manager, self._failure = manager, failure

    def __enter__(self) -> Self:
        self._span = self._manager.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._manager.__exit__(None, None, None)  # the message of an error may name people: it stays out of the span

    def tell(self, failed: bool, attributes: Mapping[str, str | int], name: str | None = None) -> None:
        """What is known of it in the end: whether it failed, attributes, perhaps a better name."""
        if name is not None:
            self._span.update_name(name)
        self._span.set_attributes(attributes)
        if failed:
            self._span.set_status(self._failure)


class Tracing:
    """Makes spans, and sends them in the background."""

    def __init__(self, url: str) -> None:
        """Raises ConfigurationError for a URL that nobody serves, or when the extra is not installed."""
        if not url.startswith(SCHEMES):
            raise ConfigurationError(f"the tracing URL begins with {' or '.join(SCHEMES)}")
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import SERVICE_NAME, Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.trace import SpanKind, StatusCode
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
        except ImportError as error:
            raise ConfigurationError(f"tracing needs the extra `tracing`: {error}") from error
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: NAME}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
        self._tracer = self._provider.get_tracer(NAME)
        self._propagator = TraceContextTextMapPropagator()
        self._kinds, self._failure = SpanKind, StatusCode.ERROR

    def request(self, headers: Iterable[tuple[bytes, bytes]]) -> Span:
        """A span of a request, below the one that its `traceparent` names. It gets a better name in the end."""
        known = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        parent = self._propagator.extract(known)
        return self._span("request", kind=self._kinds.SERVER, context=parent)

    def operation(self, document: str, name: str, kind: str) -> Span:
        """A span of an operation of the graph, below the request's."""
        attributes = {"graphql.operation.name": name, "graphql.operation.type": kind, "campusgraph.document": document}
        return self._span(f"{kind} {name}", attributes=attributes)

    def close(self) -> None:
        """Send what is left; nothing can be traced afterwards. Takes as long as the collector."""
        self._provider.shutdown()

    def _span(self, name: str, **options: Any) -> Span:
        made = self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False, **options
        )
        return Span(made, self._failure)


def tracing_to(url: str) -> Tracing | None:
    """Spans go there; none are made without a URL. Raises ConfigurationError."""
    return Tracing(url) if url else None


@asynccontextmanager
async def drained(tracing: Tracing | None) -> AsyncIterator[None]:
    """Send what is left of the spans in the end."""
    try:
        yield
    finally:
        if tracing is not None:
            await asyncio.to_thread(tracing.close)
