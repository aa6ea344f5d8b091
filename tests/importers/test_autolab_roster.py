"""Rosters in their four forms, and what a later one changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment
from app.domain.identity.models import User
from app.importers.summary import Count
from tests.factories import person
from tests.importers.exports import COURSE, NAME, ROSTER, take, write_rows, write_text
from tests.importers.folders import values

pytestmark = pytest.mark.anyio


@pytest.fixture
async def course(ctx: Context, tmp_path: Path) -> int:
    await take(ctx, write_text(tmp_path / "course.yml", COURSE))
    found: int = await ctx.db.scalar(select(CourseInstance.id))
    return found


async def listed(ctx: Context) -> list[tuple[object, ...]]:
    columns = (User.email, Enrollment.role, Enrollment.status, Enrollment.lecture, Enrollment.section)
    statement = select(*columns, Enrollment.grade_policy).join(User, User.id == Enrollment.user_id)
    return [tuple(row) for row in await ctx.db.fetch(statement.order_by(User.email))]


async def test_people_and_enrolments(ctx: Context, course: int, tmp_path: Path) -> None:
    await take(ctx, write_rows(tmp_path / "roster.csv", ROSTER), course=NAME)
    told = (User.email, User.name, User.given_name, User.family_name, User.school, User.major, User.year)
    assert await values(ctx, *told, by=User.email) == [
        ("ada@example.edu", "Ada Lovelace", "Ada", "Lovelace", "SCS", "CS", "2"),
        ("alan@example.edu", "Alan Turing", "Alan", "Turing", "MCS", None, "3"),
    ]
    assert await listed(ctx) == [
        ("ada@example.edu", "STUDENT", "ACTIVE", "1", "B", "L"),
        ("alan@example.edu", "STUDENT", "ACTIVE", "1", "", ""),
    ]
    assert await values(ctx, Enrollment.enrolled_at, by=Enrollment.id) == [ctx.now, ctx.now]


async def test_who_is_missing_has_dropped_and_may_return(ctx: Context, course: int, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    await take(ctx, write_rows(path, ROSTER), course=NAME)
    summary = await take(ctx, write_rows(path, ROSTER[:1]), course=NAME)
    assert summary.counts["enrollments"] == Count(changed=1, unchanged=1)
    columns = (Enrollment.status, Enrollment.ended_at)
    assert await values(ctx, *columns, by=Enrollment.id) == [("ACTIVE", None), ("DROPPED", ctx.now)]
    assert not (await take(ctx, path, course=NAME)).changed_anything
    await take(ctx, write_rows(path, ROSTER), course=NAME)
    assert await values(ctx, *columns, by=Enrollment.id) == [("ACTIVE", None), ("ACTIVE", None)]


async def test_staff_keep_their_role_and_never_drop(ctx: Context, course: int, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "roster.csv", ROSTER)
    await take(ctx, path, course=NAME)
    await ctx.db.execute(update(Enrollment).values(role="INSTRUCTOR"))
    assert not (await take(ctx, path, course=NAME)).changed_anything
    await take(ctx, write_rows(path, ROSTER[:1]), course=NAME)
    assert [row[1:3] for row in await listed(ctx)] == [("INSTRUCTOR", "ACTIVE")] * 2


async def test_known_people_are_found_by_address(ctx: Context, course: int, tmp_path: Path) -> None:
    """In any capitals; what a row does not say stays."""
    user_id = await person(ctx, "byron", email="ADA@Example.edu", major="Poetry", school="SCS")
    rows = [("f23", "ada@example.edu", "Lovelace", "Ada", "", "", "4", "", "", "", "")]
    summary = await take(ctx, write_rows(tmp_path / "roster.csv", rows), course=NAME)
    assert summary.counts["users"] == Count(changed=1)
    columns = (User.id, User.username, User.email, User.name, User.major, User.school, User.year)
    assert (user_id, "byron", "ADA@Example.edu", "Ada Lovelace", "Poetry", "SCS", "4") in await values(
        ctx, *columns, by=User.id
    )


def form(width: int, places: dict[int, str]) -> list[list[str]]:
    header = ["Semester", *("x" for _ in range(width - 1))]
    return [header, [places.get(column, "skipped") for column in range(width)]]


ACCOUNT = {8: "ada", 5: "Lovelace", 6: "Ada", 10: "SCS"}
LATER = {**ACCOUNT, 12: "CS", 13: "2", 16: "L", 3: "1", 2: "B", 1: "15213"}
FORMS = {29: {**ACCOUNT, 11: "CS", 12: "2", 14: "L", 1: "1", 2: "B"}, 32: LATER, 34: LATER}


@pytest.mark.parametrize("width", FORMS)
async def test_the_registrars_forms(ctx: Context, course: int, tmp_path: Path, width: int) -> None:
    await take(ctx, write_rows(tmp_path / "roster.csv", form(width, FORMS[width])), course=NAME)
    assert await listed(ctx) == [("ada@andrew.cmu.edu", "STUDENT", "ACTIVE", "1", "B", "L")]
    told = (User.given_name, User.family_name, User.school, User.major, User.year)
    assert await values(ctx, *told, by=User.id) == [("Ada", "Lovelace", "SCS", "CS", "2")]


async def test_blank_lines_do_not_count(ctx: Context, course: int, tmp_path: Path) -> None:
    summary = await take(ctx, write_rows(tmp_path / "roster.csv", [ROSTER[0], [], ROSTER[1], []]), course=NAME)
    assert summary.counts["enrollments"] == Count(created=2)


async def test_who_has_completed_stays_so(ctx: Context, course: int, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "roster.csv", ROSTER)
    await take(ctx, path, course=NAME)
    await ctx.db.execute(update(Enrollment).values(status="COMPLETED", ended_at=ctx.now))
    assert not (await take(ctx, path, course=NAME)).changed_anything
    await take(ctx, write_rows(path, ROSTER[:1]), course=NAME)
    assert [row[2] for row in await listed(ctx)] == ["COMPLETED", "COMPLETED"]
