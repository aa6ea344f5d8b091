"""Many people are put into cohorts at once, by name or e-mail address (contracts/edx-core.md §10)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.policy import may_teach_all
from app.domain.groups.cohorts import changeable_cohort
from app.domain.groups.lots import lock_sets
from app.domain.groups.models import Group, GroupInvitation, GroupMembership, GroupSet, GroupSetKind
from app.domain.identity.models import User
from app.domain.rows import INSERTS
from app.domain.rules import is_control
from app.errors import RuleBroken, UserErrorCode

ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LONGEST, TOGETHER = 254, 5_000
"""Characters of an address; how many names one statement looks for."""
Cohort = tuple[int, int]
Wanted = tuple[int, int, str]
"""A set of cohorts, one of them, and the name of a person."""


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
    """A person, by name or address, and the name of the cohort of a course instance that they are to be in."""

    course_instance_id: int
    cohort: str
    person: str


async def place_in_cohort(ctx: Context, *, group_id: int, people: Sequence[str]) -> Placements:
    """Put people into a cohort, out of the one they are in; what became of each. Instructors, administrators.

    They are named by username or e-mail address, seen or not, and need not be enrolled. An address that nobody has is
    invited: whoever has it when they enrol is in the cohort. Blank names are passed over. Raises NotFound, Forbidden.
    """
    cohort = await changeable_cohort(ctx, group_id)
    names = [name for each in people if (name := each.strip())]
    return Placements(await _place(ctx, [(cohort.group_set_id, group_id, name) for name in names]))


async def place_in_cohorts(ctx: Context, *, places: Sequence[CohortPlace]) -> Placements:
    """Put people into cohorts of course instances, all or none, as `place_in_cohort` does.

    Raises NotFound, Forbidden; RuleBroken NOT_FOUND at (`places`, index, `cohort`).
    """
    cohorts = await _locked_cohorts(ctx, {each.course_instance_id for each in places})
    wanted: list[Wanted] = []
    for index, each in enumerate(places):
        found = cohorts.get((each.course_instance_id, each.cohort.strip()))
        if found is None:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "no such cohort", "places", str(index), "cohort")
        if each.person.strip():
            wanted.append((*found, each.person.strip()))
    return Placements(await _place(ctx, wanted))


async def place_known(ctx: Context, places: Sequence[CohortPlace]) -> list[Placement | None]:
    """Put people into cohorts; for each what became of them, None where there is no such cohort.

    As `place_in_cohorts` does; every place names somebody. Raises NotFound, Forbidden.
    """
    cohorts = await _locked_cohorts(ctx, {each.course_instance_id for each in places})
    found = [cohorts.get((each.course_instance_id, each.cohort.strip())) for each in places]
    known = [(*cohort, each.person.strip()) for cohort, each in zip(found, places, strict=True) if cohort is not None]
    placed = iter(await _place(ctx, known))
    return [None if cohort is None else next(placed) for cohort in found]


async def _locked_cohorts(ctx: Context, course_instance_ids: Collection[int]) -> dict[tuple[int, str], Cohort]:
    """The cohorts by (course instance, name), which the caller may fill. Raises NotFound, Forbidden."""
    await may_teach_all(ctx, course_instance_ids)
    own = CourseInstance
    rows = select(own.id).where(member_of(own.id, course_instance_ids)).order_by(own.parent_id.is_(None), own.id)
    await ctx.db.execute(rows.with_for_update(key_share=True))
    statement = (
        select(GroupSet.course_instance_id, Group.name, Group.group_set_id, Group.id)
        .join(GroupSet, GroupSet.id == Group.group_set_id)
        .where(member_of(GroupSet.course_instance_id, course_instance_ids), GroupSet.kind == GroupSetKind.COHORTS)
        .where(Group.deleted_at.is_(None))
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in await ctx.db.fetch(statement)}


async def _place(ctx: Context, wanted: Sequence[Wanted]) -> list[Placement]:
    """Put people into cohorts. The number of statements does not depend on how many sets and cohorts there are."""
    if not wanted:
        return []
    sets = {each[0] for each in wanted}
    await lock_sets(ctx, sets)
    known = await _people(ctx, {name for *_, name in wanted})
    current = await _current(ctx, sets, {each.id for each in known.values()})
    cohorts = {row.id: row.name for row in await ctx.db.fetch(_names(sets))}
    moves: dict[tuple[int, int], int] = {}
    invited: dict[tuple[int, str], int] = {}
    found: list[Placement] = []
    for key, group_id, name in wanted:
        person = known.get(name.lower())
        if person is None:
            outcome = _unknown(name)
            if outcome is Outcome.INVITED:
                invited[key, name.lower()] = group_id
            found.append(Placement(name, outcome))
            continue
        here = (key, person.id)
        before = moves.get(here, current[here][0] if here in current else None)
        outcome = Outcome.ADDED if before is None else Outcome.PRESENT if before == group_id else Outcome.MOVED
        previous = cohorts[before] if before is not None and outcome is Outcome.MOVED else None
        username, email = (person.username, person.email) if person.is_seen else (None, None)
        found.append(Placement(name, outcome, username, email, previous))
        if outcome is not Outcome.PRESENT:
            moves[here] = group_id
    await _move(ctx, moves, [current[here][1] for here in moves if here in current])
    await _invite(ctx, invited)
    return found


async def _move(ctx: Context, moves: Mapping[tuple[int, int], int], left: Collection[int]) -> None:
    """End memberships, and begin others: the cohort by (set, person)."""
    own = GroupMembership
    if left:
        await ctx.db.execute(update(own).where(member_of(own.id, left)).values(left_at=ctx.now))
    stamps = {"joined_at": ctx.now, "last_active_at": ctx.now}
    rows = [{"group_set_id": key, "user_id": user, "group_id": each, **stamps} for (key, user), each in moves.items()]
    if rows:
        await ctx.db.execute(insert(own), rows)


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


async def _current(
    ctx: Context, sets: Collection[int], user_ids: Collection[int]
) -> dict[tuple[int, int], tuple[int, int]]:
    """(cohort, membership) of those who are in one, by (set, person)."""
    own = GroupMembership
    here = (member_of(own.group_set_id, sets), member_of(own.user_id, user_ids), own.left_at.is_(None))
    rows = await ctx.db.fetch(select(own.group_set_id, own.user_id, own.group_id, own.id).where(*here))
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def _names(sets: Collection[int]) -> Any:
    return select(Group.id, Group.name).where(member_of(Group.group_set_id, sets))


def _unknown(name: str) -> Outcome:
    """What a name is that is nobody's."""
    if "@" not in name:
        return Outcome.UNKNOWN
    is_address = len(name) <= LONGEST and ADDRESS.fullmatch(name) and not any(map(is_control, name))
    return Outcome.INVITED if is_address else Outcome.INVALID


async def _invite(ctx: Context, invited: Mapping[tuple[int, str], int]) -> None:
    """Remember who is to be in which cohort, by (set, address); the last word counts."""
    own: Any = GroupInvitation.__table__
    rows = [
        {"group_set_id": key, "email": email, "group_id": group_id, "invited_at": ctx.now}
        for (key, email), group_id in invited.items()
    ]
    if rows:
        statement = INSERTS[ctx.db.dialect](own)
        news = {name: statement.excluded[name] for name in ("group_id", "invited_at")}
        await ctx.db.execute(statement.on_conflict_do_update(index_elements=["group_set_id", "email"], set_=news), rows)
