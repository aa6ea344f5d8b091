"""The Open University dataset, whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.catalog.models import Course, CourseInstance, Organization, Term
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import ColumnGrade, Counter, CourseGrade, GradeChange, Score
from app.domain.identity.models import User
from app.importers.registry import run
from app.importers.summary import Count, Summary
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.importers.folders import contents

PRESENTATIONS = """
AAA-2013J 268 383 6 1633
AAA-2014J 269 365 6 1516
BBB-2013B 240 1767 12 11256
BBB-2013J 268 2237 12 14375
BBB-2014B 234 1613 12 9993
BBB-2014J 262 2292 6 7408
CCC-2014B 241 1936 10 7489
CCC-2014J 269 2498 10 11451
DDD-2013B 240 1303 14 10373
DDD-2013J 261 1938 7 7936
DDD-2014B 241 1228 7 4542
DDD-2014J 262 1803 7 8013
EEE-2013J 268 1052 5 2884
EEE-2014B 241 694 5 1780
EEE-2014J 269 1188 5 3229
FFF-2013B 240 1614 13 12195
FFF-2013J 268 2283 13 16240
FFF-2014B 241 1500 13 10196
FFF-2014J 269 2365 13 16184
GGG-2013J 261 952 10 5950
GGG-2014B 241 833 10 4896
GGG-2014J 269 749 10 4373
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """The database after the dataset was imported twice."""

    ctx: Context
    first: Summary
    second: Summary
    between: dict[str, int]


@pytest.fixture(scope="module")
async def imported(engine: AsyncEngine, shared: Path) -> AsyncIterator[Imported]:
    async with engine.connect() as connection:
        outer = await connection.begin()
        db = RolledBackDatabase(connection, asyncio.Lock())
        ctx = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, clock=lambda: NOW)
        first = await run(ctx, "oulad", shared / "oulad")
        between = await contents(ctx)
        yield Imported(ctx, first, await run(ctx, "oulad", shared / "oulad"), between)
        await outer.rollback()


async def test_it_arrives_whole(imported: Imported) -> None:
    assert imported.between == {
        "organizations": 1,
        "courses": 7,
        "terms": 4,
        "course_instances": 22,
        "users": 28_785,
        "enrollments": 32_593,
        "assessment_categories": 57,
        "assessments": 206,
        "problems": 206,
        "assessment_instances": 173_912,
        "instance_questions": 173_912,
        "submissions": 173_912,
        "scores": 173_739,
        "column_grades": 173_912,
        "grade_changes": 173_912,
        "course_grades": 32_593,
        "counters": 1,
    }


async def test_the_summary_says_what_was_made(imported: Imported) -> None:
    assert list(imported.first.counts.items()) == [
        ("organizations", Count(created=1)),
        ("courses", Count(created=7)),
        ("terms", Count(created=4)),
        ("course instances", Count(created=22)),
        ("users", Count(created=28_785)),
        ("enrollments", Count(created=32_593)),
        ("course grades", Count(created=32_593)),
        ("assessment categories", Count(created=57)),
        ("assessments", Count(created=206)),
        ("problems", Count(created=206)),
        ("submissions", Count(created=173_912)),
    ]
    assert imported.first.notes == ["vle.csv.gz: 6,364 rows of course materials have no home in the model yet"]


async def test_the_second_import_changes_nothing(imported: Imported) -> None:
    assert await contents(imported.ctx) == imported.between
    assert not imported.second.changed_anything
    assert imported.second.counts == {
        noun: Count(unchanged=count.created) for noun, count in imported.first.counts.items()
    }
    assert imported.second.render().splitlines()[-1] == "oulad: nothing changed"


async def test_every_presentation_has_its_people_and_their_work(imported: Imported) -> None:
    expected = {name: tuple(map(int, numbers)) for name, *numbers in map(str.split, PRESENTATIONS.split("\n")[1:-1])}
    found = {}
    for row in await imported.ctx.db.fetch(
        select(
            CourseInstance.name,
            CourseInstance.start_at,
            CourseInstance.end_at,
            _of_instance(Enrollment),
            _of_instance(Assessment),
            _of_instance(Submission),
        )
    ):
        first, last = (at.astimezone(ZoneInfo("Europe/London")) for at in (row.start_at, row.end_at))
        assert (first.time(), last.time()) == (time(), time())
        found[row.name] = ((last.date() - first.date()).days, *row[3:])
    assert found == expected


async def test_names_and_dates_of_a_presentation(imported: Imported) -> None:
    statement = (
        select(
            CourseInstance,
            Term.name.label("term"),
            Course.key,
            Course.short_name,
            Course.title,
            Organization.key,
            Organization.name,
        )
        .join(Course, Course.id == CourseInstance.course_id)
        .join(Organization, Organization.id == Course.organization_id)
        .join(Term, Term.id == CourseInstance.term_id)
        .where(CourseInstance.name == "BBB-2013J")
    )
    row = (await imported.ctx.db.fetch(statement))[0]._mapping
    assert (row["name"], row["external_id"], row["short_name"], row["term"], row["long_name"], row["time_zone"]) == (
        *("BBB-2013J", "oulad:BBB-2013J", "2013J", "2013J", "BBB 2013J"),
        "Europe/London",
    )
    assert row["start_at"] == datetime(2013, 9, 30, 23, tzinfo=UTC)
    assert row["end_at"] == datetime(2014, 6, 25, 23, tzinfo=UTC)


async def test_marks_sum_as_in_the_file(imported: Imported) -> None:
    db = imported.ctx.db
    assert await db.scalar(select(func.sum(Score.value))) == 13_169_342
    assert await db.scalar(select(func.sum(Score.manual_value))) == 7_454_747
    assert await db.scalar(select(func.count()).where(Score.value < 40)) == 7_578
    for column in (AssessmentInstance.points, InstanceQuestion.released_points, ColumnGrade.points):
        assert await db.scalar(select(func.sum(column))) == 13_169_342
    for column in (AssessmentInstance.score_perc, ColumnGrade.released_score_perc, GradeChange.points_after):
        assert await db.scalar(select(func.sum(column))) == 13_169_342
    assert await db.scalar(select(func.count()).where(ColumnGrade.points.is_(None))) == 173


async def test_lateness_and_banking(imported: Imported) -> None:
    """49,318 are after their due day; five more came after the end of a presentation whose exam has no day."""
    db = imported.ctx.db
    assert await db.scalar(select(func.count()).where(Submission.is_late)) == 49_323
    assert await db.scalar(select(func.count()).where(Submission.is_banked)) == 1_909


async def test_withdrawals_and_results(imported: Imported) -> None:
    db = imported.ctx.db
    statuses = select(Enrollment.status, Enrollment.role, func.count(), func.count(Enrollment.ended_at)).group_by(
        Enrollment.status, Enrollment.role
    )
    assert sorted(map(tuple, await db.fetch(statuses))) == [
        ("ACTIVE", "STUDENT", 22_521, 0),
        ("DROPPED", "STUDENT", 10_072, 10_072),
    ]
    results = select(CourseGrade.result, CourseGrade.is_passed, func.count()).group_by(
        CourseGrade.result, CourseGrade.is_passed
    )
    assert sorted(map(tuple, await db.fetch(results))) == [
        ("Distinction", True, 3_024),
        ("Fail", False, 7_052),
        ("Pass", True, 12_361),
        ("Withdrawn", False, 10_156),
    ]


async def test_weights_sum_as_in_the_file(imported: Imported) -> None:
    db = imported.ctx.db
    kinds = select(Assessment.kind, func.count(), func.sum(Assessment.weight)).group_by(Assessment.kind)
    assert sorted(map(tuple, await db.fetch(kinds))) == [
        ("EXAM", 24, 2_400.0),
        ("HOMEWORK", 106, 1_810.0),
        ("QUIZ", 76, 90.0),
    ]
    categories = select(AssessmentCategory.name, func.count()).group_by(AssessmentCategory.name)
    assert dict(map(tuple, await db.fetch(categories))) == {"TMA": 22, "CMA": 13, "Exam": 22}


async def test_changes_are_numbered_without_a_gap(imported: Imported) -> None:
    db = imported.ctx.db
    ends = (func.min(GradeChange.change_index), func.max(GradeChange.change_index))
    assert tuple((await db.fetch(select(*ends)))[0]) == (1, 173_912)
    agreeing = select(func.count()).where(
        GradeChange.column_grade_id == ColumnGrade.id, GradeChange.change_index == ColumnGrade.change_index
    )
    assert await db.scalar(agreeing) == 173_912
    assert await db.scalar(select(Counter.value)) == 173_912


async def test_every_reference_is_of_one_course_instance(imported: Imported) -> None:
    """Submission → instance question → problem, and grade → instance, agree in assessment and learner."""
    statement = (
        select(func.count())
        .select_from(Submission)
        .join(AssessmentInstance, AssessmentInstance.id == Submission.assessment_instance_id)
        .join(InstanceQuestion, InstanceQuestion.id == Submission.instance_question_id)
        .join(Problem, Problem.id == InstanceQuestion.problem_id)
        .join(ColumnGrade, ColumnGrade.assessment_instance_id == AssessmentInstance.id)
        .join(Enrollment, Enrollment.user_id == AssessmentInstance.user_id)
        .where(
            InstanceQuestion.assessment_instance_id == AssessmentInstance.id,
            Problem.assessment_id == AssessmentInstance.assessment_id,
            ColumnGrade.assessment_id == AssessmentInstance.assessment_id,
            ColumnGrade.user_id == AssessmentInstance.user_id,
            ColumnGrade.course_instance_id == Submission.course_instance_id,
            Enrollment.course_instance_id == AssessmentInstance.course_instance_id,
            Submission.submitted_by_id == AssessmentInstance.user_id,
        )
    )
    assert await imported.ctx.db.scalar(statement) == 173_912


async def test_what_is_known_of_a_learner(imported: Imported) -> None:
    db = imported.ctx.db
    columns = (User.id, User.username, User.uid, User.uin, User.external_id, User.email, User.name, User.is_active)
    user_id, *known = (await db.fetch(select(*columns).where(User.username == "oulad-11391")))[0]
    assert known == ["oulad-11391", "oulad-11391", "11391", "oulad:11391", None, None, True]
    enrolled = select(Enrollment.attributes, Enrollment.enrolled_at).where(Enrollment.user_id == user_id)
    assert [tuple(row) for row in await db.fetch(enrolled)] == [
        (
            {
                "gender": "M",
                "region": "East Anglian Region",
                "highest_education": "HE Qualification",
                "imd_band": "90-100%",
                "age_band": "55<=",
                "num_of_prev_attempts": 0,
                "studied_credits": 240,
                "disability": "N",
            },
            datetime(2013, 4, 24, 23, tzinfo=UTC),
        )
    ]


def _of_instance(model: type[Enrollment] | type[Assessment] | type[Submission]) -> ScalarSelect[int]:
    counted = select(func.count()).where(model.course_instance_id == CourseInstance.id)
    return counted.correlate(CourseInstance).scalar_subquery()
