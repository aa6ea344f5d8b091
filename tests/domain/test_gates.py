"""Gates: who passes them, what lies behind them, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment, Problem
from app.domain.attempts.service import start_assessment_instance
from app.domain.blocks.completion import NewCompletion, completions_of, record_completion
from app.domain.blocks.deriving import derive_course_instance
from app.domain.blocks.gates import Prerequisite, gated, prerequisites_of, set_block_prerequisite
from app.domain.blocks.models import Block, BlockPrerequisite
from app.domain.blocks.service import create_block, delete_block, update_block
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.learners import subsection_grades
from app.domain.grades.overrides import override_grade
from app.errors import UserErrorCode
from app.principal import READ, Principal
from tests.clock import NOW
from tests.domain.proof import CALLERS, context_of, key_of, refused
from tests.factories import handed_in, scored, university
from tests.graded import Graded, graded

pytestmark = pytest.mark.anyio
OPEN = ["course", "chapter", "first", "first-problem", "second", "text"]
BEHIND = "second-problem"


@pytest.fixture
async def course(ctx: Context) -> Graded:
    """Two homeworks, and a gate before the second: all of the first is to be done, half of its points reached."""
    made = await graded(await university(ctx), "first", "second")
    await require(made, "second", "first", min_score=50)
    return made


async def require(course: Graded, name: str, other: str | None, **least: Any) -> None:
    """A gate before a block."""
    required = None if other is None else course.blocks[other]
    await set_block_prerequisite(
        course.world.instructor, block_id=course.blocks[name], required_block_id=required, **least
    )


async def seen(course: Graded, ctx: Context) -> list[str]:
    """The names of the blocks that somebody sees."""
    found = {row[0] for row in await ctx.db.fetch(select(Block.id).where(ctx.visible(Block)))}
    return [name for name, key in course.blocks.items() if key in found]


async def do(course: Graded, name: str, fraction: float = 1.0) -> None:
    """The student says how much of a block they have done."""
    done = [NewCompletion(course.blocks[name], fraction)]
    await record_completion(course.world.student, course_instance_id=course.world.course_instance_id, completions=done)


async def mark(course: Graded, points: float, *, release: bool = True) -> None:
    """The student gets so many of two points for the first homework."""
    submission_id = await handed_in(course.world.student, course.first)
    await scored(course.world.instructor, submission_id, course.first, release=release, problem=points)


async def test_both_are_to_be_reached(course: Graded) -> None:
    student = course.world.student
    assert await seen(course, student) == OPEN
    await mark(course, 1.0)
    assert await seen(course, student) == OPEN
    await do(course, "first-problem")
    assert await seen(course, student) == [*OPEN[:-1], BEHIND, "text"]
    assert await seen(course, course.world.second_student) == OPEN
    await do(course, "first-problem", 0.99)
    assert await seen(course, student) == OPEN


@pytest.mark.parametrize(("points", "passes"), [(0.0, False), (0.98, False), (1.0, True), (2.0, True)])
async def test_points_are_compared_in_percent(course: Graded, points: float, passes: bool) -> None:
    await require(course, "second", "first", min_score=50, min_completion=0)
    await mark(course, points)
    assert (BEHIND in await seen(course, course.world.student)) is passes


async def test_points_count_once_they_are_released(course: Graded) -> None:
    await require(course, "second", "first", min_score=50, min_completion=0)
    await mark(course, 2.0, release=False)
    assert BEHIND not in await seen(course, course.world.student)


async def test_an_override_opens_a_gate_and_shuts_it(course: Graded) -> None:
    await require(course, "second", "first", min_score=50, min_completion=0)
    whose: dict[str, Any] = {"assessment_id": course.first.assessment_id, "user_id": course.world.student_id}
    for points, passes in ((1.5, True), (0.5, False)):
        await override_grade(course.world.instructor, **whose, points=points)
        assert (BEHIND in await seen(course, course.world.student)) is passes


async def test_completion_is_that_of_all_that_counts(course: Graded) -> None:
    admin, here = course.world.admin, course.world.course_instance_id
    below: dict[str, Any] = {"course_instance_id": here, "parent_id": course.blocks["first"]}
    await create_block(admin, kind="discussion", **below)
    await create_block(admin, kind="html", is_staff_only=True, **below)
    course.blocks["film"] = await create_block(admin, kind="video", **below)
    await require(course, "second", "first", min_score=0, min_completion=75)
    await do(course, "first-problem")
    assert BEHIND not in await seen(course, course.world.student)
    await do(course, "film", 0.5)
    assert BEHIND in await seen(course, course.world.student)


async def test_where_nothing_is_to_be_done_all_is(course: Graded) -> None:
    empty: dict[str, Any] = {
        "course_instance_id": course.world.course_instance_id,
        "parent_id": course.blocks["course"],
    }
    course.blocks["empty"] = await create_block(course.world.admin, kind="chapter", **empty)
    await require(course, "second", "empty", min_score=0)
    assert BEHIND in await seen(course, course.world.student)
    await require(course, "second", "empty", min_score=1)
    assert BEHIND not in await seen(course, course.world.student)


async def test_gates_one_after_another(course: Graded) -> None:
    await require(course, "first", "text", min_score=0)
    await require(course, "second", "first", min_score=0)
    assert await seen(course, course.world.student) == ["course", "chapter", "first", "second", "text"]
    await do(course, "text")
    assert await seen(course, course.world.student) == OPEN
    await do(course, "first-problem")
    assert await seen(course, course.world.student) == [*OPEN[:-1], BEHIND, "text"]


@pytest.mark.parametrize("caller", CALLERS)
async def test_who_stands_before_a_gate(course: Graded, caller: str) -> None:
    ctx = context_of(course.world, caller)
    is_staff = caller in ("previewer", "assistant", "instructor", "admin")
    is_learner = caller == "student"
    blocks = await seen(course, ctx)
    assert blocks == ([*OPEN[:-1], BEHIND, "text"] if is_staff else OPEN if is_learner else [])
    keys = [course.blocks[name] for name in ("first", "second", BEHIND)]
    assert await gated(ctx, keys) == [False, is_learner, False]
    found = Prerequisite(course.blocks["first"], 50, 100, False)
    assert await prerequisites_of(ctx, keys) == [None, found if is_staff or is_learner else None, None]


async def test_guests_and_who_looks_as_a_learner_pass_no_gate(course: Graded) -> None:
    await update_course_instance(
        course.world.admin, course_instance_id=course.world.course_instance_id, allows_guests=True
    )
    assert await seen(course, course.world.loner) == OPEN
    place = course.world.course_instance_id
    acting = Principal(course.world.instructor_id, scopes=frozenset({READ}), learns_in=place)
    assert await seen(course, Context(acting, course.world.admin.db, lambda: NOW)) == OPEN


async def test_what_is_behind_a_gate_is_not_answered(course: Graded) -> None:
    student, second = course.world.student, course.sets[1]
    starting = start_assessment_instance(student, assessment_id=second.assessment_id)
    message = await refused(student, starting, UserErrorCode.NOT_OPEN, "assessmentId")
    assert message == "another part of the course is to be done first"
    await require(course, "second", None)
    await start_assessment_instance(student, assessment_id=second.assessment_id)
    await require(course, "second", "first")
    await refused(student, handed_in(student, second), UserErrorCode.NOT_OPEN, "assessmentInstanceId")
    await do(course, "first-problem")
    await mark(course, 2.0)
    await handed_in(student, second)


async def test_its_assessment_is_seen_and_what_that_asks_is_not(course: Graded) -> None:
    for ctx, problems in ((course.world.student, 1), (course.world.instructor, 2)):
        own = (Assessment.block_id.is_not(None), ctx.visible(Assessment))
        assert len(await ctx.db.fetch(select(Assessment.id).where(*own))) == 2
        assert len(await ctx.db.fetch(select(Problem.id).where(ctx.visible(Problem)))) == problems


async def test_what_is_behind_a_gate_is_not_completed(course: Graded) -> None:
    student, here = course.world.student, course.world.course_instance_id
    done = record_completion(student, course_instance_id=here, completions=[NewCompletion(course.blocks[BEHIND], 1.0)])
    await refused(student, done, UserErrorCode.NOT_FOUND, "completions", "0", "blockId")
    for name in ("first-problem", "text"):
        await do(course, name)
    keys = [course.blocks[name] for name in ("course", "first", "second")]
    assert await completions_of(student, keys) == [0.0, 1.0, 0.0]


async def test_grades_are_what_they_were(course: Graded) -> None:
    world = course.world
    await override_grade(
        world.instructor, assessment_id=course.sets[1].assessment_id, user_id=world.student_id, points=1.0
    )
    key = await key_of(world.admin, Enrollment, course_instance_id=world.course_instance_id, user_id=world.student_id)
    shut = await subsection_grades(world.student, [key])
    await require(course, "second", None)
    assert await subsection_grades(world.student, [key]) == shut
    assert [(each.name, each.points) for each in shut[0]] == [("First", 0.0), ("Second", 1.0)]


async def test_what_is_refused(course: Graded) -> None:
    instructor, ids = course.world.instructor, course.blocks
    there = course.world.other_course_instance_id
    strange = await create_block(course.world.admin, course_instance_id=there, kind="course")

    async def wrong(name: str, required_id: int, reason: UserErrorCode, field: str, **least: Any) -> None:
        write = set_block_prerequisite(instructor, block_id=ids[name], required_block_id=required_id, **least)
        await refused(instructor, write, reason, field)

    await wrong("course", ids["first"], UserErrorCode.INVALID, "blockId")
    for number in (strange, 0, 10**30):
        await wrong("second", number, UserErrorCode.NOT_FOUND, "requiredBlockId")
    for name in ("second", "chapter", "second-problem"):
        await wrong("second", ids[name], UserErrorCode.INVALID, "requiredBlockId")
    for least in (-1, 101, 10**30):
        await wrong("second", ids["first"], UserErrorCode.OUT_OF_RANGE, "minScore", min_score=least)
        await wrong("second", ids["first"], UserErrorCode.OUT_OF_RANGE, "minCompletion", min_completion=least)


async def test_gates_in_a_circle_are_refused(course: Graded) -> None:
    instructor, ids = course.world.instructor, course.blocks
    for name, other in (("first", "second"), ("first", "second-problem"), ("first-problem", "second")):
        write = set_block_prerequisite(instructor, block_id=ids[name], required_block_id=ids[other])
        await refused(instructor, write, UserErrorCode.INVALID, "requiredBlockId")
    await require(course, "text", "second")
    write = set_block_prerequisite(instructor, block_id=ids["first"], required_block_id=ids["text"])
    await refused(instructor, write, UserErrorCode.INVALID, "requiredBlockId")
    await require(course, "second", "first", min_score=10)
    assert (await prerequisites_of(instructor, [ids["second"]]))[0] == Prerequisite(ids["first"], 10, 100, False)


@pytest.mark.parametrize("name", ["text", "chapter"])
async def test_a_gate_goes_with_either_block(course: Graded, name: str) -> None:
    admin, here = course.world.admin, course.world.course_instance_id
    below: dict[str, Any] = {"course_instance_id": here, "parent_id": course.blocks["course"]}
    course.blocks["extra"] = await create_block(admin, kind="chapter", **below)
    await require(course, "second", None)
    await require(course, "extra", "text")
    gone = course.blocks["extra" if name == "chapter" else "text"]
    await delete_block(admin, block_id=gone)
    assert await admin.db.fetch(select(BlockPrerequisite.id)) == []


async def test_what_is_derived_has_the_same_gates(course: Graded) -> None:
    world = course.world
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await update_course_instance(world.admin, **here, allows_derived=True)
    made = await derive_course_instance(
        world.instructor, **here, coach_id=world.assistant_id, long_name="Derived", max_learners=9
    )
    own, other = Block, Block.__table__.alias()
    gate = BlockPrerequisite
    statement = select(own.name, other.c.name, gate.min_score, gate.min_completion, own.course_instance_id)
    statement = statement.join(gate, gate.block_id == own.id).join(other, other.c.id == gate.required_block_id)
    rows = await world.admin.db.fetch(statement.where(gate.course_instance_id == made))
    assert [tuple(row) for row in rows] == [("Second", "First", 50, 100, made)]


async def test_it_is_changed_with_the_block_it_is_of(course: Graded) -> None:
    """A gate that is asked for again takes the place of the one before, also of one before a closed block."""
    await update_block(course.world.instructor, block_id=course.blocks["second"], is_staff_only=True)
    await require(course, "second", "text", min_score=0, min_completion=40)
    (row,) = await course.world.admin.db.fetch(select(BlockPrerequisite.required_block_id))
    assert row[0] == course.blocks["text"]
    assert await prerequisites_of(course.world.student, [course.blocks["second"]]) == [None]
