"""Who may read the schema: whoever has signed in. To strangers no type is there, as nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphql import ArgumentNode, FieldNode, NameNode, StringValueNode, Visitor, visit

from app.errors import Unauthenticated
from app.principal import Principal
from schema.core.graph import Prepared

NO_NAME = ArgumentNode(name=NameNode(value="name"), value=StringValueNode(value=""))


def readable(prepared: Prepared, principal: Principal, *, is_public: bool) -> Prepared:
    """The document as this caller may ask it. Raises Unauthenticated for a stranger who asks for the schema."""
    if principal.user_id is not None or is_public or prepared.document is None:
        return prepared
    document = visit(prepared.document, _Veil())
    return prepared if document is prepared.document else replace(prepared, document=document, plans={})


class _Veil(Visitor):
    """Has a stranger ask for the type of no name, whose answer is null."""

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        if node.name.value == "__schema":
            raise Unauthenticated("sign in: the schema is for people who are signed in")
        if node.name.value != "__type" or NO_NAME in (node.arguments or ()):
            return None
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=(NO_NAME,),
            directives=node.directives,
            selection_set=node.selection_set,
            loc=node.loc,
        )
