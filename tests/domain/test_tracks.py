from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.enrollment.merging import merge_course_instance
from app.domain.enrollment.models import Enrollment, EnrollmentTrack
from app.domain.enrollment.service import enroll, update_enrollment
from app.domain.enrollment.tracks import (
    create_enrollment_track,
    delete_enrollment_track,
    effective_tracks,
    expired_tracks,
    offered_tracks,
    update_enrollment_track,
)
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.domain.tracks import verified
from tests.factories import University

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


def here(world: University) -> dict[str, Any]:
    return {"course_instance_id": world.course_instance_id}


async def enrolled(ctx: Context, world: University, user_id: int) -> int:
    return await key_of(ctx, Enrollment, **here(world), user_id=user_id)


async def test_a_track_is_offered(ctx: Context, world: University) -> None:
    details: dict[str, Any] = {"min_price": 49, "suggested_prices": [10, 20], "currency": "EUR", "sku": "A-1"}
    made = await create_enrollment_track(ctx, **here(world), slug="verified", name=" Verified ", **details)
    row = await only_row(ctx, EnrollmentTrack, made)
    assert (row.slug, row.name, row.min_price, row.suggested_prices) == ("verified", "Verified", 49, [10, 20])
    assert (row.currency, row.sku, row.bulk_sku, row.description) == ("eur", "A-1", None, None)
    assert (row.expires_at, row.is_expiry_explicit, row.created_at) == (None, False, NOW)


@pytest.mark.parametrize(
    ("details", "reason", "field"),
    [
        ({"slug": "Verified!"}, UserErrorCode.INVALID, "slug"),
        ({"slug": ""}, UserErrorCode.REQUIRED, "slug"),
        ({"slug": "a" * 65}, UserErrorCode.TOO_LONG, "slug"),
        ({"name": "\0"}, UserErrorCode.INVALID, "name"),
        ({"currency": "doubloons"}, UserErrorCode.TOO_LONG, "currency"),
        ({"min_price": -1}, UserErrorCode.OUT_OF_RANGE, "minPrice"),
        ({"min_price": 2**70}, UserErrorCode.OUT_OF_RANGE, "minPrice"),
        ({"suggested_prices": [2**70]}, UserErrorCode.OUT_OF_RANGE, "suggestedPrices"),
        ({"suggested_prices": [2**31]}, UserErrorCode.OUT_OF_RANGE, "suggestedPrices.0"),
        ({"suggested_prices": [1, -1]}, UserErrorCode.OUT_OF_RANGE, "suggestedPrices.1"),
        ({"slug": "verified"}, UserErrorCode.OUT_OF_RANGE, "minPrice"),
        ({"slug": "professional", "min_price": 1, "expires_at": NOW}, UserErrorCode.INVALID, "expiresAt"),
    ],
)
async def test_a_track_makes_sense(
    ctx: Context, world: University, details: dict[str, Any], reason: UserErrorCode, field: str
) -> None:
    write = create_enrollment_track(ctx, **{**here(world), "slug": "audit", "name": "Audit", **details})
    await refused(ctx, write, reason, *field.split("."))


async def test_a_track_is_there_once_in_each_currency(ctx: Context, world: University) -> None:
    track_id = await verified(world)
    again: dict[str, Any] = {**here(world), "slug": "verified", "name": "Again", "min_price": 1}
    await refused(ctx, create_enrollment_track(ctx, **again), UserErrorCode.TAKEN, "slug")
    other = await create_enrollment_track(ctx, **again, currency="eur")
    write = update_enrollment_track(ctx, enrollment_track_id=other, currency="USD")
    await refused(ctx, write, UserErrorCode.TAKEN, "slug")
    elsewhere: dict[str, Any] = {**again, "course_instance_id": world.other_course_instance_id}
    assert await create_enrollment_track(ctx, **elsewhere) not in (track_id, other)


async def test_a_new_end_is_explicit(ctx: Context, world: University) -> None:
    track_id = await verified(world)
    assert await update_enrollment_track(ctx, enrollment_track_id=track_id, expires_at=NOW + DAY) == track_id
    row = await only_row(ctx, EnrollmentTrack, track_id)
    assert (row.expires_at, row.is_expiry_explicit, row.min_price) == (NOW + DAY, True, 49)
    await update_enrollment_track(ctx, enrollment_track_id=track_id, expires_at=NOW, is_expiry_explicit=False)
    assert (await only_row(ctx, EnrollmentTrack, track_id)).is_expiry_explicit is False
    assert await expired_tracks(ctx, [track_id, 999_999]) == [True, False]
    await refused(
        ctx,
        update_enrollment_track(ctx, enrollment_track_id=track_id, min_price=0),
        UserErrorCode.OUT_OF_RANGE,
        "minPrice",
    )


@pytest.mark.parametrize("key", [0, -1, 999_999, 2**80])
async def test_what_is_not_there_is_not_found(ctx: Context, key: int) -> None:
    await denied(ctx, create_enrollment_track(ctx, course_instance_id=key, slug="a", name="A"), NotFound)
    await denied(ctx, update_enrollment_track(ctx, enrollment_track_id=key, name="A"), NotFound)
    await denied(ctx, delete_enrollment_track(ctx, enrollment_track_id=key), NotFound)


async def test_who_is_in_a_track_stays_when_it_goes(ctx: Context, world: University) -> None:
    track_id, key = await verified(world), await enrolled(ctx, world, world.student_id)
    await update_enrollment(ctx, enrollment_id=key, track="verified")
    assert await delete_enrollment_track(ctx, enrollment_track_id=track_id) == track_id
    assert (await only_row(ctx, Enrollment, key)).track == "verified"
    assert await offered_tracks(ctx, world.course_instance_id) == {"audit": True}


async def test_only_administrators_say_who_is_in_which_track(ctx: Context, world: University) -> None:
    await verified(world)
    key = await enrolled(ctx, world, world.student_id)
    await denied(ctx, update_enrollment(world.instructor, enrollment_id=key, track="verified"), Forbidden)
    person: dict[str, Any] = {**here(world), "user_id": world.loner_id}
    await denied(ctx, enroll(world.instructor, **person, track="verified"), Forbidden)
    await refused(ctx, enroll(ctx, **person, track="gold"), UserErrorCode.NOT_FOUND, "track")
    made = await enroll(ctx, **person, track="verified")
    assert (await only_row(ctx, Enrollment, made)).track == "verified"
    async with nothing_changes(ctx):
        await update_enrollment(ctx, enrollment_id=made, track="verified")
    await update_enrollment(ctx, enrollment_id=made, track=None)
    assert (await only_row(ctx, Enrollment, made)).track is None


async def test_the_usual_track(ctx: Context, world: University) -> None:
    people = (world.student_id, world.instructor_id, world.assistant_id)
    keys = [await enrolled(ctx, world, each) for each in people]
    assert await effective_tracks(ctx, [*keys, 999_999]) == ["audit", None, None, None]
    await create_enrollment_track(ctx, **here(world), slug="honor", name="Honor", expires_at=NOW)
    await update_enrollment(ctx, enrollment_id=keys[2], track="honor")
    assert await effective_tracks(ctx, keys) == ["honor", None, "honor"]
    await create_enrollment_track(ctx, **here(world), slug="audit", name="Audit", expires_at=NOW + DAY)
    assert await effective_tracks(world.student, keys) == ["audit", None, "honor"]
    assert await effective_tracks(world.loner, keys) == [None, None, None]
    assert await offered_tracks(ctx, world.course_instance_id) == {"honor": False, "audit": True}


async def test_a_merged_course_instance_has_the_tracks_of_its_children(ctx: Context, world: University) -> None:
    await verified(world)
    key = await enrolled(ctx, world, world.student_id)
    await update_enrollment(ctx, enrollment_id=key, track="verified")
    parent = world.other_course_instance_id
    await merge_course_instance(ctx, parent_id=parent, child_id=world.course_instance_id)
    above = await key_of(ctx, Enrollment, course_instance_id=parent, user_id=world.student_id)
    assert (await only_row(ctx, Enrollment, above)).track == "verified"
