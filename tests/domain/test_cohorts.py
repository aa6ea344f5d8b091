"""Cohorts: made, filled by hand, by lot and by invitation."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.domain.blocks.models import Block
from app.domain.blocks.service import create_block, set_block_groups
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.merging import merge_course_instance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.domain.groups.cohorts import create_cohort, join_cohort, set_cohorting, update_cohort
from app.domain.groups.models import Filling, Group, GroupInvitation, GroupSet, GroupSetKind
from app.domain.groups.placing import CohortPlace, Outcome, Placement, place_in_cohort, place_in_cohorts
from app.domain.groups.queries import invited_emails, sizes
from app.domain.groups.service import create_group, create_group_set, delete_group, remove_group_member
from app.domain.identity.models import User
from app.errors import NotFound, UserErrorCode
from tests.domain.proof import denied, key_of, only_row, refused
from tests.domain.test_groups import members
from tests.factories import University, person, team

pytestmark = pytest.mark.anyio


def here(world: University) -> dict[str, Any]:
    """The first course instance, as an argument."""
    return {"course_instance_id": world.course_instance_id}


async def cohort(world: University, name: str = "Larks", filling: Filling = Filling.MANUAL, **details: Any) -> int:
    """A cohort of the first course instance."""
    return await create_cohort(world.instructor, **here(world), name=name, filling=filling, **details)


async def test_a_cohort(ctx: Context, world: University) -> None:
    made = await cohort(world, " Larks ", Filling.RANDOM)
    row = await only_row(ctx, Group, made)
    assert (row.name, row.filling, row.course_instance_id) == ("Larks", Filling.RANDOM, world.course_instance_id)
    its_set = await only_row(ctx, GroupSet, row.group_set_id)
    assert (its_set.kind, its_set.name) == (GroupSetKind.COHORTS, "Cohorts")
    other = await only_row(ctx, Group, await cohort(world, "Owls"))
    assert other.group_set_id == row.group_set_id
    again = create_cohort(world.instructor, **here(world), name="larks", filling=Filling.MANUAL)
    await refused(ctx, again, UserErrorCode.TAKEN, "name")
    second = create_group_set(world.instructor, **here(world), name="More", kind=GroupSetKind.COHORTS)
    await refused(ctx, second, UserErrorCode.TAKEN, "kind")


async def test_the_set_of_cohorts_gets_a_free_name(ctx: Context, world: University) -> None:
    await team(world, [], name="Cohorts")
    row = await only_row(ctx, Group, await cohort(world))
    assert (await only_row(ctx, GroupSet, row.group_set_id)).name == "Cohorts 2"


async def test_a_cohort_is_changed(ctx: Context, world: University) -> None:
    larks, owls = await cohort(world, filling=Filling.RANDOM), await cohort(world, "Owls")
    await update_cohort(world.instructor, group_id=larks, name="Early")
    assert (await only_row(ctx, Group, larks)).name == "Early"
    taken = update_cohort(world.instructor, group_id=larks, name="owls")
    await refused(ctx, taken, UserErrorCode.TAKEN, "name")
    last = update_cohort(world.instructor, group_id=larks, filling=Filling.MANUAL)
    await refused(ctx, last, UserErrorCode.IN_USE, "filling")
    await update_cohort(world.instructor, group_id=owls, filling=Filling.RANDOM)
    await update_cohort(world.instructor, group_id=larks, filling=Filling.MANUAL)
    assert (await only_row(ctx, Group, larks)).filling == Filling.MANUAL
    pairs = await team(world)
    await denied(ctx, update_cohort(world.instructor, group_id=pairs.group_id, name="x"), NotFound)


async def test_people_are_put_into_a_cohort(ctx: Context, world: University) -> None:
    """# edx case 43, and more of its kind."""
    larks, owls = await cohort(world), await cohort(world, "Owls")
    named = ["sam", "", "zed@x.org", "zed", "q@q", "SUE@uni.example", "sam", "a\0@x.org", "x" * 300 + "@x.org", " "]
    found = (await place_in_cohort(world.admin, group_id=larks, people=named)).placements
    assert found == [
        Placement("sam", Outcome.ADDED, "sam", "sam@uni.example"),
        Placement("zed@x.org", Outcome.INVITED),
        Placement("zed", Outcome.UNKNOWN),
        Placement("q@q", Outcome.INVALID),
        Placement("SUE@uni.example", Outcome.ADDED, "sue", "sue@uni.example"),
        Placement("sam", Outcome.PRESENT, "sam", "sam@uni.example"),
        Placement("a\0@x.org", Outcome.INVALID),
        Placement("x" * 300 + "@x.org", Outcome.INVALID),
    ]
    moved = (await place_in_cohort(world.admin, group_id=owls, people=["sam", "zed@x.org"])).placements
    assert moved == [
        Placement("sam", Outcome.MOVED, "sam", "sam@uni.example", "Larks"),
        Placement("zed@x.org", Outcome.INVITED),
    ]
    assert await members(ctx, larks) == [world.second_student_id]
    assert await members(ctx, owls) == [world.student_id]
    assert await invited_emails(world.admin, [larks, owls]) == [[], ["zed@x.org"]]


async def test_who_is_not_enrolled_does_not_count(ctx: Context, world: University) -> None:
    larks = await cohort(world)
    found = (await place_in_cohort(world.instructor, group_id=larks, people=["sam", "lou"])).placements
    assert [(each.outcome, each.username) for each in found] == [(Outcome.ADDED, "sam"), (Outcome.ADDED, None)]
    assert await members(ctx, larks) == sorted([world.student_id, world.loner_id])
    assert await sizes(world.admin, [larks]) == [1]
    await drop_enrollment(ctx, enrollment_id=await key_of(ctx, Enrollment, user_id=world.student_id))
    assert await sizes(world.admin, [larks]) == [0]
    assert await sizes(world.outsider, [larks]) == [0]


async def test_people_are_put_into_cohorts_by_a_list(ctx: Context, world: University) -> None:
    larks, owls = await cohort(world), await cohort(world, "Owls")
    key = world.course_instance_id
    places = [CohortPlace(key, "Larks", "sam"), CohortPlace(key, "Owls", "sue"), CohortPlace(key, "Owls", "sam")]
    found = (await place_in_cohorts(world.instructor, places=places)).placements
    assert [(each.outcome, each.previous) for each in found] == [
        (Outcome.ADDED, None),
        (Outcome.ADDED, None),
        (Outcome.MOVED, "Larks"),
    ]
    assert (await members(ctx, larks), await members(ctx, owls)) == (
        [],
        [world.student_id, world.second_student_id],
    )
    unknown = place_in_cohorts(
        world.instructor, places=[CohortPlace(key, "Larks", "sam"), CohortPlace(key, "Bats", "sue")]
    )
    await refused(ctx, unknown, UserErrorCode.NOT_FOUND, "places", "1", "cohort")
    assert (await place_in_cohorts(world.instructor, places=[])).placements == []


async def test_people_are_put_into_cohorts_of_several_course_instances(ctx: Context, world: University) -> None:
    """One's cohort in one of them is nothing to the other; addresses are invited in each."""
    keys = [world.course_instance_id, world.other_course_instance_id]
    made = {
        (key, name): await create_cohort(ctx, course_instance_id=key, name=name, filling=Filling.MANUAL)
        for key in keys
        for name in ("Larks", "Owls")
    }
    first = [CohortPlace(key, "Larks", who) for key in keys for who in ("sam", "new@x.org")]
    counts = []
    for places in (first[:2], first, [CohortPlace(keys[0], "Owls", who) for who in ("sam", "new@x.org")]):
        before = ctx.db.statements
        await place_in_cohorts(ctx, places=places)
        counts.append(ctx.db.statements - before)
    assert counts == [9, 9, 10]
    groups = [made[keys[0], "Larks"], made[keys[0], "Owls"], made[keys[1], "Larks"]]
    assert [await members(ctx, each) for each in groups] == [[], [world.student_id], [world.student_id]]
    assert await invited_emails(world.admin, groups) == [[], ["new@x.org"], ["new@x.org"]]
    foreign = place_in_cohorts(world.instructor, places=first)
    await denied(world.instructor, foreign, NotFound)


async def test_who_enrols_is_in_a_cohort(ctx: Context, world: University) -> None:
    """The invited where they are invited to, the others by lot, staff nowhere; a default cohort is made."""
    larks = await cohort(world)
    await place_in_cohort(world.instructor, group_id=larks, people=["ned@uni.example"])
    await set_cohorting(world.instructor, **here(world), is_cohorted=True)
    assert (await only_row(ctx, CourseInstance, world.course_instance_id)).is_cohorted is True
    for username in ("ned", "nan"):
        await enroll(world.instructor, **here(world), user_id=await person(ctx, username))
    await enroll(world.instructor, **here(world), user_id=await person(ctx, "ted"), role=Role.COURSE_ASSISTANT)
    default = await key_of(ctx, Group, name="Default Group")
    assert (await only_row(ctx, Group, default)).filling == Filling.RANDOM
    names = {row.id: row.username for row in await ctx.db.fetch(select(User.id, User.username))}
    assert [names[key] for key in await members(ctx, larks)] == ["ned"]
    assert [names[key] for key in await members(ctx, default)] == ["sam", "sue", "nan"]
    assert await ctx.db.scalar(select(func.count()).select_from(GroupInvitation)) == 0


async def test_who_was_enrolled_before_gets_one_when_there_are_cohorts(ctx: Context, world: University) -> None:
    assert await join_cohort(world.student, **here(world)) is None
    await set_cohorting(world.instructor, **here(world), is_cohorted=True)
    default = await key_of(ctx, Group, name="Default Group")
    assert await members(ctx, default) == sorted([world.student_id, world.second_student_id])
    assert await join_cohort(world.student, **here(world)) == default
    assert await join_cohort(world.assistant, **here(world)) is None
    await remove_group_member(world.instructor, group_id=default, user_id=world.student_id)
    assert await join_cohort(world.student, **here(world)) == default
    await remove_group_member(world.instructor, group_id=default, user_id=world.second_student_id)
    await set_cohorting(world.instructor, **here(world), is_cohorted=False)
    assert await join_cohort(world.second_student, **here(world)) is None
    assert await join_cohort(world.student, **here(world)) == default
    await set_cohorting(world.instructor, **here(world), is_cohorted=True)
    assert await members(ctx, default) == sorted([world.student_id, world.second_student_id])


async def test_learners_are_dealt_to_the_smallest(ctx: Context, world: University) -> None:
    """Switched on later: those in no cohort make them as even as can be; who is in one, or invited, is not dealt."""
    manual = await cohort(world)
    random = [await cohort(world, name, Filling.RANDOM) for name in ("Owls", "Bats", "Rooks")]
    people = [await person(ctx, f"new{number:02}") for number in range(20)]
    for user_id in people:
        await enroll(world.instructor, **here(world), user_id=user_id)
    await place_in_cohort(world.instructor, group_id=manual, people=["new00", "new01"])
    await place_in_cohort(world.instructor, group_id=random[0], people=[f"new{number:02}" for number in range(2, 7)])
    await drop_enrollment(ctx, enrollment_id=await key_of(ctx, Enrollment, user_id=people[19]))
    await set_cohorting(world.instructor, **here(world), is_cohorted=True)
    filled = [await members(ctx, key) for key in random]
    assert sorted(len(each) for each in filled) == [6, 6, 7]
    everybody = {world.student_id, world.second_student_id, *people[2:19]}
    assert sorted(each for some in filled for each in some) == sorted(everybody)
    assert set(people[2:7]) <= set(filled[0])
    assert await members(ctx, manual) == people[:2]


async def test_dealing_takes_as_many_statements_for_many(ctx: Context, world: University) -> None:
    await cohort(world, "Owls", Filling.RANDOM)
    counts = []
    for size in (1, 12):
        for number in range(size):
            await enroll(ctx, **here(world), user_id=await person(ctx, f"of{size}-{number}"))
        before = ctx.db.statements
        await set_cohorting(ctx, **here(world), is_cohorted=True)
        counts.append(ctx.db.statements - before)
        await set_cohorting(ctx, **here(world), is_cohorted=False)
    assert counts == [11, 11]


async def test_who_comes_through_a_merge_gets_a_cohort_of_the_parent(ctx: Context, world: University) -> None:
    there = {"course_instance_id": world.other_course_instance_id}
    await set_cohorting(world.admin, **there, is_cohorted=True)
    assert await ctx.db.scalar(select(Group.id).where(Group.name == "Default Group")) is None
    await merge_course_instance(
        world.admin, parent_id=world.other_course_instance_id, child_id=world.course_instance_id
    )
    default = await key_of(ctx, Group, name="Default Group")
    assert await members(ctx, default) == sorted([world.student_id, world.second_student_id])
    lone = await person(ctx, "lone")
    await enroll(world.instructor, **here(world), user_id=lone)
    assert await members(ctx, default) == sorted([world.student_id, world.second_student_id, lone])


async def test_the_lot_is_among_the_cohorts_that_are_filled_at_random(ctx: Context, world: University) -> None:
    manual = await cohort(world)
    random = [await cohort(world, name, Filling.RANDOM) for name in ("Owls", "Bats")]
    await set_cohorting(world.instructor, **here(world), is_cohorted=True)
    people = [await person(ctx, f"new{number}") for number in range(12)]
    for user_id in people:
        await enroll(world.instructor, **here(world), user_id=user_id)
    filled = [await members(ctx, key) for key in random]
    assert await members(ctx, manual) == []
    assert sorted([*filled[0], *filled[1]]) == [world.student_id, world.second_student_id, *people]
    assert [len(each) for each in filled] == [7, 7]


async def test_who_comes_back_keeps_the_cohort_or_gets_one(ctx: Context, world: University) -> None:
    enrollment_id = await key_of(ctx, Enrollment, user_id=world.student_id)
    await drop_enrollment(ctx, enrollment_id=enrollment_id)
    await set_cohorting(world.instructor, **here(world), is_cohorted=True)
    default = await key_of(ctx, Group, name="Default Group")
    assert await members(ctx, default) == [world.second_student_id]
    await update_enrollment(world.instructor, enrollment_id=enrollment_id, status=EnrollmentStatus.ACTIVE)
    assert await members(ctx, default) == [world.student_id, world.second_student_id]


async def test_a_person_leaves_a_cohort(ctx: Context, world: University) -> None:
    """# edx case 44"""
    larks = await cohort(world)
    gone = remove_group_member(world.instructor, group_id=larks, user_id=world.student_id)
    await refused(ctx, gone, UserErrorCode.NOT_IN_GROUP, "userId")
    await place_in_cohort(world.instructor, group_id=larks, people=["sam", "new@uni.example"])
    await remove_group_member(world.instructor, group_id=larks, user_id=world.student_id)
    assert await members(ctx, larks) == []
    await delete_group(world.instructor, group_id=larks)
    assert await ctx.db.scalar(select(func.count()).select_from(GroupInvitation)) == 0


async def test_a_cohort_sees_the_content_of_its_audience(ctx: Context, world: University) -> None:
    audiences = await create_group_set(world.instructor, **here(world), name="Paths", kind=GroupSetKind.AUDIENCES)
    assert (await only_row(ctx, GroupSet, audiences)).max_size == 1_000_000
    further = await create_group(world.instructor, group_set_id=audiences, name="Further")
    root = await create_block(world.instructor, **here(world), kind="course", name="Course")
    chapter = await create_block(world.instructor, **here(world), kind="chapter", name="More", parent_id=root)
    await set_block_groups(world.instructor, block_id=chapter, group_ids=[further])
    larks = await cohort(world, audience_id=further)
    await place_in_cohort(world.instructor, group_id=larks, people=["sam"])

    async def sees(caller: Context) -> list[int]:
        return [row[0] for row in await ctx.db.fetch(select(Block.id).where(caller.visible(Block)).order_by(Block.id))]

    assert await sees(world.student) == [root, chapter]
    assert await sees(world.second_student) == [root]
    pairs = await team(world)
    for wrong in (pairs.group_id, larks, 2**70):
        write = update_cohort(world.instructor, group_id=larks, audience_id=wrong)
        await refused(ctx, write, UserErrorCode.NOT_FOUND, "audienceId")
