"""People who want the same place at the same moment, each with a connection of its own: groups, courses, cohorts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.domain.catalog.models import EnrollmentMethod
from app.domain.enrollment.joining import join_course_instance
from app.domain.enrollment.models import Enrollment, EnrollmentInvitation
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.rosters import enlist_people
from app.domain.enrollment.service import enroll
from app.domain.groups.cohorts import create_cohort, set_cohorting
from app.domain.groups.models import Filling, Group, GroupMembership, Management
from app.domain.groups.placing import place_in_cohort
from app.domain.groups.service import add_group_member, create_group, create_group_set
from app.principal import Principal
from app.settings import Settings
from tests.domain.rivals import MACHINE, Write, at_once, committing, own_database
from tests.factories import ALL_SCOPES, University, person, university

pytestmark = pytest.mark.anyio
CROWD = 6


@pytest.fixture(scope="module")
async def engine(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncEngine]:
    async with own_database(settings, tmp_path_factory.mktemp("crowding")) as made:
        yield made


@pytest.fixture
async def committed(engine: AsyncEngine) -> AsyncIterator[Context]:
    async with committing(engine) as ctx:
        yield ctx


async def crowd(ctx: Context, world: University, *, is_enrolled: bool = True) -> list[int]:
    """More people, learners of the first course instance if wanted."""
    keys = [await person(ctx, f"p{number}") for number in range(CROWD)]
    for key in keys if is_enrolled else ():
        await enroll(ctx, course_instance_id=world.course_instance_id, user_id=key)
    return keys


async def each_at_once(engine: AsyncEngine, people: Sequence[int], write: Write) -> list[Any]:
    """What came of the same write of each of these people, all at once."""
    principals = [Principal.of(key, is_staff=False, scopes=ALL_SCOPES) for key in people]
    answers = await asyncio.gather(*(at_once(engine, each, [write]) for each in principals))
    return [answer for (answer,) in answers]


async def current(ctx: Context, group_id: int) -> int:
    """How many are in a group."""
    own = GroupMembership
    statement = select(func.count()).select_from(own).where(own.group_id == group_id, own.left_at.is_(None))
    return int(await ctx.db.scalar(statement))


async def test_the_last_place_of_a_team_is_given_once(engine: AsyncEngine, committed: Context) -> None:
    async with committed.db.transaction():
        world = await university(committed)
        people = await crowd(committed, world)
        place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "name": "Clubs", "max_size": 2}
        clubs = await create_group_set(committed, **place, management=Management.OPEN)
        team = await create_group(committed, group_set_id=clubs, name="Chess", user_ids=[world.student_id])
    answers = await each_at_once(engine, people, lambda ctx: add_group_member(ctx, group_id=team))
    assert answers.count("GROUP_FULL") == CROWD - 1
    assert await current(committed, team) == 2


async def test_a_person_is_in_one_of_two_teams(engine: AsyncEngine, committed: Context) -> None:
    async with committed.db.transaction():
        world = await university(committed)
        place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "name": "Clubs", "max_size": 9}
        clubs = await create_group_set(committed, **place, management=Management.OPEN)
        teams = [await create_group(committed, group_set_id=clubs, name=name) for name in ("Chess", "Go")]
    writes: list[Write] = [
        lambda ctx, key=key: add_group_member(ctx, group_id=key, is_moving=False)  # type: ignore[misc]
        for key in teams * 3
    ]
    answers = await at_once(engine, world.student.principal, writes)
    assert answers.count("IN_GROUP") == 5
    assert sorted([await current(committed, key) for key in teams]) == [0, 1]


async def test_the_last_place_of_a_course_instance_is_given_once(engine: AsyncEngine, committed: Context) -> None:
    async with committed.db.transaction():
        world = await university(committed)
        people = await crowd(committed, world, is_enrolled=False)
        terms: dict[str, Any] = {"enrollment_method": EnrollmentMethod.SELF_ENROLLMENT, "max_learners": 3}
        await update_course_instance(committed, course_instance_id=world.course_instance_id, **terms)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    answers = await each_at_once(engine, people, lambda ctx: join_course_instance(ctx, **here))
    assert answers.count("CLOSED") == CROWD - 1
    learners = select(func.count()).select_from(Enrollment).where(Enrollment.role == "STUDENT")
    assert await committed.db.scalar(learners) == 3


async def test_a_person_is_put_into_cohorts_at_once(engine: AsyncEngine, committed: Context) -> None:
    """By staff into two cohorts, as a member of either, and by lot: in one of them at the end."""
    async with committed.db.transaction():
        world = await university(committed)
        here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
        keys = [await create_cohort(committed, **here, name=name, filling=Filling.RANDOM) for name in ("Owls", "Bats")]
    writes: list[Write] = [
        lambda ctx, key=key: place_in_cohort(ctx, group_id=key, people=["sam"])  # type: ignore[misc]
        for key in keys * 2
    ]
    writes += [
        lambda ctx, key=key: add_group_member(ctx, group_id=key, user_id=world.student_id)  # type: ignore[misc]
        for key in keys
    ]
    writes.insert(2, lambda ctx: set_cohorting(ctx, **here, is_cohorted=True))
    answers = await at_once(engine, world.instructor.principal, writes)
    assert [each for each in answers if isinstance(each, str)] == []
    own = GroupMembership
    mine = select(own.group_id).where(own.user_id == world.student_id, own.left_at.is_(None))
    assert len(await committed.db.fetch(mine)) == 1
    assert sum([await current(committed, key) for key in keys]) == 2


async def test_cohorts_begin_while_people_enrol(engine: AsyncEngine, committed: Context) -> None:
    """Everybody is in one, whichever came first; there is one set and one default cohort."""
    async with committed.db.transaction():
        world = await university(committed)
        people = await crowd(committed, world, is_enrolled=False)
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    writes: list[Write] = [
        lambda ctx, key=key: enroll(ctx, **here, user_id=key)  # type: ignore[misc]
        for key in people
    ]
    for place in (1, 4):
        writes.insert(place, lambda ctx: set_cohorting(ctx, **here, is_cohorted=True))
    answers = await at_once(engine, MACHINE, writes)
    assert [each for each in answers if isinstance(each, str)] == []
    [cohort] = await committed.db.fetch(select(Group.id, Group.name))
    assert cohort.name == "Default Group"
    assert await current(committed, cohort.id) == CROWD + 2


async def test_the_same_names_are_enlisted_at_once(engine: AsyncEngine, committed: Context) -> None:
    """In two course instances, named in either order, with cohorts in one of them."""
    async with committed.db.transaction():
        world = await university(committed)
        await crowd(committed, world, is_enrolled=False)
        await set_cohorting(committed, course_instance_id=world.course_instance_id, is_cohorted=True)
    places = [world.course_instance_id, world.other_course_instance_id]
    names = [*(f"p{number}" for number in range(CROWD)), "new@x.org"]
    writes: list[Write] = [
        lambda ctx, keys=keys: enlist_people(ctx, course_instance_ids=keys, names=names)  # type: ignore[misc]
        for keys in (places, places[::-1]) * 3
    ]
    answers = await at_once(engine, MACHINE, writes)
    assert [each for each in answers if isinstance(each, str)] == []
    own = Enrollment
    counted = select(own.course_instance_id, func.count()).where(own.track == "audit").group_by(own.course_instance_id)
    assert sorted(map(tuple, await committed.db.fetch(counted))) == [(place, CROWD) for place in sorted(places)]
    assert await committed.db.scalar(select(func.count()).select_from(EnrollmentInvitation)) == 2
    [cohort] = await committed.db.fetch(select(Group.id))
    assert await current(committed, cohort.id) == CROWD + 2
