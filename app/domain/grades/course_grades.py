"""Course grades that follow a course instance's final column, in the transaction of whatever writes grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from app.context import Context
from app.db.sets import member_of
from app.domain.gradebook.models import GradeSchema, ScaleType
from app.domain.grades.calculating import Portion
from app.domain.grades.certificates import follow_results
from app.domain.grades.course_results import WHOLE, CourseResult, course_result, reached
from app.domain.grades.models import CourseGrade
from app.domain.rows import update_rows

COMPUTED = ("result", "percentage", "is_passed")


async def store_course_grades(
    ctx: Context,
    course_instance_id: int,
    column: Any,
    portions: Mapping[int, Sequence[Portion]],
    overrides: Mapping[int, Any],
) -> None:
    """Write what learners, by id, have by their portions, or by an override of their grade of the final column.

    Only what is released makes a course grade, for who reads it may not see the rest. Nothing is written of who has
    nothing yet, nor where the schema is not of cut-offs. Certificates follow. At most seven statements. Checks no
    permission.
    """
    cutoffs = (GradeSchema.id == column.grade_schema_id, GradeSchema.scale_type == ScaleType.TABULAR)
    symbols = await ctx.db.scalar(select(GradeSchema.symbols).where(*cutoffs))
    if not symbols:
        return
    own = CourseGrade
    statement = select(own.user_id, own.id, own.result, own.percentage, own.is_passed)
    here = (own.course_instance_id == course_instance_id, member_of(own.user_id, portions))
    stored = {row.user_id: row for row in await ctx.db.fetch(statement.where(*here))}
    inserts: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    results: dict[int, dict[str, Any]] = {}
    for user_id, each in portions.items():
        old, override = stored.get(user_id), overrides.get(user_id)
        is_overridden = override is not None and override.override_points is not None
        values = _overridden(column, override, symbols) if is_overridden else _computed(each, symbols)
        if old is None and not is_overridden and not _is_begun(each):
            continue
        results[user_id] = values
        if old is None:
            stamps = {"created_at": ctx.now, "updated_at": ctx.now}
            inserts.append({"course_instance_id": course_instance_id, "user_id": user_id, **stamps, **values})
        elif any(getattr(old, name) != values[name] for name in COMPUTED):
            updates.append({"id": old.id, "updated_at": ctx.now, **values})
    if inserts:
        await ctx.db.execute(insert(own), inserts)
    await update_rows(ctx, own, updates)
    await follow_results(ctx, course_instance_id, results)


def _is_begun(portions: Sequence[Portion]) -> bool:
    """Whether anything is graded."""
    return any(part.points is not None for portion in portions for part in portion.parts)


def _computed(portions: Sequence[Portion], symbols: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return _values(course_result(portions, symbols), symbols)


def _overridden(column: Any, grade: Any, symbols: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return _values(set_by_hand(column, grade, symbols), symbols)


def set_by_hand(column: Any, grade: Any, symbols: Sequence[Mapping[str, Any]]) -> CourseResult:
    """What an override of a grade of the final column says: it is not rounded, and may be a word."""
    said = grade.override_max_points
    whole = (column.max_points or WHOLE) if said is None else said
    found = reached(grade.override_points / whole if whole else 0.0, symbols)
    return found if grade.override_text is None else found._replace(letter=grade.override_text)


def _values(found: CourseResult, symbols: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    result = symbols[-1]["text"] if found.letter is None else found.letter
    return {"result": result, "percentage": round(WHOLE * found.fraction, 2), "is_passed": found.is_passed}
