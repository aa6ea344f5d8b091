"""Certificates follow course grades: who has passed in a track that promises one has one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.grades.certificates import certificates_of
from app.domain.grades.models import Certificate
from app.domain.grades.overrides import override_grade
from app.domain.identity.institution import update_profile
from tests.clock import NOW
from tests.domain.proof import key_of
from tests.factories import University, university
from tests.graded import Graded, graded

pytestmark = pytest.mark.anyio


@pytest.fixture
async def work(ctx: Context) -> Graded:
    world = await university(ctx)
    for slug in ("audit", "honor", "verified"):
        place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
        await create_enrollment_track(
            ctx, **place, slug=slug, name=slug.capitalize(), min_price=int(slug == "verified")
        )
    return await graded(world)


async def in_track(world: University, track: str | None) -> int:
    """Put the student into a track; the enrolment's id."""
    where = {"course_instance_id": world.course_instance_id, "user_id": world.student_id}
    key = await key_of(world.admin, Enrollment, **where)
    await update_enrollment(world.admin, enrollment_id=key, track=track)
    return key


async def reach(work: Graded, points: float | None) -> None:
    """Set the student's only homework, of two points, by hand."""
    keys: dict[str, Any] = {"assessment_id": work.first.assessment_id, "user_id": work.world.student_id}
    await override_grade(work.world.instructor, **keys, points=points)


async def stored(ctx: Context) -> list[tuple[str, str, str]]:
    """(status, track, grade) of all certificates."""
    own = Certificate
    return [tuple(row) for row in await ctx.db.fetch(select(own.status, own.track, own.grade).order_by(own.id))]


async def test_who_passes_has_one(work: Graded) -> None:
    admin = work.world.admin
    await in_track(work.world, "verified")
    await reach(work, 0.5)
    assert await stored(admin) == []
    await reach(work, 1.0)
    assert await stored(admin) == [("DOWNLOADABLE", "verified", "0.5")]
    (row,) = await admin.db.fetch(select(Certificate.uuid, Certificate.created_at))
    assert (len(row.uuid), row.created_at) == (32, NOW)
    await reach(work, 1.76)
    assert await stored(admin) == [("DOWNLOADABLE", "verified", "0.88")]


async def test_it_stays_when_it_is_no_pass_any_more(work: Graded) -> None:
    admin = work.world.admin
    await in_track(work.world, "honor")
    await reach(work, 2.0)
    key = await admin.db.scalar(select(Certificate.uuid))
    await reach(work, None)
    assert await stored(admin) == [("NOT_PASSING", "honor", "0.0")]
    await in_track(work.world, "audit")
    await reach(work, 2.0)
    assert await stored(admin) == [("DOWNLOADABLE", "honor", "1.0")]
    assert await admin.db.scalar(select(Certificate.uuid)) == key


async def test_it_follows_the_track(work: Graded) -> None:
    admin = work.world.admin
    await reach(work, 2.0)
    assert await stored(admin) == []
    await in_track(work.world, "honor")
    assert await stored(admin) == [("DOWNLOADABLE", "honor", "1.0")]
    await in_track(work.world, "verified")
    assert await stored(admin) == [("DOWNLOADABLE", "verified", "1.0")]
    await in_track(work.world, "audit")
    assert await stored(admin) == [("DOWNLOADABLE", "verified", "1.0")]


async def test_who_has_not_passed_gets_none_by_a_track(work: Graded) -> None:
    await reach(work, 0.5)
    await in_track(work.world, "verified")
    assert await stored(work.world.admin) == []


async def test_who_returns_in_a_track(work: Graded) -> None:
    world = work.world
    where: dict[str, Any] = {"course_instance_id": world.course_instance_id, "user_id": world.student_id}
    await reach(work, 2.0)
    await drop_enrollment(world.admin, enrollment_id=await key_of(world.admin, Enrollment, **where))
    await enroll(world.admin, **where, track="verified")
    assert await stored(world.admin) == [("DOWNLOADABLE", "verified", "1.0")]


async def test_a_course_instance_without_certificates(work: Graded) -> None:
    world = work.world
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await update_course_instance(world.instructor, **here, has_certificates=False)
    await in_track(world, "verified")
    await reach(work, 2.0)
    assert await stored(world.admin) == []
    await update_course_instance(world.instructor, **here, has_certificates=True)
    assert await stored(world.admin) == [("DOWNLOADABLE", "verified", "1.0")]
    await update_course_instance(world.instructor, **here, has_certificates=False)
    await reach(work, 0.0)
    assert await stored(world.admin) == [("NOT_PASSING", "verified", "0.0")]


@pytest.mark.parametrize("track", [None, "audit"])
async def test_tracks_without_certificates(work: Graded, track: str | None) -> None:
    if track is not None:
        await in_track(work.world, track)
    await reach(work, 2.0)
    assert await stored(work.world.admin) == []


async def test_who_sees_whose(work: Graded) -> None:
    world = work.world
    key = await in_track(world, "verified")
    await reach(work, 2.0)

    async def seen(ctx: Context) -> int:
        return len(await ctx.db.fetch(select(Certificate.id).where(ctx.visible(Certificate))))

    others = (world.second_student, world.outsider, world.previewer, world.loner)
    for ctx in (world.student, world.assistant, world.instructor, world.admin):
        assert await seen(ctx) == 1
    assert [await seen(each) for each in others] == [0] * 4
    await update_profile(world.student, user_id=world.student_id, shows_certificates=True)
    assert [await seen(each) for each in others] == [1] * 4
    (found,) = await certificates_of(world.student, [key])
    assert (found.track, found.status) == ("verified", "DOWNLOADABLE")
    assert await certificates_of(world.loner, [key]) == [None]
    await reach(work, 0.0)
    assert [await seen(each) for each in others] == [0] * 4
    assert await seen(world.student) == 1
