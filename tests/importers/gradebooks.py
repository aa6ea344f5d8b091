"""A course instance for gradebooks' files, and small files."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment
from app.domain.catalog.service import create_course, create_organization
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll
from app.domain.grades.models import ColumnGrade
from app.domain.identity.models import User
from app.importers.gradebook.export import export_gradebook
from app.importers.registry import run
from app.importers.summary import Summary
from tests.factories import person

COURSE = "cs101-f26"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Essay (77),Total
,,,,,Manual Posting,
    Points Possible,,,,,20.00,(read only)
"Lovelace, Ada",1,A1,ada,B,18.5,92.5
"Turing, Alan",2,A2,alan,B,,0
"Student, Test",3,,x,B,1,
"""


async def offering(ctx: Context) -> int:
    """An empty course instance; the id."""
    organization_id = await create_organization(ctx, key="U", name="University")
    named = {"key": "CS101", "short_name": "CS101", "title": "Computing"}
    course_id = await create_course(ctx, organization_id=organization_id, **named)
    return await create_course_instance(ctx, course_id=course_id, name=COURSE, long_name="Computing")


async def ada_and_alan(ctx: Context) -> tuple[int, int]:
    """Two learners of an offering: one known by a number, one by an e-mail address."""
    course_instance_id = await offering(ctx)
    ada = await person(ctx, "lovelace", uin="a1")
    alan = await person(ctx, "turing", email="Alan@example.edu")
    for user_id in (ada, alan):
        await enroll(ctx, course_instance_id=course_instance_id, user_id=user_id)
    return ada, alan


async def take(ctx: Context, path: Path, **options: str | bool) -> Summary:
    """Import a gradebook into the course instance."""
    return await run(ctx, "gradebook", path, None, {"course": COURSE, **options})


async def take_text(ctx: Context, folder: Path, text: str | bytes, **options: str | bool) -> Summary:
    """Import a file of this content."""
    path = folder / "grades.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return await take(ctx, path, **options)


async def give(ctx: Context, folder: Path, form: str) -> Path:
    """Export the course instance to a file."""
    path = folder / f"{form}.out"
    path.write_bytes(await export_gradebook(ctx, COURSE, form))
    return path


async def grades(ctx: Context) -> dict[tuple[str, str], float | None]:
    """The points of all grades, by username and title."""
    statement = select(User.username, Assessment.title, ColumnGrade.points)
    statement = statement.join(ColumnGrade, ColumnGrade.user_id == User.id)
    rows = await ctx.db.fetch(statement.join(Assessment, Assessment.id == ColumnGrade.assessment_id))
    return {(username, title): points for username, title, points in rows}
