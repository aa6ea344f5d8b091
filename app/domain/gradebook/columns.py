"""Columns made and changed as gradebooks do it: an assessment with its category and its formula, all at once."""

from __future__ import annotations

from typing import Any, Unpack
from uuid import uuid4

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import AssessmentCategory, GradingType
from app.domain.assessments.service import (
    AssessmentDetails,
    create_assessment,
    create_category,
    update_assessment,
)
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change
from app.domain.enrollment.policy import may_edit_content
from app.domain.gradebook.calculations import set_formula
from app.domain.gradebook.models import Calculation
from app.domain.rows import visible_row
from app.errors import RuleBroken, UserErrorCode

CATEGORY = "Columns"
"""The name of the category of columns that name none."""


async def create_column(
    ctx: Context,
    *,
    course_instance_id: int,
    title: str,
    name: str | None = None,
    category_id: int | None = None,
    formula: str | None = None,
    aliases: dict[str, Any] | None = None,
    **details: Unpack[AssessmentDetails],
) -> int:
    """A new column; the assessment's id. Without a name it gets one that nobody needs to see, without a category it
    is of `Columns`, which is made when it is first needed.

    Raises like `create_assessment` and `set_formula`; RuleBroken REQUIRED at `formula` of a calculated column.
    """
    if details.get("grading_type") == GradingType.CALCULATED and formula is None:
        raise RuleBroken(UserErrorCode.REQUIRED, "a calculated column needs a formula", "formula")
    made = await create_assessment(
        ctx,
        course_instance_id=course_instance_id,
        category_id=await _category(ctx, course_instance_id) if category_id is None else category_id,
        name=name or f"column-{uuid4().hex}",
        title=title,
        **details,
    )
    if formula is not None:
        await set_formula(ctx, assessment_id=made, formula=formula, aliases=aliases or {})
    return made


async def update_column(
    ctx: Context,
    *,
    assessment_id: int,
    category_id: Change[int] = UNSET,
    title: Change[str] = UNSET,
    formula: Change[str] = UNSET,
    aliases: Change[dict[str, Any]] = UNSET,
    **details: Unpack[AssessmentDetails],
) -> int:
    """Change a column; the assessment's id. A formula without aliases, or aliases alone, go with those that are there.

    Raises like `update_assessment` and `set_formula`; RuleBroken REQUIRED at `formula` for aliases of none.
    """
    await update_assessment(ctx, assessment_id=assessment_id, category_id=category_id, title=title, **details)
    if formula is not UNSET or aliases is not UNSET:
        own = Calculation
        rows = await ctx.db.fetch(select(own.formula, own.aliases).where(own.assessment_id == assessment_id))
        said, meant = rows[0] if rows else (None, {})
        said, meant = said if formula is UNSET else formula, meant if aliases is UNSET else aliases
        if said is None:
            raise RuleBroken(UserErrorCode.REQUIRED, "aliases of no formula", "formula")
        await set_formula(ctx, assessment_id=assessment_id, formula=said, aliases=meant)
    return assessment_id


async def _category(ctx: Context, course_instance_id: int) -> int:
    """The category of columns that name none."""
    await may_edit_content(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    own = AssessmentCategory
    known = select(own.id).where(own.course_instance_id == course_instance_id, own.name == CATEGORY)
    found: int | None = await ctx.db.scalar(known)
    if found is not None:
        return found
    return await create_category(ctx, course_instance_id=course_instance_id, name=CATEGORY, abbreviation="C")
