"""Learners are put into teams by a list: of several sets at once, all or none (contracts/edx-core.md §11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.tracks import effective_tracks, learns
from app.domain.groups.models import Group, GroupMembership, GroupSet, GroupSetKind
from app.domain.groups.service import move_members
from app.domain.identity.models import User
from app.domain.rows import insert_rows, visible_row
from app.domain.rules import fitted
from app.errors import RuleBroken


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """The set of a key, and the name of the team in it; an empty one for no team."""

    group_set_key: str
    team: str


@dataclass(frozen=True, slots=True)
class TeamPlace:
    """A learner by username, the slug of their track, and the teams they are to be in."""

    username: str
    track: str
    teams: Sequence[TeamChoice]


@dataclass(frozen=True, slots=True)
class PlacedInTeams:
    """How many learners were named, or all that is wrong with the list."""

    affected_count: int
    errors: list[str]


async def place_in_teams(ctx: Context, *, course_instance_id: int, places: Sequence[TeamPlace]) -> PlacedInTeams:
    """Put learners into the teams of sets that have keys, and out of others of these sets; make teams that are missing.

    Nothing is changed when anything is wrong: somebody unknown, not actively learning here, in another track or named
    twice, a set that is not there, a name that is too long, a team that would be too large. Instructors,
    administrators. Raises NotFound, Forbidden.
    """
    await may_teach(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    learners = await _learners(ctx, course_instance_id)
    sets = await _sets(ctx, course_instance_id)
    errors = [*_wrong_people(places, learners, await _tracks(ctx, learners)), *_wrong_names(places, sets)]
    if errors:
        return PlacedInTeams(0, errors)
    groups, current = await _groups(ctx, sets), await _current(ctx, sets)
    wanted = {
        (learners[each.username].user_id, sets[choice.group_set_key].id): choice.team.strip()
        for each in places
        for choice in each.teams
    }
    errors = _too_large(wanted, sets, groups, current)
    if errors:
        return PlacedInTeams(0, errors)
    await _make(ctx, course_instance_id, wanted, groups)
    for each in sets.values():
        await _settle(ctx, each.id, wanted, groups, current)
    return PlacedInTeams(len(places), [])


async def _learners(ctx: Context, course_instance_id: int) -> dict[str, Any]:
    """Who learns here actively, by username."""
    own = Enrollment
    statement = select(User.username, own.user_id, own.id).join(User, User.id == own.user_id)
    rows = await ctx.db.fetch(statement.where(own.course_instance_id == course_instance_id, learns()))
    return {row.username: row for row in rows}


async def _tracks(ctx: Context, learners: Mapping[str, Any]) -> dict[str, str | None]:
    slugs = await effective_tracks(ctx, [row.id for row in learners.values()])
    return dict(zip(learners, slugs, strict=True))


async def _sets(ctx: Context, course_instance_id: int) -> dict[str, Any]:
    own = GroupSet
    here = (own.course_instance_id == course_instance_id, own.kind == GroupSetKind.TEAMS, own.key.is_not(None))
    return {row.key: row for row in await ctx.db.fetch(select(own.id, own.key, own.max_size).where(*here))}


def _wrong_people(
    places: Sequence[TeamPlace], learners: Mapping[str, Any], tracks: Mapping[str, str | None]
) -> list[str]:
    counted = Counter(each.username for each in places)
    errors = [f"Username {name} listed more than once in file." for name, times in counted.items() if times > 1]
    for each in places:
        if each.username not in learners:
            errors.append(f"User {each.username} is not enrolled in this course.")
        elif tracks[each.username] != each.track.strip():
            errors.append(f"User {each.username} enrollment mode mismatch.")
    return errors


def _wrong_names(places: Sequence[TeamPlace], sets: Mapping[str, Any]) -> list[str]:
    named = dict.fromkeys(choice.group_set_key for each in places for choice in each.teams)
    errors = [f"Teamset {key} does not exist." for key in named if key not in sets]
    for name in dict.fromkeys(choice.team.strip() for each in places for choice in each.teams):
        try:
            fitted(Group, {"name": name} if name else {})
        except RuleBroken as broken:
            errors.append(f"Team {name[:50]}: {broken}.")
    return errors


async def _groups(ctx: Context, sets: Mapping[str, Any]) -> dict[tuple[int, str], int]:
    """The teams of the sets, by (set, name)."""
    own = Group
    here = (member_of(own.group_set_id, [row.id for row in sets.values()]), own.deleted_at.is_(None))
    rows = await ctx.db.fetch(select(own.group_set_id, own.name, own.id).where(*here).order_by(own.id.desc()))
    return {(row.group_set_id, row.name): row.id for row in rows}


async def _current(ctx: Context, sets: Mapping[str, Any]) -> dict[tuple[int, int], int]:
    """The team of each (person, set)."""
    own = GroupMembership
    here = (member_of(own.group_set_id, [row.id for row in sets.values()]), own.left_at.is_(None))
    rows = await ctx.db.fetch(select(own.user_id, own.group_set_id, own.group_id).where(*here))
    return {(row.user_id, row.group_set_id): row.group_id for row in rows}


def _too_large(
    wanted: Mapping[tuple[int, int], str],
    sets: Mapping[str, Any],
    groups: Mapping[tuple[int, str], int],
    current: Mapping[tuple[int, int], int],
) -> list[str]:
    names = {key: name for (_, name), key in groups.items()}
    after = {place: names.get(key, "") for place, key in current.items()} | dict(wanted)
    counted = Counter((group_set_id, name) for (_, group_set_id), name in after.items() if name)
    touched = {(group_set_id, name) for (_, group_set_id), name in wanted.items()}
    most = {row.id: row for row in sets.values()}
    return [
        f"New membership for team {name} would exceed max size of {most[group_set_id].max_size}."
        for (group_set_id, name), size in counted.items()
        if (group_set_id, name) in touched and size > most[group_set_id].max_size
    ]


async def _make(
    ctx: Context, course_instance_id: int, wanted: Mapping[tuple[int, int], str], groups: dict[tuple[int, str], int]
) -> None:
    """Make the teams that are not there, and note them."""
    named = dict.fromkeys((group_set_id, name) for (_, group_set_id), name in wanted.items() if name)
    missing = [each for each in named if each not in groups]
    where = {"course_instance_id": course_instance_id, "last_active_at": ctx.now}
    rows = [{**where, "group_set_id": group_set_id, "name": name} for group_set_id, name in missing]
    groups |= dict(zip(missing, await insert_rows(ctx, Group, rows), strict=True))


async def _settle(
    ctx: Context,
    group_set_id: int,
    wanted: Mapping[tuple[int, int], str],
    groups: Mapping[tuple[int, str], int],
    current: Mapping[tuple[int, int], int],
) -> None:
    """People enter, change and leave the teams of a set."""
    own, here = GroupMembership, {user: name for (user, key), name in wanted.items() if key == group_set_id}
    moves = {user: groups[group_set_id, name] for user, name in here.items() if name}
    moved = {user: key for user, key in moves.items() if current.get((user, group_set_id)) != key}
    await move_members(ctx, group_set_id, moved)
    leaving = [user for user, name in here.items() if not name and (user, group_set_id) in current]
    gone = (own.group_set_id == group_set_id, member_of(own.user_id, leaving), own.left_at.is_(None))
    if leaving:
        await ctx.db.execute(update(own).where(*gone).values(left_at=ctx.now))
