"""Columns made and changed with their category and their formula, all at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import AnonymousGrading, Assessment, AssessmentCategory, GradingType
from app.domain.assessments.service import create_category
from app.domain.gradebook.columns import create_column, update_column
from app.domain.gradebook.models import Calculation
from app.domain.grades.models import ColumnGrade
from app.domain.grades.overrides import override_grade
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.proof import key_of, only_row, refused
from tests.factories import University

pytestmark = pytest.mark.anyio

CODES = UserErrorCode
CALCULATED = GradingType.CALCULATED
TOTAL, MEAN = '{"all":{"average":"false"}}', '{"all":{"average":"true"}}'


async def column(world: University, title: str = "Talk", **details: Any) -> int:
    """A new column of the instructor's."""
    return await create_column(world.instructor, course_instance_id=world.course_instance_id, title=title, **details)


async def calculation(ctx: Context, key: int) -> tuple[str, str, Any]:
    """(kind, formula, aliases) of a column."""
    row = await only_row(ctx, Calculation, await key_of(ctx, Calculation, assessment_id=key))
    return row.kind, row.formula, row.aliases


async def test_a_column_has_a_name_and_a_category_though_none_is_given(ctx: Context, world: University) -> None:
    keys = [await column(world), await column(world, "Poster")]
    rows = [await only_row(ctx, Assessment, key) for key in keys]
    assert [(row.title, row.name[:7], len(row.name)) for row in rows] == [
        ("Talk", "column-", 39),
        ("Poster", "column-", 39),
    ]
    categories = await ctx.db.fetch(select(AssessmentCategory.id, AssessmentCategory.name))
    assert [(row.category_id, row.number) for row in rows] == [(categories[0].id, "1"), (categories[0].id, "2")]
    assert [row.name for row in categories] == ["Columns"]


async def test_a_column_as_it_is_said(ctx: Context, world: University) -> None:
    place = world.course_instance_id
    category = await create_category(world.instructor, course_instance_id=place, name="Talks", abbreviation="T")
    key = await column(world, name="talk", category_id=category, grading_type=GradingType.MANUAL, max_points=5.0)
    row = await only_row(ctx, Assessment, key)
    assert (row.name, row.category_id, row.grading_type, row.max_points) == ("talk", category, "MANUAL", 5.0)


async def test_a_calculated_column_is_made_with_its_formula_and_computed(ctx: Context, world: University) -> None:
    part = await column(world, grading_type=GradingType.MANUAL, max_points=10.0)
    await override_grade(world.instructor, assessment_id=part, user_id=world.student_id, points=7)
    key = await column(world, "Total", grading_type=CALCULATED, formula=TOTAL)
    assert await calculation(ctx, key) == ("TOTAL", TOTAL, {})
    row = await only_row(ctx, ColumnGrade, await key_of(ctx, ColumnGrade, assessment_id=key))
    assert (row.points, row.max_points) == (7.0, 10.0)
    await update_column(world.instructor, assessment_id=key, title="Mean", max_points=50.0, formula=MEAN)
    assert await calculation(ctx, key) == ("AVERAGE", MEAN, {})
    row = await only_row(ctx, ColumnGrade, await key_of(ctx, ColumnGrade, assessment_id=key))
    assert (row.points, row.max_points) == (35.0, 50.0)
    assert (await only_row(ctx, Assessment, key)).title == "Mean"


async def test_a_formula_and_its_aliases_are_changed_apart(ctx: Context, world: University) -> None:
    first, second = [await column(world, title, grading_type=GradingType.MANUAL) for title in ("One", "Two")]
    formula = '{"total":{"elements":[{"alias":"A"}]}}'
    aliases = {"A": f"column:_{first}_1"}
    key = await column(world, "Sum", grading_type=CALCULATED, formula=formula, aliases=aliases)
    assert await calculation(ctx, key) == ("TOTAL", formula, aliases)
    changed = {"A": f"_{second}_1"}
    await update_column(world.instructor, assessment_id=key, aliases=changed)
    assert await calculation(ctx, key) == ("TOTAL", formula, changed)
    average = formula.replace("total", "average")
    await update_column(world.instructor, assessment_id=key, formula=average)
    assert await calculation(ctx, key) == ("AVERAGE", average, changed)


async def test_a_formula_that_is_refused_leaves_no_column(ctx: Context, world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "title": "Total"}
    missing = create_column(world.instructor, **here, grading_type=CALCULATED)
    await refused(ctx, missing, CODES.REQUIRED, "formula")
    total = await column(world, "Total", grading_type=CALCULATED, formula=TOTAL)
    plain = await column(world)
    await refused(ctx, update_column(world.instructor, assessment_id=plain, aliases={}), CODES.REQUIRED, "formula")
    await refused(ctx, update_column(world.instructor, assessment_id=total, formula="A+B"), CODES.INVALID, "formula")
    await refused(
        ctx, update_column(world.instructor, assessment_id=plain, formula=TOTAL), CODES.INVALID, "assessmentId"
    )


async def test_anonymity_that_ends_at_a_date_keeps_one(ctx: Context, world: University) -> None:
    dated: dict[str, Any] = {"anonymous_grading": AnonymousGrading.DATE, "anonymous_until": NOW + timedelta(days=1)}
    key = await column(world, **dated)
    endless = update_column(ctx, assessment_id=key, anonymous_until=None)
    await refused(ctx, endless, CODES.REQUIRED, "anonymousUntil")
    ends: list[dict[str, Any]] = [{}, {"anonymous_until": None}]
    for end in ends:
        here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "title": "Talk", **end}
        made = create_column(ctx, **here, anonymous_grading=AnonymousGrading.DATE)
        await refused(ctx, made, CODES.REQUIRED, "anonymousUntil")
    await update_column(ctx, assessment_id=key, anonymous_until=NOW)
    await update_column(ctx, assessment_id=key, anonymous_grading=AnonymousGrading.NONE, anonymous_until=None)
    row = await only_row(ctx, Assessment, key)
    assert (row.anonymous_grading, row.anonymous_until) == ("NONE", None)
