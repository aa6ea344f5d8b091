"""Marks that differ from what is stored: the submission and its score are corrected, the rest follows in the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from app.context import Context
from app.db.bulk import Row
from app.db.sets import member_of
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.grades.flow import propagate
from app.domain.grades.models import ChangeKind, Score
from app.importers.merge import merge
from app.importers.oulad.assessments import MAX_POINTS

if TYPE_CHECKING:
    from app.importers.oulad.marks import Mark


class Sitting(NamedTuple):
    """An assessment instance and its one instance question."""

    instance_id: int
    question_id: int


async def revise_marks(ctx: Context, marks: Sequence[Mark]) -> None:
    """Bring what is stored of these (assessment, user) pairs in line with the marks.

    Other submissions of the same sitting keep counting, an override of a grade stands, and each grade that changes gets
    a new change index and a line of history.
    """
    if not marks:
        return
    sittings = await _merge_sittings(ctx, marks)
    await _merge_scores(ctx, marks, await _merge_submissions(ctx, marks, sittings))
    await propagate(ctx, [sitting.instance_id for sitting in sittings.values()], ChangeKind.IMPORTED)


async def _merge_sittings(ctx: Context, marks: Sequence[Mark]) -> Mapping[Row, Sitting]:
    instances = await merge(
        ctx,
        AssessmentInstance,
        [
            (mark.assessment_id, mark.user_id, 1, mark.course_instance_id, False, MAX_POINTS, *[mark.submitted_at] * 3)
            for mark in marks
        ],
        key=("assessment_id", "user_id", "number"),
        initial=("course_instance_id", "is_open", "max_points", "started_at", "modified_at", "closed_at"),
        within=member_of(AssessmentInstance.assessment_id, {mark.assessment_id for mark in marks}),
    )
    ids = {mark[:2]: instances.ids[*mark[:2], 1] for mark in marks}
    questions = await merge(
        ctx,
        InstanceQuestion,
        [(ids[mark[:2]], mark.problem_id, 1) for mark in marks],
        key=("assessment_instance_id", "problem_id"),
        initial=("number",),
        within=member_of(InstanceQuestion.assessment_instance_id, ids.values()),
    )
    return {mark[:2]: Sitting(ids[mark[:2]], questions.ids[ids[mark[:2]], mark.problem_id]) for mark in marks}


async def _merge_submissions(ctx: Context, marks: Sequence[Mark], sittings: Mapping[Row, Sitting]) -> Mapping[Row, int]:
    rows = []
    for mark in marks:
        instance_id, question_id = sittings[mark[:2]]
        facts = (mark.submitted_at, mark.is_late, mark.is_banked)
        rows.append((instance_id, 1, *facts, mark.course_instance_id, question_id, mark.user_id))
    merged = await merge(
        ctx,
        Submission,
        rows,
        key=("assessment_instance_id", "number"),
        compared=("submitted_at", "is_late", "is_banked"),
        initial=("course_instance_id", "instance_question_id", "submitted_by_id"),
        within=member_of(Submission.assessment_instance_id, [row[0] for row in rows]),
    )
    return {mark[:2]: merged.ids[row[:2]] for mark, row in zip(marks, rows, strict=True)}


async def _merge_scores(ctx: Context, marks: Sequence[Mark], submissions: Mapping[Row, int]) -> None:
    """A mark without a value empties a score that is there, and makes none."""
    stored = select(Score.submission_id).where(member_of(Score.submission_id, submissions.values()))
    scored = {submission_id for (submission_id,) in await ctx.db.fetch(stored)}
    rows = [
        (submissions[mark[:2]], mark.problem_id, mark.value, mark.manual_value, True, mark.submitted_at)
        for mark in marks
        if mark.value is not None or submissions[mark[:2]] in scored
    ]
    await merge(
        ctx,
        Score,
        rows,
        key=("submission_id", "problem_id"),
        compared=("value", "manual_value"),
        initial=("is_released", "graded_at"),
        within=member_of(Score.submission_id, [row[0] for row in rows]),
    )
