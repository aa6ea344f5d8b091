"""Operations that one JSON document can't answer: subscriptions, and those with `@defer` or `@stream`."""

from __future__ import annotations

from typing import Any

from graphql import DirectiveNode, DocumentNode, OperationType, Visitor, visit

from app.graphql_view.refusal import Refused
from schema.core.graph import Prepared

INCREMENTAL = ("defer", "stream")


def require_one_answer(prepared: Prepared, operation_name: str | None) -> None:
    """Raise Refused (406) for an operation whose answer is a stream: nobody asked for one by POST or GET."""
    operation = prepared.operation(operation_name)
    if operation is not None and operation.operation is OperationType.SUBSCRIPTION:
        raise Refused(406, "NOT_ACCEPTABLE", "A subscription is answered by a stream, not by one JSON document.")
    if prepared.errors and prepared.document is not None and (found := incremental(prepared.document)):
        raise Refused(406, "NOT_ACCEPTABLE", f"`@{found}` is answered in parts, not by one JSON document.")


def incremental(document: DocumentNode) -> str | None:
    """The first directive of a document that divides the answer into parts."""
    found = _Directives()
    visit(document, found)
    return next((name for name in found.names if name in INCREMENTAL), None)


class _Directives(Visitor):
    """Collects the names of a document's directives."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self.names.append(node.name.value)
