"""(b) One deep query on the largest presentation of the Open University dataset, beside SQL written by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from starlette.requests import Request as HttpRequest
from starlette.routing import Route

from app.context import Context
from app.domain.assessments.models import Assessment, Problem
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import Score
from app.domain.groups.models import Group, GroupMembership
from app.domain.identity.models import User
from app.domain.identity.service import create_user
from app.importers.registry import run
from tests.benchmarks.comparison import Comparison
from tests.benchmarks.exchange import Request, graphql
from tests.benchmarks.gradebook import RESULT, statement
from tests.benchmarks.loading import SOURCE
from tests.benchmarks.plain import Plain, Reader, taught
from tests.benchmarks.population import instructor_token
from tests.benchmarks.stage import PROGRAM, Stage
from tests.clock import NOW

QUERY = """query Presentation($id: Int!) {
  courseInstance(by: { databaseId: $id }) {
    assessments { nodes {
      name title
      problems { name maxPoints }
      assessmentInstances(first: 100) { nodes {
        databaseId scorePerc
        user { uid name }
        group { name members { uid } }
        submissions { nodes { number submittedAt isLate scores { problem { name } value isReleased } } }
      } }
    } }
    gradebook { userId standing cells { assessmentId assessmentInstanceId scorePerc points maxPoints } }
    groups { nodes { name members { uid } } }
    enrollments(first: 100) { nodes { user { uid } role status enrolledAt } }
  }
}"""
DEFAULT_PAGE, PAGE = 20, 100

LARGEST = (
    select(CourseInstance.id, CourseInstance.name)
    .join(Submission, Submission.course_instance_id == CourseInstance.id)
    .group_by(CourseInstance.id, CourseInstance.name)
    .order_by(func.count().desc())
    .limit(1)
)
HERE = (Assessment.course_instance_id == bindparam("id"), Assessment.deleted_at.is_(None))
ASSESSMENTS = (
    select(Assessment.id, Assessment.name, Assessment.title)
    .where(*HERE, taught(Assessment.course_instance_id))
    .order_by(Assessment.category_id, Assessment.position, Assessment.id)
    .limit(DEFAULT_PAGE)
)
PROBLEMS = (
    select(Problem.assessment_id, Problem.name, Problem.max_points)
    .join(Assessment, Assessment.id == Problem.assessment_id)
    .where(*HERE)
    .order_by(Problem.number, Problem.id)
)
RANKED = (
    select(
        *(AssessmentInstance.id, AssessmentInstance.assessment_id, AssessmentInstance.score_perc),
        *(AssessmentInstance.user_id, AssessmentInstance.group_id),
        func.row_number()
        .over(partition_by=AssessmentInstance.assessment_id, order_by=AssessmentInstance.id)
        .label("place"),
    )
    .join(Assessment, Assessment.id == AssessmentInstance.assessment_id)
    .where(*HERE)
    .subquery("ranked")
)
OF_RANKED = and_(Submission.assessment_instance_id == RANKED.c.id, Submission.course_instance_id == bindparam("id"))
SITTINGS = (
    select(
        *(RANKED.c.assessment_id, RANKED.c.id, RANKED.c.score_perc, User.uid, User.name, RANKED.c.group_id, Group.name),
        *(Submission.id, Submission.number, Submission.submitted_at, Submission.is_late),
        *(Problem.name, Score.value, Score.is_released),
    )
    .select_from(RANKED)
    .join(User, User.id == RANKED.c.user_id, isouter=True)
    .join(Group, Group.id == RANKED.c.group_id, isouter=True)
    .join(Submission, OF_RANKED, isouter=True)
    .join(Score, Score.submission_id == Submission.id, isouter=True)
    .join(Problem, Problem.id == Score.problem_id, isouter=True)
    .where(RANKED.c.place <= PAGE)
    .order_by(RANKED.c.assessment_id, RANKED.c.place, Submission.number, Score.problem_id)
)
CELLS = statement(Assessment.id, *RESULT)
GROUPS = (
    select(Group.id, Group.name, User.uid)
    .join(GroupMembership, (GroupMembership.group_id == Group.id) & GroupMembership.left_at.is_(None), isouter=True)
    .join(User, User.id == GroupMembership.user_id, isouter=True)
    .where(Group.course_instance_id == bindparam("id"), Group.deleted_at.is_(None))
    .order_by(Group.name, Group.id, User.uid)
)
ENROLLMENTS = (
    select(User.uid, Enrollment.role, Enrollment.status, Enrollment.enrolled_at)
    .join(User, User.id == Enrollment.user_id)
    .where(Enrollment.course_instance_id == bindparam("id"))
    .order_by(Enrollment.id)
    .limit(PAGE)
)


async def read(request: HttpRequest, reader: Reader, me: int) -> Any:
    """What QUERY asks, in six statements."""
    place = int(request.path_params["id"])
    assessments = await reader.rows(ASSESSMENTS, id=place, me=me)
    problems = defaultdict(list)
    for assessment, name, maximum in await reader.rows(PROBLEMS, id=place):
        problems[assessment].append({"name": name, "maxPoints": maximum})
    groups: dict[int, dict[str, Any]] = {}
    for group, name, uid in await reader.rows(GROUPS, id=place):
        members = groups.setdefault(group, {"name": name, "members": []})["members"]
        members += [] if uid is None else [{"uid": uid}]
    sittings = _sittings(await reader.rows(SITTINGS, id=place), groups)
    found = {
        "assessments": {
            "nodes": [
                {
                    **{"name": name, "title": title, "problems": problems[key]},
                    "assessmentInstances": {"nodes": sittings[key]},
                }
                for key, name, title in assessments
            ]
        },
        "gradebook": _lines(await reader.rows(CELLS, id=place, me=me)),
        "groups": {"nodes": list(groups.values())[:DEFAULT_PAGE]},
        "enrollments": {
            "nodes": [
                {"user": {"uid": uid}, "role": role, "status": status, "enrolledAt": enrolled_at}
                for uid, role, status, enrolled_at in await reader.rows(ENROLLMENTS, id=place)
            ]
        },
    }
    return {"data": {"courseInstance": found}}


def _sittings(rows: Sequence[Any], groups: dict[int, dict[str, Any]]) -> dict[int, list[Any]]:
    """Assessment instances by assessment."""
    made: dict[int, list[Any]] = defaultdict(list)
    for key, of_instance in groupby(rows, itemgetter(1)):
        first, *others = of_instance
        assessment, _, percentage, uid, name, group_id, *_rest = first
        made[assessment].append(
            {
                **{"databaseId": key, "scorePerc": percentage},
                "user": None if uid is None else {"uid": uid, "name": name},
                "group": None if group_id is None else groups[group_id],
                "submissions": {"nodes": list(_submissions((first, *others)))[:DEFAULT_PAGE]},
            }
        )
    return made


def _submissions(rows: Sequence[Any]) -> Iterable[dict[str, Any]]:
    for key, of_submission in groupby(rows, itemgetter(7)):
        marks = list(of_submission)
        scores = [
            {"problem": {"name": name}, "value": value, "isReleased": is_released}
            for *_, name, value, is_released in marks
            if name is not None
        ]
        number, submitted_at, is_late = marks[0][8:11]
        if key is not None:
            yield {"number": number, "submittedAt": submitted_at, "isLate": is_late, "scores": scores}


def _lines(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The gradebook."""
    lines = []
    for user_id, entries in groupby(rows, itemgetter(0)):
        cells = []
        for _, standing, assessment, instance, percentage, points, maximum in entries:  # noqa: B007
            cells.append(
                {
                    "assessmentId": assessment,
                    "assessmentInstanceId": instance,
                    "scorePerc": percentage,
                    "points": points,
                    "maxPoints": maximum,
                }
            )
        lines.append({"userId": user_id, "standing": standing, "cells": cells})
    return lines


ROUTES = [Route("/presentation/{id}", Plain(read, "authorization").__call__)]


async def compare(stage: Stage) -> AsyncIterator[Comparison]:
    """After an import, as the instructor of the presentation with the most submissions."""
    async with stage.open_database() as db:
        await run(Context(PROGRAM, db, lambda: NOW), "oulad", SOURCE)
    async with stage.filling() as ctx:
        ((place, name),) = await ctx.db.fetch(LARGEST)
        user_id = await create_user(ctx, username="presentation-instructor", name="Instructor")
        token = await instructor_token(ctx, user_id, [place])
    asked = graphql(QUERY, {"id": place}, token)
    theirs = stage.theirs(Request("GET", f"/presentation/{place}", asked.headers))
    title = f"deep query on {name}"
    yield Comparison("b", title, stage.database, stage.ours(asked), theirs, repeats=11)
    by_core = stage.ours(asked, planned=False)
    yield Comparison("b", f"{title}, executor off", stage.database, by_core, theirs, repeats=5)
