"""The tracks of a course instance: the ways to take part in it, what they cost, until when they are open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import ColumnElement, and_, case, delete, func, literal, null, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, EnrollmentTrack, Role
from app.domain.identity.policy import may_administer
from app.domain.rows import insert_row, require_free, update_row, visible_row
from app.domain.rules import at_least, fitted, number, whole
from app.errors import Forbidden, RuleBroken, UserErrorCode

DEFAULT, SECOND = "audit", "honor"
"""What a learner without a track is in: the first of these two that is offered, and the first where neither is."""

PROFESSIONAL = ("professional", "no-id-professional")
PAID = ("verified", *PROFESSIONAL, "executive-education", "paid-executive-education", "paid-bootcamp")
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")


class TrackDetails(TypedDict, total=False):
    """What may be said of a track beside its slug and name. Null empties; absent (or UNSET) stays as it is."""

    min_price: Change[int]
    suggested_prices: Change[Sequence[int]]
    currency: Change[str]
    expires_at: Change[datetime | None]
    is_expiry_explicit: Change[bool]
    description: Change[str | None]
    sku: Change[str | None]
    bulk_sku: Change[str | None]


async def create_enrollment_track(
    ctx: Context, *, course_instance_id: int, slug: str, name: str, **details: Unpack[TrackDetails]
) -> int:
    """Offer a track; the id. Administrators (contracts/edx-core.md §8).

    Raises NotFound, Forbidden; RuleBroken: TAKEN at `slug` (of this currency), INVALID at `slug`, `expiresAt` (of a
    professional track), OUT_OF_RANGE at `minPrice` (below 1 of a track that is paid for), `suggestedPrices`; REQUIRED,
    TOO_LONG.
    """
    may_administer(ctx)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    values: dict[str, Any] = {"currency": "usd", "min_price": 0}
    values |= _checked(given(slug=slug, name=name, **details))
    if not SLUG.fullmatch(values["slug"]):
        raise RuleBroken(UserErrorCode.INVALID, "only small letters, digits, - and _", "slug")
    _require_sense(values)
    same = EnrollmentTrack.course_instance_id == course_instance_id, EnrollmentTrack.currency == values["currency"]
    await require_free(ctx, EnrollmentTrack, values, ["slug"], *same)
    return await insert_row(ctx, EnrollmentTrack, {"course_instance_id": course_instance_id, **values})


async def update_enrollment_track(
    ctx: Context, *, enrollment_track_id: int, name: Change[str] = UNSET, **details: Unpack[TrackDetails]
) -> int:
    """Change a track; the id. A new end is explicit unless that is denied. Raises like `create_enrollment_track`."""
    may_administer(ctx)
    own = EnrollmentTrack
    columns = (own.course_instance_id, own.slug, own.currency, own.min_price, own.expires_at)
    old = await visible_row(ctx, own, enrollment_track_id, *columns, lock=True)
    values = _checked(given(name=name, **details))
    _require_sense({**old._asdict(), **values})
    if values.get("currency", old.currency) != old.currency:
        same = own.course_instance_id == old.course_instance_id, own.currency == values["currency"]
        await require_free(ctx, own, {"slug": old.slug}, ["slug"], *same)
    await update_row(ctx, own, enrollment_track_id, values)
    return enrollment_track_id


async def delete_enrollment_track(ctx: Context, *, enrollment_track_id: int) -> int:
    """Offer a track no more; the id. Who is in it stays so. Administrators. Raises NotFound, Forbidden."""
    may_administer(ctx)
    await visible_row(ctx, EnrollmentTrack, enrollment_track_id, EnrollmentTrack.id, lock=True)
    await ctx.db.execute(delete(EnrollmentTrack).where(EnrollmentTrack.id == enrollment_track_id))
    return enrollment_track_id


async def require_track(ctx: Context, course_instance_id: int, values: dict[str, Any]) -> None:
    """Raise Forbidden when who is no administrator gives a track or a discount.

    RuleBroken: NOT_FOUND at `track` unless it is offered, OUT_OF_RANGE at `discountPercent`.
    """
    if not ctx.principal.is_admin and not values.keys().isdisjoint(("track", "discount_percent")):
        raise Forbidden("only an institution administrator may choose somebody's track and price")
    number(values.get("discount_percent") or 0, "discountPercent", minimum=0, maximum=100)
    slug = values.get("track")
    if slug is not None and slug not in await offered_tracks(ctx, course_instance_id):
        raise RuleBroken(UserErrorCode.NOT_FOUND, "the course instance has no such track", "track")


async def offered_tracks(ctx: Context, course_instance_id: int) -> dict[str, bool]:
    """Whether each track of a course instance is open now, by slug; where it has none, the default one is."""
    own = EnrollmentTrack
    statement = select(own.slug, own.expires_at).where(own.course_instance_id == course_instance_id)
    found: dict[str, bool] = {}
    for slug, expires_at in await ctx.db.fetch(statement):
        found[slug] = found.get(slug, False) or is_open(ctx, expires_at)
    return found or {DEFAULT: True}


def is_open(ctx: Context, expires_at: datetime | None) -> bool:
    """Whether a track that ends then may be chosen now."""
    return expires_at is None or expires_at > ctx.now


def default_track(offered: Mapping[str, bool]) -> str:
    """What learners are in who chose nothing, of the tracks that `offered_tracks` gives."""
    return next((slug for slug in (DEFAULT, SECOND) if slug in offered), DEFAULT)


async def effective_tracks(ctx: Context, keys: Sequence[int]) -> list[str | None]:
    """For each enrolment id the track: its own, of learners without one the default, of other staff None.

    Who has one is enrolled as Open edX means it, as long as the enrolment is active.
    """
    own = Enrollment
    statement = select(own.id, track_in_effect()).where(member_of(own.id, keys), ctx.visible(own))
    found = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]


def track_in_effect() -> ColumnElement[Any]:
    """The same as an expression, where enrolments are selected from."""
    alone = and_(_offers(SECOND), ~_offers(DEFAULT))
    default = case((Enrollment.role != Role.STUDENT, null()), (alone, literal(SECOND)), else_=literal(DEFAULT))
    return func.coalesce(Enrollment.track, default)


def learns() -> ColumnElement[bool]:
    """Whether an enrolment is that of somebody who learns, now: a student, or one of the staff in a track."""
    own = Enrollment
    return and_(own.status == EnrollmentStatus.ACTIVE, or_(own.role == Role.STUDENT, own.track.is_not(None)))


async def expired_tracks(ctx: Context, keys: Sequence[int]) -> list[bool]:
    """For each track id whether it is open no more."""
    own = EnrollmentTrack
    statement = select(own.id).where(member_of(own.id, keys), own.expires_at <= ctx.now, ctx.visible(own))
    found = {row[0] for row in await ctx.db.fetch(statement)}
    return [key in found for key in keys]


def _offers(slug: str) -> ColumnElement[bool]:
    here = EnrollmentTrack.course_instance_id == Enrollment.course_instance_id
    return select(literal(1)).where(here, EnrollmentTrack.slug == slug).correlate(Enrollment).exists()


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    checked = fitted(EnrollmentTrack, values)
    at_least(0, checked, "min_price")
    if "currency" in checked:
        checked["currency"] = checked["currency"].lower()
    for index, price in enumerate(checked.get("suggested_prices", ())):
        whole(price, "suggestedPrices", str(index))
        at_least(0, {str(index): price}, str(index), path=("suggestedPrices",))
    if checked.get("expires_at") is not None:
        checked.setdefault("is_expiry_explicit", True)
    return checked


def _require_sense(values: dict[str, Any]) -> None:
    if values["slug"] in PAID and values["min_price"] < 1:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "what is paid for costs something", "minPrice")
    if values["slug"] in PROFESSIONAL and values.get("expires_at") is not None:
        raise RuleBroken(UserErrorCode.INVALID, "a professional track does not end", "expiresAt")
