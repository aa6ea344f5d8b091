"""The change index and the append-only history of grades (contracts/blackboard.md §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import func, insert, select, update

from app.context import Context
from app.domain.grades.models import ChangeKind, ColumnGrade, Counter, GradeChange
from app.domain.rows import insert_missing, update_rows

CHANGE_INDEX = "change_index"
PARTS = (
    "points",
    "released_points",
    "max_points",
    "score_perc",
    "released_score_perc",
    "override_points",
    "override_text",
    "override_max_points",
    "override_all_points",
    "override_all_max_points",
    "override_reason",
    "override_source",
    "grade_notation_id",
    "is_exempt",
    "feedback",
    "notes",
    "assessment_instance_id",
)


class GradeWrite(NamedTuple):
    """A grade to insert (`id` None) or to update: its parts as they were, all columns as they shall be."""

    id: int | None
    pair: tuple[int, int]
    before: dict[str, Any] | None
    values: dict[str, Any]


async def record(
    ctx: Context, kind: ChangeKind, course_instances: Mapping[int, int], writes: Sequence[GradeWrite]
) -> dict[tuple[int, int], int]:
    """Write grades, each with a new change index and a line of history; ids of the inserted ones, by pair.

    `course_instances` are by assessment. The index is drawn last of all reads: on PostgreSQL other writers wait for
    it, so that indices become visible in their order.
    """
    if not writes:
        return {}
    last = await draw(ctx, len(writes))
    drawn = range(last - len(writes) + 1, last + 1)
    inserts, updates = [], []
    for write, index in zip(writes, drawn, strict=True):
        if write.id is None:
            assessment_id, user_id = write.pair
            where = {"course_instance_id": course_instances[assessment_id], "assessment_id": assessment_id}
            inserts.append({**where, "user_id": user_id, **write.values, "change_index": index})
        else:
            updates.append({"id": write.id, **write.values, "change_index": index})
    made: dict[tuple[int, int], int] = {}
    if inserts:
        statement = insert(ColumnGrade).returning(ColumnGrade.assessment_id, ColumnGrade.user_id, ColumnGrade.id)
        made = {(row[0], row[1]): row[2] for row in await ctx.db.fetch(statement, inserts)}
    await update_rows(ctx, ColumnGrade, updates)
    lines = [_line(ctx, kind, write, made, index) for write, index in zip(writes, drawn, strict=True)]
    await ctx.db.execute(insert(GradeChange), lines)
    return made


async def draw(ctx: Context, count: int) -> int:
    """Draw so many change indices that nobody else gets; the last of them."""
    grown = update(Counter).where(Counter.name == CHANGE_INDEX).values(value=Counter.value + count)
    statement = grown.returning(Counter.value)
    last = await ctx.db.scalar(statement)
    if last is None:
        used = await ctx.db.scalar(select(func.coalesce(func.max(ColumnGrade.change_index), 0)))
        await insert_missing(ctx, Counter, [{"name": CHANGE_INDEX, "value": used}])
        last = await ctx.db.scalar(statement)
    return cast("int", last)


def _line(
    ctx: Context, kind: ChangeKind, write: GradeWrite, made: Mapping[tuple[int, int], int], index: int
) -> dict[str, Any]:
    after = {name: write.values[name] for name in PARTS}
    return {
        "column_grade_id": made[write.pair] if write.id is None else write.id,
        "change_index": index,
        "kind": kind,
        "changed_by_id": ctx.principal.user_id,
        "changed_at": ctx.now,
        "points_before": None if write.before is None else write.before["points"],
        "points_after": after["points"],
        "before": write.before,
        "after": after,
    }
