"""(e) Lists in lists in lists, 20 × 20 × 50 grades, beside three SQL statements written out as JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select
from starlette.requests import Request as HttpRequest
from starlette.routing import Route

from app.domain.assessments.models import Assessment
from app.domain.catalog.models import CourseInstance
from app.domain.grades.models import ColumnGrade
from tests.benchmarks.comparison import Comparison
from tests.benchmarks.exchange import Request, graphql
from tests.benchmarks.plain import Plain, Reader, taught
from tests.benchmarks.population import Size, populate
from tests.benchmarks.stage import Stage

SIZE = Size(course_instances=20, assessments=20, learners=50)
QUERY = """query Nested {
  courseInstances(first: 20) { nodes {
    databaseId name longName
    assessments(first: 20) { nodes {
      databaseId name title maxPoints dueAt
      columnGrades(first: 50) { nodes { databaseId points maxPoints scorePerc isExempt } }
    } }
  } }
}"""
PLACES = (
    select(CourseInstance.id, CourseInstance.name, CourseInstance.long_name)
    .where(taught(CourseInstance.id), CourseInstance.deleted_at.is_(None))
    .order_by(CourseInstance.id)
)
ASSESSMENTS = (
    select(
        *(Assessment.course_instance_id, Assessment.id, Assessment.name, Assessment.title),
        *(Assessment.max_points, Assessment.due_at),
    )
    .where(taught(Assessment.course_instance_id), Assessment.deleted_at.is_(None))
    .order_by(Assessment.category_id, Assessment.position, Assessment.id)
)
GRADES = (
    select(
        *(ColumnGrade.assessment_id, ColumnGrade.id, ColumnGrade.points, ColumnGrade.max_points),
        *(ColumnGrade.score_perc, ColumnGrade.is_exempt),
    )
    .join(Assessment, Assessment.id == ColumnGrade.assessment_id)
    .where(taught(Assessment.course_instance_id))
    .order_by(Assessment.id, ColumnGrade.user_id)
)


async def read(request: HttpRequest, reader: Reader, me: int) -> Any:
    """What QUERY asks."""
    grades: dict[int, list[Any]] = defaultdict(list)
    for assessment, key, points, maximum, percentage, is_exempt in await reader.rows(GRADES, me=me):
        grades[assessment].append(
            {
                "databaseId": key,
                "points": points,
                "maxPoints": maximum,
                "scorePerc": percentage,
                "isExempt": is_exempt,
            }
        )
    assessments: dict[int, list[Any]] = defaultdict(list)
    for place, key, name, title, maximum, due_at in await reader.rows(ASSESSMENTS, me=me):
        own = {"databaseId": key, "name": name, "title": title, "maxPoints": maximum, "dueAt": due_at}
        assessments[place].append({**own, "columnGrades": {"nodes": grades[key]}})
    nodes = [
        {"databaseId": key, "name": name, "longName": long_name, "assessments": {"nodes": assessments[key]}}
        for key, name, long_name in await reader.rows(PLACES, me=me)
    ]
    return {"data": {"courseInstances": {"nodes": nodes}}}


ROUTES = [Route("/nested", Plain(read, "authorization").__call__)]


async def compare(stage: Stage, size: Size = SIZE) -> AsyncIterator[Comparison]:
    """By the executor, and by graphql-core alone."""
    async with stage.filling() as ctx:
        made = await populate(ctx, "nested", size)
    asked = graphql(QUERY, token=made.token)
    theirs = stage.theirs(Request("GET", "/nested", asked.headers))
    title = f"nested {' x '.join(map(str, size))} grades"
    yield Comparison("e", title, stage.database, stage.ours(asked), theirs, repeats=21)
    by_core = stage.ours(asked, planned=False)
    yield Comparison("e", f"{title}, executor off", stage.database, by_core, theirs, repeats=11)
