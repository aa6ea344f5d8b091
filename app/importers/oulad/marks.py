"""Submissions and their marks: new ones in bulk, those that differ from what is stored through `revision`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, select

from app.context import Context
from app.db.bulk import Row
from app.db.sets import member_of
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.grades.calculated import recalculate_all
from app.domain.grades.flow import lock_columns
from app.domain.grades.models import ColumnGrade, Score
from app.importers.oulad.arrivals import insert_marks
from app.importers.oulad.assessments import Placed
from app.importers.oulad.files import Files
from app.importers.oulad.people import Learners
from app.importers.oulad.revision import revise_marks
from app.importers.progress import Progress, step
from app.importers.summary import Summary


class Mark(NamedTuple):
    """A row of the file, in the terms of the model. `value` is in points, None when handed in and not marked."""

    assessment_id: int
    user_id: int
    course_instance_id: int
    problem_id: int
    submitted_at: datetime
    is_late: bool
    is_banked: bool
    value: float | None
    manual_value: float | None


async def merge_marks(
    ctx: Context,
    files: Files,
    places: Mapping[int, Placed],
    learners: Learners,
    summary: Summary,
    progress: Progress,
) -> None:
    """Merge studentAssessment.csv. Raises ImportFailure for an assessment or a student that is not there.

    The assessments are locked before a change index is drawn, as everywhere: two who wait for each other would fail.
    """
    marks = sorted(_read(files, places, learners), key=lambda mark: mark[:2])
    keys = [each.assessment_id for each in places.values()]
    await lock_columns(ctx, keys)
    known = await _known(ctx, keys)
    new, differing = [], []
    unchanged = 0
    for mark in marks:
        facts = known.get(mark[:2])
        if facts is None:
            new.append(mark)
        elif facts != mark[4:8]:
            differing.append(mark)
        else:
            unchanged += 1
    with step(progress, "submissions", len(marks)) as advance:
        await insert_marks(ctx, new, advance)
        await revise_marks(ctx, differing)
        for course_instance_id in sorted({mark.course_instance_id for mark in new}):
            await recalculate_all(ctx, course_instance_id)
        advance(len(marks) - len(new))
    summary.add("submissions", created=len(new), changed=len(differing), unchanged=unchanged)


def _read(files: Files, places: Mapping[int, Placed], learners: Learners) -> Iterator[Mark]:
    table = files.marks
    rows = table.rows("id_assessment", "id_student", "date_submitted", "is_banked", "score")
    for index, (id_, student, day, banked, score) in enumerate(rows):
        place = places.get(id_)
        if place is None:
            table.fail(index, f"assessment {id_} is not in {files.assessments.file}")
        user_id = learners[place.course_instance_id].get(student)
        if user_id is None:
            calendar = place.calendar
            table.fail(index, f"student {student} is not enrolled in {calendar.module} {calendar.name}")
        submitted_at = place.calendar.noon[day]
        yield Mark(
            place.assessment_id,
            user_id,
            place.course_instance_id,
            place.problem_id,
            submitted_at,
            submitted_at > place.due_at,
            banked == "1",
            score,
            score if place.is_tutor_marked else None,
        )


async def _known(ctx: Context, assessment_ids: list[int]) -> dict[Row, Row]:
    """What is stored of each (assessment, user) that has a sitting or a grade.

    The value is (submitted_at, is_late, is_banked, score) of the first submission; empty where a scored one has no
    grade, and where there is a grade and no sitting.
    """
    facts = (Submission.submitted_at, Submission.is_late, Submission.is_banked, Score.value)
    first = and_(Submission.assessment_instance_id == AssessmentInstance.id, Submission.number == 1)
    graded = and_(
        ColumnGrade.assessment_id == AssessmentInstance.assessment_id,
        ColumnGrade.user_id == AssessmentInstance.user_id,
    )
    sittings = (
        select(AssessmentInstance.assessment_id, AssessmentInstance.user_id, ColumnGrade.id, *facts)
        .outerjoin(Submission, first)
        .outerjoin(Score, Score.submission_id == Submission.id)
        .outerjoin(ColumnGrade, graded)
        .where(AssessmentInstance.number == 1, AssessmentInstance.user_id.is_not(None))
        .where(member_of(AssessmentInstance.assessment_id, assessment_ids))
    )
    unsat = (
        select(ColumnGrade.assessment_id, ColumnGrade.user_id)
        .where(ColumnGrade.assessment_instance_id.is_(None))
        .where(member_of(ColumnGrade.assessment_id, assessment_ids))
    )
    known: dict[Row, Row] = {tuple(row): () for row in await ctx.db.fetch(unsat)}
    for assessment_id, user_id, grade_id, *found in await ctx.db.fetch(sittings):
        is_complete = grade_id is not None or found[-1] is None
        known[assessment_id, user_id] = tuple(found) if is_complete else ()
    return known
