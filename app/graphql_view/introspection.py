"""Who may read the schema."""

from __future__ import annotations

from graphql import BREAK, DocumentNode, FieldNode, Visitor, VisitorAction, visit

from app.errors import Unauthenticated
from app.principal import Principal

INTROSPECTION = ("__schema", "__type")


def require_reader(principal: Principal, document: DocumentNode | None, *, is_public: bool) -> None:
    """Raise Unauthenticated for a document that asks for the schema in nobody's name, unless it is public."""
    if principal.user_id is not None or is_public or document is None:
        return
    found = _Introspection()
    visit(document, found)
    if found.is_there:
        raise Unauthenticated("sign in: the schema is for people who are signed in")


class _Introspection(Visitor):
    """Looks for a field of introspection."""

    def __init__(self) -> None:
        super().__init__()
        self.is_there = False

    def enter_field(self, node: FieldNode, *_: object) -> VisitorAction:
        self.is_there = node.name.value in INTROSPECTION
        return BREAK if self.is_there else None
