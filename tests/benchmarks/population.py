"""Course instances with learners, sittings, scores and grades, as many as a benchmark asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any, NamedTuple, cast

from sqlalchemy import Table

from app.context import Context
from app.db.base import Base
from app.db.bulk import Row, allocate, insert_many
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.catalog.service import create_course, create_organization
from app.domain.enrollment.models import Enrollment, Role
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll
from app.domain.grades.history import draw
from app.domain.grades.models import ColumnGrade, Score
from app.domain.identity.models import User
from app.domain.identity.service import create_user
from app.domain.identity.tokens import issue_token
from app.principal import SCOPES, Principal
from tests.clock import NOW

CATEGORIES = (("Homework", "HW"), ("Quiz", "Q"), ("Exam", "E"), ("Lab", "L"))
MAX_POINTS = 10.0
STAMPS = {"created_at": NOW, "updated_at": NOW}


class Size(NamedTuple):
    """How many: every learner is in every course instance and has one score in every assessment."""

    course_instances: int
    assessments: int
    learners: int


@dataclass(frozen=True, slots=True)
class Populated:
    """What was made, and the token of the instructor of all of it."""

    course_instance_ids: list[int]
    token: str
    uid: str


async def populate(ctx: Context, name: str, size: Size) -> Populated:
    """Make it, within the caller's transaction. `name` keeps several populations of one database apart."""
    organization_id = await create_organization(ctx, key=name, name=name)
    course_id = await create_course(
        ctx, organization_id=organization_id, key=name, short_name=name, title=name, time_zone="Europe/London"
    )
    uid = f"{name}-instructor@uni.example"
    user_id = await create_user(ctx, username=f"{name}-instructor", email=uid, name="Instructor")
    places = [
        await create_course_instance(ctx, course_id=course_id, name=f"{name}-{number:02}", long_name=f"Term {number}")
        for number in range(size.course_instances)
    ]
    token = await instructor_token(ctx, user_id, places)
    learners = await _learners(ctx, name, places, size.learners)
    await _work(ctx, await _assessments(ctx, places, size.assessments), learners)
    return Populated(places, token, uid)


async def instructor_token(ctx: Context, user_id: int, course_instance_ids: Sequence[int]) -> str:
    """Make a person the instructor of these course instances; a token of theirs."""
    for course_instance_id in course_instance_ids:
        await enroll(ctx, course_instance_id=course_instance_id, user_id=user_id, role=Role.INSTRUCTOR)
    own = Context(Principal.of(user_id, is_staff=False, scopes=frozenset(SCOPES)), ctx.db, ctx.clock)
    return (await issue_token(own, name="benchmarks")).text


async def _insert(ctx: Context, model: type[Base], values: Sequence[dict[str, Any]], **same: Any) -> list[int]:
    """Insert rows, all with the values `same`; their ids."""
    table = cast("Table", model.__table__)
    ids = list(await allocate(ctx.db, table, len(values)))
    shared = tuple(same.values())
    rows: list[Row] = [(key, *each.values(), *shared) for key, each in zip(ids, values, strict=True)]
    await insert_many(ctx.db, table, ("id", *values[0], *same), rows)
    return ids


async def _learners(ctx: Context, name: str, places: Sequence[int], count: int) -> list[int]:
    names = [f"{name}-{number:04}" for number in range(count)]
    people = [{"uuid": f"{each:0>32}", "username": each, "uid": f"{each}@uni.example", "name": each} for each in names]
    ids = await _insert(ctx, User, people, is_staff=False, is_active=True, **STAMPS)
    pairs = [{"course_instance_id": place, "user_id": key} for place, key in product(places, ids)]
    await _insert(ctx, Enrollment, pairs, enrolled_at=NOW, attributes={}, **STAMPS)
    return ids


async def _assessments(ctx: Context, places: Sequence[int], count: int) -> list[tuple[int, int, int]]:
    """(course instance id, assessment id, problem id) of each assessment."""
    categories = [
        {"course_instance_id": place, "number": number, "name": name, "abbreviation": short, "heading": name}
        for place, (number, (name, short)) in product(places, enumerate(CATEGORIES, 1))
    ]
    category_ids = iter(await _insert(ctx, AssessmentCategory, categories, color="gray1", **STAMPS))
    made = []
    for place in places:
        of_place = [next(category_ids) for _ in CATEGORIES]
        made += [_assessment(place, of_place[index % len(CATEGORIES)], index) for index in range(count)]
    ids = await _insert(ctx, Assessment, made, max_points=MAX_POINTS, max_bonus_points=0.0, **STAMPS)
    problems = [{"assessment_id": key, "max_points": MAX_POINTS, "max_auto_points": MAX_POINTS} for key in ids]
    flags = {"is_optional": False, "is_starred": False, "description": ""}
    problem_ids = await _insert(ctx, Problem, problems, number=1, name="mark", **flags, **STAMPS)
    return [(each["course_instance_id"], *pair) for each, *pair in zip(made, ids, problem_ids, strict=True)]


def _assessment(place: int, category_id: int, index: int) -> dict[str, Any]:
    name = f"a{index:02}"
    return {
        **{"course_instance_id": place, "category_id": category_id, "uuid": f"{place:016}{index:016}"},
        **{"name": name, "number": str(index // len(CATEGORIES) + 1), "position": index, "title": f"Assessment {name}"},
        "due_at": NOW + timedelta(days=index),
    }


def _points() -> Iterator[float]:
    """Points from 0 to 10 in tenths, all of them again and again in no obvious order."""
    number = 0
    while True:
        yield number / 10
        number = (number + 37) % 101


async def _work(ctx: Context, assessments: Sequence[tuple[int, int, int]], learners: Sequence[int]) -> None:
    """One sitting with one scored submission for each assessment and learner, and the grade that follows."""
    pairs = list(product(assessments, learners))
    points = [each for each, _ in zip(_points(), pairs, strict=False)]
    owners = [{"course_instance_id": a[0], "assessment_id": a[1], "user_id": learner} for a, learner in pairs]
    results = [{"points": p, "released_points": p, "score_perc": p * 10, "released_score_perc": p * 10} for p in points]
    sat = [owner | result for owner, result in zip(owners, results, strict=True)]
    state = {"max_points": MAX_POINTS, "is_open": True, "duration_seconds": 60.0}
    instance_ids = await _insert(ctx, AssessmentInstance, sat, **state, started_at=NOW, modified_at=NOW)
    handed_in = [
        {"assessment_instance_id": key, "course_instance_id": a[0], "submitted_by_id": learner}
        for key, (a, learner) in zip(instance_ids, pairs, strict=True)
    ]
    flags = {"is_late": False, "is_banked": False}
    submission_ids = await _insert(ctx, Submission, handed_in, number=1, submitted_at=NOW, **flags)
    scores = [
        {"submission_id": key, "problem_id": a[2], "value": p}
        for key, (a, _), p in zip(submission_ids, pairs, points, strict=True)
    ]
    await _insert(ctx, Score, scores, is_released=True, graded_at=NOW)
    last = await draw(ctx, len(pairs))
    grades = [
        {**each, "assessment_instance_id": key, "change_index": index}
        for each, key, index in zip(sat, instance_ids, range(last - len(pairs) + 1, last + 1), strict=True)
    ]
    await _insert(ctx, ColumnGrade, grades, max_points=MAX_POINTS, is_exempt=False, last_relevant_at=NOW)
