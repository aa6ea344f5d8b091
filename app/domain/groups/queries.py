"""Reads of groups that are more than a relation."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from babel import Locale
from sqlalchemy import ColumnElement, and_, func, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.groups.details import countries, languages
from app.domain.groups.models import Group, GroupInvitation, GroupMembership, GroupSet, GroupSetKind
from app.domain.groups.policy import is_current
from app.domain.identity.models import User
from app.domain.rules import is_control
from app.errors import LimitExceeded
from app.reading import relations
from app.reading.relations import Order

MOST = 100
"""How many teams one page may have."""


class TeamOrder(StrEnum):
    """What teams may be ordered by."""

    NAME = "NAME"
    OPEN_SLOTS = "OPEN_SLOTS"
    LAST_ACTIVITY = "LAST_ACTIVITY"


async def find_teams(
    ctx: Context,
    keys: Sequence[int],
    group_set_key: str | None = None,
    username: str | None = None,
    search: str | None = None,
    order: TeamOrder = TeamOrder.NAME,
    skip: int = 0,
    take: int = 20,
    asked: frozenset[str] | None = None,
) -> list[list[Any]]:
    """For each course instance the teams of its sets that have a key, or of the one set: a page of them, in order.

    Only those that `username` is a member of now, if given, and that have each word of `search`: in the name, the
    description, the country or the language. Two statements. Raises LimitExceeded: at most 100 in a page.
    """
    if skip < 0 or not 0 <= take <= MOST:
        raise LimitExceeded(f"take {take}: 0 to {MOST}, after at least 0 others")
    place = func.row_number().over(partition_by=Group.course_instance_id, order_by=_order(order)).label("place")
    condition = _matching(ctx, keys, group_set_key, username, search)
    found = select(Group.id, Group.course_instance_id, place).where(condition).subquery()
    here = found.c.place.between(skip + 1, skip + take)
    statement = select(found.c.course_instance_id, found.c.id).where(here).order_by(found.c.place)
    return await _rows(ctx, keys, await ctx.db.fetch(statement), asked)


async def count_teams(
    ctx: Context,
    keys: Sequence[int],
    group_set_key: str | None = None,
    username: str | None = None,
    search: str | None = None,
) -> list[int]:
    """For each course instance how many teams `find_teams` finds. One statement."""
    condition = _matching(ctx, keys, group_set_key, username, search)
    statement = select(Group.course_instance_id, func.count()).where(condition).group_by(Group.course_instance_id)
    found = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    return [found.get(key, 0) for key in keys]


async def cohorts(ctx: Context, keys: Sequence[int], asked: frozenset[str] | None = None) -> list[list[Any]]:
    """For each course instance its cohorts that the caller sees, by entry. Two statements."""
    own = GroupSet
    statement = (
        select(own.course_instance_id, Group.id)
        .join(Group, Group.group_set_id == own.id)
        .where(own.kind == GroupSetKind.COHORTS, member_of(own.course_instance_id, keys), ctx.visible(Group))
        .order_by(Group.id)
    )
    return await _rows(ctx, keys, await ctx.db.fetch(statement), asked)


async def sizes(ctx: Context, keys: Sequence[int]) -> list[int]:
    """For each group how many of its members are actively enrolled; 0 of one that the caller does not see."""
    own, place = GroupMembership, Enrollment
    statement = (
        select(own.group_id, func.count())
        .join(Group, Group.id == own.group_id)
        .join(place, and_(place.user_id == own.user_id, place.course_instance_id == Group.course_instance_id))
        .where(member_of(own.group_id, keys), is_current(), ctx.visible(Group))
        .where(place.status == EnrollmentStatus.ACTIVE)
        .group_by(own.group_id)
    )
    found = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    return [found.get(key, 0) for key in keys]


async def rosters(ctx: Context, keys: Sequence[int], asked: frozenset[str] | None = None) -> list[list[Any]]:
    """For each group the memberships that have not ended, the first to join first."""
    columns = GroupMembership.__table__.c.keys()
    names = tuple(sorted({*asked, "left_at"} if asked else columns))
    order = Order(("joined_at", "id"))
    found = await relations.many(ctx, GroupMembership.group_id, names, keys, order)
    return [[row for row in rows if row.left_at is None] for rows in found]


async def usernames(ctx: Context, keys: Sequence[int]) -> list[str]:
    """For each membership the person's username: whoever sees a team knows who is in it."""
    own = GroupMembership
    statement = select(own.id, User.username).join(User, User.id == own.user_id).where(member_of(own.id, keys))
    found = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    return [found[key] for key in keys]


async def invited_emails(ctx: Context, keys: Sequence[int]) -> list[list[str]]:
    """For each group the addresses of people who are to be in it once they are enrolled, for the staff."""
    own = GroupInvitation
    statement = select(own.group_id, own.email).where(member_of(own.group_id, keys), ctx.visible(own))
    found: dict[int, list[str]] = {key: [] for key in keys}
    for row in await ctx.db.fetch(statement.order_by(own.email)):
        found[row[0]].append(row[1])
    return [found[key] for key in keys]


async def _rows(
    ctx: Context, keys: Sequence[int], found: Sequence[Any], asked: frozenset[str] | None
) -> list[list[Any]]:
    """For each course instance its groups of those (course instance, group) that were found, in order."""
    names = tuple(sorted(asked)) if asked else tuple(Group.__table__.c.keys())
    rows = await relations.one(ctx, Group.id, names, [row[1] for row in found]) if found else []
    placed: dict[int, list[Any]] = {key: [] for key in keys}
    for (key, _), row in zip(found, rows, strict=True):
        placed[key].append(row)
    return [placed[key] for key in keys]


def _matching(
    ctx: Context, keys: Sequence[int], group_set_key: str | None, username: str | None, search: str | None
) -> ColumnElement[bool]:
    """Whether a group is a team that is looked for."""
    own = GroupSet
    sets = select(own.id).where(own.kind == GroupSetKind.TEAMS, member_of(own.course_instance_id, keys))
    sets = sets.where(own.key.is_not(None) if group_set_key is None else own.key == _plain(group_set_key))
    conditions = [member_of(Group.course_instance_id, keys), Group.group_set_id.in_(sets), ctx.visible(Group)]
    if username is not None:
        person = select(User.id).where(User.username == _plain(username))
        mine = select(GroupMembership.group_id).where(GroupMembership.user_id.in_(person), is_current())
        conditions.append(Group.id.in_(mine))
    return and_(*conditions, *(_has(word) for word in _plain(search or "").lower().split()))


def _has(word: str) -> ColumnElement[bool]:
    """Whether a group says a word anywhere."""
    english = Locale("en")
    lands = [code for code in countries() if word in english.territories[code].lower() or word == code.lower()]
    tongues = [code for code in languages() if word in english.languages[code].lower() or word == code]
    texts = (func.lower(column).contains(word, autoescape=True) for column in (Group.name, Group.description))
    return or_(*texts, Group.country.in_(sorted(lands)), Group.language.in_(sorted(tongues)))


def _order(order: TeamOrder) -> tuple[Any, ...]:
    size = select(func.count()).where(GroupMembership.group_id == Group.id, is_current())
    filled, newest = size.correlate(Group).scalar_subquery(), Group.last_active_at.desc()
    orders: dict[TeamOrder, tuple[Any, ...]] = {
        TeamOrder.NAME: (func.lower(Group.name),),
        TeamOrder.OPEN_SLOTS: (filled, newest),
        TeamOrder.LAST_ACTIVITY: (newest, filled),
    }
    return (*orders[order], Group.id)


def _plain(text: str) -> str:
    """A text as it may be looked for: what nothing can be called, which would choke the database, is nothing's name."""
    return "\ufffd" if any(map(is_control, text)) else text
