"""Small datasets: what a row becomes, and what a changed row changes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import ColumnGrade, Counter, CourseGrade, Score
from app.domain.identity.models import User
from app.importers.registry import run
from app.importers.summary import Count, Summary
from tests.clock import NOW
from tests.factories import at
from tests.importers.folders import DATASET, contents, replaced, values, write_dataset
from tests.importers.work import id_of, work_of

LATER = datetime(2025, 1, 1, tzinfo=UTC)
TMA, CMA, LAST = datetime(2013, 10, 19, 11, tzinfo=UTC), datetime(2013, 9, 30, 11, tzinfo=UTC), 4


@pytest.fixture
async def first(ctx: Context, tmp_path: Path) -> Summary:
    return await run(ctx, "oulad", write_dataset(tmp_path))


async def again(ctx: Context, folder: Path, **tables: Any) -> Summary:
    return await run(at(ctx, LATER), "oulad", write_dataset(folder, **tables))


async def test_assessments(ctx: Context, first: Summary) -> None:
    columns = (Assessment.name, Assessment.external_id, Assessment.number, Assessment.title, Assessment.kind)
    assert await values(ctx, *columns, Assessment.weight, Assessment.max_points, by=Assessment.name) == [
        ("CMA-1760", "1760", "1", "CMA 1", "QUIZ", 0, 100),
        ("Exam-1757", "1757", "1", "Exam 1", "EXAM", 100, 100),
        ("TMA-1751", "1751", "2", "TMA 2", "HOMEWORK", 7.5, 100),
        ("TMA-1752", "1752", "1", "TMA 1", "HOMEWORK", 10, 100),
        ("TMA-1758", "1758", "1", "TMA 1", "HOMEWORK", 100, 100),
    ]
    terms = (Assessment.scoring_model, Assessment.grading_type, Assessment.max_instances, Assessment.passing_percentage)
    assert set(await values(ctx, *terms, by=Assessment.id)) == {("HIGHEST", "ATTEMPTS", 1, 40.0)}


async def test_assessments_are_due_at_the_end_of_a_local_day(ctx: Context, first: Summary) -> None:
    """The undated exam at the end of its presentation."""
    starts = datetime(2013, 9, 30, 23, tzinfo=UTC), datetime(2014, 2, 1, tzinfo=UTC)
    assert await values(ctx, Assessment.name, Assessment.start_at, Assessment.due_at, by=Assessment.name) == [
        ("CMA-1760", starts[0], datetime(2013, 10, 20, 22, 59, 59, tzinfo=UTC)),
        ("Exam-1757", starts[0], datetime(2014, 6, 25, 23, tzinfo=UTC)),
        ("TMA-1751", starts[0], datetime(2013, 11, 24, 23, 59, 59, tzinfo=UTC)),
        ("TMA-1752", starts[0], datetime(2013, 10, 20, 22, 59, 59, tzinfo=UTC)),
        ("TMA-1758", starts[1], datetime(2014, 2, 20, 23, 59, 59, tzinfo=UTC)),
    ]


async def test_categories_and_problems(ctx: Context, first: Summary) -> None:
    category = (AssessmentCategory.number, AssessmentCategory.name, AssessmentCategory.abbreviation)
    assert sorted(await values(ctx, *category, AssessmentCategory.heading, by=AssessmentCategory.id)) == [
        (1, "TMA", "TMA", "Tutor-marked assessments"),
        (1, "TMA", "TMA", "Tutor-marked assessments"),
        (2, "CMA", "CMA", "Computer-marked assessments"),
        (3, "Exam", "E", "Examinations"),
    ]
    problem = (Problem.name, Problem.number, Problem.max_points, Problem.max_auto_points, Problem.max_manual_points)
    assert sorted(await values(ctx, *problem, by=Problem.id)) == [
        ("CMA 1", 1, 100, 100, 0),
        ("Exam 1", 1, 100, 0, 100),
        ("TMA 1", 1, 100, 0, 100),
        ("TMA 1", 1, 100, 0, 100),
        ("TMA 2", 1, 100, 0, 100),
    ]


async def test_enrollments(ctx: Context, first: Summary) -> None:
    columns = (Enrollment.status, Enrollment.enrolled_at, Enrollment.ended_at)
    assert sorted(await values(ctx, *columns, by=Enrollment.id), key=lambda row: row[1]) == [
        ("ACTIVE", datetime(2013, 4, 24, 23, tzinfo=UTC), None),
        ("DROPPED", datetime(2013, 9, 30, 23, tzinfo=UTC), datetime(2013, 10, 12, 23, tzinfo=UTC)),
        ("ACTIVE", datetime(2014, 1, 31, tzinfo=UTC), None),
    ]
    attributes = await values(ctx, Enrollment.attributes, by=Enrollment.enrolled_at)
    assert [each["imd_band"] for each in attributes] == ["10-20", None, None]
    assert [each["num_of_prev_attempts"] for each in attributes] == [0, 1, 2]
    assert sorted(await values(ctx, CourseGrade.result, CourseGrade.is_passed, by=CourseGrade.id)) == [
        ("Fail", False),
        ("Pass", True),
        ("Withdrawn", False),
    ]


async def test_a_mark_of_a_tutor(ctx: Context, first: Summary) -> None:
    row = await work_of(ctx, "TMA-1752", "oulad-11391")
    assert row == {
        "instance": (1, False, 78, 78, 100, 78, 78, TMA, TMA, TMA),
        "question": (1, 78, 78, 78, 0.78, 0.78, 1),
        "submission": (1, TMA, False, False, None, None),
        "score": (78, 78, True, TMA),
        "grade": (78, 78, 100, 78, 78, False, TMA, TMA),
        "history": [("IMPORTED", None, NOW, None, 78)],
    }


async def test_a_banked_mark_of_a_computer(ctx: Context, first: Summary) -> None:
    row = await work_of(ctx, "CMA-1760", "oulad-11391")
    assert row["question"] == (1, 39, 39, None, 0.39, 0.39, 1)
    assert row["submission"] == (1, CMA, False, True, None, None)
    assert row["score"] == (39, None, True, CMA)


async def test_handed_in_late_and_not_marked(ctx: Context, first: Summary) -> None:
    row = await work_of(ctx, "TMA-1752", "oulad-28400")
    at_noon = datetime(2013, 10, 23, 11, tzinfo=UTC)
    assert row == {
        "instance": (1, False, None, None, 100, None, None, at_noon, at_noon, at_noon),
        "question": (1, None, None, None, None, None, 0),
        "submission": (1, at_noon, True, False, None, None),
        "score": None,
        "grade": (None, None, 100, None, None, False, at_noon, at_noon),
        "history": [("IMPORTED", None, NOW, None, None)],
    }


async def test_a_second_import_changes_nothing(ctx: Context, first: Summary, tmp_path: Path) -> None:
    before = await contents(ctx)
    second = await again(ctx, tmp_path)
    assert not second.changed_anything
    assert second.counts["submissions"] == Count(unchanged=4)
    assert await contents(ctx) == before
    assert set(await values(ctx, User.updated_at, by=User.id)) == {NOW}


async def test_a_changed_score_changes_all_that_follows(ctx: Context, first: Summary, tmp_path: Path) -> None:
    second = await again(ctx, tmp_path, **replaced("studentAssessment", 2, "score", "81"))
    assert second.counts["submissions"] == Count(changed=1, unchanged=3)
    assert await work_of(ctx, "TMA-1752", "oulad-11391") == {
        "instance": (1, False, 81, 81, 100, 81, 81, TMA, LATER, TMA),
        "question": (1, 81, 81, 81, 0.81, 0.81, 1),
        "submission": (1, TMA, False, False, None, None),
        "score": (81, 81, True, TMA),
        "grade": (81, 81, 100, 81, 81, False, TMA, TMA),
        "history": [("IMPORTED", None, NOW, None, 78), ("IMPORTED", None, LATER, 78, 81)],
    }
    assert await values(ctx, Counter.value, by=Counter.name) == [LAST + 1]
    assert max(await values(ctx, ColumnGrade.change_index, by=ColumnGrade.id)) == LAST + 1
    assert not (await again(ctx, tmp_path, **replaced("studentAssessment", 2, "score", "81"))).changed_anything


async def test_a_score_that_comes_and_one_that_goes(ctx: Context, first: Summary, tmp_path: Path) -> None:
    await again(ctx, tmp_path, **replaced("studentAssessment", 3, "score", "55"))
    row = await work_of(ctx, "TMA-1752", "oulad-28400")
    assert (row["score"], row["history"][1:]) == (
        (55, 55, True, datetime(2013, 10, 23, 11, tzinfo=UTC)),
        [("IMPORTED", None, LATER, None, 55)],
    )
    await again(ctx, tmp_path)
    row = await work_of(ctx, "TMA-1752", "oulad-28400")
    assert (row["score"][0], row["grade"][0], row["question"][6]) == (None, None, 0)
    assert row["instance"][2] is None
    assert row["history"][2:] == [("IMPORTED", None, LATER, 55, None)]
    assert not (await again(ctx, tmp_path)).changed_anything


async def test_a_new_due_day_makes_submissions_late(ctx: Context, first: Summary, tmp_path: Path) -> None:
    second = await again(ctx, tmp_path, **replaced("assessments", 2, "date", "17"))
    assert second.counts["assessments"] == Count(changed=1, unchanged=4)
    assert second.counts["submissions"] == Count(changed=1, unchanged=3)
    row = await work_of(ctx, "TMA-1752", "oulad-11391")
    assert row["submission"] == (1, TMA, True, False, None, None)
    assert len(row["history"]) == 1


async def test_an_override_stands(ctx: Context, first: Summary, tmp_path: Path) -> None:
    grade_id = await id_of(ctx, ColumnGrade, "TMA-1752", "oulad-11391")
    await ctx.db.execute(
        update(ColumnGrade)
        .where(ColumnGrade.id == grade_id)
        .values(override_points=90, points=90, released_points=90, score_perc=90, released_score_perc=90)
    )
    await again(ctx, tmp_path, **replaced("studentAssessment", 2, "score", "81"))
    row = await work_of(ctx, "TMA-1752", "oulad-11391")
    assert (row["instance"][2], row["grade"][0], len(row["history"])) == (81, 90, 1)


async def test_a_better_submission_of_the_learner_stands(ctx: Context, first: Summary, tmp_path: Path) -> None:
    instance_id = await id_of(ctx, AssessmentInstance, "TMA-1752", "oulad-11391")
    old = (await ctx.db.fetch(select(Submission).where(Submission.assessment_instance_id == instance_id)))[0]._mapping
    second_at = datetime(2013, 10, 20, tzinfo=UTC)
    await ctx.db.execute(insert(Submission), {**old, "id": 900, "number": 2, "submitted_at": second_at})
    problem_id = await ctx.db.scalar(
        select(InstanceQuestion.problem_id).where(InstanceQuestion.assessment_instance_id == instance_id)
    )
    score = {"submission_id": 900, "problem_id": problem_id, "value": 95, "is_released": False, "graded_at": NOW}
    await ctx.db.execute(insert(Score), score)
    await again(ctx, tmp_path, **replaced("studentAssessment", 2, "score", "81"))
    row = await work_of(ctx, "TMA-1752", "oulad-11391")
    assert row["instance"][2:7] == (95, 81, 100, 95, 81)
    assert row["question"] == (1, 95, 81, None, 0.95, 0.95, 2)
    assert row["grade"] == (95, 81, 100, 95, 81, False, TMA, second_at)


async def test_a_grade_without_a_sitting_is_completed(ctx: Context, first: Summary, tmp_path: Path) -> None:
    """Somebody overrode the grade of a learner of whom nothing had come in yet."""
    assessment = (await ctx.db.fetch(select(Assessment).where(Assessment.name == "TMA-1751")))[0]._mapping
    user_id = await ctx.db.scalar(select(User.id).where(User.username == "oulad-11391"))
    bare = {"assessment_id": assessment["id"], "course_instance_id": assessment["course_instance_id"]}
    points = {"points": 50, "released_points": 50, "score_perc": 50, "released_score_perc": 50, "override_points": 50}
    fixed = {"user_id": user_id, "max_points": 100, "is_exempt": False, "change_index": 1000}
    await ctx.db.execute(insert(ColumnGrade), {**bare, **points, **fixed})
    marks = [*DATASET["studentAssessment"], ["1751", "11391", "50", "0", "66"]]
    assert (await again(ctx, tmp_path, studentAssessment=marks)).counts["submissions"] == Count(changed=1, unchanged=4)
    row = await work_of(ctx, "TMA-1751", "oulad-11391")
    assert (row["instance"][2], row["score"][0], row["grade"][:2]) == (66, 66, (50, 50))
    assert not (await again(ctx, tmp_path, studentAssessment=marks)).changed_anything
