"""The gradebook of a derived course instance: its own columns, like the original's (contracts/edx-core.md §20).

What is to be handed in, how it is marked and what grades are made of is copied; no work, no grades, no extensions, and
no groups. The number of statements does not depend on how much it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, select

from app.context import Context
from app.db.base import Base
from app.db.sets import member_of
from app.domain.assessments.models import (
    Assessment,
    AssessmentAccessRule,
    AssessmentCategory,
    AssessmentFile,
    Problem,
    Zone,
)
from app.domain.blocks.following import Copies, follows_deriving
from app.domain.gradebook.formulas import Recipe, Term, written
from app.domain.gradebook.models import (
    Calculation,
    CalculationKind,
    CalculationTerm,
    GradeNotation,
    GradeSchema,
    GradingPeriod,
)
from app.domain.rows import insert_rows

OWN = ("id", "created_at", "updated_at")
"""Columns that are the copy's own."""
PLACED = (AssessmentCategory, GradeSchema, GradeNotation, GradingPeriod)
COUNTS = ("weight", "drop_lowest", "drop_highest", "min_count")


@follows_deriving
async def derive_gradebook(ctx: Context, origin_id: int, made_id: int, blocks: Copies) -> None:
    """Copy the gradebook of a course instance. Checks no permission."""
    here = {"course_instance_id": made_id}
    made: dict[type[Base], dict[int, int]] = {}
    for model in PLACED:
        where = model.__table__.c.course_instance_id == origin_id
        made[model] = await _copied(ctx, model, where, here)
    await _columns(ctx, origin_id, made_id, blocks, made)
    columns = made[Assessment]
    in_them = {"assessment_id": columns}
    made[Zone] = await _copied(ctx, Zone, member_of(Zone.assessment_id, columns), {}, in_them)
    parts: dict[str, Copies] = {**in_them, "zone_id": made[Zone], "block_id": blocks}
    await _copied(ctx, Problem, member_of(Problem.assessment_id, columns), {}, parts)
    rules = AssessmentAccessRule
    await _copied(ctx, rules, member_of(rules.assessment_id, columns), {}, in_them)
    await _calculations(ctx, made_id, columns, made[AssessmentCategory])


async def _copied(
    ctx: Context,
    model: type[Base],
    where: ColumnElement[bool],
    own: Mapping[str, Any],
    parts: Mapping[str, Copies] | None = None,
) -> dict[int, int]:
    """Copy rows, with columns of their `own`, and references that lead to copies where there are such `parts`."""
    table, parts = model.__table__, parts or {}
    rows = await ctx.db.fetch(select(table).where(where).order_by(table.c.id))
    new = [
        {
            **{name: value for name, value in row._mapping.items() if name not in OWN},
            **{name: copies.get(getattr(row, name)) for name, copies in parts.items()},
            **own,
        }
        for row in rows
    ]
    return dict(zip((row.id for row in rows), await insert_rows(ctx, model, new), strict=True))


async def _columns(
    ctx: Context, origin_id: int, made_id: int, blocks: Copies, made: dict[type[Base], dict[int, int]]
) -> None:
    """Copy the columns that are not deleted, with their documents."""
    own = Assessment
    where = (own.course_instance_id == origin_id) & own.deleted_at.is_(None)
    documents = select(own.writeup_file_id).where(where).union(select(own.handout_file_id).where(where))
    made[AssessmentFile] = await _copied(ctx, AssessmentFile, AssessmentFile.id.in_(documents), {})
    parts: dict[str, Copies] = {"category_id": made[AssessmentCategory], "grade_schema_id": made[GradeSchema]}
    parts |= {"block_id": blocks, **dict.fromkeys(("writeup_file_id", "handout_file_id"), made[AssessmentFile])}
    new = {"course_instance_id": made_id, "group_set_id": None, "external_id": None, "uuid": uuid4().hex}
    made[own] = await _copied(ctx, own, where, new, parts)


async def _calculations(ctx: Context, made_id: int, columns: Copies, categories: Copies) -> None:
    """Copy how calculated columns are computed; what they are computed from are the copies."""
    own, term = Calculation, CalculationTerm
    rows = await ctx.db.fetch(select(own.__table__).where(member_of(own.assessment_id, columns)).order_by(own.id))
    said: dict[int, list[dict[str, Any]]] = defaultdict(list)
    statement = select(term.__table__).where(member_of(term.calculation_id, [row.id for row in rows]))
    for row in await ctx.db.fetch(statement.order_by(term.calculation_id, term.number)):
        of = {"category_id": categories.get(row.category_id), "column_id": columns.get(row.column_id)}
        if any(of.values()):
            counts = {name: getattr(row, name) for name in COUNTS}
            said[row.calculation_id].append({"number": row.number, **of, **counts})
    new = [{"course_instance_id": made_id, **_formula(row, said[row.id], columns)} for row in rows]
    keys = await insert_rows(ctx, own, new)
    terms = [{"calculation_id": key, **each} for key, row in zip(keys, rows, strict=True) for each in said[row.id]]
    await insert_rows(ctx, term, terms)


def _formula(row: Any, said: list[dict[str, Any]], columns: Copies) -> dict[str, Any]:
    """A calculation's own columns, with the formula that its terms make."""
    terms = [Term(each["category_id"], each["column_id"], *(each[name] for name in COUNTS)) for each in said]
    formula, aliases = written(Recipe(CalculationKind(row.kind), row.is_running, terms))
    how = {"kind": row.kind, "is_running": row.is_running, "formula": formula, "aliases": aliases}
    return {"assessment_id": columns[row.assessment_id], **how}
