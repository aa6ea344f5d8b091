"""Many people are put into cohorts at once, by name or e-mail address (contracts/edx-core.md §10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.policy import may_teach
from app.domain.groups.cohorts import changeable_cohort
from app.domain.groups.lots import lock_sets
from app.domain.groups.models import Group, GroupInvitation, GroupMembership, GroupSet, GroupSetKind
from app.domain.groups.service import move_members
from app.domain.identity.models import User
from app.domain.rows import insert_rows, visible_row
from app.domain.rules import is_control
from app.errors import RuleBroken, UserErrorCode

ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LONGEST, TOGETHER = 254, 5_000
"""Characters of an address; how many names one statement looks for."""


class Outcome(StrEnum):
    """What became of a person who was named for a cohort."""

    ADDED = "ADDED"
    MOVED = "MOVED"
    PRESENT = "PRESENT"
    INVITED = "INVITED"
    UNKNOWN = "UNKNOWN"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True)
class Placement:
    """What became of a person who was named; who it is, where the caller sees them; the cohort they were in before."""

    named: str
    outcome: Outcome
    username: str | None = None
    email: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Placements:
    """What became of the people who were named for cohorts, in order."""

    placements: list[Placement]


@dataclass(frozen=True, slots=True)
class CohortPlace:
    """A person, by name or address, and the name of the cohort that they are to be in."""

    cohort: str
    person: str


async def place_in_cohort(ctx: Context, *, group_id: int, people: Sequence[str]) -> Placements:
    """Put people into a cohort, out of the one they are in; what became of each. Instructors, administrators.

    They are named by username or e-mail address, seen or not, and need not be enrolled. An address that nobody has is
    invited: whoever has it when they enrol is in the cohort. Blank names are passed over. Raises NotFound, Forbidden.
    """
    cohort = await changeable_cohort(ctx, group_id)
    names = [name for each in people if (name := each.strip())]
    return Placements(await _place(ctx, cohort.group_set_id, [(group_id, name) for name in names]))


async def place_in_cohorts(ctx: Context, *, course_instance_id: int, places: Sequence[CohortPlace]) -> Placements:
    """Put people into cohorts of a course instance, all or none, as `place_in_cohort` does.

    Raises NotFound, Forbidden; RuleBroken NOT_FOUND at (`places`, index, `cohort`).
    """
    cohorts = await _locked_cohorts(ctx, course_instance_id)
    wanted: list[tuple[int, str]] = []
    for index, each in enumerate(places):
        found = cohorts.get(each.cohort.strip())
        if found is None:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "no such cohort", "places", str(index), "cohort")
        if each.person.strip():
            wanted.append((found.id, each.person.strip()))
    sets = {row.group_set_id for row in cohorts.values()}
    return Placements(await _place(ctx, sets.pop(), wanted) if wanted else [])


async def place_known(ctx: Context, course_instance_id: int, places: Sequence[CohortPlace]) -> list[Placement | None]:
    """Put people into cohorts of a course instance; for each what became of them, None where there is no such cohort.

    As `place_in_cohorts` does; every place names somebody. Raises NotFound, Forbidden.
    """
    cohorts = await _locked_cohorts(ctx, course_instance_id)
    known = [(found, each.person.strip()) for each in places if (found := cohorts.get(each.cohort.strip()))]
    wanted = [(found.id, person) for found, person in known]
    placed = iter(await _place(ctx, known[0][0].group_set_id, wanted) if known else ())
    return [next(placed) if each.cohort.strip() in cohorts else None for each in places]


async def _locked_cohorts(ctx: Context, course_instance_id: int) -> dict[str, Any]:
    """The cohorts of a course instance by name, which the caller may fill. Raises NotFound, Forbidden."""
    await may_teach(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    statement = (
        select(Group.name, Group.id, Group.group_set_id)
        .join(GroupSet, GroupSet.id == Group.group_set_id)
        .where(GroupSet.course_instance_id == course_instance_id, GroupSet.kind == GroupSetKind.COHORTS)
        .where(Group.deleted_at.is_(None))
    )
    return {row.name: row for row in await ctx.db.fetch(statement)}


async def _place(ctx: Context, group_set_id: int, wanted: Sequence[tuple[int, str]]) -> list[Placement]:
    """People into cohorts of the set, each by (group, name)."""
    await lock_sets(ctx, [group_set_id])
    known = await _people(ctx, {name for _, name in wanted})
    current = await _current(ctx, group_set_id, {each.id for each in known.values()})
    cohorts = {row.id: row.name for row in await ctx.db.fetch(_names(group_set_id))}
    moves: dict[int, int] = {}
    invited: dict[str, int] = {}
    found: list[Placement] = []
    for group_id, name in wanted:
        person = known.get(name.lower())
        if person is None:
            outcome = _unknown(name)
            if outcome is Outcome.INVITED:
                invited[name.lower()] = group_id
            found.append(Placement(name, outcome))
            continue
        before = moves.get(person.id, current.get(person.id))
        outcome = Outcome.ADDED if before is None else Outcome.PRESENT if before == group_id else Outcome.MOVED
        previous = cohorts[before] if before is not None and outcome is Outcome.MOVED else None
        username, email = (person.username, person.email) if person.is_seen else (None, None)
        found.append(Placement(name, outcome, username, email, previous))
        if outcome is not Outcome.PRESENT:
            moves[person.id] = group_id
    await move_members(ctx, group_set_id, moves)
    await _invite(ctx, group_set_id, invited)
    return found


async def _people(ctx: Context, names: Iterable[str]) -> Mapping[str, Any]:
    """(id, username, email, is_seen) of people by their names and addresses in small letters."""
    asked = {name.lower() for name in names if len(name) <= LONGEST and not any(map(is_control, name))}
    username, email = func.lower(User.username), func.lower(User.email)
    found: dict[str, Any] = {}
    for some in _slices(sorted(asked)):
        statement = select(User.id, User.username, User.email, ctx.visible(User).label("is_seen"))
        for row in await ctx.db.fetch(statement.where(or_(username.in_(some), email.in_(some)))):
            found |= {row.email.lower(): row} if row.email else {}
            found[row.username.lower()] = row
    return found


def _slices(names: list[str]) -> Iterator[list[str]]:
    return (names[start : start + TOGETHER] for start in range(0, len(names), TOGETHER))


async def _current(ctx: Context, group_set_id: int, user_ids: Iterable[int]) -> dict[int, int]:
    own = GroupMembership
    here = (own.group_set_id == group_set_id, own.left_at.is_(None), member_of(own.user_id, user_ids))
    return {row.user_id: row.group_id for row in await ctx.db.fetch(select(own.user_id, own.group_id).where(*here))}


def _names(group_set_id: int) -> Any:
    return select(Group.id, Group.name).where(Group.group_set_id == group_set_id)


def _unknown(name: str) -> Outcome:
    """What a name is that is nobody's."""
    if "@" not in name:
        return Outcome.UNKNOWN
    is_address = len(name) <= LONGEST and ADDRESS.fullmatch(name) and not any(map(is_control, name))
    return Outcome.INVITED if is_address else Outcome.INVALID


async def _invite(ctx: Context, group_set_id: int, invited: Mapping[str, int]) -> None:
    own = GroupInvitation
    for some in _slices(list(invited)):
        await ctx.db.execute(delete(own).where(own.group_set_id == group_set_id, own.email.in_(some)))
    where = {"group_set_id": group_set_id, "invited_at": ctx.now}
    await insert_rows(ctx, own, [{**where, "email": email, "group_id": key} for email, key in invited.items()])
