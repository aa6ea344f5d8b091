"""Course grades as learners see them whose course instance keeps marks back: made of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.assessments.withholding import withheld
from app.domain.gradebook.models import GradeSchema, ScaleType
from app.domain.grades.calculated import Grade, Recipe, recipes_of
from app.domain.grades.course_grades import set_by_hand
from app.domain.grades.course_results import CourseResult, course_result
from app.domain.grades.models import ColumnGrade


async def shown_results(ctx: Context, course_instance_ids: Collection[int]) -> dict[int, CourseResult]:
    """What the caller has of course instances, by id, as if columns that are withheld from them were not there.

    An override of the whole is no mark of theirs. Nothing of one whose course grade no final column makes. Five
    statements.
    """
    recipes = await recipes_of(ctx, course_instance_ids)
    finals = {place: each for place, listed in recipes.items() for each in listed if each.is_final}
    kept = await _withheld(ctx, finals)
    symbols = await _symbols(ctx, {each.column.grade_schema_id for each in finals.values()})
    own = ColumnGrade
    mine = (member_of(own.course_instance_id, finals), own.user_id == ctx.principal.user_id)
    grades: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in await ctx.db.fetch(select(own.__table__).where(*mine)):
        grades[row.course_instance_id][row.assessment_id] = row
    found: dict[int, CourseResult] = {}
    for place, recipe in finals.items():
        if recipe.column.grade_schema_id in symbols:
            found[place] = _result(recipe, grades[place], kept, symbols[recipe.column.grade_schema_id])
    return found


def _result(recipe: Recipe, rows: dict[int, Any], kept: Collection[int], symbols: list[Any]) -> CourseResult:
    whole = rows.get(recipe.column.id)
    if whole is not None and whole.override_points is not None:
        return set_by_hand(recipe.column, whole, symbols)
    terms = [each._replace(columns=[one for one in each.columns if one.id not in kept]) for each in recipe.terms]
    grades = {key: Grade._make(getattr(row, name) for name in Grade._fields) for key, row in rows.items()}
    return course_result(replace(recipe, terms=terms).portions(grades, released=True), symbols)


async def _withheld(ctx: Context, course_instance_ids: Collection[int]) -> set[int]:
    here = member_of(Assessment.course_instance_id, course_instance_ids)
    return {row[0] for row in await ctx.db.fetch(withheld(ctx.viewing).where(here))}


async def _symbols(ctx: Context, keys: Collection[int]) -> dict[int, list[Any]]:
    own = GradeSchema
    statement = select(own.id, own.symbols).where(member_of(own.id, keys), own.scale_type == ScaleType.TABULAR)
    return {row[0]: row[1] for row in await ctx.db.fetch(statement) if row[1]}
