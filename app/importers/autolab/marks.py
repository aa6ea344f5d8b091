"""Gradesheets into submissions and scores; what follows from them follows in the domain.

A row whose time is stored already is that submission; a later one is a new version. Learners see new marks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.grades.flow import lock_columns, propagate
from app.domain.grades.models import ChangeKind, ColumnGrade, Score
from app.domain.grades.overrides import amend
from app.importers.autolab.gradesheet import EXCUSED, ZEROED, Sheet, SheetRow
from app.importers.merge import merge
from app.importers.summary import Summary

Versions = Mapping[int, Mapping[datetime, int]]  # user → when handed in → number
Numbered = tuple[SheetRow, int]


async def merge_marks(ctx: Context, sheet: Sheet, summary: Summary) -> None:
    """Merge a gradesheet: sittings, submissions, scores, and grades that are excused or zeroed."""
    columns = await lock_columns(ctx, [sheet.assessment_id])
    rows, older = _numbered(sheet.rows, await _versions(ctx, sheet.assessment_id))
    instances = await _merge_instances(ctx, sheet, rows)
    submissions = await _merge_submissions(ctx, sheet, rows, instances, summary)
    await _merge_scores(ctx, sheet, rows, submissions, summary)
    await propagate(ctx, list(instances.values()), ChangeKind.IMPORTED, recount=True)
    edits = await _edits(ctx, sheet)
    await amend(ctx, columns, edits, ChangeKind.IMPORTED)
    if any(row.word for row in sheet.rows):
        words = sum(row.word is not None for row in sheet.rows)
        summary.add("grades excused or zeroed", changed=len(edits), unchanged=words - len(edits))
    if older:
        summary.notes.append(f"{sheet.file}: rows older than the submissions that are stored, not taken: {older:,}")
    if differing := sum(row.differs for row in sheet.rows):
        summary.notes.append(f"{sheet.file}: totals that are not the sum of the marks, the sum is kept: {differing:,}")
    summary.notes.append(f"{sheet.file}: not taken, the roster has them: names, section, lecture")


def _numbered(rows: Sequence[SheetRow], versions: Versions) -> tuple[list[Numbered], int]:
    """The rows with a submission and its number, and how many are older than what is stored."""
    numbered: list[Numbered] = []
    older = 0
    for row in rows:
        if row.submitted_at is None:
            continue
        known = versions.get(row.user_id, {})
        number = known.get(row.submitted_at)
        if number is None and known and row.submitted_at < max(known):
            older += 1
        else:
            numbered.append((row, number or 1 + max(known.values(), default=0)))
    return numbered, older


async def _versions(ctx: Context, assessment_id: int) -> Versions:
    """Moments in whole seconds, as gradesheets have them."""
    statement = (
        select(AssessmentInstance.user_id, Submission.submitted_at, Submission.number)
        .join(Submission, Submission.assessment_instance_id == AssessmentInstance.id)
        .where(AssessmentInstance.assessment_id == assessment_id, AssessmentInstance.number == 1)
        .where(AssessmentInstance.user_id.is_not(None))
        .order_by(Submission.number)
    )
    found: dict[int, dict[datetime, int]] = defaultdict(dict)
    for user_id, submitted_at, number in await ctx.db.fetch(statement):
        found[user_id][submitted_at.replace(microsecond=0)] = number
    return found


async def _merge_instances(ctx: Context, sheet: Sheet, rows: Sequence[Numbered]) -> dict[int, int]:
    """The sitting of each learner, with a question for every problem."""
    merged = await merge(
        ctx,
        AssessmentInstance,
        [
            (sheet.assessment_id, row.user_id, 1, sheet.course_instance_id, sheet.max_points, *[row.submitted_at] * 2)
            for row, _ in rows
        ],
        key=("assessment_id", "user_id", "number"),
        initial=("course_instance_id", "max_points", "started_at", "modified_at"),
        within=AssessmentInstance.assessment_id == sheet.assessment_id,
    )
    ids = {row.user_id: merged.ids[sheet.assessment_id, row.user_id, 1] for row, _ in rows}
    await merge(
        ctx,
        InstanceQuestion,
        [(id_, problem_id, number) for id_ in ids.values() for problem_id, number in sheet.problems.items()],
        key=("assessment_instance_id", "problem_id"),
        initial=("number",),
        within=member_of(InstanceQuestion.assessment_instance_id, ids.values()),
    )
    return ids


async def _merge_submissions(
    ctx: Context, sheet: Sheet, rows: Sequence[Numbered], instances: Mapping[int, int], summary: Summary
) -> dict[int, int]:
    merged = await merge(
        ctx,
        Submission,
        [
            (instances[row.user_id], number, row.submitted_at, row.is_late, sheet.course_instance_id, row.user_id)
            for row, number in rows
        ],
        key=("assessment_instance_id", "number"),
        initial=("submitted_at", "is_late", "course_instance_id", "submitted_by_id"),
        within=member_of(Submission.assessment_instance_id, instances.values()),
    )
    summary.add("submissions", **merged.counts)
    return {row.user_id: merged.ids[instances[row.user_id], number] for row, number in rows}


async def _merge_scores(
    ctx: Context, sheet: Sheet, rows: Sequence[Numbered], submissions: Mapping[int, int], summary: Summary
) -> None:
    """An empty cell empties a score that is there, and makes none."""
    within = member_of(Score.submission_id, submissions.values())
    found = await ctx.db.fetch(select(Score.submission_id, Score.problem_id).where(within))
    scored = {tuple(pair) for pair in found}
    given = []
    for row, _ in rows:
        for problem_id, value in row.scores.items():
            pair = (submissions[row.user_id], problem_id)
            if value is not None or pair in scored:
                given.append((*pair, value, None if sheet.has_autograder else value, True, ctx.now))
    merged = await merge(
        ctx,
        Score,
        given,
        key=("submission_id", "problem_id"),
        compared=("value", "manual_value"),
        initial=("is_released", "graded_at"),
        within=within,
    )
    summary.add("scores", **merged.counts)


async def _edits(ctx: Context, sheet: Sheet) -> dict[tuple[int, int], dict[str, Any]]:
    """What the words change: excused is exempt, zeroed an override with 0 points. Others stay as they are."""
    columns = (ColumnGrade.user_id, ColumnGrade.is_exempt, ColumnGrade.override_points)
    rows = await ctx.db.fetch(select(*columns).where(ColumnGrade.assessment_id == sheet.assessment_id))
    stored = {row.user_id: row for row in rows}
    edits: dict[tuple[int, int], dict[str, Any]] = {}
    for row in sheet.rows:
        old = stored.get(row.user_id)
        if row.word == EXCUSED and not (old and old.is_exempt):
            edits[sheet.assessment_id, row.user_id] = {"is_exempt": True}
        elif row.word == ZEROED and (old is None or old.override_points != 0):
            by = {"overridden_at": ctx.now, "overridden_by_id": ctx.principal.user_id}
            edits[sheet.assessment_id, row.user_id] = {"override_points": 0.0, **by}
    return edits
