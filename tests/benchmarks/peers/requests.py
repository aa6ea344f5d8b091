"""What the servers are asked."""

from __future__ import annotations

from tests.benchmarks import gradebook, nested, small
from tests.benchmarks.exchange import Request, graphql
from tests.benchmarks.peers.data import Data

POSTGRAPHILE = """query Nested {
  courseInstances: allCourseInstances(first: 100, condition: { courseId: 1 }) { nodes {
    databaseId: rowId name longName
    assessments: assessmentsByCourseInstanceId(first: 100, orderBy: [CATEGORY_ID_ASC, POSITION_ASC, ROW_ID_ASC]) {
      nodes {
        databaseId: rowId name title maxPoints dueAt
        columnGrades: columnGradesByAssessmentId(first: 100, orderBy: [USER_ID_ASC]) {
          nodes { databaseId: rowId points maxPoints scorePerc isExempt }
        }
      }
    }
  } }
}"""


def nested_ours(data: Data) -> bytes:
    """20 x 20 x 50 grades, as their instructor."""
    return graphql(nested.QUERY, token=data.nested.token).wire()


def nested_handwritten(data: Data) -> bytes:
    """The same of the endpoint written by hand."""
    return Request("GET", "/nested", _bearer(data.nested.token)).wire()


def nested_mercurius() -> bytes:
    """The same text, without a token: this peer knows no users."""
    return graphql(nested.QUERY).wire()


def nested_postgraphile() -> bytes:
    """The same in the words of this peer, aliased so that the answer has the same keys."""
    return graphql(POSTGRAPHILE).wire()


def viewer(data: Data) -> bytes:
    """Who asks."""
    return graphql(small.VIEWER, token=data.nested.token).wire()


def constant(data: Data) -> bytes:
    """The same request to the endpoint that answers a constant."""
    asked = graphql(small.VIEWER, token=data.nested.token)
    return Request("POST", small.PATHS[small.VIEWER], asked.headers, asked.body).wire()


def gradebook_ours(data: Data) -> bytes:
    """12,000 cells by GraphQL."""
    return graphql(gradebook.QUERY, {"id": _place(data)}, data.gradebook.token).wire()


def gradebook_handwritten(data: Data) -> bytes:
    """The same of the endpoint written by hand."""
    path = f"/graph/course_instances/{_place(data)}/gradebook"
    return Request("GET", path, _bearer(data.gradebook.token)).wire()


def route_ours(data: Data) -> bytes:
    """12,000 cells by PrairieLearn's route."""
    path = f"/pl/api/v1/course_instances/{_place(data)}/gradebook"
    return Request("GET", path, {"Private-Token": data.gradebook.token}).wire()


def route_handwritten(data: Data) -> bytes:
    """The same of the endpoint written by hand."""
    path = f"/rest/course_instances/{_place(data)}/gradebook"
    return Request("GET", path, {"Private-Token": data.gradebook.token}).wire()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _place(data: Data) -> int:
    return data.gradebook.course_instance_ids[0]
