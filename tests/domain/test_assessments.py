from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import (
    Assessment,
    AssessmentCategory,
    AssessmentKind,
    GradingType,
    Problem,
    Question,
    ScoringModel,
    Zone,
)
from app.domain.assessments.problems import create_problem, update_problem
from app.domain.assessments.service import create_assessment, create_category, delete_assessment, update_assessment
from app.domain.grades.overrides import override_grade
from app.domain.rows import insert_row
from app.errors import NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, nothing_changes, only_row, refused
from tests.factories import University, coursework, team

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def category(world: University, **values: Any) -> int:
    """A category of the first course instance."""
    return await create_category(
        world.instructor,
        **{"course_instance_id": world.course_instance_id, "name": "Labs", "abbreviation": "L", **values},
    )


async def test_a_category_is_numbered_on_and_headed_by_its_name(ctx: Context, world: University) -> None:
    await category(world, name="Exams", number=7)
    row = await only_row(ctx, AssessmentCategory, await category(world))
    assert (row.number, row.name, row.abbreviation, row.heading, row.color) == (8, "Labs", "L", "Labs", "gray1")
    row = await only_row(ctx, AssessmentCategory, await category(world, name="x", heading="Head", color="red3"))
    assert (row.number, row.heading, row.color) == (9, "Head", "red3")
    await refused(ctx, category(world, name="labs"), UserErrorCode.TAKEN, "name")
    await refused(ctx, category(world, name="y", abbreviation=""), UserErrorCode.REQUIRED, "abbreviation")
    await refused(ctx, category(world, name="y", number=2**40), UserErrorCode.OUT_OF_RANGE, "number")


async def test_an_assessment_has_sensible_defaults(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={})
    row = await only_row(ctx, Assessment, work.assessment_id)
    assert (row.course_instance_id, row.category_id) == (world.course_instance_id, work.category_id)
    assert (row.name, row.title, row.number, row.position, len(row.uuid)) == ("lab1", "Lab1", "1", 1, 32)
    assert (row.kind, row.grading_type, row.scoring_model) == ("HOMEWORK", "ATTEMPTS", "HIGHEST")
    assert (row.max_points, row.max_bonus_points, row.weight, row.passing_percentage) == (0.0, 0.0, None, None)
    assert (row.start_at, row.due_at, row.end_at, row.time_limit_minutes) == (None, None, None, None)
    assert (row.max_instances, row.max_submissions, row.group_set_id, row.deleted_at) == (None, None, None, None)


async def test_assessments_are_numbered_on(ctx: Context, world: University) -> None:
    await coursework(world, "a", {}, number="12", position=5)
    await coursework(world, "b", {}, number="2a")
    rows = [await only_row(ctx, Assessment, (await coursework(world, name, {})).assessment_id) for name in ("c", "d")]
    assert [(row.number, row.position) for row in rows] == [("13", 7), ("14", 8)]


async def test_an_assessment_with_everything(ctx: Context, world: University) -> None:
    pairs = await team(world)
    values: dict[str, Any] = {
        "group_set_id": pairs.group_set_id,
        "external_id": "e-1",
        "description": "two\nlines",
        "module": "M1",
        "kind": AssessmentKind.EXAM,
        "grading_type": GradingType.MANUAL,
        "scoring_model": ScoringModel.LAST,
        "weight": 20.0,
        "max_points": 50.0,
        "max_bonus_points": 5.0,
        "passing_percentage": 70.0,
        "start_at": NOW,
        "due_at": NOW + DAY,
        "end_at": NOW + DAY,
        "time_limit_minutes": 30,
        "max_instances": 2,
        "max_submissions": 3,
    }
    row = (await only_row(ctx, Assessment, (await coursework(world, problems={}, **values)).assessment_id))._asdict()
    assert {name: row[name] for name in values} == values


REFUSALS = [
    ({"name": "LAB1"}, UserErrorCode.TAKEN, "name"),
    ({"name": " "}, UserErrorCode.REQUIRED, "name"),
    ({"name": "x" * 256}, UserErrorCode.TOO_LONG, "name"),
    ({"title": "\n"}, UserErrorCode.REQUIRED, "title"),
    ({"description": "\0"}, UserErrorCode.INVALID, "description"),
    ({"category_id": 999_999}, UserErrorCode.NOT_FOUND, "categoryId"),
    ({"category_id": 2**40}, UserErrorCode.OUT_OF_RANGE, "categoryId"),
    ({"group_set_id": 999_999}, UserErrorCode.NOT_FOUND, "groupSetId"),
    ({"max_points": -1}, UserErrorCode.OUT_OF_RANGE, "maxPoints"),
    ({"max_points": math.nan}, UserErrorCode.INVALID, "maxPoints"),
    ({"max_points": math.inf}, UserErrorCode.INVALID, "maxPoints"),
    ({"max_points": 10**400}, UserErrorCode.INVALID, "maxPoints"),
    ({"max_bonus_points": -0.5}, UserErrorCode.OUT_OF_RANGE, "maxBonusPoints"),
    ({"weight": -1}, UserErrorCode.OUT_OF_RANGE, "weight"),
    ({"passing_percentage": 101}, UserErrorCode.OUT_OF_RANGE, "passingPercentage"),
    ({"time_limit_minutes": 0}, UserErrorCode.OUT_OF_RANGE, "timeLimitMinutes"),
    ({"max_instances": 0}, UserErrorCode.OUT_OF_RANGE, "maxInstances"),
    ({"max_submissions": 0}, UserErrorCode.OUT_OF_RANGE, "maxSubmissions"),
    ({"max_submissions": 2**31}, UserErrorCode.OUT_OF_RANGE, "maxSubmissions"),
    ({"end_at": NOW.replace(year=9999)}, UserErrorCode.OUT_OF_RANGE, "endAt"),
    ({"start_at": NOW.replace(year=1)}, UserErrorCode.OUT_OF_RANGE, "startAt"),
    ({"start_at": NOW.replace(tzinfo=None)}, UserErrorCode.INVALID, "startAt"),
    ({"start_at": NOW, "due_at": NOW - DAY}, UserErrorCode.OUT_OF_RANGE, "dueAt"),
    ({"due_at": NOW, "end_at": NOW - DAY}, UserErrorCode.OUT_OF_RANGE, "endAt"),
    ({"start_at": NOW, "due_at": None, "end_at": NOW - DAY}, UserErrorCode.OUT_OF_RANGE, "endAt"),
]


@pytest.mark.parametrize(("values", "reason", "field"), REFUSALS)
async def test_an_assessment_that_breaks_a_rule(
    ctx: Context, world: University, values: dict[str, Any], reason: UserErrorCode, field: str
) -> None:
    await coursework(world, "lab1", {})
    other = await coursework(world, "lab2", {})
    common: dict[str, Any] = {"category_id": other.category_id, "name": "lab3", "title": "T"}
    made = create_assessment(ctx, course_instance_id=world.course_instance_id, **common | values)
    await refused(ctx, made, reason, field)
    await refused(ctx, update_assessment(ctx, assessment_id=other.assessment_id, **values), reason, field)


async def test_neighbours_are_of_the_same_course_instance(ctx: Context, world: University) -> None:
    there = world.other_course_instance_id
    work = await coursework(world)
    foreign = await create_category(ctx, course_instance_id=there, name="Labs", abbreviation="L")
    write = update_assessment(ctx, assessment_id=work.assessment_id, category_id=foreign)
    await refused(ctx, write, UserErrorCode.NOT_FOUND, "categoryId")
    groups = await team(world, [])
    write = create_assessment(
        ctx,
        course_instance_id=there,
        category_id=foreign,
        name="x",
        title="x",
        group_set_id=groups.group_set_id,
    )
    await refused(ctx, write, UserErrorCode.NOT_FOUND, "groupSetId")


async def test_an_assessment_is_changed(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={}, due_at=NOW, module="M1")
    key = work.assessment_id
    changes: dict[str, Any] = {"name": "LAB1", "end_at": NOW + DAY, "module": None, "max_points": 7.0}
    assert await update_assessment(world.instructor, assessment_id=key, **changes) == key
    row = (await only_row(ctx, Assessment, key))._asdict()
    assert {name: row[name] for name in changes} == changes
    assert (row["title"], row["due_at"]) == ("Lab1", NOW)
    late = update_assessment(ctx, assessment_id=key, due_at=NOW + 2 * DAY)
    await refused(ctx, late, UserErrorCode.OUT_OF_RANGE, "endAt")
    async with nothing_changes(ctx):
        await update_assessment(world.instructor, assessment_id=key)
    await denied(ctx, update_assessment(ctx, assessment_id=2**63, title="x"), NotFound)


async def test_a_deleted_assessment_is_seen_by_nobody(ctx: Context, world: University) -> None:
    work = await coursework(world)
    assert await delete_assessment(world.instructor, assessment_id=work.assessment_id) == work.assessment_id
    assert (await only_row(ctx, Assessment, work.assessment_id)).deleted_at == NOW
    for caller in (world.admin, world.instructor, world.student):
        await denied(ctx, delete_assessment(caller, assessment_id=work.assessment_id), NotFound)
        await denied(ctx, update_problem(caller, problem_id=work.problem_ids["Style"], name="x"), NotFound)
    again = create_assessment(
        ctx, course_instance_id=world.course_instance_id, category_id=work.category_id, name="lab1", title="x"
    )
    await refused(ctx, again, UserErrorCode.TAKEN, "name")


async def test_learners_do_not_see_what_is_not_released(ctx: Context, world: University) -> None:
    work = await coursework(world, start_at=NOW)
    await denied(ctx, update_assessment(world.student, assessment_id=work.assessment_id, title="x"), NotFound)


async def test_a_problem(ctx: Context, world: University) -> None:
    work = await coursework(world)
    row = await only_row(ctx, Problem, work.problem_ids["Style"])
    assert (row.number, row.name, row.description, row.max_points) == (2, "Style", "", 10.0)
    assert (row.max_auto_points, row.max_manual_points) == (10.0, 0.0)
    assert (row.is_optional, row.is_starred, row.zone_id, row.question_id) == (False, False, None, None)
    made = await create_problem(
        world.instructor,
        assessment_id=work.assessment_id,
        name="Report",
        max_points=20,
        max_manual_points=15,
        description="a\nb",
        number=9,
        points_by_try=[20, 10],
        is_starred=True,
    )
    row = await only_row(ctx, Problem, made)
    assert (row.max_points, row.max_auto_points, row.max_manual_points) == (20.0, 5.0, 15.0)
    assert (row.number, row.description, row.points_by_try, row.is_starred) == (9, "a\nb", [20, 10], True)


async def test_the_maximum_is_the_sum_of_the_problems(ctx: Context, world: University) -> None:
    work = await coursework(world, max_points=5)
    key = work.assessment_id
    assert (await only_row(ctx, Assessment, key)).max_points == 110.0
    await create_problem(world.instructor, assessment_id=key, name="Extra", max_points=5)
    assert (await only_row(ctx, Assessment, key)).max_points == 115.0
    await update_problem(world.instructor, problem_id=work.problem_ids["Style"], max_points=0, name="Free")
    assert (await only_row(ctx, Assessment, key)).max_points == 105.0
    row = await only_row(ctx, Problem, work.problem_ids["Style"])
    assert (row.name, row.max_points, row.max_auto_points) == ("Free", 0.0, 0.0)
    await refused(ctx, update_assessment(ctx, assessment_id=key, max_points=1), UserErrorCode.INVALID, "maxPoints")
    await update_assessment(ctx, assessment_id=key, max_points=105)


@pytest.mark.parametrize(
    ("values", "reason", "field"),
    [
        ({"name": "part a"}, UserErrorCode.TAKEN, "name"),
        ({"name": ""}, UserErrorCode.REQUIRED, "name"),
        ({"max_points": -1}, UserErrorCode.OUT_OF_RANGE, "maxPoints"),
        ({"max_points": math.nan}, UserErrorCode.INVALID, "maxPoints"),
        ({"max_points": 5, "max_manual_points": 6}, UserErrorCode.OUT_OF_RANGE, "maxManualPoints"),
        ({"max_manual_points": -1}, UserErrorCode.OUT_OF_RANGE, "maxManualPoints"),
        ({"number": 0}, UserErrorCode.OUT_OF_RANGE, "number"),
        ({"alternatives_chosen": 0}, UserErrorCode.OUT_OF_RANGE, "alternativesChosen"),
        ({"description": "\x07"}, UserErrorCode.INVALID, "description"),
    ],
)
async def test_a_problem_that_breaks_a_rule(
    ctx: Context, world: University, values: dict[str, Any], reason: UserErrorCode, field: str
) -> None:
    work = await coursework(world)
    common: dict[str, Any] = {"name": "New", "max_points": 1}
    await refused(ctx, create_problem(ctx, assessment_id=work.assessment_id, **common | values), reason, field)
    await refused(ctx, update_problem(ctx, problem_id=work.problem_ids["Style"], **values), reason, field)


async def test_a_problem_places_a_question_of_its_course_in_a_zone_of_its_assessment(
    ctx: Context, world: University
) -> None:
    work, other = await coursework(world), await coursework(world, "lab2")
    bank = {"uuid": "0" * 32, "title": "T"}
    question = await insert_row(ctx, Question, {**bank, "course_id": world.course_id, "name": "a/b"})
    foreign = await insert_row(ctx, Question, {**bank, "course_id": world.other_course_id, "name": "a/b"})
    zone = await insert_row(ctx, Zone, {"assessment_id": work.assessment_id, "number": 1})
    place: dict[str, Any] = {"name": "Q", "max_points": 1}
    made = await create_problem(ctx, assessment_id=work.assessment_id, question_id=question, zone_id=zone, **place)
    row = await only_row(ctx, Problem, made)
    assert (row.question_id, row.zone_id) == (question, zone)
    place["name"] = "R"
    write = create_problem(ctx, assessment_id=work.assessment_id, question_id=foreign, **place)
    await refused(ctx, write, UserErrorCode.NOT_FOUND, "questionId")
    write = create_problem(ctx, assessment_id=work.assessment_id, question_id=2**40, **place)
    await refused(ctx, write, UserErrorCode.NOT_FOUND, "questionId")
    write = create_problem(ctx, assessment_id=other.assessment_id, zone_id=zone, **place)
    await refused(ctx, write, UserErrorCode.NOT_FOUND, "zoneId")
    await denied(ctx, create_problem(ctx, assessment_id=999_999, **place), NotFound)


async def test_an_assessment_is_worth_what_a_learner_can_get(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={"Part A": 100.0})
    alternative: dict[str, Any] = {"alternative_group": 1, "alternatives_chosen": 2}
    for name, points in {"B1": 20.0, "B2": 30.0, "B3": 25.0}.items():
        key = work.assessment_id
        await create_problem(world.admin, assessment_id=key, name=name, max_points=points, **alternative)
    worth = select(Assessment.max_points).where(Assessment.id == work.assessment_id)
    assert await ctx.db.scalar(worth) == 155.0
    await update_problem(world.admin, problem_id=work.problem_ids["Part A"], alternative_group=1)
    assert await ctx.db.scalar(worth) == 130.0


async def test_a_column_with_grades_may_stay(ctx: Context, world: University) -> None:  # blackboard case 29
    graded, empty = (await coursework(world)), (await coursework(world, "lab2"))
    await override_grade(world.instructor, assessment_id=graded.assessment_id, user_id=world.student_id, points=1)
    write = delete_assessment(world.instructor, assessment_id=graded.assessment_id, only_if_empty=True)
    await refused(ctx, write, UserErrorCode.IN_USE, "onlyIfEmpty")
    for work in (graded, empty):
        only_if_empty = work is empty
        key = work.assessment_id
        assert await delete_assessment(world.instructor, assessment_id=key, only_if_empty=only_if_empty) == key


async def test_where_grades_come_from_stays_once_there_are_some(ctx: Context, world: University) -> None:
    key = (await coursework(world)).assessment_id
    await update_assessment(world.instructor, assessment_id=key, grading_type=GradingType.MANUAL)
    await override_grade(world.instructor, assessment_id=key, user_id=world.student_id, points=1)
    write = update_assessment(world.instructor, assessment_id=key, grading_type=GradingType.ATTEMPTS)
    await refused(ctx, write, UserErrorCode.IN_USE, "gradingType")
    await update_assessment(world.instructor, assessment_id=key, grading_type=GradingType.MANUAL)
