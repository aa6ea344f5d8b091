"""Small PrairieLearn courses: what the files become, and what changes with them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentAccessRule, AssessmentCategory, Problem, Question
from app.domain.catalog.models import CourseInstance, CourseInstanceAccessRule
from app.domain.groups.models import GroupSet
from app.importers.registry import run
from app.importers.summary import Count, Summary
from tests.importers.folders import (
    ADD,
    COURSE,
    HOMEWORK,
    INSTANCE,
    OTHER,
    homework,
    values,
    write_course,
)

pytestmark = pytest.mark.anyio


async def take(ctx: Context, folder: Path, changes: dict[str, Any] | None = None) -> Summary:
    return await run(ctx, "prairielearn", write_course(folder, changes))


async def test_dates_are_local_to_the_course_instance(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path)
    start, end = datetime(2024, 8, 31, 22, tzinfo=UTC), datetime(2024, 12, 31, 22, 59, 59, tzinfo=UTC)
    columns = (CourseInstance.name, CourseInstance.start_at, CourseInstance.end_at)
    assert await values(ctx, *columns, by=CourseInstance.id) == [("ts-1-au24", start, end)]
    rule = CourseInstanceAccessRule
    assert await values(ctx, rule.number, rule.start_at, rule.end_at, rule.uids, by=rule.id) == [(1, start, end, None)]
    due = datetime(2024, 9, 30, 10, tzinfo=UTC)
    dates = (Assessment.start_at, Assessment.due_at, Assessment.end_at)
    assert await values(ctx, *dates, by=Assessment.id) == [(datetime(2024, 9, 1, 10, tzinfo=UTC), due, due)]


async def test_a_declared_set_is_made_and_an_unknown_one_abbreviated(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path, homework(set="Lab Report"))
    columns = (AssessmentCategory.number, AssessmentCategory.name, AssessmentCategory.abbreviation)
    assert await values(ctx, *columns, by=AssessmentCategory.number) == [(1, "Lab", "L"), (2, "Lab Report", "LR")]


async def test_a_changed_title_is_taken_and_nothing_else_changes(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path)
    summary = await take(ctx, tmp_path, homework(title="Second thoughts"))
    assert summary.counts["assessments"] == Count(changed=1)
    assert sum(count.changed + count.created for count in summary.counts.values()) == 1
    assert await values(ctx, Assessment.title, by=Assessment.id) == ["Second thoughts"]


async def test_renamed_folders_keep_their_rows(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path / "before", {OTHER: {**COURSE[HOMEWORK], "uuid": "0" * 32, "zones": []}})
    ids = await values(ctx, Assessment.id, by=Assessment.id), await values(ctx, Question.id, by=Question.id)
    swapped = {OTHER: COURSE[HOMEWORK], HOMEWORK: {"uuid": "0" * 32, "zones": []}}
    moved = {ADD: None, "questions/plus/info.json": COURSE[ADD]}
    zones = [{"title": "Warm-up", "questions": [{"id": "plus", "points": 2}, {"id": "deep/er", "points": 3}]}]
    summary = await take(ctx, tmp_path / "after", {**swapped, **moved, OTHER: {**COURSE[HOMEWORK], "zones": zones}})
    assert (await values(ctx, Assessment.id, by=Assessment.id), await values(ctx, Question.id, by=Question.id)) == ids
    assert await values(ctx, Assessment.name, by=Assessment.id) == ["hw/2", "hw/1"]
    assert summary.counts["questions"] == Count(changed=1, unchanged=1)
    assert summary.counts["problems"] == Count(changed=1, unchanged=1)
    assert sorted(await values(ctx, Problem.name, by=Problem.id)) == ["deep/er", "plus"]


async def test_access_rules_go_with_the_file_and_problems_stay(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path)
    zones = [{"questions": [{"id": "add", "points": 2}]}]
    summary = await take(ctx, tmp_path, homework(allowAccess=[], zones=zones))
    assert await values(ctx, AssessmentAccessRule.id, by=AssessmentAccessRule.id) == []
    assert summary.counts["assessment access rules"] == Count(changed=1)
    assert await values(ctx, Problem.name, by=Problem.number) == ["add", "deep/er"]
    assert "problems that are not in the files, kept: 1" in summary.notes
    assert not (await take(ctx, tmp_path, homework(allowAccess=[], zones=zones))).changed_anything


async def test_a_name_that_is_taken_gets_a_number(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path / "one")
    other = {"name": "TS-1", "uuid": "0" * 31 + "9"}
    await take(ctx, tmp_path / "two", {"infoCourse.json": other, INSTANCE: {"uuid": "0" * 31 + "8"}})
    assert await values(ctx, CourseInstance.name, by=CourseInstance.id) == ["ts-1-au24", "ts-1-au24-2"]
    other_again = {"infoCourse.json": other, INSTANCE: {"uuid": "0" * 31 + "8"}}
    assert not (await take(ctx, tmp_path / "two", other_again)).changed_anything


@pytest.mark.parametrize(
    ("block", "points"),
    [
        ({"points": 3}, (3, 3, 0, None)),
        ({"points": 1, "maxPoints": 4}, (4, 4, 0, None)),
        ({"autoPoints": 1, "maxAutoPoints": 4, "manualPoints": 2}, (6, 4, 2, None)),
        ({"manualPoints": 2.5}, (2.5, 0, 2.5, None)),
        ({"points": [4, 2]}, (4, 4, 0, None)),
        ({}, (0, 0, 0, None)),
    ],
)
async def test_points_of_homework(ctx: Context, tmp_path: Path, block: Any, points: tuple[Any, ...]) -> None:
    await take(ctx, tmp_path, homework(zones=[{"questions": [{"id": "add", **block}]}]))
    columns = (Problem.max_points, Problem.max_auto_points, Problem.max_manual_points, Problem.points_by_try)
    assert await values(ctx, *columns, by=Problem.id) == [points]
    assert await values(ctx, Assessment.max_points, by=Assessment.id) == [points[0]]


@pytest.mark.parametrize(
    ("block", "points"),
    [
        ({"points": [10, 8, 5]}, (10, 10, 0, [10, 8, 5])),
        ({"points": 10}, (10, 10, 0, [10])),
        ({"autoPoints": [10, 7], "manualPoints": 5}, (15, 10, 5, [10, 7])),
        ({"manualPoints": 5}, (5, 0, 5, None)),
    ],
)
async def test_points_of_an_exam(ctx: Context, tmp_path: Path, block: Any, points: tuple[Any, ...]) -> None:
    await take(ctx, tmp_path, homework(type="Exam", zones=[{"questions": [{"id": "add", **block}]}]))
    columns = (Problem.max_points, Problem.max_auto_points, Problem.max_manual_points, Problem.points_by_try)
    assert await values(ctx, *columns, by=Problem.id) == [points]


async def test_points_of_a_question_that_people_grade(ctx: Context, tmp_path: Path) -> None:
    changes = {**homework(zones=[{"questions": [{"id": "add", "points": 3}]}]), ADD: {"gradingMethod": "Manual"}}
    await take(ctx, tmp_path, changes)
    assert await values(ctx, Problem.max_auto_points, Problem.max_manual_points, by=Problem.id) == [(0, 3)]


async def test_alternatives_best_questions_and_limits(ctx: Context, tmp_path: Path) -> None:
    """One of (7, 3) is drawn, the zone counts its best one of (7, 5) and gives 6 at most."""
    third = {**COURSE[ADD], "uuid": "0" * 32}
    pool = {"numberChoose": 1, "points": 7, "alternatives": [{"id": "add"}, {"id": "deep/er", "points": 3}]}
    zone = {"bestQuestions": 1, "maxPoints": 6, "questions": [pool, {"id": "third", "points": 5}]}
    await take(ctx, tmp_path, {**homework(zones=[zone]), "questions/third/info.json": third})
    columns = (Problem.name, Problem.max_points, Problem.alternative_group, Problem.alternatives_chosen)
    assert await values(ctx, *columns, by=Problem.number) == [
        ("add", 7, 1, 1),
        ("deep/er", 3, 1, 1),
        ("third", 5, None, None),
    ]
    assert await values(ctx, Assessment.max_points, by=Assessment.id) == [6]


async def test_group_work_in_the_older_notation(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path, homework(groupWork=True, groupMinSize=2, studentGroupJoin=True))
    columns = (GroupSet.name, GroupSet.min_size, GroupSet.max_size, GroupSet.is_self_assigned)
    assert await values(ctx, *columns, by=GroupSet.id) == [("hw/1", 2, 1000, True)]


async def test_newer_deadlines(ctx: Context, tmp_path: Path) -> None:
    dates = {
        "release": {"date": "2024-09-01T02:00:00"},
        "earlyDeadlines": [{"date": "2024-09-02T02:00:00", "credit": 110}],
        "due": {"date": "2024-09-03T02:00:00"},
        "lateDeadlines": [{"date": "2024-09-04T02:00:00", "credit": 80}],
        "password": "sesame",
    }
    control = [{"dateControl": dates}, {"labels": ["more time"], "dateControl": {"due": {"date": None}}}]
    summary = await take(ctx, tmp_path, homework(allowAccess=None, accessControl=control))
    rule = AssessmentAccessRule
    days = [datetime(2024, 9, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    assert await values(ctx, rule.credit, rule.start_at, rule.end_at, rule.password, by=rule.number) == [
        (110, days[0], days[1], "sesame"),
        (100, days[1], days[2], "sesame"),
        (80, days[2], days[3], "sesame"),
    ]
    columns = (Assessment.start_at, Assessment.due_at, Assessment.end_at)
    assert await values(ctx, *columns, by=Assessment.id) == [(days[0], days[2], days[3])]
    assert any("accessControl.labels (1)" in note for note in summary.notes)


async def test_rules_for_some_people_do_not_open_an_assessment(ctx: Context, tmp_path: Path) -> None:
    everybody = {"credit": 100, "startDate": "2024-09-10T02:00:00", "endDate": "2024-09-20T02:00:00"}
    some = {"credit": 100, "startDate": "2024-09-01T02:00:00", "uids": ["ida@uni.example"]}
    staff = {"role": "Instructor", "credit": 100}
    viewing = {"active": False, "credit": 0, "startDate": "2024-01-01T00:00:00"}
    await take(ctx, tmp_path, homework(allowAccess=[everybody, some, staff, viewing]))
    columns = (Assessment.start_at, Assessment.due_at, Assessment.end_at)
    ends = datetime(2024, 9, 10, tzinfo=UTC), datetime(2024, 9, 20, tzinfo=UTC), datetime(2024, 9, 20, tzinfo=UTC)
    assert await values(ctx, *columns, by=Assessment.id) == [ends]
    rule = AssessmentAccessRule
    assert await values(ctx, rule.number, rule.uids, by=rule.number) == [(1, None), (2, ["ida@uni.example"]), (3, None)]
