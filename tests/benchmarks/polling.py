"""(g) Polls of an application: which grades have a greater change index, and what changed last of each column."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, select
from starlette.requests import Request as HttpRequest
from starlette.routing import Route

from app.domain.assessments.models import Assessment
from app.domain.grades.models import ColumnGrade, Counter
from app.domain.identity.models import User
from app.domain.identity.service import create_user
from app.domain.identity.tokens import issue_token
from tests.benchmarks.comparison import Comparison
from tests.benchmarks.exchange import Request, graphql
from tests.benchmarks.plain import Plain, Reader
from tests.benchmarks.population import Size, populate
from tests.benchmarks.stage import Stage

SIZE = Size(course_instances=5, assessments=20, learners=50)
NAME = "polling"
CHANGED = 50
CHANGES = """query Changes($seen: BigInt!) {
  columnGrades(where: { changeIndex: { gt: $seen } }, orderBy: [{ field: CHANGE_INDEX }], first: 100) {
    nodes { user { databaseId } assessment { databaseId } points changeIndex }
  }
}"""
LATEST = """query Latest($places: [Int]!) {
  assessments(where: { courseInstanceId: { in: $places } }, orderBy: [{ field: DATABASE_ID }], first: 100) {
    nodes { databaseId lastChanged { changeIndex } }
  }
}"""
GRADEBOOK = "/v2/courses/_{place}_1/gradebook/columns/_{column}_1/users"

Own = ColumnGrade
IS_ADMINISTRATOR = exists().where(User.id == bindparam("me"), User.is_staff)
SINCE = (
    select(Own.user_id, Own.assessment_id, Own.points, Own.change_index)
    .join(Assessment, and_(Assessment.id == Own.assessment_id, Assessment.deleted_at.is_(None)))
    .where(Own.change_index > bindparam("seen"), IS_ADMINISTRATOR)
    .order_by(Own.change_index)
    .limit(100)
)
GREATEST = (
    select(Assessment.id, func.max(Own.change_index))
    .join(Own, Own.assessment_id == Assessment.id)
    .where(Assessment.course_instance_id.in_(bindparam("places", expanding=True)), Assessment.deleted_at.is_(None))
    .where(IS_ADMINISTRATOR)
    .group_by(Assessment.id)
    .order_by(Assessment.id)
)
OF_COLUMN = (
    select(Own.user_id, Own.points, Own.max_points, Own.is_exempt, Own.change_index, Own.last_relevant_at)
    .where(Own.assessment_id == bindparam("column"), Own.change_index > bindparam("seen"), IS_ADMINISTRATOR)
    .order_by(Own.user_id)
    .limit(101)
)


async def read_changes(request: HttpRequest, reader: Reader, me: int) -> Any:
    """What CHANGES asks."""
    rows = await reader.rows(SINCE, seen=int(request.path_params["seen"]), me=me)
    nodes = [
        {"user": {"databaseId": user}, "assessment": {"databaseId": column}, "points": points, "changeIndex": index}
        for user, column, points, index in rows
    ]
    return {"data": {"columnGrades": {"nodes": nodes}}}


async def read_latest(request: HttpRequest, reader: Reader, me: int) -> Any:
    """What LATEST asks."""
    places = [int(each) for each in request.query_params["places"].split(",")]
    rows = await reader.rows(GREATEST, places=places, me=me)
    nodes = [{"databaseId": key, "lastChanged": {"changeIndex": index}} for key, index in rows]
    return {"data": {"assessments": {"nodes": nodes}}}


async def read_column(request: HttpRequest, reader: Reader, me: int) -> Any:
    """What Blackboard's route answers, of grades that are neither overridden nor remarked on."""
    column, seen = (int(request.path_params[name]) for name in ("column", "seen"))
    results = []
    for user, points, maximum, is_exempt, index, moment in await reader.rows(
        OF_COLUMN, column=column, seen=seen, me=me
    ):
        results.append(
            {
                "userId": f"_{user}_1",
                "columnId": f"_{column}_1",
                "status": "Graded",
                "displayGrade": {"scaleType": "Score", "score": points, "possible": maximum},
                "exempt": is_exempt,
                "changeIndex": index,
                "lastRelevantDate": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            }
        )
    return {"results": results}


ROUTES = [
    Route("/changes/{seen}", Plain(read_changes, "authorization").__call__),
    Route("/latest", Plain(read_latest, "authorization").__call__),
    Route("/columns/{column}/{seen}", Plain(read_column, "authorization").__call__),
]


async def compare(stage: Stage, size: Size = SIZE) -> AsyncIterator[Comparison]:
    """By an application's token: of all courses with and without changes, of 100 columns, and of one by REST."""
    async with stage.filling() as ctx:
        made = await populate(ctx, NAME, size)
        root = await create_user(ctx, username=f"{NAME}-root", email=f"{NAME}@uni.example", name="Root", is_staff=True)
        token = (await issue_token(ctx, name=NAME, user_id=root)).text
        greatest = await ctx.db.scalar(select(Counter.value))
        place, column = made.course_instance_ids[0], Assessment.course_instance_id
        first = await ctx.db.scalar(select(func.min(Assessment.id)).where(column == place))

    headers = {"Authorization": f"Bearer {token}"}

    def row(title: str, asked: Request, path: str) -> Comparison:
        ours, theirs = stage.ours(asked), stage.theirs(Request("GET", path, headers))
        return Comparison("g", f"poll {title}", stage.database, ours, theirs, repeats=41, batches=(5, 5))

    for title, seen in {f"all courses, {CHANGED} changes": greatest - CHANGED, "all courses, none": greatest}.items():
        yield row(title, graphql(CHANGES, {"seen": str(seen)}, token), f"/changes/{seen}")
    places = made.course_instance_ids
    asked = graphql(LATEST, {"places": places}, token)
    yield row(
        f"{size.course_instances * size.assessments} columns", asked, f"/latest?places={','.join(map(str, places))}"
    )
    path = f"/learn/api/public{GRADEBOOK.format(place=place, column=first)}?changeIndex=0"
    title = f"one column, {size.learners} changes: Blackboard's route"
    yield row(title, Request("GET", path, headers), f"/columns/{first}/0")
