"""Tracks and invitations of a university's course instances, and every use case of them once."""

from __future__ import annotations

from app.context import Context
from app.domain.enrollment.invitations import invite_by_email, withdraw_invitation
from app.domain.enrollment.joining import join_course_instance
from app.domain.enrollment.rosters import drop_everywhere, enlist_people
from app.domain.enrollment.tracks import create_enrollment_track, delete_enrollment_track, update_enrollment_track
from tests.domain.contents import UseCase
from tests.factories import University


async def verified(world: University) -> int:
    """A track that is paid for; its id."""
    place = world.course_instance_id
    return await create_enrollment_track(
        world.admin, course_instance_id=place, slug="verified", name="Verified", min_price=49
    )


async def invited(ctx: Context, course_instance_id: int) -> int:
    """An invitation to a course instance; its id."""
    email = "new@uni.example"
    return await invite_by_email(ctx, course_instance_id=course_instance_id, email=email, is_automatic=True)


async def opened(ctx: Context, course_instance_id: int) -> None:
    """The track `audit` of a course instance, and an invitation to it."""
    await create_enrollment_track(ctx, course_instance_id=course_instance_id, slug="audit", name="Audit")
    await invited(ctx, course_instance_id)


TRACK_USE_CASES: dict[str, UseCase] = {
    "create_enrollment_track": lambda s, c: create_enrollment_track(
        c, course_instance_id=s.world.course_instance_id, slug="new", name="New"
    ),
    "update_enrollment_track": lambda s, c: update_enrollment_track(c, enrollment_track_id=s.track_id, name="New"),
    "delete_enrollment_track": lambda s, c: delete_enrollment_track(c, enrollment_track_id=s.track_id),
    "join_course_instance": lambda s, c: join_course_instance(
        c, course_instance_id=s.world.course_instance_id, user_id=s.newcomer_id, is_forced=True
    ),
    "enlist_people": lambda s, c: enlist_people(
        c, course_instance_ids=[s.world.course_instance_id], names=["nia", "later@uni.example", "nobody"]
    ),
    "invite_by_email": lambda s, c: invite_by_email(
        c, course_instance_id=s.world.course_instance_id, email="later@uni.example"
    ),
    "withdraw_invitation": lambda s, c: withdraw_invitation(c, enrollment_invitation_id=s.invitation_id),
    "drop_everywhere": lambda s, c: drop_everywhere(c, user_id=s.world.student_id),
}
