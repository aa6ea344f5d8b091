"""To whom a mail goes: the sender, the staff, all learners, those of a cohort or a track."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.context import Context
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, EnrollmentTrack, Role
from app.domain.enrollment.policy import STAFF_ROLES
from app.domain.enrollment.tracks import DEFAULT, track_in_effect
from app.domain.groups.models import Group, GroupMembership, GroupSet, GroupSetKind
from app.domain.groups.policy import is_current
from app.domain.identity.models import User
from app.domain.jobs.models import MessageDelivery
from app.domain.progress.models import LearnerRecord
from app.errors import RuleBroken, UserErrorCode

MYSELF, STAFF, LEARNERS = "myself", "staff", "learners"
COHORT, TRACK = "cohort-", "track-"
MOST_TARGETS = 100


class Recipient(NamedTuple):
    """A person, and where mail reaches them."""

    user_id: int
    email: str


async def require_targets(ctx: Context, course_instance_id: int, targets: Sequence[str]) -> list[str]:
    """The targets, each once. Raises RuleBroken REQUIRED, TOO_LONG at `targets`, INVALID, NOT_FOUND at each."""
    wanted = list(dict.fromkeys(targets))
    if not wanted:
        raise RuleBroken(UserErrorCode.REQUIRED, "say to whom", "targets")
    if len(wanted) > MOST_TARGETS:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MOST_TARGETS} targets", "targets")
    groups = {f"{COHORT}{name}" for name in await _names(ctx, course_instance_id)}
    groups |= {f"{TRACK}{slug}" for slug in await _slugs(ctx, course_instance_id)}
    for place, each in enumerate(targets):
        if each in (MYSELF, STAFF, LEARNERS) or each in groups:
            continue
        known = each.startswith((COHORT, TRACK))
        reason, message = (
            (UserErrorCode.NOT_FOUND, "there is no such cohort or track")
            if known
            else (UserErrorCode.INVALID, "one of myself, staff, learners, cohort-{name}, track-{slug}")
        )
        raise RuleBroken(reason, message, "targets", str(place))
    return wanted


async def recipients_of(ctx: Context, message: Any) -> Sequence[Recipient]:
    """Whom a mail shall reach and has not been sent to: who has an address, and has not opted out of such mails."""
    own, place = Enrollment, message.course_instance_id
    opted_out = select(LearnerRecord.user_id).where(
        LearnerRecord.course_instance_id == place, LearnerRecord.receives_email.is_(False)
    )
    reached = select(MessageDelivery.user_id).where(MessageDelivery.course_message_id == message.id)
    taking_part = select(own.user_id).where(own.course_instance_id == place, own.status == EnrollmentStatus.ACTIVE)
    meant = or_(*(_meant(each, message, taking_part) for each in message.targets))
    statement = select(User.id, User.email).where(
        meant,
        User.email.is_not(None),
        User.is_disabled.is_(False),
        User.id.not_in(opted_out),
        User.id.not_in(reached),
    )
    return [Recipient(*row) for row in await ctx.db.fetch(statement.order_by(User.id))]


def _meant(target: str, message: Any, taking_part: Select[Any]) -> ColumnElement[bool]:
    """Whether a target means a user."""
    learners = taking_part.where(Enrollment.role == Role.STUDENT)
    if target == MYSELF:
        sender_id: int = message.sender_id
        return User.id == sender_id
    if target == STAFF:
        return User.id.in_(taking_part.where(Enrollment.role.in_(STAFF_ROLES)))
    if target == LEARNERS:
        return User.id.in_(learners)
    if target.startswith(TRACK):
        return User.id.in_(taking_part.where(track_in_effect() == target.removeprefix(TRACK)))
    return User.id.in_(_members(message.course_instance_id, target.removeprefix(COHORT), learners))


def _members(place: int, name: str, learners: Select[Any]) -> Select[Any]:
    """Learners in the cohort of a name."""
    of = and_(Group.id == GroupMembership.group_id, Group.course_instance_id == place, Group.name == name, _is_cohort())
    own = GroupMembership
    return (
        select(own.user_id).join(Group, of).where(is_current(), Group.deleted_at.is_(None), own.user_id.in_(learners))
    )


def _is_cohort() -> ColumnElement[bool]:
    """Whether a group is one."""
    cohorts = select(GroupSet.id).where(GroupSet.kind == GroupSetKind.COHORTS)
    return Group.group_set_id.in_(cohorts)


async def _names(ctx: Context, course_instance_id: int) -> list[str]:
    """The names of the cohorts."""
    own = Group
    statement = select(own.name).where(own.course_instance_id == course_instance_id, _is_cohort(), ctx.visible(own))
    return [row[0] for row in await ctx.db.fetch(statement)]


async def _slugs(ctx: Context, course_instance_id: int) -> list[str]:
    """The slugs of the tracks; the usual one is there where none is offered."""
    own = EnrollmentTrack
    statement = select(own.slug).where(own.course_instance_id == course_instance_id, ctx.visible(own))
    return [row[0] for row in await ctx.db.fetch(statement)] or [DEFAULT]
