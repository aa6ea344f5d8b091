"""Autolab's real files, whole; courses and assessments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.catalog.models import Course, CourseInstance, Term
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import ColumnGrade
from app.domain.groups.models import GroupSet
from app.errors import Forbidden
from app.importers.failure import ImportFailure
from app.importers.summary import Count
from tests.factories import university
from tests.importers.exports import COURSE, EXPORT, LAB, take, write_tar, write_text
from tests.importers.folders import contents, values

pytestmark = pytest.mark.anyio
OULAD = "aaa2013J"
PRESENTATION = [
    (f"oulad-aaa/{OULAD}.tar", {}),
    (f"oulad-aaa/{OULAD}-roster.csv", {"course": OULAD}),
    (f"oulad-aaa/{OULAD}-tma1-gradesheet.csv", {"course": OULAD}),
]
ASSESSMENTS = [
    ("hello/hello.yml", 1),
    ("hellocat/hellocat.yml", 2),
    ("labtemplate/labtemplate.yml", 0),
    ("hellotar-2/hellotar-2.yml", 6),
    ("homework02/homework02.yml", 3),
    ("hello.tar", 1),
    ("hellotar-2.tar", 6),
]


async def test_a_presentation_arrives_whole_and_only_once(ctx: Context, shared: Path) -> None:
    """The counts of the data's README: 6 assessments with a problem each, 323 learners, 315 with a submission."""
    first = [await take(ctx, shared / "autolab" / file, **options) for file, options in PRESENTATION]
    counts = await contents(ctx)
    assert counts == {
        "organizations": 1,
        "courses": 1,
        "terms": 1,
        "course_instances": 1,
        "assessment_categories": 2,
        "assessments": 6,
        "problems": 6,
        "users": 323,
        "enrollments": 323,
        "assessment_instances": 315,
        "instance_questions": 315,
        "submissions": 315,
        "scores": 315,
        "column_grades": 315,
        "grade_changes": 315,
        "counters": 1,
    }
    for summary, (file, options) in zip(first, PRESENTATION, strict=True):
        again = await take(ctx, shared / "autolab" / file, **options)
        assert again.counts == {noun: Count(unchanged=count.created) for noun, count in summary.counts.items()}
        assert again.render().splitlines()[-1] == "autolab: nothing changed"
    assert await contents(ctx) == counts


async def test_the_grades_are_those_of_the_file(ctx: Context, shared: Path) -> None:
    for file, options in PRESENTATION:
        await take(ctx, shared / "autolab" / file, **options)
    grades = await values(ctx, ColumnGrade.points, ColumnGrade.released_points, by=ColumnGrade.change_index)
    assert grades[:3] == [(78.0, 78.0), (70.0, 70.0), (72.0, 72.0)]
    assert await values(ctx, Enrollment.lecture, by=Enrollment.id) == ["2013J"] * 323


@pytest.mark.parametrize(("file", "problems"), ASSESSMENTS)
async def test_the_assessments_of_the_project(ctx: Context, shared: Path, file: str, problems: int) -> None:
    folder = shared / "autolab"
    path = folder / "assessments" / file
    await take(ctx, folder / "course" / "course.yml")
    summary = await take(ctx, path, course="course")
    assert summary.counts["problems"] == Count(created=problems)
    assert await values(ctx, Assessment.name, by=Assessment.id) == [path.stem]
    assert not (await take(ctx, path, course="course")).changed_anything


async def test_problem_names_with_slashes(ctx: Context, shared: Path) -> None:
    await take(ctx, shared / "autolab" / "course" / "course.yml")
    await take(ctx, shared / "autolab" / "assessments" / "hellocat" / "hellocat.yml", course="course")
    columns = (Problem.name, Problem.max_points, Problem.max_auto_points)
    assert await values(ctx, *columns, by=Problem.number) == [
        ("Correctness", 20.0, 20.0),
        ("TA/Design/Readability", 40.0, 40.0),
    ]


async def test_older_keys_and_no_dates(ctx: Context, shared: Path) -> None:
    """Without dates an assessment begins and is due a day after its first import."""
    await take(ctx, shared / "autolab" / "course" / "course.yml")
    template = shared / "autolab" / "assessments" / "labtemplate" / "labtemplate.yml"
    summary = await take(ctx, template, course="course")
    assert await values(ctx, AssessmentCategory.name, by=AssessmentCategory.id) == ["CategoryAutograde"]
    columns = (Assessment.has_autograder, Assessment.has_scoreboard, Assessment.start_at, Assessment.due_at)
    tomorrow = ctx.now + timedelta(days=1)
    assert await values(ctx, *columns, Assessment.end_at, by=Assessment.id) == [(True, True, *[tomorrow] * 3)]
    assert summary.notes == [
        "assessment: not taken, the model has no home for it: autograde.autograde_image (1), "
        "autograde.autograde_timeout (1), autograde.release_score (1), general.allow_unofficial (1), "
        "general.handin_directory (1)"
    ]


async def test_a_course(ctx: Context, tmp_path: Path) -> None:
    summary = await take(ctx, write_tar(tmp_path / "any.tar", EXPORT))
    assert summary.notes == ["other files of the archive, not taken: 1"]
    assert await values(ctx, Course.key, Course.short_name, Course.title, by=Course.id) == [
        ("Autolab-15213", "15213", "Computer Systems")
    ]
    names = ("name", "long_name", "start_at", "end_at", "availability", "late_slack_seconds", "grace_days")
    terms = ("max_unpenalized_submissions", "late_penalty", "late_penalty_unit", "version_penalty")
    columns = [getattr(CourseInstance, name) for name in (*names, *terms, "version_penalty_unit")]
    dates = (datetime(2023, 8, 28, tzinfo=UTC), datetime(2023, 12, 8, 23, 59, 59, tzinfo=UTC))
    assert await values(ctx, *columns, by=CourseInstance.id) == [
        ("15213-f23", "Computer Systems", *dates, "DISABLED", 60, 5, 3, 20.0, "PERCENT", 2.5, "POINTS")
    ]
    named = select(Term.name).join(CourseInstance, CourseInstance.term_id == Term.id)
    assert [row.name for row in await ctx.db.fetch(named)] == ["f23"]


async def test_an_assessment(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, write_tar(tmp_path / "any.tar", EXPORT))
    names = ("name", "title", "max_points", "start_at", "due_at", "end_at", "max_submissions", "max_grace_days")
    more = ("handin_filename", "handout_url", "late_penalty", "scoring_model", "max_unpenalized_submissions")
    dates = [datetime(2023, 9, day, hour, minute, tzinfo=UTC) for day, hour, minute in ((1, 4, 0), (11, 3, 59))]
    assert await values(ctx, *(getattr(Assessment, name) for name in names + more), by=Assessment.id) == [
        (
            *("datalab", "Data Lab", 67.5, *dates, datetime(2023, 9, 13, 3, 59, tzinfo=UTC), 10, 2),
            *("bits.c", "https://example.edu/bits", None, "LAST", None),
        )
    ]
    flags = (Problem.name, Problem.max_manual_points, Problem.is_optional, Problem.is_starred, Problem.description)
    assert await values(ctx, *flags, by=Problem.number) == [
        ("Correctness", 60.0, False, False, "by the driver"),
        ("Style/Comments", 7.5, True, True, ""),
    ]
    sets = await ctx.db.fetch(
        select(GroupSet.name, GroupSet.max_size, GroupSet.is_self_assigned).join(
            Assessment, Assessment.group_set_id == GroupSet.id
        )
    )
    assert [tuple(row) for row in sets] == [("datalab", 3, False)]


async def test_a_later_export_changes_what_differs(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, write_tar(tmp_path / "any.tar", EXPORT))
    later = {
        "15213-f23/15213-f23.yml": COURSE.replace("grace_days: 5", "grace_days: 4"),
        "15213-f23/lab2/lab2.yml": LAB.replace("max_score: 60", "max_score: 50"),
    }
    summary = await take(ctx, write_tar(tmp_path / "any.tar", later))
    assert summary.counts["course instances"] == Count(changed=1)
    assert summary.counts["assessments"] == Count(created=1)
    assert summary.notes == ["assessments that are not in the files, kept: 1"]
    assert await values(ctx, Assessment.name, Assessment.max_points, by=Assessment.position) == [
        ("datalab", 67.5),
        ("lab2", 57.5),
    ]


async def test_minus_one_is_no_limit(ctx: Context, tmp_path: Path) -> None:
    """Of an assessment it is said, as the course may have a limit; without the key the course's holds."""
    course = COURSE.replace("version_threshold: 3", "version_threshold: -1")
    await take(ctx, write_text(tmp_path / "course.yml", course))
    lab = LAB.replace("max_submissions: 10", "max_submissions: -1\n  version_threshold: -1")
    await take(ctx, write_text(tmp_path / "lab.yml", lab), course="15213-f23")
    assert await values(ctx, CourseInstance.max_unpenalized_submissions, by=CourseInstance.id) == [None]
    columns = (Assessment.max_submissions, Assessment.max_unpenalized_submissions)
    assert await values(ctx, *columns, by=Assessment.id) == [(None, -1)]


@pytest.mark.parametrize("who", ["anonymous", "student", "outsider", "assistant", "instructor", "previewer"])
async def test_only_administrators_import(ctx: Context, tmp_path: Path, who: str) -> None:
    world = await university(ctx)
    before = await contents(ctx)
    with pytest.raises(Forbidden, match=r"^only an institution administrator may import$"):
        await take(getattr(world, who), write_text(tmp_path / "lab.yml", LAB), course="sig-f24")
    assert await contents(ctx) == before


async def test_an_administrator_imports_into_any_course(ctx: Context, tmp_path: Path) -> None:
    world = await university(ctx)
    summary = await take(world.admin, write_text(tmp_path / "lab.yml", LAB), course="sig-f24")
    assert summary.counts["assessments"] == Count(created=1)
    columns = (Assessment.course_instance_id, Assessment.name)
    assert (world.course_instance_id, "lab") in await values(ctx, *columns, by=Assessment.id)


async def test_what_was_deleted_stays_so(ctx: Context, tmp_path: Path) -> None:
    path = write_tar(tmp_path / "any.tar", EXPORT)
    await take(ctx, path)
    await ctx.db.execute(update(Assessment).values(deleted_at=ctx.now))
    summary = await take(ctx, path)
    assert not summary.changed_anything
    assert summary.notes[0] == "datalab: deleted here, not taken"
    await ctx.db.execute(update(CourseInstance).values(deleted_at=ctx.now))
    message = r"^15213-f23/15213-f23\.yml: the course instance '15213-f23' was deleted; its name stays taken$"
    with pytest.raises(ImportFailure, match=message):
        await take(ctx, path)
