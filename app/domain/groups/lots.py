"""Who enrols is put into a cohort: the one they are invited to, or one by lot (contracts/edx-core.md §10).

However many people and course instances there are, it takes the same number of statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from heapq import heapify, heapreplace

from sqlalchemy import and_, delete, func, insert, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.following import Person, follows_enrolling
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.groups.details import UNLIMITED_SIZE
from app.domain.groups.models import Filling, Group, GroupInvitation, GroupMembership, GroupSet, GroupSetKind
from app.domain.identity.models import User
from app.domain.rows import free_among, insert_rows

DEFAULT_COHORT = "Default Group"
"""Made when a learner must be put somewhere by lot and there is nowhere."""
COHORTS = "Cohorts"


async def place_all(ctx: Context, course_instance_id: int) -> None:
    """Put everybody who takes part in a course instance, whose row is locked, and is in no cohort into theirs."""
    own = Enrollment
    here = (own.course_instance_id == course_instance_id, own.status == EnrollmentStatus.ACTIVE)
    rows = await ctx.db.fetch(select(own.course_instance_id, own.user_id).where(*here))
    await place_learners(ctx, [(row[0], row[1]) for row in rows])


@follows_enrolling
async def place_learners(ctx: Context, people: Sequence[Person]) -> None:
    """Put people who are in no cohort into the one they are invited to; learners, where there are cohorts, by lot.

    The rows of the course instances are locked. Those who go by lot are dealt to the smallest cohorts.
    """
    sets, cohorted = await _sets(ctx, {place for place, _ in people})
    if not sets:
        return
    keys, users = list(sets.values()), {user_id for _, user_id in people}
    await lock_sets(ctx, keys)
    placed = await _placed(ctx, keys, users)
    free = [each for each in dict.fromkeys(people) if each[0] in sets and (sets[each[0]], each[1]) not in placed]
    if not free:
        return
    places = await _invited(ctx, {(sets[place], user_id) for place, user_id in free})
    learners = await _learners(ctx, cohorted, users)
    due: dict[int, list[int]] = defaultdict(list)
    for place, user_id in free:
        if (place, user_id) in learners and (sets[place], user_id) not in places:
            due[sets[place]].append(user_id)
    if due:
        places |= await _dealt(ctx, {key: place for place, key in sets.items()}, due)
    stamps = {"joined_at": ctx.now, "last_active_at": ctx.now}
    rows = [{"group_set_id": key, "user_id": user, "group_id": each, **stamps} for (key, user), each in places.items()]
    if rows:
        await ctx.db.execute(insert(GroupMembership), rows)


async def lock_sets(ctx: Context, keys: Collection[int]) -> None:
    """Let nobody else change who is in the groups of sets until the transaction ends."""
    rows = select(GroupSet.id).where(member_of(GroupSet.id, keys)).order_by(GroupSet.id)
    await ctx.db.execute(rows.with_for_update(key_share=True))


async def cohorts_of(ctx: Context, course_instance_ids: Collection[int]) -> dict[int, int]:
    """The sets of cohorts of course instances, whose rows are locked; new ones where there are none."""
    own = GroupSet
    here = member_of(own.course_instance_id, course_instance_ids)
    rows = await ctx.db.fetch(select(own.course_instance_id, own.id, own.name, own.kind).where(here))
    found: dict[int, int] = {}
    names: dict[int, list[str]] = defaultdict(list)
    for place, key, name, kind in rows:
        names[place].append(name)
        if kind == GroupSetKind.COHORTS:
            found[place] = key
    missing = [each for each in sorted(course_instance_ids) if each not in found]
    said = {"kind": GroupSetKind.COHORTS, "max_size": UNLIMITED_SIZE}
    made = [{"course_instance_id": each, "name": free_among(COHORTS, names[each]), **said} for each in missing]
    return found | dict(zip(missing, await insert_rows(ctx, own, made), strict=True))


async def _sets(ctx: Context, places: Collection[int]) -> tuple[dict[int, int], set[int]]:
    """The sets of cohorts of those course instances that have or need one; in which learners are put into cohorts."""
    own = CourseInstance
    kind = and_(GroupSet.course_instance_id == own.id, GroupSet.kind == GroupSetKind.COHORTS)
    statement = select(own.id, own.is_cohorted, GroupSet.id).join(GroupSet, kind, isouter=True)
    needed = statement.where(member_of(own.id, places), or_(own.is_cohorted, GroupSet.id.is_not(None)))
    rows = await ctx.db.fetch(needed)
    sets = {row[0]: row[2] for row in rows}
    if None in sets.values():
        sets |= await cohorts_of(ctx, [place for place, key in sets.items() if key is None])
    return sets, {row[0] for row in rows if row[1]}


async def _placed(ctx: Context, keys: Collection[int], users: Collection[int]) -> set[tuple[int, int]]:
    """(set, person) of those who are in a cohort."""
    own = GroupMembership
    here = (member_of(own.group_set_id, keys), member_of(own.user_id, users), own.left_at.is_(None))
    return {(row[0], row[1]) for row in await ctx.db.fetch(select(own.group_set_id, own.user_id).where(*here))}


async def _learners(ctx: Context, places: Collection[int], users: Collection[int]) -> set[Person]:
    own = Enrollment
    here = (member_of(own.course_instance_id, places), member_of(own.user_id, users))
    active = (own.role == Role.STUDENT, own.status == EnrollmentStatus.ACTIVE)
    rows = await ctx.db.fetch(select(own.course_instance_id, own.user_id).where(*here, *active))
    return {(row[0], row[1]) for row in rows}


async def _invited(ctx: Context, people: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The cohort of each (set, person) whose address was put into one beforehand; the invitations are used."""
    own, keys, users = GroupInvitation, {key for key, _ in people}, {user for _, user in people}
    statement = (
        select(own.id, own.group_set_id, User.id, own.group_id)
        .join(User, func.lower(User.email) == own.email)
        .where(member_of(own.group_set_id, keys), member_of(User.id, users))
    )
    found = [row for row in await ctx.db.fetch(statement) if (row[1], row[2]) in people]
    if found:
        await ctx.db.execute(delete(own).where(member_of(own.id, [row[0] for row in found])))
    return {(row[1], row[2]): row[3] for row in found}


async def _dealt(ctx: Context, places: Mapping[int, int], due: Mapping[int, list[int]]) -> dict[tuple[int, int], int]:
    """A cohort for each person, by (set, person): one that is filled at random; a new one of a set that has none."""
    own, member = Group, GroupMembership
    current = and_(member.group_id == own.id, member.left_at.is_(None))
    counted = (
        select(own.group_set_id, own.id, own.name, own.filling, func.count(member.id))
        .join(member, current, isouter=True)
        .where(member_of(own.group_set_id, due), own.deleted_at.is_(None))
        .group_by(own.group_set_id, own.id, own.name, own.filling)
    )
    sizes: dict[int, dict[int, int]] = defaultdict(dict)
    names: dict[int, list[str]] = defaultdict(list)
    for key, group_id, name, filling, size in await ctx.db.fetch(counted):
        names[key].append(name)
        if filling == Filling.RANDOM:
            sizes[key][group_id] = size
    missing = sorted(due.keys() - sizes.keys())
    rows = [
        {
            "group_set_id": key,
            "course_instance_id": places[key],
            "name": free_among(DEFAULT_COHORT, names[key]),
            "filling": Filling.RANDOM,
            "last_active_at": ctx.now,
        }
        for key in missing
    ]
    for key, group_id in zip(missing, await insert_rows(ctx, own, rows), strict=True):
        sizes[key][group_id] = 0
    return {(key, user): group for key, users in due.items() for user, group in _deal(key, sizes[key], users)}


def _deal(group_set_id: int, sizes: Mapping[int, int], users: Iterable[int]) -> list[tuple[int, int]]:
    """(person, cohort): each goes to the smallest. Who comes first, and which of those of a size, is by lot."""
    order = sorted(users, key=lambda user: _lot(group_set_id, user))
    heap = [(size, _lot(group_id, order[0]), group_id) for group_id, size in sizes.items()]
    heapify(heap)
    dealt = []
    for user in order:
        size, tie, group_id = heap[0]
        heapreplace(heap, (size + 1, tie, group_id))
        dealt.append((user, group_id))
    return dealt


def _lot(one: int, other: int) -> bytes:
    return sha256(f"{one}:{other}".encode()).digest()
