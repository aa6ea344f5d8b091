"""Course grades follow the final column: with every score that is released, to the learner and the staff."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment, GradingType
from app.domain.assessments.service import create_assessment, create_category, update_assessment
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_schema, update_grade_schema
from app.domain.grades.models import CourseGrade
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.sections import CourseGradeSection, sections_of
from app.domain.grades.service import release_scores
from tests.factories import Coursework, University, coursework, handed_in, scored, university

pytestmark = pytest.mark.anyio
CUTOFFS = [Symbol("Pass", 50.0, 100.0), Symbol("F", 0.0, 50.0)]


async def stored(world: University) -> list[tuple[int, str, float | None, bool | None]]:
    """(user, result, percentage, whether it is passed) of all course grades."""
    own = CourseGrade
    rows = await world.admin.db.fetch(select(own.user_id, own.result, own.percentage, own.is_passed).order_by(own.id))
    return [tuple(row) for row in rows]


async def final(world: University, work: Coursework, *, is_running: bool = False) -> int:
    """The column of the course grade: 60 percent the labs, of which there are three, 40 percent the essays."""
    admin = world.admin
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    schema: dict[str, Any] = {**here, "title": "Cut-offs", "scale_type": ScaleType.TABULAR, "symbols": CUTOFFS}
    essays = await create_category(admin, **here, name="Essays", abbreviation="E")
    told: dict[str, Any] = {**here, "category_id": essays, "name": "total", "title": "Total", "max_points": 100.0}
    told |= {"grading_type": GradingType.CALCULATED, "is_external_grade": True}
    column = await create_assessment(admin, **told, grade_schema_id=await create_grade_schema(admin, **schema))
    terms = [Term(work.category_id, weight=60.0, min_count=3, drop_lowest=1), Term(essays, weight=40.0)]
    how: dict[str, Any] = {"kind": CalculationKind.WEIGHTED_TOTAL, "is_running": is_running, "terms": terms}
    return await set_calculation(admin, assessment_id=column, **how)


async def essay(world: University, category_id: int) -> int:
    """A column kept by hand."""
    told: dict[str, Any] = {"course_instance_id": world.course_instance_id, "category_id": category_id}
    kind = GradingType.MANUAL
    return await create_assessment(world.admin, **told, name="e1", title="E1", max_points=10.0, grading_type=kind)


async def test_a_course_grade_follows_what_is_released(ctx: Context) -> None:
    """A lab of 110 points in three slots of which the worst is dropped: 99 points are 45 percent of the labs."""
    world = await university(ctx)
    work = await coursework(world)
    await final(world, work)
    marks: dict[str, Any] = {"Part A": 90.0, "Style": 9.0}
    await scored(world.assistant, await handed_in(world.student, work), work, **marks)
    assert await stored(world) == []
    await release_scores(world.instructor, assessment_id=work.assessment_id)
    assert await stored(world) == [(world.student_id, "F", 27.0, False)]
    await override_grade(world.instructor, assessment_id=work.assessment_id, user_id=world.student_id, points=220.0)
    assert await stored(world) == [(world.student_id, "Pass", 60.0, True)]
    await release_scores(world.instructor, assessment_id=work.assessment_id, is_released=False)
    assert await stored(world) == [(world.student_id, "Pass", 60.0, True)]


async def test_what_it_is_made_of(ctx: Context) -> None:
    world = await university(ctx)
    work = await coursework(world)
    total = await final(world, work)
    columns = await sections_of(world.admin, [1])
    assert columns == [[]]
    await override_grade(world.instructor, assessment_id=work.assessment_id, user_id=world.student_id, points=110.0)
    key = await world.admin.db.scalar(select(CourseGrade.id))
    essays = await world.admin.db.scalar(select(Assessment.category_id).where(Assessment.id == total))
    expected = [CourseGradeSection(work.category_id, 60.0, 50.0, 2, 1), CourseGradeSection(essays, 40.0, 0.0, 0, 0)]
    assert await sections_of(world.student, [key]) == [expected]
    assert await sections_of(world.instructor, [key]) == [expected]
    for ctx_ in (world.second_student, world.outsider, world.loner):
        assert await sections_of(ctx_, [key]) == [[]]


async def test_columns_that_are_not_final_make_no_course_grade(ctx: Context) -> None:
    world = await university(ctx)
    work = await coursework(world)
    total = await final(world, work, is_running=True)
    grade: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    await override_grade(world.instructor, **grade, points=110.0)
    assert await stored(world) == []
    terms = [Term(work.category_id, weight=100.0)]
    how: dict[str, Any] = {"kind": CalculationKind.WEIGHTED_TOTAL, "is_running": False, "terms": terms}
    await update_assessment(world.admin, assessment_id=total, is_external_grade=False)
    await set_calculation(world.admin, assessment_id=total, **how)
    assert await stored(world) == []
    await update_assessment(world.admin, assessment_id=total, is_external_grade=True)
    await set_calculation(world.admin, assessment_id=total, **how)
    assert await stored(world) == [(world.student_id, "Pass", 100.0, True)]


async def test_new_cut_offs_count_at_once(ctx: Context) -> None:
    world = await university(ctx)
    work = await coursework(world)
    total = await final(world, work)
    await override_grade(world.instructor, assessment_id=work.assessment_id, user_id=world.student_id, points=220.0)
    assert await stored(world) == [(world.student_id, "Pass", 60.0, True)]
    schema = await world.admin.db.scalar(select(Assessment.grade_schema_id).where(Assessment.id == total))
    higher = [Symbol("A", 70.0, 100.0), Symbol("F", 0.0, 70.0)]
    await update_grade_schema(world.instructor, grade_schema_id=schema, symbols=higher)
    assert await stored(world) == [(world.student_id, "F", 60.0, False)]
    await update_grade_schema(world.instructor, grade_schema_id=schema, title="Strict")
    assert await stored(world) == [(world.student_id, "F", 60.0, False)]
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "title": "Mild"}
    mild = await create_grade_schema(world.admin, **here, scale_type=ScaleType.TABULAR, symbols=CUTOFFS)
    await update_assessment(world.admin, assessment_id=total, grade_schema_id=mild)
    assert await stored(world) == [(world.student_id, "Pass", 60.0, True)]


async def test_an_override_of_the_final_column_is_the_course_grade(ctx: Context) -> None:
    world = await university(ctx)
    work = await coursework(world)
    grade: dict[str, Any] = {"assessment_id": await final(world, work), "user_id": world.student_id}
    await override_grade(world.instructor, **grade, points=49.96)
    assert await stored(world) == [(world.student_id, "F", 49.96, False)]
    await override_grade(world.instructor, **grade, points=3.0, max_points=4.0)
    assert await stored(world) == [(world.student_id, "Pass", 75.0, True)]
    await override_grade(world.instructor, **grade, text="F")
    assert await stored(world) == [(world.student_id, "F", 25.0, False)]
    await override_grade(world.instructor, assessment_id=work.assessment_id, user_id=world.student_id, points=220.0)
    assert await stored(world) == [(world.student_id, "F", 25.0, False)]
    await override_grade(world.instructor, **grade, points=None)
    assert await stored(world) == [(world.student_id, "Pass", 60.0, True)]
    await override_grade(world.instructor, **grade, points=1.0, max_points=0.0)
    assert await stored(world) == [(world.student_id, "F", 0.0, False)]


async def test_who_is_exempt_is_graded_by_the_rest(ctx: Context) -> None:
    world = await university(ctx)
    work = await coursework(world)
    total = await final(world, work)
    essays = await world.admin.db.scalar(select(Assessment.category_id).where(Assessment.id == total))
    column = await essay(world, essays)
    grade: dict[str, Any] = {"user_id": world.student_id}
    await override_grade(world.instructor, assessment_id=column, **grade, points=5.0)
    assert await stored(world) == [(world.student_id, "F", 20.0, False)]
    await exempt_grade(world.instructor, assessment_id=column, **grade)
    assert await stored(world) == [(world.student_id, "F", 0.0, False)]
