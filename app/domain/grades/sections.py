"""What course grades are made of: the learner's part of each assignment type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.grades.calculated import Grade, recipes_of
from app.domain.grades.course_results import section
from app.domain.grades.models import ColumnGrade, CourseGrade


class CourseGradeSection(NamedTuple):
    """A part of a course grade, in percent: that of a category, or of one column."""

    category_id: int | None
    weight: float
    percentage: float
    counted: int
    dropped: int


async def sections_of(ctx: Context, keys: Sequence[int]) -> list[list[CourseGradeSection]]:
    """For each course grade its parts, of what has been released; none where no column computes it. Four statements."""
    own = CourseGrade
    statement = select(own.id, own.course_instance_id, own.user_id).where(member_of(own.id, keys), ctx.visible(own))
    rows = {row.id: row for row in await ctx.db.fetch(statement)}
    recipes = await recipes_of(ctx, {row.course_instance_id for row in rows.values()}) if rows else {}
    final = {place: each for place, listed in recipes.items() for each in listed if each.is_final}
    grades: dict[tuple[int, int], dict[int, Grade]] = defaultdict(dict)
    column: Any = ColumnGrade
    if final:
        people = {row.user_id for row in rows.values()}
        of = (member_of(column.course_instance_id, final), member_of(column.user_id, people))
        named = [getattr(column, name) for name in Grade._fields]
        columns = (column.course_instance_id, column.user_id, column.assessment_id, *named)
        for place, user_id, assessment_id, *values in await ctx.db.fetch(select(*columns).where(*of)):
            grades[place, user_id][assessment_id] = Grade._make(values)
    found: list[list[CourseGradeSection]] = []
    for key in keys:
        row = rows.get(key)
        recipe = None if row is None else final.get(row.course_instance_id)
        if row is None or recipe is None:
            found.append([])
            continue
        portions = recipe.portions(grades[row.course_instance_id, row.user_id], released=True)
        terms = zip(recipe.terms, portions, strict=True)
        found.append([CourseGradeSection(term.category_id, term.weight, *section(each)) for term, each in terms])
    return found
