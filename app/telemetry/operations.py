"""An operation of the graph while it runs: counted, timed, and a span where spans are made."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType
from typing import Any, Protocol, Self

from app.telemetry import metrics, passage
from app.telemetry.names import ANONYMOUS, BoundedNames

CLIENT = "client"
"""The label of all documents that come from outside."""
NAMES = BoundedNames()


class Counting(Protocol):
    """What knows how many statements it has run."""

    statements: int


class Observation:
    """`with Observation(…) as observation:` around an operation; it says `failed` when there were errors.

    `document` is where an operation of our own stands; None for one from outside.
    """

    __slots__ = ("_before", "_db", "_document", "_kind", "_name", "_passage", "_span", "_started", "failed")

    def __init__(self, document: str | None, name: str | None, kind: str, db: Counting) -> None:
        self._document = document or CLIENT
        self._name = NAMES.label(name) if document is None else name or ANONYMOUS
        self._kind, self._db = kind, db
        self._passage = passage.current.get()
        self._span: Any = None
        self.failed = False

    def __enter__(self) -> Self:
        if self._passage is not None and self._passage.tracing is not None:
            self._span = self._passage.tracing.operation(self._document, self._name, self._kind)
            self._span.__enter__()
        self._before, self._started = self._db.statements, perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        seconds, statements = perf_counter() - self._started, self._db.statements - self._before
        failed = self.failed or kind is not None
        metrics.operation_ended(
            self._document, self._name, self._kind, failed=failed, seconds=seconds, statements=statements
        )
        if self._passage is not None:
            self._passage.operations.append(f"{self._document}:{self._name}")
            self._passage.statements += statements
        if self._span is not None:
            self._span.tell(failed, {"campusgraph.statements": statements})
            self._span.__exit__(kind, error, traceback)
