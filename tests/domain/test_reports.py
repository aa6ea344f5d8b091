"""Reports: what is in the files, as who asked may see it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from app.context import Context
from app.db.session import Database
from app.domain.assessments.problems import update_problem
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.blocks.service import create_block
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.grades.service import NewScore, score_problems
from app.domain.identity.models import User
from app.domain.jobs import running
from app.domain.jobs.kinds import Outcome, Postponed, Run
from app.domain.jobs.models import Job, JobKind
from app.domain.jobs.running import FAULT, Station
from app.domain.jobs.service import request_report
from app.domain.jobs.sheets import file_name
from app.domain.rows import update_row
from app.errors import RuleBroken
from app.mail import console
from tests.clock import NOW
from tests.domain.proof import only_row
from tests.factories import Coursework, University, coursework

pytestmark = pytest.mark.anyio
Opened = Callable[[], Database]


@pytest.fixture
def station(open_database: Opened) -> Station:
    return Station("one", open_database, lambda: NOW, console, "no-reply@uni.example")


async def reported(station: Station, ctx: Context, place: int, **about: Any) -> tuple[Any, list[list[str]]]:
    """Ask for a report and have it written; the job's row and the rows of the file."""
    job_id = await request_report(ctx, course_instance_id=place, **about)
    assert await station.run_next() is True
    job = await only_row(ctx, Job, job_id)
    assert (job.state, job.worker, job.leased_until, job.progress) == ("SUCCESS", None, None, 1.0)
    content = (await ctx.files.read(job.sha256)).decode("utf-8-sig")
    return job, list(csv.reader(io.StringIO(content, newline="")))


async def contents(world: University, work: Coursework) -> dict[str, int]:
    """A unit `Week 1 > Lab` with a block for each problem of the work."""
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    made = {"root": await create_block(world.admin, **place, kind="course", name="Course")}
    for kind, name, parent in (("chapter", "Week 1", "root"), ("vertical", "Lab", "Week 1")):
        made[name] = await create_block(world.admin, **place, kind=kind, name=name, parent_id=made[parent])
    for name, problem_id in work.problem_ids.items():
        key = f"block-v1:uni+EE210+f24+type@problem+block@{name[0]}"
        details: dict[str, Any] = {"kind": "problem", "name": name, "parent_id": made["Lab"], "usage_key": key}
        made[name] = await create_block(world.admin, **place, **details)
        await update_problem(world.admin, problem_id=problem_id, block_id=made[name])
    return made


async def answered(ctx: Context, work: Coursework, **answers: Any) -> int:
    """Hand in answers by the problems' first words."""
    sitting = await start_assessment_instance(ctx, assessment_id=work.assessment_id)
    by_word = {name.split()[-1]: key for name, key in work.problem_ids.items()}
    given = [Answer(by_word[word], value) for word, value in answers.items()]
    return await submit(ctx, assessment_instance_id=sitting, answers=given)


async def test_responses(station: Station, world: University) -> None:
    work = await coursework(world)
    made = await contents(world, work)
    await answered(world.student, work, A="first", Style=1)
    handed = await answered(world.student, work, A="=1+1", Style={"choice": ["x"]})
    await score_problems(world.instructor, submission_id=handed, scores=[NewScore(work.problem_ids["Part A"], 40.0)])
    await answered(world.second_student, work, A="-5")
    about: dict[str, Any] = {"kind": JobKind.PROBLEM_RESPONSES, "block_ids": [made["Week 1"]]}
    job, rows = await reported(station, world.instructor, world.course_instance_id, **about)
    assert (job.file_name, job.message) == (
        "uni_EE210_f24_problem_responses_2024-09-02-1200.csv".replace("2024-09-02-1200", f"{NOW:%Y-%m-%d-%H%M}"),
        "3 responses to 2 problems were written",
    )
    assert job.output == {"total": 2, "attempted": 2, "succeeded": 2, "rows": 3}
    assert rows[0] == [
        *("username", "title", "location", "block_key", "state", "answer", "points", "max_points", "submitted_at"),
    ]
    told, when = "Week 1 > Lab > ", NOW.replace(microsecond=0).isoformat()
    key = "block-v1:uni+EE210+f24+type@problem+block@"
    assert [[*row[:4], *row[5:]] for row in rows[1:]] == [
        ["sam", "Lab1", f"{told}Part A", f"{key}P", "'=1+1", "40.0", "100.0", when],
        ["sue", "Lab1", f"{told}Part A", f"{key}P", "'-5", "", "100.0", when],
        ["sam", "Lab1", f"{told}Style", f"{key}S", '{"choice":["x"]}', "", "10.0", when],
    ]
    assert json.loads(rows[1][4]) == {"attempts": 1, "points": 40.0, "max_points": 100.0, "answer": "=1+1"}
    _, rows = await reported(station, world.instructor, world.course_instance_id, **about, learner_id=world.student_id)
    assert [row[0] for row in rows[1:]] == ["sam", "sam"]
    _, rows = await reported(station, world.instructor, world.course_instance_id, **about, block_kinds=["html"])
    assert len(rows) == 1


async def test_of_a_block_beside_the_problems_nothing_is_told(station: Station, world: University) -> None:
    work = await coursework(world)
    made = await contents(world, work)
    await answered(world.student, work, A="x")
    beside = await create_block(
        world.admin, course_instance_id=world.course_instance_id, kind="chapter", name="Week 2", parent_id=made["root"]
    )
    about: dict[str, Any] = {"kind": JobKind.PROBLEM_RESPONSES, "block_ids": [beside]}
    job, rows = await reported(station, world.instructor, world.course_instance_id, **about)
    assert (len(rows), job.output["total"]) == (1, 0)


async def test_grades(station: Station, world: University) -> None:
    work = await coursework(world, title="=Lab")
    handed = await answered(world.student, work, A="x")
    marks = [NewScore(key, points) for key, points in zip(work.problem_ids.values(), (40.0, 2.5), strict=True)]
    await score_problems(world.instructor, submission_id=handed, scores=marks)
    own = Enrollment
    gone = (own.user_id == world.second_student_id, own.course_instance_id == world.course_instance_id)
    job, rows = await reported(station, world.assistant, world.course_instance_id, kind=JobKind.GRADES)
    assert rows[0] == [
        *("Student ID", "Username", "Email", "Name", "Section", "Percent", "Grade", "Passed"),
        "'=Lab",
    ]
    assert rows[1:] == [
        [str(world.student_id), "sam", "sam@uni.example", "Sam", *[""] * 4, "42.5"],
        [str(world.second_student_id), "sue", "sue@uni.example", "Sue", *[""] * 5],
    ]
    assert (job.message, job.output["total"]) == ("the grades of 2 learners were written", 2)
    await world.admin.db.execute(update(own).where(*gone).values(status=EnrollmentStatus.DROPPED))
    _, rows = await reported(station, world.assistant, world.course_instance_id, kind=JobKind.GRADES)
    assert [row[1] for row in rows[1:]] == ["sam"]


async def test_who_asked_sees_no_more_than_they_may_by_then(station: Station, world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "kind": JobKind.GRADES}
    job_id = await request_report(world.assistant, **here)
    await update_row(world.admin, User, world.assistant_id, {"is_disabled": True})
    await station.run_next()
    job = await only_row(world.admin, Job, job_id)
    assert (job.state, job.message) == ("FAILURE", "who asked for it may not do anything any more")
    assert (job.sha256, job.finished_at) == (None, NOW)


@pytest.mark.parametrize(
    ("error", "state", "message", "attempts"),
    [
        (RuleBroken("INVALID", "no such thing"), "FAILURE", "no such thing", 1),
        (ZeroDivisionError("secret"), "FAILURE", FAULT, 1),
        (OSError("the disk is full"), "SCHEDULED", FAULT, 1),
        (Postponed("no mail server", 60), "SCHEDULED", "no mail server", 1),
    ],
    ids=["refused", "broken", "disk", "later"],
)
async def test_what_goes_wrong_is_told(
    station: Station,
    world: University,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    state: str,
    message: str,
    attempts: int,
) -> None:
    async def work(run: Run) -> Outcome:
        raise error

    monkeypatch.setitem(running.WORK, JobKind.GRADES, work)
    job_id = await request_report(world.instructor, course_instance_id=world.course_instance_id, kind=JobKind.GRADES)
    assert await station.run_next() is True
    job = await only_row(world.admin, Job, job_id)
    assert (job.state, job.message, job.attempts, job.worker) == (state, message, attempts, None)
    assert (job.due_at > NOW) is (state == "SCHEDULED")
    assert await station.run_next() is False
    assert len(caplog.records) == (1 if message == FAULT else 0)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("course-v1:edX+DemoX+2026", "edX_DemoX_2026_grades"),
        ("../../etc/pass\twd", "etc_pass_wd_grades"),
        ("Übung 1/2", "Übung_1_2_grades"),
        ("a" * 300, "a" * 150 + "_grades"),
    ],
)
def test_names_of_files(place: str, name: str) -> None:
    assert file_name(place, "grades", NOW) == f"{name}_{NOW:%Y-%m-%d-%H%M}.csv"


async def test_nothing_to_do(station: Station) -> None:
    assert await station.run_next() is False
    async with station.open_database() as db:
        assert await db.fetch(select(Job.id)) == []
