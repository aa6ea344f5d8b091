"""Many people enter or leave a course instance at once, by name (contracts/edx-core.md §7); one person leaves all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import Course, CourseInstance, Organization
from app.domain.enrollment.invitations import invite_by_email
from app.domain.enrollment.joining import Wish, admit, as_program, learning_in, placed
from app.domain.enrollment.models import Enrollment, EnrollmentInvitation, EnrollmentStatus
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.service import update_enrollment
from app.domain.enrollment.tracks import default_track, offered_tracks
from app.domain.identity.models import User
from app.domain.identity.policy import may_administer
from app.domain.rows import visible_row
from app.errors import RuleBroken, UserErrorCode

MOST, LONGEST = 1000, 255
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class NameState:
    """What a name stood for: an account, a learner of the course instance, an invited address."""

    has_account: bool
    is_enrolled: bool
    is_invited: bool
    is_automatic: bool


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A name, before and after. Without states it is the name of nobody, or (`is_refused`) a rule forbade it."""

    name: str
    is_refused: bool
    before: NameState | None
    after: NameState | None


@dataclass(frozen=True, slots=True)
class Enlisted:
    """What became of the names, in their order."""

    course_instance_id: int
    people: list[NamedPerson]


@dataclass(frozen=True, slots=True)
class Left:
    """The names of the organizations whose courses a person has left, in order."""

    user_id: int
    organization_names: list[str]


@dataclass(frozen=True, slots=True)
class Roster:
    """What is known of names (in small letters): accounts, their enrolments, invitations."""

    usual: str
    accounts: Mapping[str, Any]
    enrollments: Mapping[int, Any]
    invitations: Mapping[str, Any]

    def address(self, name: str) -> str | None:
        """The e-mail address that a name is or has."""
        account = self.accounts.get(name)
        return (account.email or "").lower() or None if account is not None else name if "@" in name else None

    def track(self, name: str) -> str | None:
        """The track that somebody learns in, or None."""
        account = self.accounts.get(name)
        return None if account is None else learning_in(self.enrollments.get(account.id), self.usual)

    def state(self, name: str) -> NameState:
        """What a name stands for."""
        found = self.invitations.get(self.address(name) or "")
        is_automatic = found is not None and found.is_automatic
        return NameState(name in self.accounts, self.track(name) is not None, found is not None, is_automatic)


async def enlist_people(
    ctx: Context,
    *,
    course_instance_id: int,
    names: Sequence[str],
    is_leaving: bool = False,
    is_automatic: bool = False,
) -> Enlisted:
    """Enrol people by usernames and e-mail addresses, in the usual track, or let them leave (`is_leaving`).

    Addresses of nobody are invited, to be enrolled once somebody has them if `is_automatic`; who leaves is invited no
    more. Dates are passed over. Instructors, administrators. Raises NotFound, Forbidden; RuleBroken TOO_LONG at `names`
    above 1000.
    """
    await may_teach(ctx, course_instance_id)
    if len(names) > MOST:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MOST} names", "names")
    program = as_program(ctx)
    place = await placed(program, course_instance_id)
    wanted = [each.strip() for each in names]
    before = await _roster(program, course_instance_id, wanted)
    usable = {each.lower() for each in wanted if each.lower() in before.accounts or _is_address(each)}
    refused = set()
    for name in sorted(usable):
        try:
            await _enlist(program, place, name, before, is_leaving=is_leaving, is_automatic=is_automatic)
        except RuleBroken:
            refused.add(name)
    after = await _roster(program, course_instance_id, wanted)
    people = []
    for each in wanted:
        name = each.lower()
        shown = name in usable and name not in refused
        states = (before.state(name), after.state(name)) if shown else (None, None)
        people.append(NamedPerson(each, name in refused, *states))
    return Enlisted(course_instance_id, people)


async def drop_everywhere(ctx: Context, *, user_id: int) -> Left:
    """Let a person leave all course instances, staff or not: before they are forgotten. The records stay.

    Administrators. Raises NotFound, Forbidden.
    """
    may_administer(ctx)
    await visible_row(ctx, User, user_id, User.id, lock=True)
    own = Enrollment
    statement = (
        select(own.id, Organization.name)
        .join(CourseInstance, CourseInstance.id == own.course_instance_id)
        .join(Course, Course.id == CourseInstance.course_id)
        .join(Organization, Organization.id == Course.organization_id)
        .where(own.user_id == user_id, own.status == EnrollmentStatus.ACTIVE, ctx.visible(own))
        .where(own.child_course_instance_id.is_(None))
        .order_by(own.course_instance_id)
    )
    found = await ctx.db.fetch(statement)
    for row in found:
        await update_enrollment(ctx, enrollment_id=row[0], status=EnrollmentStatus.DROPPED, including_staff=True)
    return Left(user_id, sorted({row[1] for row in found}))


async def _enlist(ctx: Context, place: Any, name: str, roster: Roster, *, is_leaving: bool, is_automatic: bool) -> None:
    account, invitation = roster.accounts.get(name), roster.invitations.get(roster.address(name) or "")
    learns = roster.track(name) is not None
    if account is not None and learns == is_leaving:
        await admit(ctx, place, account.id, Wish(None, not is_leaving, True, None, None))
    elif account is None and not is_leaving:
        await invite_by_email(ctx, course_instance_id=place.id, email=name, is_automatic=is_automatic)
    if invitation is not None and is_leaving:
        await ctx.db.execute(delete(EnrollmentInvitation).where(EnrollmentInvitation.id == invitation.id))


async def _roster(ctx: Context, course_instance_id: int, names: Sequence[str]) -> Roster:
    asked = sorted({each.lower() for each in names if len(each) <= LONGEST and each.isprintable()})
    own, invited, user = Enrollment, EnrollmentInvitation, User
    username, email = func.lower(user.username), func.lower(user.email)
    people = select(user.id, user.username, user.email).where(user.is_active)
    accounts: dict[str, Any] = {}
    for row in await ctx.db.fetch(people.where(or_(username.in_(asked), email.in_(asked)))):
        accounts |= {key.lower(): row for key in (row.username, row.email) if key}
    keys = [row.id for row in accounts.values()]
    enrolled = select(own.id, own.user_id, own.role, own.status, own.track)
    here = enrolled.where(own.course_instance_id == course_instance_id, member_of(own.user_id, keys))
    enrollments = {row.user_id: row for row in await ctx.db.fetch(here)}
    addresses = sorted({*asked, *(row.email.lower() for row in accounts.values() if row.email)})
    pending = select(invited.id, invited.email, invited.is_automatic)
    there = pending.where(invited.course_instance_id == course_instance_id, invited.email.in_(addresses))
    invitations = {row.email: row for row in await ctx.db.fetch(there)}
    usual = default_track(await offered_tracks(ctx, course_instance_id))
    return Roster(usual, accounts, enrollments, invitations)


def _is_address(name: str) -> bool:
    return len(name) <= LONGEST and name.isprintable() and ADDRESS.fullmatch(name) is not None
