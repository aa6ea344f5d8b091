"""What operations compile to, and which plans are kept."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, get_variable_values, parse

from app.context import Context
from schema.execution import executor
from schema.execution.executor import Executor
from schema.execution.plan import Plan, Selection
from schema.graph import build

GRADES = """query ($name: String!) {
  courseInstance(by: {name: $name}) {
    title: longName
    assessments { nodes { label columnGrades(first: 50) { totalCount nodes { points user { name } } } } }
  }
}"""
GRADES_PLAN = """
courseInstance: look-up
  CourseInstance (long_name, id): title
    assessments: page
      nodes
        Assessment (id): –
          label: batch
          columnGrades: page
            totalCount
            nodes
              ColumnGrade (points, user_id): points
                user: one
                  User (name): name
"""
DIVIDED = """{
  __typename
  viewer { displayName }
  groups(first: 3) {
    pageInfo { endCursor }
    edges { cursor node { members { uid } ... on Group { courseInstance { id course { key } } } } }
  }
  node(id: "x") { id }
  __schema { queryType { name } }
  count: groups { totalCount }
}"""
DIVIDED_PLAN = """
viewer: root
  User (attributes): displayName
groups: roots
  pageInfo
    endCursor
  edges
    cursor
    node
      Group (id, course_instance_id): –
        members: through
          User (uid): uid
        courseInstance: one
          CourseInstance (id, course_id): id
            course: one
              Course (key): key
count: roots
  totalCount
node: by graphql-core (Node is abstract)
__schema: by graphql-core (__schema is introspection)
"""
FLAT = """{
  courseInstance(by: {databaseId: 1}) {
    idFor(system: BLACKBOARD)
    viewerAccess { instructs }
    assessmentCategories { name assessments { a: nodes { title } b: nodes { kind statistics { mean } } } }
    ...Book
  }
}
fragment Book on CourseInstance { gradebook { standing user { uid } } }"""
FLAT_PLAN = """
courseInstance: look-up
  CourseInstance (id): –
    idFor: batch
    viewerAccess: batch
      ViewerAccess (attributes): instructs
    assessmentCategories: many
      AssessmentCategory (name, id): name
        assessments: page
          a
            Assessment (title, kind, id): title
          b
            Assessment (title, kind, id): kind
              statistics: batch
                AssessmentStatistics (attributes): mean
    gradebook: batch
      GradebookRow (user_id, standing, cells): standing
        user: one
          User (uid): uid
"""


@pytest.fixture(scope="module")
def graph() -> GraphQLSchema:
    return build().schema


@pytest.fixture
def planner(graph: GraphQLSchema) -> Executor:
    """An executor that has planned nothing yet."""
    return Executor(graph)


class Document:
    """A parsed document and the plans of its operations."""

    def __init__(self, text: str) -> None:
        self.node = parse(text)
        self.plans: dict[str | None, Any] = {}

    @property
    def operation(self) -> OperationDefinitionNode:
        """Its first operation."""
        return next(each for each in self.node.definitions if isinstance(each, OperationDefinitionNode))

    def plan(self, planner: Executor, **given: Any) -> Plan:
        """Its plan for these values of its variables."""
        variables = get_variable_values(planner.schema, self.operation.variable_definitions or (), given)
        assert not isinstance(variables, list)
        return planner.plan(self.node, self.operation, variables, self.plans)


def keys(selection: Selection) -> list[str]:
    """The keys of a selection that need nothing but the row."""
    return [leaf.key for leaf in selection.leaves]


@pytest.mark.parametrize(
    ("text", "lines", "given"),
    [(GRADES, GRADES_PLAN, {"name": "x"}), (DIVIDED, DIVIDED_PLAN, {}), (FLAT, FLAT_PLAN, {})],
    ids=["connections", "divided", "batches"],
)
def test_plans_are_these(planner: Executor, text: str, lines: str, given: dict[str, Any]) -> None:
    assert list(Document(text).plan(planner, **given).lines()) == lines.strip().split("\n")


def test_the_order_is_the_order_asked(planner: Executor) -> None:
    plan = Document(DIVIDED).plan(planner)
    assert plan.order == ["__typename", "viewer", "groups", "node", "__schema", "count"]
    assert plan.root.keys == ["__typename", "viewer", "groups", "count"]


def test_the_leaves_are_what_directives_leave(planner: Executor) -> None:
    document = Document(
        "query ($x: Boolean!, $y: Boolean = true) { viewer { id uid @skip(if: $x) name @include(if: $y) } }"
    )
    found = {}
    for given in ({"x": True}, {"x": False}, {"x": True, "y": False}, {"x": False, "y": False}):
        child = document.plan(planner, **given).root.branches[0].child
        assert child is not None
        found[tuple(given.values())] = keys(child)
    assert found == {
        (True,): ["id", "name"],
        (False,): ["id", "uid", "name"],
        (True, False): ["id"],
        (False, False): ["id", "uid"],
    }


def test_values_that_decide_nothing_share_a_plan(planner: Executor) -> None:
    document = Document("query ($x: Boolean!, $n: Int) { groups(first: $n) { totalCount @skip(if: $x) } }")
    one = document.plan(planner, x=True, n=1)
    assert document.plan(planner, x=True, n=2) is one
    assert document.plan(planner, x=False, n=1) is not one


def test_a_directive_on_a_fragment_decides(planner: Executor) -> None:
    text = """query ($x: Boolean!) { viewer { ...F @include(if: $x) id } }
        fragment F on User { ... @skip(if: $x) { uid } name }"""
    children = [Document(text).plan(planner, x=x).root.branches[0].child for x in (True, False)]
    assert [keys(child) for child in children if child] == [["name", "id"], ["id"]]


def test_a_document_is_planned_once(planner: Executor) -> None:
    document = Document(GRADES)
    assert document.plan(planner, name="x") is document.plan(planner, name="y")
    assert Document(GRADES).plan(planner, name="x") is not document.plan(planner, name="x")


def test_only_so_many_plans_are_kept(planner: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "PLANS_KEPT", 2)
    document = Document("query ($x: Int, $y: Boolean!, $z: Boolean!) { viewer { id @skip(if: $y) uid @skip(if: $z) } }")
    given = [{"y": y, "z": z} for y in (True, False) for z in (True, False)]
    plans = [document.plan(planner, **each) for each in given]
    assert len(document.plans[None].plans) == 2
    assert document.plan(planner, **given[3]) is plans[3]
    assert document.plan(planner, **given[0]) is not plans[0]


def test_operations_of_a_document_have_plans_of_their_own(planner: Executor, graph: GraphQLSchema) -> None:
    document = Document("query A { viewer { id } } query B { viewer { uid } }")
    first, second = (each for each in document.node.definitions if isinstance(each, OperationDefinitionNode))
    variables = get_variable_values(graph, (), {})
    found = [planner.plan(document.node, each, variables, document.plans) for each in (first, second, first)]
    assert found[0] is found[2] is not found[1]
    assert set(document.plans) == {"A", "B"}


async def test_plans_are_kept_with_their_document(ctx: Context) -> None:
    """One cache for what is parsed, validated and planned."""
    graph, text = build(), "{ viewer { id } }"
    await graph.execute(graph.prepare(text), ctx)
    assert len(graph.prepare(text).plans[None].plans) == 1


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("{ nodes(ids: []) { id } }", {"nodes": "Node is abstract"}),
        ('{ x: node(id: "y") { __typename } viewer { id } }', {"x": "Node is abstract"}),
        ('{ __type(name: "User") { name } }', {"__type": "__type is introspection"}),
        ("{ __typename }", {}),
    ],
)
def test_what_is_left_to_graphql_core_is_named(planner: Executor, text: str, left: dict[str, str]) -> None:
    assert Document(text).plan(planner).left == left


def test_every_field_of_the_graph_has_a_plan(planner: Executor, graph: GraphQLSchema) -> None:
    """But for fields of abstract types: the roots `node` and `nodes`."""
    assert graph.query_type is not None
    leafless = [name for name, field in graph.query_type.fields.items() if field.args.keys() & {"id", "ids"}]
    assert leafless == ["node", "nodes"]
