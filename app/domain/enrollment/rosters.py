"""Many people enter or leave a course instance at once, by name (contracts/edx-core.md §7); one person leaves all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import Course, CourseInstance, Organization
from app.domain.enrollment.entering import crowd, settle
from app.domain.enrollment.following import notify
from app.domain.enrollment.joining import as_program
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.names import NameState, Roster, roster_of, write_roster
from app.domain.enrollment.policy import may_teach_all
from app.domain.identity.models import User
from app.domain.identity.policy import may_administer
from app.domain.rows import visible_row
from app.errors import RuleBroken, UserErrorCode

MOST, MOST_PLACES = 1000, 100
__all__ = ["NameState"]


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A name, before and after. Without states it is the name of nobody, or (`is_refused`) a rule forbade it."""

    name: str
    is_refused: bool
    before: NameState | None
    after: NameState | None


@dataclass(frozen=True, slots=True)
class Enlistment:
    """What became of the names in a course instance, in their order."""

    course_instance_id: int
    people: list[NamedPerson]


@dataclass(frozen=True, slots=True)
class Enlisted:
    """What became of the names in each course instance."""

    enlistments: list[Enlistment]


@dataclass(frozen=True, slots=True)
class Left:
    """The names of the organizations whose courses a person has left, in order."""

    user_id: int
    organization_names: list[str]


async def enlist_people(
    ctx: Context,
    *,
    course_instance_ids: Sequence[int],
    names: Sequence[str],
    is_leaving: bool = False,
    is_automatic: bool = False,
    is_notified: bool = False,
) -> Enlisted:
    """Enrol people by usernames and e-mail addresses, in the usual track, or let them leave (`is_leaving`).

    Addresses of nobody are invited, to be enrolled once somebody has them if `is_automatic`; who leaves is invited no
    more. Dates are passed over. They get mails about it, if wanted (`is_notified`). Instructors of all these course
    instances, administrators. Raises NotFound, Forbidden; RuleBroken TOO_LONG at `names` above 1000, at
    `courseInstanceIds` above 100.
    """
    places = list(dict.fromkeys(course_instance_ids))
    await may_teach_all(ctx, places)
    for field, said, most in (("names", names, MOST), ("courseInstanceIds", places, MOST_PLACES)):
        if len(said) > most:
            raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {most}", field)
    wanted = [each.strip() for each in names]
    program = as_program(ctx)
    roster = await roster_of(program, places, wanted)
    before = {place: [roster.state(place, name) for name in wanted] for place in places}
    for place in places:
        for name in dict.fromkeys(each.lower() for each in wanted):
            roster.leave(place, name) if is_leaving else roster.enter(place, name, is_automatic=is_automatic)
    await write_roster(program, roster)
    if is_notified:
        await notify(ctx, roster.notices)
    found = [(place, list(map(partial(_named, roster, place), wanted, before[place]))) for place in places]
    return Enlisted([Enlistment(place, people) for place, people in found])


def _named(roster: Roster, place: int, name: str, before: NameState) -> NamedPerson:
    """What became of a name in a course instance."""
    is_refused = roster.is_refused(place, name)
    states = (before, roster.state(place, name)) if roster.is_usable(name) and not is_refused else (None, None)
    return NamedPerson(name, is_refused, *states)


async def drop_everywhere(ctx: Context, *, user_id: int) -> Left:
    """Let a person leave all course instances, staff or not: before they are forgotten. The records stay.

    Administrators. Raises NotFound, Forbidden.
    """
    may_administer(ctx)
    await visible_row(ctx, User, user_id, User.id, lock=True)
    own = Enrollment
    statement = (
        select(own.course_instance_id, Organization.name)
        .join(CourseInstance, CourseInstance.id == own.course_instance_id)
        .join(Course, Course.id == CourseInstance.course_id)
        .join(Organization, Organization.id == Course.organization_id)
        .where(own.user_id == user_id, own.status == EnrollmentStatus.ACTIVE, ctx.visible(own))
        .where(own.child_course_instance_id.is_(None))
    )
    found = await ctx.db.fetch(statement)
    people = await crowd(ctx, {row[0] for row in found}, {user_id})
    for place, _ in found:
        people.drop((place, user_id))
    await settle(ctx, people)
    return Left(user_id, sorted({row[1] for row in found}))
