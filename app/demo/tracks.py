"""What one may pay for in Data Analysis for Everyone, and who did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.demo.analysis import PLACE, TEACHER
from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY
from app.demo.chance import lot
from app.demo.offerings import DROPS, people_of
from app.demo.stage import Scene, Stage
from app.domain.enrollment.invitations import invite_by_email
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import update_enrollment
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.identity.models import User
from app.domain.identity.service import update_user

TRACKS: tuple[dict[str, Any], ...] = (
    {"slug": "audit", "name": "Audit", "description": "All there is to read and to watch."},
    {
        "slug": "verified",
        "name": "Verified Certificate",
        "min_price": 49,
        "suggested_prices": [49, 99],
        "expires_at": AUTUMN_2026.at(12),
        "description": "A certificate with your name, once you have shown who you are.",
        "sku": "DATA1X-V",
        "bulk_sku": "DATA1X-V-MANY",
    },
    {"slug": "honor", "name": "Honor Code Certificate", "expires_at": AUTUMN_2026.at(2)},
)


async def offer(stage: Stage) -> None:
    """The tracks."""
    for track in TRACKS:
        place = stage.cast.course_instances[PLACE]
        await create_enrollment_track(stage.program, course_instance_id=place, **track)


async def invite(stage: Stage) -> None:
    """The course is closed where the law says so; two people are invited who have no account yet."""
    place = stage.cast.course_instances[PLACE]
    closed: dict[str, Any] = {"closed_countries": ["KP"], "closed_networks": ["198.51.100.0/24"]}
    await update_course_instance(stage.program, course_instance_id=place, **closed)
    for name, is_automatic in (("pioneer", True), ("visitor", False)):
        email = f"{name}@elsewhere.example"
        await invite_by_email(stage.acting(TEACHER), course_instance_id=place, email=email, is_automatic=is_automatic)


async def upgrade(stage: Stage) -> None:
    """Some learners pay."""
    place = Enrollment.course_instance_id == stage.cast.course_instances[PLACE]
    for username in people_of(PLACE):
        if lot("verified", username) < 0.2:
            who = Enrollment.user_id == select(User.id).where(User.username == username).scalar_subquery()
            enrollment_id = await stage.db.scalar(select(Enrollment.id).where(place, who))
            await update_enrollment(stage.program, enrollment_id=enrollment_id, track="verified", discount_percent=15.0)


async def ask_to_be_forgotten(stage: Stage) -> None:
    """Somebody who has left."""
    user_id = stage.cast.people[DROPS[0][1]]
    await update_user(stage.program, user_id=user_id, retirement_requested_at=stage.now)


SCENES = (
    Scene(AUTUMN_2026.at(-1, FRIDAY), offer),
    Scene(AUTUMN_2026.at(0, FRIDAY, "15:00"), invite),
    Scene(AUTUMN_2026.at(1, MONDAY), upgrade),
    Scene(AUTUMN_2026.at(1, FRIDAY), ask_to_be_forgotten),
)
