"""Reads of assessments that are more than a relation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, AssessmentCategory


def label() -> ColumnElement[str]:
    """PrairieLearn's label: the category's abbreviation and the number. For statements that join both tables."""
    return AssessmentCategory.abbreviation + Assessment.number


async def labels_of(ctx: Context, keys: Sequence[int]) -> list[str | None]:
    """For each assessment id its label, such as `HW1`."""
    statement = (
        select(Assessment.id, label())
        .join(AssessmentCategory, AssessmentCategory.id == Assessment.category_id)
        .where(member_of(Assessment.id, keys), ctx.visible(Assessment))
    )
    found: dict[int, str] = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]
