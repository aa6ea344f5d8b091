"""Imported people are welcomed as those who register: awaited addresses are enrolled, learners get cohorts."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.invitations import invite_by_email
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.groups.cohorts import set_cohorting
from app.domain.groups.models import Group
from app.domain.identity.models import User
from tests.domain.proof import key_of
from tests.domain.test_groups import members
from tests.factories import University, university
from tests.importers.exports import COURSE, NAME, ROSTER, write_rows, write_text
from tests.importers.exports import take as take_autolab
from tests.importers.folders import contents
from tests.importers.test_oneroster import FILES, take

pytestmark = pytest.mark.anyio
ENROLLMENTS = (
    "sourcedId,status,classSourcedId,userSourcedId,role,beginDate,endDate\n"
    "e1,,k1,u1,student,2026-09-02,\ne2,,k1,u2,student,,\n"
)


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def awaited(ctx: Context, world: University, *emails: str) -> None:
    """Addresses that are enrolled in the first course instance once somebody has them."""
    for email in emails:
        await invite_by_email(ctx, course_instance_id=world.course_instance_id, email=email, is_automatic=True)


async def newcomers(ctx: Context, world: University) -> list[tuple[str, str, str | None]]:
    """(username, role, track) of who is enrolled in the first course instance by now."""
    own = Enrollment
    statement = select(User.username, own.role, own.track).join(User, User.id == own.user_id)
    here = (own.course_instance_id == world.course_instance_id, own.track.is_not(None))
    return [tuple(row) for row in await ctx.db.fetch(statement.where(*here).order_by(User.username))]


async def test_oneroster(ctx: Context, world: University, tmp_path: Path) -> None:
    await awaited(ctx, world, "ADA@example.edu", "nobody@example.edu", "sam2@example.edu")
    await take(ctx, tmp_path)
    assert await newcomers(ctx, world) == [("ada", "STUDENT", "audit")]
    before = await contents(ctx)
    await take(ctx, tmp_path)
    assert await contents(ctx) == before


async def test_autolab(ctx: Context, world: University, tmp_path: Path) -> None:
    await awaited(ctx, world, "ada@example.edu", "alan@example.edu")
    await take_autolab(ctx, write_text(tmp_path / "course.yml", COURSE))
    await take_autolab(ctx, write_rows(tmp_path / "roster.csv", ROSTER), course=NAME)
    assert [row[1:] for row in await newcomers(ctx, world)] == [("STUDENT", "audit")] * 2


async def test_as_many_statements_for_many(ctx: Context, world: University, tmp_path: Path) -> None:
    await take(ctx, tmp_path)
    counts = []
    for number in (1, 9):
        names = [f"n{number}x{each}" for each in range(number)]
        await awaited(ctx, world, *(f"{name}@x.org" for name in names))
        before = ctx.db.statements
        await take(
            ctx, tmp_path, users=FILES["users"] + "".join(f"{each},,{each},,{each}@x.org,,,true\n" for each in names)
        )
        counts.append(ctx.db.statements - before)
    assert len(await newcomers(ctx, world)) == 10
    assert counts[0] == counts[1]


async def test_learners_get_cohorts(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path, enrollments=ENROLLMENTS)
    place = await ctx.db.scalar(select(CourseInstance.id))
    await set_cohorting(ctx, course_instance_id=place, is_cohorted=True)
    default = await key_of(ctx, Group, name="Default Group")
    assert len(await members(ctx, default)) == 2
    more = {"users": FILES["users"] + "u4,,lin,,,,,true\n", "enrollments": ENROLLMENTS + "e4,,k1,u4,student,,\n"}
    await take(ctx, tmp_path, **more)
    assert len(await members(ctx, default)) == 3
    everybody = select(Enrollment.user_id).where(Enrollment.status == EnrollmentStatus.ACTIVE)
    assert [row[0] for row in await ctx.db.fetch(everybody.order_by(Enrollment.user_id))] == await members(ctx, default)
