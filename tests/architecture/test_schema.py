"""The graph as a whole: described to the last argument, named after nobody, declared wherever a list can reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from schema.core.needs import BACKREF, declared
from schema.graph import build
from tests.architecture.tree import none

SYSTEMS = ("prairielearn", "autolab", "blackboard", "edx", "openedx", "moodle", "canvas", "karma", "oulad")
LAST_DAY = re.compile(r".+ Removed after (\d{4}-\d{2}-\d{2})\.")
COMPOSITE = GraphQLObjectType | GraphQLInterfaceType


@strawberry.type
class Sample:
    """An attribute, and a field with a resolver."""

    plain: int

    @strawberry.field
    def resolved(self) -> int:
        return self.plain


@pytest.fixture(scope="module")
def graph() -> GraphQLSchema:
    return build().schema


def ours(graph: GraphQLSchema) -> list[GraphQLNamedType]:
    """The types that are not GraphQL's own."""
    return [
        kind
        for _, kind in sorted(graph.type_map.items())
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
    ]


def parts(kind: GraphQLNamedType) -> Iterator[tuple[str, Any]]:
    """(coordinate, definition) of a type and of everything in it."""
    yield kind.name, kind
    if isinstance(kind, GraphQLEnumType):
        yield from ((f"{kind.name}.{name}", value) for name, value in kind.values.items())
    if isinstance(kind, GraphQLInputObjectType):
        yield from ((f"{kind.name}.{name}", field) for name, field in kind.fields.items())
    if isinstance(kind, COMPOSITE):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field
            yield from ((f"{kind.name}.{name}({key}:)", each) for key, each in field.args.items())


def is_list(kind: Any) -> bool:
    """Whether a field's type is a list, whatever it is wrapped in."""
    while isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, GraphQLList)


def objects(graph: GraphQLSchema, kind: GraphQLNamedType) -> list[GraphQLObjectType]:
    """The object types that a value of the type can have."""
    if isinstance(kind, GraphQLObjectType):
        return [kind]
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        return list(graph.get_possible_types(kind))
    return []


def reached(graph: GraphQLSchema) -> list[GraphQLObjectType]:
    """The object types of which one operation may meet many objects: those in lists, and all that these lead to."""
    everything = [kind for kind in ours(graph) if isinstance(kind, GraphQLObjectType)]
    lists = [field.type for kind in everything for field in kind.fields.values() if is_list(field.type)]
    ahead = [kind for each in lists for kind in objects(graph, get_named_type(each))]
    found: dict[str, GraphQLObjectType] = {}
    while ahead:
        kind = ahead.pop()
        if kind.name not in found:
            found[kind.name] = kind
            for field in kind.fields.values():
                ahead += objects(graph, get_named_type(field.type))
    return [found[name] for name in sorted(found)]


def is_plain(field: Any) -> bool:
    """Whether a field that is not declared is read off its object, without a resolver."""
    definition = field.extensions.get(BACKREF)
    return definition is not None and definition.base_resolver is None


def test_everything_has_a_description(graph: GraphQLSchema) -> None:
    none(where for kind in ours(graph) for where, part in parts(kind) if not (part.description or "").strip())


def undated(graph: GraphQLSchema) -> list[str]:
    """What is deprecated without a reason that ends with the last day: "… Removed after 2027-06-30."."""
    deprecated = [
        (where, part.deprecation_reason)
        for kind in ours(graph)
        for where, part in parts(kind)
        if getattr(part, "deprecation_reason", None) is not None
    ]
    return [f"{where}: {reason}" for where, reason in deprecated if not is_dated(reason)]


def is_dated(reason: str) -> bool:
    """Whether a deprecation says why, and then until when."""
    found = LAST_DAY.fullmatch(reason)
    try:
        return found is not None and bool(date.fromisoformat(found[1]))
    except ValueError:
        return False


def test_deprecations_have_a_reason_and_a_date(graph: GraphQLSchema) -> None:
    none(undated(graph))


def test_a_deprecation_without_a_reason_or_a_date_is_found() -> None:
    sample = build_schema("""
        type Query {
            fine: Int @deprecated(reason: "Use `better`. Removed after 2027-06-30.")
            bare: Int @deprecated
            endless: Int @deprecated(reason: "Use `better`.")
            never: Int @deprecated(reason: "Use `better`. Removed after 2027-02-30.")
            silent: Int @deprecated(reason: "Removed after 2027-06-30.")
            better(old: Int @deprecated(reason: "Soon.")): Kind
        }
        enum Kind { NEW OLD @deprecated(reason: "Use NEW.") }
        input Filter { old: Int @deprecated(reason: "Gone.") }
    """)
    assert [each.partition(":")[0] if "(" not in each else each for each in undated(sample)] == [
        "Filter.old",
        "Kind.OLD",
        "Query.bare",
        "Query.endless",
        "Query.never",
        "Query.silent",
        "Query.better(old:): Soon.",
    ]


def test_no_type_is_named_after_a_system(graph: GraphQLSchema) -> None:
    none(kind.name for kind in ours(graph) for system in SYSTEMS if system in kind.name.lower())


def test_what_lists_reach_is_declared(graph: GraphQLSchema) -> None:
    """A resolver would run once for each object (executor, constraint 1)."""
    none(
        f"{kind.name}.{name} has a resolver of its own"
        for kind in reached(graph)
        if kind is not graph.mutation_type
        for name, field in kind.fields.items()
        if declared(field) is None and not is_plain(field)
    )


def test_the_walk_sees_what_it_looks_for(graph: GraphQLSchema) -> None:
    """Through connections, edges and relations; and a resolver is told from an attribute."""
    names = {kind.name for kind in reached(graph)}
    assert {"User", "CourseInstance", "Enrollment", "Group", "Assessment", "Submission", "Score"} <= names
    assert "Query" not in names
    fields = strawberry.Schema(query=Sample)._schema.type_map["Sample"].fields  # type: ignore[attr-defined]
    assert {name: is_plain(field) for name, field in fields.items()} == {"plain": True, "resolved": False}
