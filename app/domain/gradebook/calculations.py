"""How calculated columns are computed: said and checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.following import columns_changed
from app.domain.assessments.models import Assessment, AssessmentCategory, GradingType
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.policy import may_edit_content
from app.domain.gradebook.formulas import Recipe, Term, parsed, written
from app.domain.gradebook.models import Calculation, CalculationKind, CalculationTerm
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, is_key, update_row, visible_row
from app.domain.rules import at_least, fitted, json
from app.errors import RuleBroken, UserErrorCode

MOST_TERMS = 500


async def set_calculation(
    ctx: Context,
    *,
    assessment_id: int,
    kind: CalculationKind,
    is_running: bool = True,
    terms: Sequence[Term] = (),
) -> int:
    """Say how a calculated column is computed, in place of what was said, and compute it; the assessment's id.

    Without terms from all columns, a weighted total by their own weights. Instructors, editors of the course,
    administrators. Raises NotFound, Forbidden; RuleBroken: INVALID at `assessmentId` when the column is not calculated;
    TOO_LONG at `terms`; at (`terms`, index): INVALID unless it is a column or a category, and for a second time,
    NOT_FOUND at `columnId`, `categoryId` (of another course instance too), INVALID at `columnId` for a circle, at
    `dropLowest` of a column and at `weight` of what is not weighted, REQUIRED at `weight`, OUT_OF_RANGE at numbers.
    """
    recipe = Recipe(kind, is_running, terms)
    return await _store(ctx, assessment_id, recipe, *written(recipe))


async def set_formula(ctx: Context, *, assessment_id: int, formula: str, aliases: dict[str, Any]) -> int:
    """Say how a calculated column is computed as Blackboard writes it; the assessment's id.

    What was given is kept. Raises like `set_calculation`, and RuleBroken INVALID at `formula`, `aliases` for forms that
    are not known here (app/domain/gradebook/formulas.py).
    """
    may_write(ctx)
    json(aliases, "aliases")
    json(formula, "formula")
    return await _store(ctx, assessment_id, parsed(formula, aliases), formula, aliases)


async def _store(ctx: Context, assessment_id: int, recipe: Recipe, formula: str, aliases: dict[str, Any]) -> int:
    may_write(ctx)
    columns = (Assessment.course_instance_id, Assessment.grading_type)
    column = await visible_row(ctx, Assessment, assessment_id, *columns)
    place = column.course_instance_id
    await may_edit_content(ctx, place)
    await visible_row(ctx, CourseInstance, place, CourseInstance.id, lock=True)
    if column.grading_type != GradingType.CALCULATED:
        raise RuleBroken(UserErrorCode.INVALID, "the column is not calculated", "assessmentId")
    await _lock_columns(ctx, place)
    rows = _checked(recipe)
    await _require_here(ctx, place, rows)
    await _require_no_circle(ctx, place, assessment_id, rows)
    own = Calculation
    values = {"kind": recipe.kind, "is_running": recipe.is_running, "formula": formula, "aliases": aliases}
    key = await ctx.db.scalar(select(own.id).where(own.assessment_id == assessment_id))
    if key is None:
        key = await insert_row(ctx, own, {"assessment_id": assessment_id, "course_instance_id": place, **values})
    else:
        await update_row(ctx, own, key, values)
        await ctx.db.execute(delete(CalculationTerm).where(CalculationTerm.calculation_id == key))
    if rows:
        await ctx.db.execute(insert(CalculationTerm), [{"calculation_id": key, **row} for row in rows])
    await columns_changed(ctx, place)
    return assessment_id


async def _lock_columns(ctx: Context, course_instance_id: int) -> None:
    """Wait for changes of columns that do not know of the calculation yet, and let others wait."""
    own = Assessment
    columns = select(own.id).where(own.course_instance_id == course_instance_id).order_by(own.id)
    await ctx.db.fetch(columns.with_for_update(key_share=True))


def _checked(recipe: Recipe) -> list[dict[str, Any]]:
    """The terms as rows."""
    if len(recipe.terms) > MOST_TERMS:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MOST_TERMS} terms", "terms")
    rows: list[dict[str, Any]] = []
    for index, term in enumerate(recipe.terms):
        path = ("terms", str(index))
        if (term.category_id is None) == (term.column_id is None):
            raise RuleBroken(UserErrorCode.INVALID, "either a column or a category", *path)
        _require_weight(recipe.kind, term.weight, *path, "weight")
        counts = {"drop_lowest": term.drop_lowest, "drop_highest": term.drop_highest, "min_count": term.min_count}
        if term.column_id is not None and any(counts.values()):
            raise RuleBroken(UserErrorCode.INVALID, "only of a category grades are dropped", *path, "dropLowest")
        values = fitted(CalculationTerm, {"weight": term.weight, **counts}, *path)
        at_least(0, values, "weight", *counts, path=path)
        if term.min_count and recipe.kind == CalculationKind.TOTAL:
            raise RuleBroken(UserErrorCode.INVALID, "a total has no need of so many", *path, "minCount")
        if term.min_count > MOST_TERMS:
            raise RuleBroken(UserErrorCode.OUT_OF_RANGE, f"above {MOST_TERMS}", *path, "minCount")
        of = {"category_id": term.category_id, "column_id": term.column_id}
        if any(of == {name: row[name] for name in of} for row in rows):
            raise RuleBroken(UserErrorCode.INVALID, "the same for a second time", *path)
        rows.append({"number": index + 1, **of, **values})
    if rows and recipe.kind == CalculationKind.WEIGHTED_TOTAL and not any(row["weight"] for row in rows):
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "all weights are 0", "terms", "0", "weight")
    return rows


def _require_weight(kind: CalculationKind, weight: float | None, *field: str) -> None:
    if kind == CalculationKind.WEIGHTED_TOTAL and weight is None:
        raise RuleBroken(UserErrorCode.REQUIRED, "a weighted total needs weights", *field)
    if kind != CalculationKind.WEIGHTED_TOTAL and weight is not None:
        raise RuleBroken(UserErrorCode.INVALID, "only a weighted total has weights", *field)


async def _require_here(ctx: Context, course_instance_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise NOT_FOUND unless all columns and categories are of this course instance."""
    for name, field, model in (
        ("column_id", "columnId", Assessment),
        ("category_id", "categoryId", AssessmentCategory),
    ):
        keys = {row[name] for row in rows if row[name] is not None}
        table = model.__table__.c
        known = (
            select(table.id)
            .where(member_of(table.id, filter(is_key, keys)), table.course_instance_id == course_instance_id)
            .where(ctx.visible(model))
        )
        found = {row[0] for row in await ctx.db.fetch(known)} if keys else set()
        for index, row in enumerate(rows):
            if row[name] is not None and row[name] not in found:
                raise RuleBroken(UserErrorCode.NOT_FOUND, "not of this course instance", "terms", str(index), field)


async def _require_no_circle(
    ctx: Context, course_instance_id: int, assessment_id: int, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Raise INVALID when the column would be computed from itself, be it through others."""
    statement = (
        select(Calculation.assessment_id, CalculationTerm.column_id)
        .join(CalculationTerm, CalculationTerm.calculation_id == Calculation.id)
        .where(Calculation.course_instance_id == course_instance_id, CalculationTerm.column_id.is_not(None))
    )
    used: dict[int, set[int]] = defaultdict(set)
    for column_id, part_id in await ctx.db.fetch(statement):
        used[column_id].add(part_id)
    for index, row in enumerate(rows):
        if row["column_id"] is not None and assessment_id in _reached(used, row["column_id"]):
            message = "the column would be computed from itself"
            raise RuleBroken(UserErrorCode.INVALID, message, "terms", str(index), "columnId")


def _reached(used: Mapping[int, Collection[int]], start: int) -> set[int]:
    """A column and all that it is computed from."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        column_id = waiting.pop()
        if column_id not in found:
            found.add(column_id)
            waiting += used.get(column_id, ())
    return found
