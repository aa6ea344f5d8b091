"""(a) A gradebook, asked of the graph and by PrairieLearn's route, beside one SQL statement written out as JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Select, and_, bindparam, case, or_, select
from starlette.requests import Request as HttpRequest
from starlette.routing import Route

from app.domain.assessments.models import Assessment, AssessmentCategory
from app.domain.attempts.models import AssessmentInstance
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.grades.models import ColumnGrade
from app.domain.identity.models import User
from tests.benchmarks.comparison import Comparison, Run
from tests.benchmarks.exchange import Request, graphql
from tests.benchmarks.plain import STAFF, Plain, Reader, taught
from tests.benchmarks.population import Size, populate
from tests.benchmarks.stage import Stage

SIZE = Size(course_instances=1, assessments=40, learners=300)
QUERY = """query Gradebook($id: Int!) {
  courseInstance(by: { databaseId: $id }) {
    gradebook { user { uid } standing cells { assessmentId assessmentInstanceId scorePerc points maxPoints } }
  }
}"""
HERE: BindParameter[int] = bindparam("id")
ROLES = {"STUDENT": "Student", "STAFF": "Staff", "NONE": "None"}
PATH = "/course_instances/{id}/gradebook"


def statement(*columns: Any) -> Select[Any]:
    """Everybody who takes part by every assessment: user id, standing, then `columns`; the caller teaches there."""
    active = Enrollment.status != EnrollmentStatus.DROPPED
    standing = case(
        (and_(active, Enrollment.role.in_(STAFF)), "STAFF"),
        (and_(active, Enrollment.role == Role.STUDENT), "STUDENT"),
        else_="NONE",
    )
    rank = case((standing == "STUDENT", 0), (standing == "STAFF", 1), else_=2)
    sat = ColumnGrade.__table__.alias("sat").c
    has_sat = Enrollment.user_id.in_(
        select(sat.user_id).where(sat.course_instance_id == HERE, sat.assessment_instance_id.is_not(None))
    )
    graded = and_(
        ColumnGrade.assessment_id == Assessment.id,
        ColumnGrade.user_id == Enrollment.user_id,
        ColumnGrade.course_instance_id == HERE,
    )
    return (
        select(User.id, standing, *columns)
        .select_from(Enrollment)
        .join(User, User.id == Enrollment.user_id)
        .join(Assessment, Assessment.course_instance_id == HERE)
        .join(AssessmentCategory, AssessmentCategory.id == Assessment.category_id)
        .join(ColumnGrade, graded, isouter=True)
        .where(Enrollment.course_instance_id == HERE, or_(active, has_sat))
        .where(Assessment.grading_type == "ATTEMPTS", Assessment.deleted_at.is_(None))
        .where(taught(Enrollment.course_instance_id))
        .order_by(rank, User.uid, AssessmentCategory.number, Assessment.position, Assessment.id)
    )


RESULT = (ColumnGrade.assessment_instance_id, ColumnGrade.score_perc, ColumnGrade.points, ColumnGrade.max_points)
CELLS = statement(User.uid, Assessment.id, *RESULT)
ENTRIES = (
    statement(
        *(User.uid, User.uin, User.name, CourseInstance.time_zone),
        *(Assessment.id, Assessment.name, AssessmentCategory.abbreviation, Assessment.number, *RESULT),
        *(AssessmentInstance.started_at, AssessmentInstance.duration_seconds),
    )
    .join(CourseInstance, CourseInstance.id == Enrollment.course_instance_id)
    .join(AssessmentInstance, AssessmentInstance.id == ColumnGrade.assessment_instance_id, isouter=True)
)


async def read_cells(request: HttpRequest, reader: Reader, me: int) -> Any:
    """What QUERY asks."""
    rows = await reader.rows(CELLS, id=int(request.path_params["id"]), me=me)
    lines = []
    for _, entries in groupby(rows, itemgetter(0)):
        cells = []
        for _, standing, uid, assessment, instance, percentage, points, maximum in entries:  # noqa: B007
            cells.append(
                {
                    "assessmentId": assessment,
                    "assessmentInstanceId": instance,
                    "scorePerc": percentage,
                    "points": points,
                    "maxPoints": maximum,
                }
            )
        lines.append({"user": {"uid": uid}, "standing": standing, "cells": cells})
    return {"data": {"courseInstance": {"gradebook": lines}}}


async def read_entries(request: HttpRequest, reader: Reader, me: int) -> Any:
    """What PrairieLearn answers."""
    rows = await reader.rows(ENTRIES, id=int(request.path_params["id"]), me=me)
    zone = ZoneInfo(rows[0][5])
    return [_entry(list(entries), zone) for _, entries in groupby(rows, itemgetter(0))]


def _entry(rows: Sequence[Any], zone: ZoneInfo) -> dict[str, Any]:
    user_id, standing, uid, uin, name = rows[0][:5]
    cells = []
    for row in rows:
        key, tid, short, number, instance, percentage, points, maximum, started, duration = row[6:]
        cells.append(
            {
                "assessment_id": key,
                "assessment_name": tid,
                "assessment_label": short + number,
                "assessment_set_abbreviation": short,
                "assessment_number": number,
                "assessment_instance_id": instance,
                "score_perc": percentage,
                "max_points": maximum,
                "points": points,
                "start_date": started and started.astimezone(zone).replace(microsecond=0).isoformat(),
                "duration_seconds": duration,
            }
        )
    person = {"user_id": user_id, "user_uid": uid, "user_uin": uin, "user_name": name}
    return {**person, "user_role": ROLES[standing], "assessments": cells}


ROUTES = [
    Route(f"/graph{PATH}", Plain(read_cells, "authorization").__call__),
    Route(f"/rest{PATH}", Plain(read_entries, "private-token", indent=True).__call__),
]


async def compare(stage: Stage, size: Size = SIZE) -> AsyncIterator[Comparison]:
    """Both ways to ask; the first also of graphql-core alone."""
    async with stage.filling() as ctx:
        made = await populate(ctx, "gradebook", size)
    (key,) = made.course_instance_ids
    cells = f"{size.learners * size.assessments:,} cells"

    def row(title: str, ours: Run, theirs: Request) -> Comparison:
        return Comparison("a", f"gradebook, {cells}: {title}", stage.database, ours, stage.theirs(theirs), repeats=21)

    asked = graphql(QUERY, {"id": key}, made.token)
    plain = Request("GET", f"/graph/course_instances/{key}/gradebook", asked.headers)
    yield row("GraphQL", stage.ours(asked), plain)
    yield row("GraphQL, executor off", stage.ours(asked, planned=False), plain)
    headers = {"Private-Token": made.token}
    asked = Request("GET", f"/pl/api/v1/course_instances/{key}/gradebook", headers)
    plain = Request("GET", f"/rest/course_instances/{key}/gradebook", headers)
    yield row("PrairieLearn's route", stage.ours(asked), plain)
