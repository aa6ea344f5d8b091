"""What a sheet changes: found before anything is written, and written by the one service that writes grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.grades.flow import lock_columns
from app.domain.grades.models import ChangeKind, ColumnGrade, CourseGrade
from app.domain.grades.overrides import amend
from app.importers.gradebook.people import Learners
from app.importers.gradebook.sheet import COURSE_GRADE, EXEMPT, Column, Row, Sheet, written
from app.importers.merge import merge
from app.importers.places import Place
from app.importers.summary import Summary

CHUNK = 5_000


@dataclass(slots=True)
class Changes:
    """Grades that differ, by (place of the column, index of the row); results by the row's index; how many do not.

    `told` are lines of a table: column, learner, before, after.
    """

    grades: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    results: dict[int, str] = field(default_factory=dict)
    is_new: set[tuple[int, int]] = field(default_factory=set)
    unchanged: int = 0
    told: list[tuple[str, ...]] = field(default_factory=list)


async def compare(
    ctx: Context, sheet: Sheet, assessments: Mapping[int, int], learners: Learners, place: Place
) -> Changes:
    """Compare a sheet with what is stored. Empty cells say nothing."""
    columns = await lock_columns(ctx, sorted(assessments.values()))
    facts = (ColumnGrade.assessment_id, ColumnGrade.user_id, ColumnGrade.points, ColumnGrade.is_exempt)
    here = member_of(ColumnGrade.assessment_id, columns)
    stored = {(row[0], row[1]): row for row in await ctx.db.fetch(select(*facts).where(here))}
    changes = Changes()
    for column in sheet.columns:
        for row in sheet.rows:
            if column.place in row.points:
                pair = (assessments.get(column.place), learners.ids.get(row.index))
                _compare(sheet, changes, column, row, stored.get(pair), learners)
    if any(row.result for row in sheet.rows):
        await _compare_results(ctx, sheet, changes, learners, place)
    return changes


def _compare(sheet: Sheet, changes: Changes, column: Column, row: Row, old: Any, learners: Learners) -> None:
    new = row.points[column.place]
    before, was_exempt = (None, False) if old is None else (old.points, old.is_exempt)
    edit: dict[str, Any] = {}
    if new is None:
        if not was_exempt:
            edit["is_exempt"] = True
    else:
        if new != before:
            edit["override_points"] = new
        if was_exempt and sheet.counts_again:
            edit["is_exempt"] = False
    if not edit:
        changes.unchanged += 1
        return
    key = (column.place, row.index)
    changes.grades[key] = edit
    if old is None:
        changes.is_new.add(key)
    was = EXEMPT if was_exempt and "is_exempt" in edit else written(before)
    changes.told.append((column.heading, _called(row, learners), was, EXEMPT if new is None else written(new)))


async def _compare_results(ctx: Context, sheet: Sheet, changes: Changes, learners: Learners, place: Place) -> None:
    own = select(CourseGrade.user_id, CourseGrade.result).where(CourseGrade.course_instance_id == place.id)
    stored = {row[0]: row[1] for row in await ctx.db.fetch(own)}
    for row in sheet.rows:
        if row.result is None:
            continue
        before = stored.get(learners.ids.get(row.index, 0))
        if before == row.result:
            changes.unchanged += 1
            continue
        changes.results[row.index] = row.result
        changes.told.append((COURSE_GRADE, _called(row, learners), before or "", row.result))


def _called(row: Row, learners: Learners) -> str:
    user_id = learners.ids.get(row.index) or learners.elsewhere.get(row.index) or -row.index
    return learners.usernames[user_id]


async def write(
    ctx: Context, changes: Changes, assessments: Mapping[int, int], learners: Learners, place: Place, summary: Summary
) -> None:
    """Write what differs: points as overrides, with change indices and history."""
    columns = await lock_columns(ctx, sorted(set(assessments.values())))
    by = {"overridden_at": ctx.now, "overridden_by_id": ctx.principal.user_id}
    edits = {
        (assessments[column], learners.ids[row]): edit | (by if "override_points" in edit else {})
        for (column, row), edit in changes.grades.items()
    }
    pairs = sorted(edits)
    for start in range(0, len(pairs), CHUNK):
        few = {pair: edits[pair] for pair in pairs[start : start + CHUNK]}
        await amend(ctx, columns, few, ChangeKind.IMPORTED)
    created = len(changes.is_new)
    summary.add("grades", created=created, changed=len(edits) - created, unchanged=changes.unchanged)
    if changes.results:
        merged = await merge(
            ctx,
            CourseGrade,
            [(place.id, learners.ids[row], result) for row, result in changes.results.items()],
            key=("course_instance_id", "user_id"),
            compared=("result",),
            within=CourseGrade.course_instance_id == place.id,
        )
        summary.add("course grades", **merged.counts)
