"""A derived course instance has a gradebook of its own, and room for so many (contracts/edx-core.md §20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.context import Context
from app.domain.assessments.access import AccessRule, set_assessment_access_rules
from app.domain.assessments.models import (
    Assessment,
    AssessmentAccessRule,
    AssessmentCategory,
    Problem,
    Zone,
)
from app.domain.assessments.service import delete_assessment, update_assessment
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.deriving import derive_course_instance
from app.domain.blocks.models import Block
from app.domain.blocks.service import create_block, move_block, update_block
from app.domain.enrollment.joining import join_course_instance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.rosters import enlist_people
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.domain.gradebook.models import Calculation, CalculationTerm, GradeSchema
from app.domain.grades.learners import course_results, subsection_grades
from app.domain.grades.models import ColumnGrade, CourseGrade
from app.domain.grades.overrides import override_grade
from app.domain.rows import insert_row
from app.errors import UserErrorCode
from tests.domain.proof import key_of, refused
from tests.domain.test_learners import enrollment_of, score
from tests.factories import University, person, university
from tests.graded import Graded, graded

pytestmark = pytest.mark.anyio
RUN = "course-v1:uni+EE210+f24"


@dataclass(frozen=True, slots=True)
class Copy:
    """Two homeworks, and a course instance derived from theirs, in which two may learn; coached by lou."""

    work: Graded
    id: int

    @property
    def world(self) -> University:
        return self.work.world

    async def rows(self, model: Any, place: int, *columns: Any) -> list[tuple[Any, ...]]:
        """Columns of the rows of a course instance, in their order."""
        statement = select(*columns).where(model.course_instance_id == place).order_by(model.id)
        return [tuple(row) for row in await self.world.admin.db.fetch(statement)]

    async def join(self, user_id: int, ctx: Context | None = None, **said: Any) -> int:
        return await enroll(ctx or self.world.loner, course_instance_id=self.id, user_id=user_id, **said)


async def derive(world: University, max_learners: int = 2) -> int:
    here = world.course_instance_id
    await update_course_instance(world.admin, course_instance_id=here, key=RUN, allows_derived=True)
    said: dict[str, Any] = {"coach_id": world.loner_id, "long_name": "Small", "max_learners": max_learners}
    return await derive_course_instance(world.instructor, course_instance_id=here, **said)


@pytest.fixture
async def made(ctx: Context) -> Copy:
    work = await graded(await university(ctx), "one", "two", min_count=2)
    await score(work, work.world.student, 2.0, 0)
    return Copy(work, await derive(work.world))


async def test_columns_are_copies(made: Copy) -> None:
    here, own = made.world.course_instance_id, Assessment
    told = (own.name, own.title, own.number, own.kind, own.grading_type, own.max_points, own.is_external_grade)
    assert await made.rows(own, made.id, *told) == await made.rows(own, here, *told)
    assert await made.rows(AssessmentCategory, made.id, AssessmentCategory.name) == [("Homework",)]
    symbols = (GradeSchema.title, GradeSchema.symbols)
    assert await made.rows(GradeSchema, made.id, *symbols) == await made.rows(GradeSchema, here, *symbols)
    statement = (
        select(Block.name, Problem.name, Problem.max_points, Problem.number)
        .join(Assessment, Assessment.id == Problem.assessment_id)
        .join(Block, Block.id == Problem.block_id)
        .where(Assessment.course_instance_id == made.id, Block.course_instance_id == made.id)
    )
    rows = [tuple(row) for row in await made.world.admin.db.fetch(statement.order_by(Problem.id))]
    assert rows == [("One-problem", "One-problem", 2.0, 1), ("Two-problem", "Two-problem", 2.0, 1)]
    blocks = select(Block.name).join(own, own.block_id == Block.id).where(own.course_instance_id == made.id)
    found = await made.world.admin.db.fetch(blocks.where(Block.course_instance_id == made.id).order_by(own.id))
    assert [row[0] for row in found] == ["One", "Two"]


async def test_calculations_are_of_the_copies(made: Copy) -> None:
    db = made.world.admin.db
    columns = dict(await made.rows(Assessment, made.id, Assessment.name, Assessment.id))
    (category,) = await made.rows(AssessmentCategory, made.id, AssessmentCategory.id)
    own, term = Calculation, CalculationTerm
    (row,) = await made.rows(own, made.id, own.id, own.assessment_id, own.kind, own.is_running, own.aliases)
    assert row[1:] == (columns["total"], "WEIGHTED_TOTAL", False, {"A1": f"category:_{category[0]}_1"})
    terms = await db.fetch(select(term.category_id, term.weight, term.min_count).where(term.calculation_id == row[0]))
    assert [tuple(each) for each in terms] == [(category[0], 100.0, 2)]


async def test_grades_are_of_its_own(made: Copy) -> None:
    world = made.world
    assert await made.rows(ColumnGrade, made.id, ColumnGrade.id) == []
    assert await made.rows(CourseGrade, made.id, CourseGrade.id) == []
    key = await made.join(world.student_id)
    await world.admin.db.execute(update(Block).where(Block.course_instance_id == made.id).values(is_staff_only=False))
    (grades,) = await subsection_grades(world.student, [key])
    assert [(each.label, each.name, each.points) for each in grades] == [("HW 01", "One", 0.0), ("HW 02", "Two", 0.0)]
    (result,) = await course_results(world.student, [key])
    assert result.fraction == 0.0


async def test_what_is_hidden_does_not_count(made: Copy) -> None:
    """Neither here nor in the original; what the coach shows does, at once."""
    world, place = made.world, made.work
    key = await made.join(world.student_id)
    rows = await world.admin.db.fetch(select(Block.id, Block.name).where(Block.course_instance_id == made.id))
    blocks = {row[1]: row[0] for row in rows}
    await update_block(world.loner, block_id=blocks["Two"], is_staff_only=True)
    await update_block(world.loner, block_id=blocks["Chapter"], is_staff_only=False)
    columns = dict(await made.rows(Assessment, made.id, Assessment.title, Assessment.id))
    await override_grade(world.loner, assessment_id=columns["One"], user_id=world.student_id, points=2.0)

    async def result() -> float:
        (found,) = await course_results(world.student, [key])
        return found.fraction

    assert await result() == 0.5
    await world.admin.db.execute(update(CalculationTerm).values(min_count=1))
    await update_block(world.loner, block_id=blocks["Two"], is_staff_only=True)
    assert await result() == 1.0
    await update_block(world.loner, block_id=blocks["Two"], is_staff_only=False)
    assert await result() == 0.5
    chapter = await create_block(
        world.loner, course_instance_id=made.id, kind="chapter", name="H", parent_id=blocks["Course"]
    )
    await update_block(world.loner, block_id=chapter, is_staff_only=True)
    await move_block(world.loner, block_id=blocks["Two"], parent_id=chapter)
    assert await result() == 1.0
    assert (await course_results(world.admin, [await enrollment_of(world, world.student_id)]))[0].fraction == 0.5
    await update_block(world.admin, block_id=place.blocks["two"], is_staff_only=True)
    assert (await course_results(world.admin, [await enrollment_of(world, world.student_id)]))[0].fraction == 1.0


async def test_what_goes_with_columns(ctx: Context) -> None:
    work = await graded(await university(ctx), "one", "two")
    world, first = work.world, work.first.assessment_id
    zone = await insert_row(world.admin, Zone, {"assessment_id": first, "number": 1, "best_problems": 1})
    await world.admin.db.execute(update(Problem).where(Problem.assessment_id == first).values(zone_id=zone))
    await set_assessment_access_rules(world.admin, assessment_id=first, rules=[AccessRule(credit=100)])
    await update_assessment(world.admin, assessment_id=first, external_id="X1", writeup_url="https://uni.example/w")
    await delete_assessment(world.admin, assessment_id=work.sets[1].assessment_id)
    made = Copy(work, await derive(world))
    own = Assessment
    columns = (own.name, own.external_id, own.writeup_url, own.id)
    (one, total) = await made.rows(own, made.id, *columns)
    assert (one[:3], total[0]) == (("One", None, "https://uni.example/w"), "total")
    rules = select(AssessmentAccessRule.credit).where(AssessmentAccessRule.assessment_id == one[3])
    assert [row[0] for row in await world.admin.db.fetch(rules)] == [100]
    zones = select(Zone.best_problems, Problem.id).join(Problem, Problem.zone_id == Zone.id)
    assert len(await world.admin.db.fetch(zones.where(Zone.assessment_id == one[3]))) == 1


async def test_statements_do_not_grow(made: Copy) -> None:
    db, work = made.world.admin.db, made.work
    counts = []
    for number in range(2):
        before = db.statements
        await derive(made.world)
        counts.append(db.statements - before)
        for name in ("three", "four", "five")[: 3 * (1 - number)]:
            place: dict[str, Any] = {"course_instance_id": made.world.course_instance_id, "kind": "sequential"}
            block = await create_block(made.world.admin, **place, name=name, parent_id=work.blocks["chapter"])
            await assess_block(made.world.admin, block_id=block, category_id=work.category_id)
    assert counts[0] == counts[1]


async def enlisted(made: Copy, *names: str) -> list[bool]:
    """Whether people of these names were refused when they were enlisted."""
    found = await enlist_people(made.world.loner, course_instance_ids=[made.id], names=names)
    return [each.is_refused for each in found.enlistments[0].people]


async def test_no_more_are_enlisted_than_may(made: Copy) -> None:
    world = made.world
    more = [await person(world.admin, f"more{number}") for number in range(3)]
    await made.join(more[0], role=Role.COURSE_ASSISTANT)
    assert await enlisted(made, "more1", "MORE1", "more0", "more2") == [False] * 4
    assert await enlisted(made, "sam", "more1") == [True, False]
    await enlist_people(world.loner, course_instance_ids=[made.id], names=["more1"], is_leaving=True)
    assert await enlisted(made, "sam", "more1") == [False, True]


async def test_no_more_learn_than_may(made: Copy) -> None:
    world = made.world
    more = [await person(world.admin, f"more{number}", email=f"more{number}@uni.example") for number in range(3)]
    first = await made.join(more[0])
    await made.join(more[1])
    full: Any = (UserErrorCode.CLOSED, "courseInstanceId")
    await refused(world.loner, made.join(more[2]), *full)
    await refused(world.admin, made.join(more[2], world.admin), *full)
    for forced in (False, True):
        joining = join_course_instance(world.admin, course_instance_id=made.id, user_id=more[2], is_forced=forced)
        await refused(world.admin, joining, *full)
    assert await enlisted(made, "more2") == [True]
    await made.join(more[2], role=Role.COURSE_ASSISTANT)
    helper = await key_of(world.admin, Enrollment, course_instance_id=made.id, user_id=more[2])
    await refused(world.loner, update_enrollment(world.loner, enrollment_id=helper, role=Role.STUDENT), *full)
    await drop_enrollment(world.loner, enrollment_id=first)
    await update_enrollment(world.loner, enrollment_id=helper, role=Role.STUDENT)
    again = update_enrollment(world.loner, enrollment_id=first, status=EnrollmentStatus.ACTIVE)
    await refused(world.loner, again, *full)
    await refused(world.loner, made.join(more[0]), *full)
    learn = select(func.count()).where(
        Enrollment.course_instance_id == made.id, Enrollment.role == Role.STUDENT, Enrollment.status == "ACTIVE"
    )
    assert await world.admin.db.scalar(learn) == 2


async def test_others_take_in_whom_their_staff_names(made: Copy) -> None:
    """How many learn in a course instance that is not derived binds only who comes by themselves."""
    world = made.world
    await update_course_instance(world.admin, course_instance_id=world.course_instance_id, max_learners=1)
    assert await enroll(world.instructor, course_instance_id=world.course_instance_id, user_id=world.loner_id)
