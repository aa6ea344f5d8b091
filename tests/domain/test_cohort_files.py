"""People are put into cohorts by a file: in the background, by whoever asked, row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.db.session import Database
from app.domain.enrollment.models import Enrollment, Role
from app.domain.enrollment.service import update_enrollment
from app.domain.files import File, NewFile, forget_unused, record_upload
from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling
from app.domain.groups.queries import invited_emails
from app.domain.jobs import claiming
from app.domain.jobs.cohorts import TOGETHER, place_in_cohorts_by_file
from app.domain.jobs.models import Job
from app.domain.jobs.running import Station
from app.domain.jobs.service import revoke_job
from app.errors import Forbidden, UserErrorCode
from app.mail import console
from tests.clock import NOW
from tests.domain.proof import denied, key_of, only_row, refused
from tests.domain.test_groups import members
from tests.factories import University, at, person

pytestmark = pytest.mark.anyio
HEADER = ["Cohort Name", "Exists", "Learners Added", "Learners Not Found", "Invalid Email Addresses"]
HEADER += ["Preassigned Learners"]
ROWS = """cohort,email,username,remark
Larks,,sam,first
 Larks ,SUE@uni.example,nobody,the address counts
Larks,,zed,
Larks,q@q,,
Larks,,,
Bats,,sam,
Owls,new@x.org,,
Owls,,sam,
Owls,,sam,,
'=1+1,,sue,
Owls
"""


@pytest.fixture
def station(open_database: Callable[[], Database]) -> Station:
    return Station("one", open_database, lambda: NOW, console, "no-reply@uni.example")


async def cohort(world: University, name: str) -> int:
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    return await create_cohort(world.instructor, **place, name=name, filling=Filling.MANUAL)


async def asked(ctx: Context, world: University, rows: str | bytes = ROWS, name: str = "people.csv") -> int:
    """A job to place the people of such a file."""
    content = rows.encode() if isinstance(rows, str) else rows
    return await place_in_cohorts_by_file(ctx, course_instance_id=world.course_instance_id, file=NewFile(name, content))


async def test_a_file_of_people(station: Station, world: University) -> None:
    larks, owls = await cohort(world, "Larks"), await cohort(world, "Owls")
    job_id = await asked(world.instructor, world)
    job = await only_row(world.admin, Job, job_id)
    assert (job.kind, job.state, job.input) == ("COHORT_PLACEMENT", "SCHEDULED", {"file_name": "people.csv", "rows": 9})
    assert await world.admin.files.read(job.input_sha256) == ROWS.encode()
    assert await members(world.admin, larks) == []
    assert await station.run_next() is True
    job = await only_row(world.admin, Job, job_id)
    assert (job.state, job.message, job.progress) == ("SUCCESS", "5 of 9 people were put into cohorts", 1.0)
    assert job.output == {
        **{"total": 9, "attempted": 9, "succeeded": 5, "failed": 4},
        **{"added": 2, "moved": 1, "present": 1, "invited": 1, "unknown": 1, "invalid": 1},
        "unknown_cohorts": 2,
    }
    assert await members(world.admin, larks) == [world.second_student_id]
    assert await members(world.admin, owls) == [world.student_id]
    assert await invited_emails(world.admin, [larks, owls]) == [[], ["new@x.org"]]
    content = (await world.admin.files.read(job.sha256)).decode("utf-8-sig")
    assert job.file_name == "uni_EE210_f24_cohort_results_2024-10-01-1200.csv"
    assert list(csv.reader(io.StringIO(content, newline=""))) == [
        HEADER,
        ["Larks", "True", "2", "zed", "q@q", ""],
        ["Bats", "False", "0", "", "", ""],
        ["Owls", "True", "1", "", "", "new@x.org"],
        ["'=1+1", "False", "0", "", "", ""],
    ]


async def test_beginning_anew_changes_nothing(station: Station, world: University) -> None:
    """A worker that died after it had placed everybody: the next one finds them there."""
    larks = await cohort(world, "Larks")
    job_id = await asked(world.instructor, world, "cohort,username\nLarks,sam\n")
    await asked(world.instructor, world, "cohort,username\nLarks,sam\nLarks,sue\n")
    assert [await station.run_next() for _ in range(3)] == [True, True, False]
    first = await only_row(world.admin, Job, job_id)
    second = await only_row(world.admin, Job, job_id + 1)
    assert (first.output["added"], second.output["added"], second.output["present"]) == (1, 1, 1)
    assert await members(world.admin, larks) == sorted([world.student_id, world.second_student_id])


async def test_many_people(station: Station, world: University, ctx: Context) -> None:
    """More than are placed in one transaction; the number of statements grows by whole ones of those only."""
    larks = await cohort(world, "Larks")
    names = [f"new{number}" for number in range(TOGETHER + 2)]
    keys = [await person(ctx, name) for name in names]
    await asked(world.admin, world, "cohort,username\n" + "".join(f"Larks,{name}\n" for name in names))
    assert await station.run_next() is True
    assert await members(ctx, larks) == keys


async def test_rights_count_when_it_is_done(station: Station, world: University) -> None:
    larks = await cohort(world, "Larks")
    job_id = await asked(world.instructor, world)
    enrollment_id = await key_of(
        world.admin, Enrollment, user_id=world.instructor_id, course_instance_id=world.course_instance_id
    )
    await update_enrollment(world.admin, enrollment_id=enrollment_id, role=Role.COURSE_ASSISTANT)
    assert await station.run_next() is True
    job = await only_row(world.admin, Job, job_id)
    assert (job.state, job.message) == ("FAILURE", "only the staff of this course instance may do this")
    assert await members(world.admin, larks) == []


async def test_assistants_take_back_reports_only(world: University) -> None:
    job_id = await asked(world.instructor, world)
    await denied(world.assistant, revoke_job(world.assistant, job_id=job_id), Forbidden)
    await revoke_job(world.instructor, job_id=job_id)
    assert (await only_row(world.admin, Job, job_id)).state == "REVOKED"
    assert await claiming.claim(world.admin, "one") is None


@pytest.mark.parametrize(
    "content",
    [b"", b"cohort\nA\n", b"username\nsam\n", b"\xff\xfe", b'cohort,username\n"A', b"\x00", b"Cohort,Email\nA,b\n"],
)
async def test_files_that_are_none(world: University, content: bytes) -> None:
    await refused(world.instructor, asked(world.instructor, world, content), UserErrorCode.INVALID, "file")


async def test_a_file_may_be_uploaded_before(station: Station, world: University) -> None:
    ctx = world.instructor
    larks = await cohort(world, "Larks")
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    stored = await ctx.files.put_bytes(b"cohort,username\nLarks,sam\n" + b"\n" * 1_100_000)
    missing = place_in_cohorts_by_file(ctx, **here, file=NewFile("a.csv", sha256=stored.sha256))
    await refused(ctx, missing, UserErrorCode.NOT_FOUND, "file", "sha256")
    for size, fits in ((stored.size, True), (2_000_001, False)):
        content = stored if fits else await ctx.files.put_bytes(b" " * size)
        await record_upload(ctx, stored=content, name="a.csv", content_type="text/csv")
        wanted = place_in_cohorts_by_file(ctx, **here, file=NewFile("a.csv", sha256=content.sha256))
        if fits:
            await wanted
        else:
            await refused(ctx, wanted, UserErrorCode.TOO_LONG, "file")
    later = at(world.admin, NOW + timedelta(days=3))
    assert await forget_unused(later) == 1
    assert await only_file(world, stored.sha256)
    assert await station.run_next() is True
    assert await members(ctx, larks) == [world.student_id]


async def only_file(world: University, sha256: str) -> bool:
    """Whether the row of a content is there: what a job was given is kept."""
    rows = await world.admin.db.fetch(File.__table__.select().where(File.sha256 == sha256))
    return len(rows) == 1
