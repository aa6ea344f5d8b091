"""Every field of the graph has something to show in the demo university."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
)
from sqlalchemy import select

from schema.core.node import global_id
from schema.core.registry import model_named
from schema.graph import build
from tests.demo.conftest import Filled

pytestmark = pytest.mark.anyio

NOTHING: tuple[Any, ...] = (None, "", [], {}, False, 0)
ATTEMPTS = "the demo's work is marked problem by problem"
STATES = ("NOT_ATTEMPTED", "ABANDONED", "IN_PROGRESS", "SUSPENDED", "CANCELED", "IN_MORE_PROGRESS")
EMPTY = {
    "AccessToken.isRegisteredOnly": "the demo registers no documents",
    **dict.fromkeys(
        (f"CourseInstance.{name}" for name in ("derivedFrom", "coach", "allowsDerived", "chapterKeys")),
        "the demo's course instances have contents of their own",
    ),
    "CourseInstance.hasFinalGrades": "the demo's grades may be set by hand for ever",
    "SubsectionGrade.isWithheld": "nothing is withheld from the administrator",
    "Organization.receivesMail": "the administrator never said",
    "CourseInstance.isClosed": "nothing is closed to the administrator",
    "CourseInstance.resumeBlock": "the administrator takes no part in courses",
    **dict.fromkeys(("Block.bookmark", "Block.currentChild", "CourseInstance.hasMissedDeadlines"), "nor is late there"),
    **dict.fromkeys(("Block.isGated", "BlockPrerequisite.isMet"), "no gate is before the administrator, nor passed"),
    "LearnerRecord.activeDaysThisWeek": "nobody is at work in the last week of the demo",
    "Block.isHiddenAfterDue": "nothing is hidden from them",
    "Block.hasScheduledContent": "nothing is to start later",
    "CourseInstance.learnerRecord": "so there is nothing to say of it",
    "Enrollment.discussionRole": "the demo has no discussions",
    **dict.fromkeys(("BreakdownEntry.dropped", "CourseGradeSection.dropped"), "the policy drops nothing"),
    **dict.fromkeys(("Roster.hasNext", "Roster.hasPrevious"), "the demo's learners fit into a page"),
    "ColumnGrade.isCorrupt": "what is calculated can be",
    "CourseInstance.deletedAt": "a deleted course instance is seen by nobody",
    "Term.daysOfUse": "the demo's terms have dates",
    "OpenResponse.isInTeams": "the demo's open response is each learner's own",
    "Submission.results": "the demo's people hand in question by question",
    **dict.fromkeys((f"Submission.{name}" for name in ("text", "comments", "feedback", "notes", "isExempt")), ATTEMPTS),
}
UNUSED = {
    "CertificateStatus.NOT_PASSING": "whoever has a certificate has passed",
    "ChangeKind.IMPORTED": "the demo is no import",
    "JobKind.COHORT_PLACEMENT": "the demo's cohorts are filled by their teacher",
    "JobKind.ENROLLMENT_NOTICES": "the demo sends one mail, and takes it back",
    "LockStatus.OWN": "the administrator marks nothing",
    **dict.fromkeys(("JobState.SCHEDULED", "JobState.PROGRESS", "JobState.FAILURE"), "the demo's jobs are over"),
    **dict.fromkeys((f"AttemptStatus.{name}" for name in (*STATES, "NEEDS_MORE_GRADING")), ATTEMPTS),
}
Path = tuple[str, ...]


@pytest.fixture(scope="module")
def graph() -> GraphQLSchema:
    return build().schema


def is_node(kind: Any) -> bool:
    """Whether a type is a Node: an object of a table."""
    return isinstance(kind, GraphQLObjectType) and any(each.name == "Node" for each in kind.interfaces)


def nodes(graph: GraphQLSchema) -> list[GraphQLObjectType]:
    """The node types, by name."""
    return [kind for _, kind in sorted(graph.type_map.items()) if isinstance(kind, GraphQLObjectType) and is_node(kind)]


def selections(kind: GraphQLObjectType) -> Iterator[tuple[str, str]]:
    """(coordinate, selection) of every field of a type, aliased when it must be asked several times."""
    for name, field in kind.fields.items():
        yield from asked(f"{kind.name}.{name}", name, field)


def asked(coordinate: str, name: str, field: GraphQLField) -> Iterator[tuple[str, str]]:
    """A field with what is needed below it: of other nodes the id, of connections one, of plain objects all."""
    kind = get_named_type(field.type)
    enums = [(key, get_named_type(each.type)) for key, each in field.args.items() if is_required_argument(each)]
    if enums:
        [(key, enum)] = enums
        assert isinstance(enum, GraphQLEnumType)
        for value in enum.values:
            yield f"{coordinate}({key}: {value})", f"{name}_{value}: {name}({key}: {value})"
    elif not isinstance(kind, GraphQLObjectType):
        yield coordinate, name
    elif is_node(kind):
        yield coordinate, f"{name} {{ id }}"
    elif kind.name.endswith("Connection"):
        yield (
            coordinate,
            f"{name}(first: 1) {{ totalCount nodes {{ id }} edges {{ cursor }} pageInfo {{ endCursor }} }}",
        )
    else:
        yield coordinate, f"{name} {{ {' '.join(text for _, text in selections(kind))} }}"


def is_shown(value: Any) -> bool:
    """Whether there is something to see: no null, no zero, nothing empty, no connection without nodes."""
    return bool(value["nodes"]) if isinstance(value, dict) and "nodes" in value else value not in NOTHING


def note(kind: GraphQLObjectType, value: dict[str, Any], shown: set[str], used: dict[str, set[str]]) -> None:
    """Note which fields of an answered object show something, and which enum values occur, down to plain objects."""
    for alias, found in value.items():
        name, _, option = alias.partition("_")
        field = kind.fields[name]
        key = next(iter(field.args), "") if option else ""
        if is_shown(found):
            shown.add(f"{kind.name}.{name}" + (f"({key}: {option})" if option else ""))
        below = get_named_type(field.type)
        if isinstance(below, GraphQLEnumType) and found is not None:
            used[below.name].add(found)
        if isinstance(below, GraphQLObjectType) and not is_node(below) and not below.name.endswith("Connection"):
            for each in found if isinstance(found, list) else [found]:
                if each is not None:
                    note(below, each, shown, used)


async def everything(filled: Filled, kind: GraphQLObjectType) -> list[dict[str, Any]]:
    """All objects of a node type, with all fields."""
    model = model_named(kind.name)
    assert model is not None
    keys = await filled.program.db.fetch(select(model.__table__.c.id))
    ids = [global_id(kind.name, row[0]) for row in keys]
    fields = " ".join(text for _, text in selections(kind))
    document = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind.name} {{ {fields} }} }} }}"
    found = await build().execute(build().prepare(document), filled.administrator, {"ids": ids}, max_page=None)
    assert found.errors is None
    assert found.data is not None
    return [each for each in found.data["nodes"] if each is not None]


def reachable(kind: GraphQLObjectType) -> Iterator[str]:
    """The coordinates of a node type's fields, and of the plain objects' below it."""
    for coordinate, _ in selections(kind):
        yield coordinate
    for field in kind.fields.values():
        below = get_named_type(field.type)
        if isinstance(below, GraphQLObjectType) and not is_node(below) and not below.name.endswith("Connection"):
            yield from reachable(below)


async def test_every_field_of_every_node_shows_something(filled: Filled, graph: GraphQLSchema) -> None:
    shown: set[str] = set()
    used: dict[str, set[str]] = defaultdict(set)
    expected: set[str] = set()
    for kind in nodes(graph):
        expected |= set(reachable(kind))
        for value in await everything(filled, kind):
            note(kind, value, shown, used)
    assert sorted(expected - shown) == sorted(EMPTY)
    enums = {name: kind for name, kind in graph.type_map.items() if isinstance(kind, GraphQLEnumType) and name in used}
    unused = {f"{name}.{value}" for name, kind in enums.items() for value in set(kind.values) - used[name]}
    assert sorted(unused) == sorted(UNUSED)


async def test_the_walk_sees_what_is_missing(graph: GraphQLSchema) -> None:
    user = graph.type_map["User"]
    assert isinstance(user, GraphQLObjectType)
    shown: set[str] = set()
    note(
        user, {"name": None, "username": "ada", "isStaff": False, "enrollments": {"nodes": []}}, shown, defaultdict(set)
    )
    assert shown == {"User.username"}
    assert {"User", "CourseInstance", "Submission", "GradeChange"} <= {kind.name for kind in nodes(graph)}
