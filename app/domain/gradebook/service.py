"""Grade schemas, notations and grading periods are made, changed and deleted.

All for instructors, editors of the course, administrators.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, select

from app.context import Context
from app.db.base import Base
from app.db.sets import member_of
from app.domain.assessments.following import columns_changed
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.policy import may_edit_content
from app.domain.gradebook.models import GradeNotation, GradeSchema, GradingPeriod, ScaleType
from app.domain.gradebook.scales import Symbol, checked_symbols
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, require_free, require_unused, update_row, visible_row
from app.domain.rules import fitted, in_order


class PeriodDetails(TypedDict, total=False):
    """What may be said of a grading period beside its title. Null empties; absent (or UNSET) stays as it is."""

    description: Change[str | None]
    position: Change[int]
    start_at: Change[datetime | None]
    end_at: Change[datetime | None]


async def create_grade_schema(
    ctx: Context,
    *,
    course_instance_id: int,
    title: str,
    scale_type: ScaleType,
    symbols: Sequence[Symbol] = (),
    external_id: str | None = None,
    description: str | None = None,
) -> int:
    """A new grade schema; the id.

    Raises NotFound, Forbidden; RuleBroken: TAKEN at `title`, `externalId`; at `symbols` like `checked_symbols`;
    REQUIRED, INVALID, TOO_LONG.
    """
    names = {"title": title, "external_id": external_id, "description": description}
    values = {**names, "scale_type": scale_type, "symbols": checked_symbols(scale_type, symbols)}
    return await _create(ctx, GradeSchema, course_instance_id, values, "title", "external_id")


async def update_grade_schema(
    ctx: Context,
    *,
    grade_schema_id: int,
    title: Change[str] = UNSET,
    scale_type: Change[ScaleType] = UNSET,
    symbols: Change[Sequence[Symbol]] = UNSET,
    external_id: Change[str | None] = UNSET,
    description: Change[str | None] = UNSET,
) -> int:
    """Change a grade schema, and at once how its columns' grades are shown and what course grades they make; the id.

    Symbols go with a scale that has none. Raises like `create_grade_schema`.
    """
    own = GradeSchema
    old = await _changeable(ctx, own, grade_schema_id, own.scale_type, own.symbols)
    values = given(title=title, scale_type=scale_type, external_id=external_id, description=description)
    scale = values.get("scale_type", old.scale_type)
    kept = () if scale != ScaleType.TABULAR else [Symbol(**each) for each in old.symbols]
    values["symbols"] = checked_symbols(scale, kept if symbols is UNSET else symbols)
    await _update(ctx, own, grade_schema_id, old.course_instance_id, values, "title", "external_id")
    if (scale, values["symbols"]) != (old.scale_type, old.symbols):
        await columns_changed(ctx, old.course_instance_id)
    return grade_schema_id


async def delete_grade_schema(ctx: Context, *, grade_schema_id: int) -> int:
    """Delete a grade schema of no column; the id. Raises NotFound, Forbidden; RuleBroken IN_USE at `gradeSchemaId`."""
    return await _delete(ctx, GradeSchema, grade_schema_id, "gradeSchemaId")


async def create_grade_notation(
    ctx: Context, *, course_instance_id: int, code: str, description: str | None = None
) -> int:
    """A new grade notation; the id. Raises NotFound, Forbidden; RuleBroken: TAKEN at `code`, REQUIRED, TOO_LONG."""
    values = {"code": code, "description": description}
    return await _create(ctx, GradeNotation, course_instance_id, values, "code")


async def update_grade_notation(
    ctx: Context, *, grade_notation_id: int, code: Change[str] = UNSET, description: Change[str | None] = UNSET
) -> int:
    """Change a grade notation; the id. Raises like `create_grade_notation`."""
    old = await _changeable(ctx, GradeNotation, grade_notation_id)
    values = given(code=code, description=description)
    await _update(ctx, GradeNotation, grade_notation_id, old.course_instance_id, values, "code")
    return grade_notation_id


async def delete_grade_notation(ctx: Context, *, grade_notation_id: int) -> int:
    """Delete a notation of no grade; the id. Raises NotFound, Forbidden; RuleBroken IN_USE at `gradeNotationId`."""
    return await _delete(ctx, GradeNotation, grade_notation_id, "gradeNotationId")


async def create_grading_period(
    ctx: Context, *, course_instance_id: int, title: str, **details: Unpack[PeriodDetails]
) -> int:
    """A new grading period; the id.

    Raises NotFound, Forbidden; RuleBroken: TAKEN at `title`, OUT_OF_RANGE at `endAt` before `startAt`; REQUIRED,
    INVALID, TOO_LONG.
    """
    values = given(title=title, **details)
    in_order({"start_at": values.get("start_at"), "end_at": values.get("end_at")})
    return await _create(ctx, GradingPeriod, course_instance_id, values, "title")


async def update_grading_period(
    ctx: Context, *, grading_period_id: int, title: Change[str] = UNSET, **details: Unpack[PeriodDetails]
) -> int:
    """Change a grading period; the id. Raises like `create_grading_period`."""
    own = GradingPeriod
    old = await _changeable(ctx, own, grading_period_id, own.start_at, own.end_at)
    values = given(title=title, **details)
    in_order({name: values.get(name, getattr(old, name)) for name in ("start_at", "end_at")})
    await _update(ctx, own, grading_period_id, old.course_instance_id, values, "title")
    return grading_period_id


async def delete_grading_period(ctx: Context, *, grading_period_id: int) -> int:
    """Delete a grading period; the id. Raises NotFound, Forbidden; RuleBroken IN_USE at `gradingPeriodId`."""
    return await _delete(ctx, GradingPeriod, grading_period_id, "gradingPeriodId")


async def symbols_of(ctx: Context, keys: Sequence[int]) -> list[list[Symbol]]:
    """For each grade schema id its symbols, the best first. One statement."""
    own = GradeSchema
    statement = select(own.id, own.symbols).where(member_of(own.id, keys), ctx.visible(own))
    found = {row[0]: [Symbol(**each) for each in row[1]] for row in await ctx.db.fetch(statement)}
    return [found.get(key, []) for key in keys]


async def _create(
    ctx: Context, model: type[Base], course_instance_id: int, values: dict[str, Any], *unique: str
) -> int:
    await may_edit_content(ctx, course_instance_id)
    fitting = fitted(model, values)
    await require_free(ctx, model, fitting, unique, model.__table__.c.course_instance_id == course_instance_id)
    return await insert_row(ctx, model, {"course_instance_id": course_instance_id, **fitting})


async def _changeable(ctx: Context, model: type[Base], key: int, *columns: Any) -> Any:
    """The course instance id and `columns` of a row, locked. Raises NotFound, Forbidden."""
    may_write(ctx)
    place: Any = model.__table__.c.course_instance_id
    found = await visible_row(ctx, model, key, place, *columns, lock=True)
    await may_edit_content(ctx, found.course_instance_id)
    return found


async def _update(
    ctx: Context, model: type[Base], key: int, course_instance_id: int, values: dict[str, Any], *unique: str
) -> None:
    fitting = fitted(model, values)
    here = model.__table__.c.course_instance_id == course_instance_id
    await require_free(ctx, model, fitting, unique, here, except_key=key)
    await update_row(ctx, model, key, fitting)


async def _delete(ctx: Context, model: type[Base], key: int, field: str) -> int:
    await _changeable(ctx, model, key)
    await require_unused(ctx, model, key, field)
    await ctx.db.execute(delete(model).where(model.__table__.c.id == key))
    return key
