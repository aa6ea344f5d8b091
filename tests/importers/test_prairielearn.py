"""Two real PrairieLearn courses, whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.domain.assessments.models import (
    Assessment,
    AssessmentCategory,
    Problem,
    Question,
    Zone,
)
from app.domain.catalog.models import Course, CourseInstance, Organization
from app.importers.registry import run
from app.importers.summary import Count
from tests.importers.folders import contents, values

pytestmark = pytest.mark.anyio
THEORY, EXAMPLE = "theorielearn", "pl-example-course"


async def read(ctx: Context, shared: Path, course: str) -> Any:
    return await run(ctx, "prairielearn", shared / "prairielearn" / course)


WHOLE: list[tuple[str, dict[str, int]]] = [
    (
        THEORY,
        {
            "organizations": 1,
            "courses": 1,
            "course_instances": 1,
            "assessment_categories": 3,
            "assessments": 26,
            "assessment_access_rules": 26,
            "zones": 99,
            "problems": 598,
            "questions": 446,
        },
    ),
    (
        EXAMPLE,
        {
            "organizations": 1,
            "courses": 1,
            "course_instances": 1,
            "assessment_categories": 7,
            "assessments": 20,
            "assessment_access_rules": 24,
            "zones": 51,
            "problems": 219,
            "questions": 189,
            "group_sets": 3,
        },
    ),
]


@pytest.mark.parametrize(("course", "counts"), WHOLE)
async def test_it_arrives_whole_and_only_once(ctx: Context, shared: Path, course: str, counts: dict[str, int]) -> None:
    first = await read(ctx, shared, course)
    assert await contents(ctx) == counts
    assert first.changed_anything
    second = await read(ctx, shared, course)
    assert await contents(ctx) == counts
    assert second.counts == {noun: Count(unchanged=count.created) for noun, count in first.counts.items()}
    assert second.render().splitlines()[-1] == "prairielearn: nothing changed"


async def test_both_courses_stand_side_by_side(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, THEORY)
    await read(ctx, shared, EXAMPLE)
    assert await values(ctx, Organization.key, by=Organization.id) == ["PrairieLearn"]
    assert await values(ctx, Course.key, Course.short_name, Course.title, Course.time_zone, by=Course.id) == [
        (
            "bc771e2c42fb4c59b583d9e94eef32ba",
            "TheorieLearn",
            "Autograded Resources for Theoretical Computer Science",
            "America/Chicago",
        ),
        ("XC 101", "XC 101", "Example Course", "America/Chicago"),
    ]
    columns = (CourseInstance.name, CourseInstance.short_name, CourseInstance.long_name, CourseInstance.uuid)
    assert await values(ctx, *columns, CourseInstance.time_zone, by=CourseInstance.id) == [
        (
            *("theorielearn-public", "Public", "Public Demo Course / Catalog"),
            *("c77ad0e8f64e4d319df2f57f15e7dffc", "America/Chicago"),
        ),
        (
            *("xc-101-sectiona", "SectionA", "Spring 2015"),
            *("a2c16a027f7343d0b5ec5eb1efb8ae51", "America/Chicago"),
        ),
    ]


async def test_years_far_away_survive(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, EXAMPLE)
    assert await values(ctx, CourseInstance.start_at, CourseInstance.end_at, by=CourseInstance.id) == [
        (datetime(1900, 1, 19, 6, 0, 1, tzinfo=UTC), datetime(2400, 5, 14, 4, 59, 59, tzinfo=UTC))
    ]


async def test_assessment_sets(ctx: Context, shared: Path) -> None:
    """Those that the course declares in its order, then the standard ones that are used."""
    await read(ctx, shared, EXAMPLE)
    columns = (AssessmentCategory.number, AssessmentCategory.name, AssessmentCategory.abbreviation)
    look = (AssessmentCategory.heading, AssessmentCategory.color)
    assert await values(ctx, *columns, *look, by=AssessmentCategory.number) == [
        (1, "Collection", "C", "Collection of example questions", "purple1"),
        (2, "Lecture", "L", "Pre-Lecture Activities", "blue1"),
        (3, "GroupActivity", "G", "Group Activities", "pink1"),
        (4, "Homework", "HW", "Homeworks", "green1"),
        (5, "Exam", "E", "Exams", "brown1"),
        (6, "Practice Exam", "PE", "Practice Exams", "yellow1"),
        (7, "Worksheet", "WS", "Worksheets", "purple1"),
    ]


async def test_order_and_points_of_assessments(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, EXAMPLE)
    columns = (Assessment.name, Assessment.kind, Assessment.max_points, Assessment.max_bonus_points)
    assert await values(ctx, *columns, Assessment.max_instances, by=Assessment.position) == [
        ("exam/instantFeedbackPrairieTest", "EXAM", 15, 0, 1),
        ("exam/instantFeedback", "EXAM", 15, 0, 1),
        ("exam/practice", "EXAM", 15, 0, None),
        ("gallery/questions", "HOMEWORK", 8, 0, 1),
        ("groupWork/template", "HOMEWORK", 10, 0, 1),
        ("homework/template", "HOMEWORK", 35, 0, 1),
        ("lecture/selfGuided", "HOMEWORK", 4, 0, 1),
        ("worksheet/template", "HOMEWORK", 10, 0, 1),
        ("demo/externalGrading", "HOMEWORK", 68, 0, 1),
        ("exam/realTimeGradingDisabled", "EXAM", 55, 0, 1),
        ("groupWork/jupyter", "HOMEWORK", 3, 0, 1),
        ("homework/extraCredit", "HOMEWORK", 24, 3, 1),
        ("demo/workspaces", "HOMEWORK", 45, 0, 1),
        ("exam/activeAccessRestriction", "EXAM", 60, 0, 1),
        ("homework/manualGrading", "HOMEWORK", 65, 0, 1),
        ("exam/manualGrading", "EXAM", 50, 0, 1),
        ("gallery/elements", "HOMEWORK", 360, 0, 1),
        ("exam/groupExam", "EXAM", 80, 0, 1),
        ("gallery/drawingElements", "HOMEWORK", 96, 0, 1),
        ("questionTemplates", "HOMEWORK", 70, 0, 1),
    ]


async def test_zones_limit_what_counts(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, EXAMPLE)
    statement = (
        select(Zone.number, Zone.title, Zone.max_points, Zone.best_problems)
        .join(Assessment, Assessment.id == Zone.assessment_id)
        .where(Assessment.name == "homework/extraCredit")
        .order_by(Zone.number)
    )
    assert [tuple(row) for row in await ctx.db.fetch(statement)] == [
        (1, "Fundamental questions", None, 2),
        (2, "Intermediate questions", 6, None),
        (3, "Advanced questions", None, None),
    ]


async def test_problems_of_an_exam(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, EXAMPLE)
    assert await problems(ctx, "exam/manualGrading") == [
        (1, 1, "template/checkbox/random-prompt", 5, 5, 0, [5], 1, 1),
        (2, 1, "template/multiple-choice/multi-correct-pool", 5, 5, 0, [5], 1, 1),
        (3, 1, "template/multiple-choice/images", 5, 5, 0, [5, 1], 2, 1),
        (4, 1, "demo/multipleChoiceSingleCorrect", 5, 5, 0, [5, 1], 2, 1),
        (5, 1, "template/multiple-choice/random-prompt-true-false", 5, 5, 0, [5], 3, 1),
        (6, 1, "template/multiple-choice/random-prompt", 5, 5, 0, [5], 3, 1),
        (7, 1, "demo/fixedCheckbox", 5, 5, 0, [5, 2], 4, 1),
        (8, 1, "template/symbolic-input/random", 5, 5, 0, [5, 2], 4, 1),
        (9, 2, "demo/manualGrade/codeUpload", 15, 10, 5, [10, 7, 4], None, None),
        (10, 2, "demo/fileDownloadUpload", 10, 0, 10, None, None, None),
        (11, 2, "demo/markdownEditorLivePreview", 5, 0, 5, None, None, None),
    ]


async def test_problems_of_a_homework(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, EXAMPLE)
    assert await problems(ctx, "homework/template") == [
        (1, 1, "template/checkbox/random-prompt", 6, 6, 0, None, None, None),
        (2, 1, "template/string-input/random", 3, 3, 0, None, None, None),
        (3, 1, "template/symbolic-input/random", 6, 6, 0, None, None, None),
        (4, 2, "demo/annotated/engVectorDrawing", 6, 6, 0, None, None, None),
        (5, 2, "demo/annotated/engBeamStress", 6, 6, 0, None, None, None),
        (6, 3, "demo/annotated/engMarkovBrewing", 8, 8, 0, None, None, None),
    ]


async def test_points_sum_as_in_the_files(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, THEORY)
    assert await ctx.db.scalar(select(func.sum(Problem.max_points))) == 602
    assert await ctx.db.scalar(select(func.sum(Assessment.max_points))) == 602
    assert await ctx.db.scalar(select(func.count(func.distinct(Problem.question_id)))) == 433


async def test_the_question_bank(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, THEORY)
    name = "induction/guided_problem_sets/string_induction/2_base_case"
    columns = (Question.uuid, Question.title, Question.topic, Question.tags, Question.kind, Question.options)
    found = [tuple(row) for row in await ctx.db.fetch(select(*columns).where(Question.name == name))]
    assert found == [
        (
            "107bef42e721472b9dbf36c1f9eacfe1",
            "String Induction (Base Case)",
            "String Induction Proofs",
            ["jiwonl4", "fa21", "cs374", "v3", "Guided Practice"],
            "EXTERNAL",
            {"type": "v3", "singleVariant": True},
        )
    ]


async def test_what_is_not_taken_is_said(ctx: Context, shared: Path) -> None:
    assert (await read(ctx, shared, THEORY)).notes == [
        "infoAssessment.json: not taken, the model has no home for it: allowIssueReporting (26), "
        "zones.questions.advanceScorePerc (1), zones.questions.forceMaxPoints (2), "
        "zones.questions.gradeRateMinutes (1)",
        "infoCourseInstance.json: not taken, the model has no home for it: selfEnrollment (1)",
    ]
    assert (await read(ctx, shared, EXAMPLE)).notes[0] == (
        "114 problems give points in steps: the maximum is taken, the step is not"
    )


async def problems(ctx: Context, assessment: str) -> list[Any]:
    statement = (
        select(
            *(Problem.number, Zone.number, Question.name, Problem.max_points, Problem.max_auto_points),
            *(Problem.max_manual_points, Problem.points_by_try, Problem.alternative_group),
            Problem.alternatives_chosen,
        )
        .join(Assessment, Assessment.id == Problem.assessment_id)
        .join(Zone, Zone.id == Problem.zone_id)
        .join(Question, Question.id == Problem.question_id)
        .where(Assessment.name == assessment, Problem.name == Question.name, Zone.assessment_id == Assessment.id)
        .order_by(Problem.number)
    )
    return [tuple(row) for row in await ctx.db.fetch(statement)]
