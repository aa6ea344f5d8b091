"""Course instances derived from others: contents, people, what is shown (contracts/edx-core.md §20)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.blocks.deriving import (
    delete_derived_course_instance,
    derive_course_instance,
    update_derived_course_instance,
)
from app.domain.blocks.models import Block, BlockPath
from app.domain.blocks.service import create_block, update_block
from app.domain.catalog.keys import usage_key
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment, EnrollmentRole, Role
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import enroll
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, only_row, refused
from tests.factories import University, university

pytestmark = pytest.mark.anyio
RUN = "course-v1:uni+EE210+f24"
A = "block-v1:uni+EE210+f24+type@chapter+block@a"
TREE = (("course", "course", None), ("chapter", "a", "course"), ("html", "text", "a"), ("chapter", "b", "course"))


@dataclass(frozen=True, slots=True)
class Derived:
    """The university, and a course instance derived from its first, coached by lou."""

    world: University
    id: int

    async def seen(self, ctx: Context) -> str:
        """The names of its blocks that somebody sees."""
        own = Block
        here = (own.course_instance_id == self.id, ctx.visible(own))
        rows = await ctx.db.fetch(select(own.name).where(*here).order_by(own.position))
        return " ".join(row[0] for row in rows)

    async def people(self) -> dict[int, tuple[str, str]]:
        """Role and status of who is in it."""
        own = Enrollment
        statement = select(own.user_id, own.role, own.status).where(own.course_instance_id == self.id)
        return {row[0]: (row[1], row[2]) for row in await self.world.admin.db.fetch(statement)}

    async def coaches(self) -> list[int]:
        """Who has the role of a coach in it."""
        own, role = Enrollment, EnrollmentRole
        statement = select(own.user_id).join(role, role.id == own.enrollment_role_id)
        here = statement.where(own.course_instance_id == self.id, role.key == "ccx_coach")
        return [row[0] for row in await self.world.admin.db.fetch(here)]

    async def change(self, ctx: Context, **said: Any) -> int:
        return await update_derived_course_instance(ctx, course_instance_id=self.id, **said)


async def derive(ctx: Context, world: University, **said: Any) -> int:
    given = {"coach_id": world.loner_id, "long_name": "Small", "max_learners": 10, **said}
    return await derive_course_instance(ctx, **{"course_instance_id": world.course_instance_id, **given})


@pytest.fixture
async def made(ctx: Context) -> Derived:
    world = await university(ctx)
    here = world.course_instance_id
    ids: dict[str | None, int | None] = {None: None}
    for kind, name, parent in TREE:
        place: dict[str, Any] = {"course_instance_id": here, "parent_id": ids[parent]}
        ids[name] = await create_block(world.admin, kind=kind, name=name, usage_key=usage_key(RUN, kind, name), **place)
    await update_course_instance(world.admin, course_instance_id=here, allows_derived=True, is_self_paced=True)
    return Derived(world, await derive(world.instructor, world))


async def test_what_is_derived(made: Derived) -> None:
    admin = made.world.admin
    row = await only_row(admin, CourseInstance, made.id)
    assert (row.derived_from_id, row.coach_id) == (made.world.course_instance_id, made.world.loner_id)
    assert (row.key, row.name) == (f"ccx-v1:uni+EE210+f24+ccx@{made.id}", f"sig-f24-ccx-{made.id}")
    assert (row.long_name, row.max_learners, row.start_at, row.end_at) == ("Small", 10, NOW, None)
    assert (row.is_self_paced, row.time_zone, row.allows_derived, row.chapter_keys) == (
        True,
        "Europe/Oslo",
        False,
        None,
    )
    own = Block
    statement = select(own.usage_key, own.position, own.depth).where(own.course_instance_id == made.id)
    prefix = f"ccx-block-v1:uni+EE210+f24+ccx@{made.id}+type@"
    assert [tuple(each) for each in await admin.db.fetch(statement.order_by(own.position))] == [
        (f"{prefix}course+block@course", 0, 0),
        (f"{prefix}chapter+block@a", 1, 1),
        (f"{prefix}html+block@text", 2, 2),
        (f"{prefix}chapter+block@b", 3, 1),
    ]
    paths = select(BlockPath.id).join(own, own.id == BlockPath.block_id).where(own.course_instance_id == made.id)
    assert len(await admin.db.fetch(paths)) == 1 + 2 + 3 + 2


async def test_it_has_people_of_its_own(made: Derived) -> None:
    world, active = made.world, "ACTIVE"
    assert await made.people() == {
        world.instructor_id: ("INSTRUCTOR", active),
        world.assistant_id: ("COURSE_ASSISTANT", active),
        world.loner_id: ("INSTRUCTOR", active),
    }
    assert await made.coaches() == [world.loner_id]
    await enroll(world.loner, course_instance_id=made.id, user_id=world.outsider_id)
    rows = await world.outsider.db.fetch(select(CourseInstance.id).where(world.outsider.visible(CourseInstance)))
    assert sorted(row[0] for row in rows) == [world.other_course_instance_id, made.id]


async def test_chapters_are_hidden_until_the_coach_shows_them(made: Derived) -> None:
    world = made.world
    await enroll(world.loner, course_instance_id=made.id, user_id=world.outsider_id)
    assert await made.seen(world.loner) == "course a text b"
    assert await made.seen(world.outsider) == "course"
    assert await made.seen(world.student) == ""
    own = Block
    here = (own.course_instance_id == made.id, own.kind == "chapter")
    for row in await world.admin.db.fetch(select(own.id).where(*here)):
        await update_block(world.loner, block_id=row[0], is_staff_only=False)
    assert await made.seen(world.outsider) == "course a text b"
    await made.change(world.instructor, chapter_keys=[A, A])
    assert await made.seen(world.outsider) == "course a text"
    assert (await only_row(world.admin, CourseInstance, made.id)).chapter_keys == [A]
    await made.change(world.instructor, chapter_keys=None)
    assert (await only_row(world.admin, CourseInstance, made.id)).chapter_keys is None


async def test_the_coach_changes(made: Derived) -> None:
    world, active = made.world, "ACTIVE"
    await made.change(world.instructor, coach_id=world.outsider_id, long_name="Tiny", max_learners=3)
    row = await only_row(world.admin, CourseInstance, made.id)
    assert (row.coach_id, row.long_name, row.max_learners) == (world.outsider_id, "Tiny", 3)
    people = await made.people()
    assert people[world.outsider_id] == ("INSTRUCTOR", active)
    assert people[world.loner_id] == ("INSTRUCTOR", "DROPPED")
    assert await made.coaches() == [world.outsider_id]
    await made.change(world.instructor, coach_id=world.assistant_id)
    assert await made.coaches() == [world.assistant_id]
    await made.change(world.instructor, coach_id=world.loner_id)
    people = await made.people()
    assert people[world.assistant_id] == ("COURSE_ASSISTANT", active)
    assert people[world.loner_id] == ("INSTRUCTOR", active)
    assert await made.coaches() == [world.loner_id]


async def test_it_is_deleted(made: Derived) -> None:
    world = made.world
    await delete_derived_course_instance(world.instructor, course_instance_id=made.id)
    rows = await world.loner.db.fetch(select(Enrollment.id).where(world.loner.visible(Enrollment)))
    assert rows == []
    again = delete_derived_course_instance(world.instructor, course_instance_id=made.id)
    await denied(world.instructor, again, NotFound)


async def test_who_may_not(made: Derived) -> None:
    world = made.world
    for ctx, error in (
        *((world.student, Forbidden), (world.assistant, Forbidden)),
        *((world.outsider, NotFound), (world.loner, NotFound)),
    ):
        await denied(ctx, derive(ctx, world), error)
        await denied(ctx, made.change(ctx, long_name="Mine"), error)
        await denied(ctx, delete_derived_course_instance(ctx, course_instance_id=made.id), error)
    for key in (world.course_instance_id, 999, 2**70):
        strange = replace(made, id=key)
        await denied(world.admin, strange.change(world.admin, long_name="x"), NotFound)


async def test_what_is_refused(made: Derived) -> None:
    world, ida = made.world, made.world.instructor

    async def refuse(code: UserErrorCode, *field: str, **said: Any) -> None:
        await refused(ida, derive(ida, world, **said), code, *field)

    await refuse(UserErrorCode.NOT_FOUND, "coachId", coach_id=2**70)
    await refuse(UserErrorCode.NOT_FOUND, "coachId", coach_id=999)
    await refuse(UserErrorCode.REQUIRED, "longName", long_name=" ")
    await refuse(UserErrorCode.OUT_OF_RANGE, "maxLearners", max_learners=0)
    await refuse(UserErrorCode.NOT_FOUND, "chapterKeys", "1", chapter_keys=[A, "junk"])
    await refuse(UserErrorCode.NOT_OPEN, "courseInstanceId", course_instance_id=made.id)
    await update_course_instance(ida, course_instance_id=made.id, allows_derived=True)
    await refuse(UserErrorCode.INVALID, "courseInstanceId", course_instance_id=made.id)
    await update_course_instance(ida, course_instance_id=world.course_instance_id, key="uni/EE210/f24")
    await refuse(UserErrorCode.INVALID, "courseInstanceId")
    await update_course_instance(ida, course_instance_id=world.course_instance_id, allows_derived=False)
    await refuse(UserErrorCode.NOT_OPEN, "courseInstanceId")
    await refused(ida, made.change(ida, coach_id=999), UserErrorCode.NOT_FOUND, "coachId")


async def test_later_instructors_of_the_original_change_it(made: Derived) -> None:
    world = made.world
    await enroll(
        world.admin, course_instance_id=world.course_instance_id, user_id=world.outsider_id, role=Role.INSTRUCTOR
    )
    await made.change(world.outsider, long_name="Later")
    assert (await only_row(world.admin, CourseInstance, made.id)).long_name == "Later"
