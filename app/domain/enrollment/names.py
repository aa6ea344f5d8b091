"""Names of people, and what they stand for in course instances: accounts, learners, invited addresses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.enrollment.entering import Crowd, crowd, settle
from app.domain.enrollment.following import Notice, Tidings
from app.domain.enrollment.models import EnrollmentInvitation
from app.domain.identity.models import User
from app.domain.rows import insert_missing

LONGEST = 255
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
Invited = tuple[int, str]
"""The id of a course instance, and an e-mail address in small letters."""


@dataclass(frozen=True, slots=True)
class NameState:
    """What a name stood for: an account, a learner of the course instance, an invited address."""

    has_account: bool
    is_enrolled: bool
    is_invited: bool
    is_automatic: bool


@dataclass(slots=True)
class Roster:
    """What is known of names, in any capitals, in course instances, and what becomes of it.

    `accounts` are those of active users by name and address, `taken` the addresses of others. `invitations` are
    (id, whether automatic) as they will be, with the id None of new ones; `withdrawn` are ids, `changed` ids of those
    that are automatic now and were not, or the other way round. `notices` are for who is concerned.
    """

    people: Crowd
    accounts: Mapping[str, Any]
    taken: Collection[str]
    invitations: dict[Invited, tuple[int | None, bool]]
    withdrawn: list[int] = field(default_factory=list)
    changed: dict[bool, list[int]] = field(default_factory=lambda: {True: [], False: []})
    notices: list[Notice] = field(default_factory=list)

    def is_usable(self, name: str) -> bool:
        """Whether a name is somebody's, or may be one day."""
        return name.lower() in self.accounts or is_address(name)

    def is_refused(self, place: int, name: str) -> bool:
        """Whether a rule forbade what was to become of a name."""
        account = self.accounts.get(name.lower())
        is_taken = account is None and is_address(name) and name.lower() in self.taken
        return is_taken or (account is not None and (place, account.id) in self.people.refused)

    def state(self, place: int, name: str) -> NameState:
        """What a name stands for in a course instance."""
        account = self.accounts.get(name.lower())
        found = self.invitations.get((place, self._address(name.lower())))
        is_enrolled = account is not None and self.people.learns((place, account.id))
        return NameState(account is not None, is_enrolled, found is not None, found is not None and found[1])

    def enter(self, place: int, name: str, *, is_automatic: bool) -> None:
        """Enrol whose name it is; invite an address that is nobody's."""
        account, address, told = self.accounts.get(name), self._address(name), Tidings.ENROLLED
        if account is not None:
            self.people.enter((place, account.id))
        elif is_address(name) and name not in self.taken:
            self._invite(place, name, is_automatic)
            told = Tidings.AWAITED if is_automatic else Tidings.INVITED
        if self.is_usable(name) and not self.is_refused(place, name) and address:
            self.notices.append(Notice(place, address, told))

    def leave(self, place: int, name: str) -> None:
        """Let whose name it is leave, and invite them no more."""
        account, address = self.accounts.get(name), self._address(name)
        told = None
        if account is not None and self.people.learns((place, account.id)):
            self.people.leave((place, account.id))
            told = None if self.is_refused(place, name) else Tidings.DROPPED
        found = self.invitations.pop((place, address), None)
        if found is not None and found[0] is not None:
            self.withdrawn.append(found[0])
            told = told or Tidings.WITHDRAWN
        if told is not None and address:
            self.notices.append(Notice(place, address, told))

    def _invite(self, place: int, address: str, is_automatic: bool) -> None:
        key, before = self.invitations.get((place, address), (None, is_automatic))
        self.invitations[place, address] = (key, is_automatic)
        if key is not None and before != is_automatic:
            self.changed[is_automatic].append(key)

    def _address(self, name: str) -> str:
        """The e-mail address that a name is or has; empty for none."""
        account = self.accounts.get(name)
        if account is not None:
            return (account.email or "").lower()
        return name if "@" in name else ""


def is_address(name: str) -> bool:
    """Whether a name has the form of an e-mail address."""
    return len(name) <= LONGEST and name.isprintable() and ADDRESS.fullmatch(name) is not None


async def roster_of(ctx: Context, course_instance_ids: Collection[int], names: Collection[str]) -> Roster:
    """What names stand for in course instances, which nobody else changes until the transaction ends."""
    asked = sorted({each.lower() for each in names if len(each) <= LONGEST and each.isprintable()})
    user, own = User, EnrollmentInvitation
    username, email = func.lower(user.username), func.lower(user.email)
    people = select(user.id, user.username, user.email, user.is_active)
    accounts: dict[str, Any] = {}
    taken = set()
    for row in await ctx.db.fetch(people.where(or_(username.in_(asked), email.in_(asked)))):
        if row.is_active:
            accounts |= {key.lower(): row for key in (row.username, row.email) if key}
        elif row.email:
            taken.add(row.email.lower())
    found = await crowd(ctx, course_instance_ids, {row.id for row in accounts.values()})
    addresses = sorted({*asked, *(row.email.lower() for row in accounts.values() if row.email)})
    pending = select(own.course_instance_id, own.email, own.id, own.is_automatic)
    there = pending.where(member_of(own.course_instance_id, course_instance_ids), own.email.in_(addresses))
    invitations = {(row[0], row[1]): (row[2], row[3]) for row in await ctx.db.fetch(there)}
    return Roster(found, accounts, taken, invitations)


async def write_roster(ctx: Context, roster: Roster) -> None:
    """Write what has become of names."""
    own = EnrollmentInvitation
    await settle(ctx, roster.people)
    stamps = {"created_at": ctx.now, "updated_at": ctx.now}
    made = [
        {"course_instance_id": place, "email": email, "is_automatic": is_automatic, **stamps}
        for (place, email), (key, is_automatic) in roster.invitations.items()
        if key is None
    ]
    await insert_missing(ctx, own, made)
    for is_automatic, keys in roster.changed.items():
        if keys:
            values = {"is_automatic": is_automatic, "updated_at": ctx.now}
            await ctx.db.execute(update(own).where(member_of(own.id, keys)).values(**values))
    if roster.withdrawn:
        await ctx.db.execute(delete(own).where(member_of(own.id, roster.withdrawn)))
