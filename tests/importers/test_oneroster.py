"""OneRoster: the real archive, whole; small ones; those that cannot be taken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.context import Context
from app.domain.assessments.models import Assessment
from app.domain.catalog.models import CourseInstance, Term
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import ColumnGrade
from app.domain.identity.models import User
from app.importers.failure import ImportFailure
from app.importers.oneroster.files import TAKEN, read_files
from app.importers.progress import Silence
from app.importers.registry import run
from app.importers.summary import Count, Summary
from tests.factories import person
from tests.importers.folders import contents, values

pytestmark = pytest.mark.anyio
START, END = datetime(2026, 9, 1, tzinfo=UTC), datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
FILES = {
    "manifest": "propertyName,value\noneroster.version,1.1\n" + "".join(f"file.{name},bulk\n" for name in TAKEN),
    "orgs": "sourcedId,status,name\no1,,School\n",
    "academicSessions": "sourcedId,status,title,startDate,endDate\nt1,,Autumn,2026-09-01,2027-01-31\n",
    "courses": "sourcedId,status,title,courseCode,orgSourcedId\nc1,,Maths,MA,o1\n",
    "classes": "sourcedId,status,title,classCode,courseSourcedId,termSourcedIds\nk1,,Maths A,MA 1/A,c1,t1\n",
    "users": (
        "sourcedId,status,username,identifier,email,givenName,familyName,enabledUser\n"
        "u1,,ada,17,ada@example.edu,Ada,Lovelace,true\nu2,,grace,,,Grace,Hopper,true\nu3,,olga,,,,,false\n"
    ),
    "enrollments": (
        "sourcedId,status,classSourcedId,userSourcedId,role,beginDate,endDate\n"
        "e1,,k1,u1,student,2026-09-02,2026-10-01\ne2,,k1,u2,teacher,,\ne3,,k1,u3,proctor,,\n"
    ),
    "categories": "sourcedId,status,title\ng1,,Essays\n",
    "lineItems": (
        "sourcedId,status,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,resultValueMax\n"
        "i2,,Second,,,2026-11-01,k1,g1,10\ni1,,First,,2026-09-01,2026-10-01,k1,g1,20\n"
    ),
    "results": (
        "sourcedId,status,lineItemSourcedId,studentSourcedId,scoreStatus,score,comment\n"
        "r1,,i1,u1,fully graded,21.5,Well done\nr2,,i2,u1,exempt,,\n"
    ),
}
BROKEN = [
    (
        "manifest",
        "file.users,bulk",
        "file.users,delta",
        "row 7: file.users is only what changed",
    ),
    ("manifest", "file.users,bulk\n", "", "manifest.csv row 2: file.users is 'absent': it is needed"),
    ("manifest", "1.1", "1.2", "manifest.csv row 2: oneroster.version is '1.2', not 1.1"),
    ("users", "u2,,grace", "u1,,grace", "users.csv row 3: repeats sourcedId u1 of row 2"),
    ("users", "grace", "ada", "users.csv row 3: repeats username ada of row 2"),
    ("users", "u2,,", "u2,tobedeleted,", "users.csv row 3: status is 'tobedeleted', not one of active"),
    ("courses", "o1", "o2", "courses.csv row 2: orgSourcedId is 'o2', which orgs.csv has not"),
    ("classes", "t1", "t1,t2", "classes.csv row 2: has 7 fields, not 6"),
    ("classes", "t1", '"t1,t2"', "classes.csv row 2: termSourcedIds has 't2', which academicSessions.csv has not"),
    (
        "enrollments",
        "teacher",
        "boss",
        "row 3: role is 'boss', not one of student, teacher, aide",
    ),
    ("enrollments", "2026-09-02", "2026-9-2", "row 2: beginDate is '2026-9-2', not a date such as 2026-09-01"),
    ("academicSessions", "2027", "2025", "academicSessions.csv row 2: ends before it begins"),
    ("results", "i2,u1", "i2,u4", "results.csv row 3: studentSourcedId is 'u4', which users.csv has not"),
    ("results", "i2,u1", "i1,u1", "results.csv row 3: repeats lineItemSourcedId i1, studentSourcedId u1 of row 2"),
    ("results", "21.5", "A", "results.csv row 2: score is 'A', not a number"),
]


def archive(**changes: str) -> bytes:
    """The small archive, with some files replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in {**FILES, **changes}.items():
            made.writestr(zipfile.ZipInfo(f"{name}.csv"), text)
    return stream.getvalue()


async def take(ctx: Context, folder: Path, **changes: str) -> Summary:
    """Import the small archive."""
    path = folder / "roster.zip"
    path.write_bytes(archive(**changes))
    return await run(ctx, "oneroster", path)


async def test_the_real_archive_arrives_whole_and_only_once(ctx: Context, shared: Path) -> None:
    """The counts of the data's README."""
    path = shared / "oneroster" / "oulad-aaa-oneroster-1.1.zip"
    first = await run(ctx, "oneroster", path)
    expected: Mapping[str, int] = {
        **{"organizations": 1, "terms": 4, "courses": 1, "course instances": 2, "users": 712, "enrollments": 748},
        **{"assessment categories": 4, "assessments": 12},
    }
    counts = {noun: Count(created=number) for noun, number in expected.items()}
    assert first.counts == {**counts, "grades": Count(created=3_146, unchanged=3)}
    statuses = await values(ctx, Enrollment.status, by=Enrollment.id)
    assert statuses.count("DROPPED") == 126
    before = await contents(ctx)
    again = await run(ctx, "oneroster", path)
    assert again.counts == {
        **{noun: Count(unchanged=number) for noun, number in expected.items()},
        "grades": Count(unchanged=3_149),
    }
    assert await contents(ctx) == before


async def test_a_small_archive(ctx: Context, tmp_path: Path) -> None:
    summary = await take(ctx, tmp_path)
    assert summary.notes == [
        "enrollments.csv: administrators and proctors, not taken: 1",
        "results.csv: results without a score, of which only comments are taken: 1",
    ]
    assert await values(ctx, Term.name, Term.start_at, Term.end_at, by=Term.id) == [("Autumn", START, END)]
    columns = (CourseInstance.name, CourseInstance.short_name, CourseInstance.external_id, CourseInstance.start_at)
    assert await values(ctx, *columns, by=CourseInstance.id) == [("MA-1-A", "MA 1/A", "k1", START)]
    people = (User.username, User.uid, User.uin, User.name, User.is_active)
    assert await values(ctx, *people, by=User.id) == [
        ("ada", "ada@example.edu", "17", "Ada Lovelace", True),
        ("grace", "grace", None, "Grace Hopper", True),
        ("olga", "olga", None, None, False),
    ]
    ended = datetime(2026, 10, 1, tzinfo=UTC)
    assert await values(ctx, Enrollment.role, Enrollment.status, Enrollment.ended_at, by=Enrollment.id) == [
        ("STUDENT", "DROPPED", ended),
        ("INSTRUCTOR", "ACTIVE", None),
    ]
    items = (Assessment.title, Assessment.number, Assessment.max_points, Assessment.grading_type)
    assert await values(ctx, *items, by=Assessment.position) == [
        ("First", "1", 20.0, "MANUAL"),
        ("Second", "2", 10.0, "MANUAL"),
    ]
    grades = (ColumnGrade.points, ColumnGrade.is_exempt, ColumnGrade.feedback)
    assert await values(ctx, *grades, by=ColumnGrade.assessment_id) == [(21.5, False, "Well done"), (None, True, None)]


async def test_a_newer_archive_changes_what_differs(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path)
    summary = await take(ctx, tmp_path, results=FILES["results"].replace("21.5", "19"))
    assert summary.counts["grades"] == Count(changed=1, unchanged=1)
    assert {count.changed + count.created for noun, count in summary.counts.items() if noun != "grades"} == {0}


async def test_people_who_are_here_are_the_same(ctx: Context, tmp_path: Path) -> None:
    """By username or address, in any capitals; never an administrator."""
    ada = await person(ctx, "countess", email="Ada@example.edu")
    summary = await take(ctx, tmp_path)
    assert summary.counts["users"] == Count(created=2, changed=1)
    assert (await values(ctx, User.id, User.username, User.external_id, by=User.id))[0] == (ada, "ada", "u1")
    with pytest.raises(ImportFailure, match=r"^roster\.zip: clashes with what the database holds: "):
        await person(ctx, "root", is_staff=True)
        await take(ctx, tmp_path, users=FILES["users"] + "u4,,root,,,,,true\n")


@pytest.mark.parametrize(("file", "old", "new", "reason"), BROKEN)
async def test_broken_archives(ctx: Context, tmp_path: Path, file: str, old: str, new: str, reason: str) -> None:
    before = await contents(ctx)
    with pytest.raises(ImportFailure) as caught:
        await take(ctx, tmp_path, **{file: FILES[file].replace(old, new)})
    assert reason in str(caught.value)
    assert await contents(ctx) == before


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 4_000), piece=st.binary(max_size=8), is_cut=st.booleans())
def test_any_bytes_are_read_or_refused(tmp_path: Path, place: int, piece: bytes, is_cut: bool) -> None:
    """Files that are as they were, or a clear refusal; never another error."""
    whole = archive()
    path = tmp_path / "roster.zip"
    path.write_bytes(whole[:place] + piece + (b"" if is_cut else whole[place + len(piece) :]))
    try:
        files = read_files(path, Silence())
    except ImportFailure as failure:
        assert ": " in str(failure)
    else:
        assert {name: len(files[name]) for name in TAKEN} == {name: FILES[name].count("\n") - 1 for name in TAKEN}
