"""What is counted, for Prometheus: each label has few values, none of which comes from a path, a person or a token.

With several workers each counts into files of the folder that PROMETHEUS_MULTIPROC_DIR names, and any of them answers
for all (`shared`). The library decides that when it is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryDirectory

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from app.errors import DomainError, LimitExceeded

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
STATEMENTS = (0, 1, 2, 3, 5, 8, 13, 21, 50, 100)

REQUESTS = Counter("campusgraph_requests", "HTTP requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "campusgraph_request_seconds",
    "Seconds from a request's headers to its answer.",
    ["method", "route"],
    buckets=SECONDS,
)
OPERATIONS = Counter("campusgraph_operations", "GraphQL operations run.", ["document", "operation", "kind", "outcome"])
OPERATION_SECONDS = Histogram(
    "campusgraph_operation_seconds", "Seconds that an operation took.", ["document", "operation"], buckets=SECONDS
)
OPERATION_STATEMENTS = Histogram(
    "campusgraph_operation_statements", "SQL statements of an operation.", ["document", "operation"], buckets=STATEMENTS
)
LOADER_BATCHES = Counter("campusgraph_loader_batches", "Batches that loaders loaded for graphql-core.")
LOADER_KEYS = Counter("campusgraph_loader_keys", "Keys in these batches.")
LIMITS = Counter("campusgraph_limits_hit", "Requests or fields refused because of a limit.", ["limit"])


def request_answered(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request; `method` and `route` are labels."""
    _requests(method, route, status).inc()
    _request_seconds(method, route).observe(seconds)


def operation_ended(document: str, operation: str, kind: str, *, failed: bool, seconds: float, statements: int) -> None:
    """Count an operation; `document` and `operation` are labels."""
    _operations(document, operation, kind, "error" if failed else "ok").inc()
    duration, taken = _operation_histograms(document, operation)
    duration.observe(seconds)
    taken.observe(statements)


def batch_loaded(keys: int) -> None:
    """Count a batch of a loader."""
    LOADER_BATCHES.inc()
    LOADER_KEYS.inc(keys)


def limit_hit(limit: str) -> None:
    """Count that something was refused; `limit` is one of the few words for what is limited."""
    LIMITS.labels(limit).inc()


def refused(error: DomainError) -> None:
    """Count a refusal that is told to a client, if it is because of a limit."""
    if isinstance(error, LimitExceeded):
        limit_hit(error.limit)


def exposition() -> bytes:
    """All metrics as Prometheus reads them, those of the other workers added."""
    if FOLDER not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


@contextmanager
def shared() -> Iterator[None]:
    """Have the processes that are started within count together, in a folder that is removed in the end."""
    with TemporaryDirectory(prefix="campusgraph-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, status)


@cache
def _request_seconds(method: str, route: str) -> Histogram:
    return REQUEST_SECONDS.labels(method, route)


@cache
def _operations(document: str, operation: str, kind: str, outcome: str) -> Counter:
    return OPERATIONS.labels(document, operation, kind, outcome)


@cache
def _operation_histograms(document: str, operation: str) -> tuple[Histogram, Histogram]:
    return OPERATION_SECONDS.labels(document, operation), OPERATION_STATEMENTS.labels(document, operation)
