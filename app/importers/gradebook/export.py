"""A course instance's gradebook as a file that `import gradebook` reads back without a difference."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import GradingType
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.grades.models import ColumnGrade
from app.domain.identity.models import User
from app.errors import ConfigurationError, NotFound
from app.importers.failure import ImportFailure
from app.importers.gradebook import blackboard, canvas
from app.importers.gradebook.columns import assessments_of, matched
from app.importers.gradebook.sheet import EXEMPT, Row, written
from app.importers.places import find_instance

FORMS: dict[str, Any] = {"canvas": canvas, "blackboard": blackboard, "csv": blackboard}


async def export_gradebook(ctx: Context, course: str, form: str, *, released: bool = False) -> bytes:
    """The gradebook of the course instance `course`: learners who have not dropped, columns that are not calculated.

    With `released` what learners see, else all points. Raises NotFound, ConfigurationError for an unknown form.
    """
    if form not in FORMS:
        raise ConfigurationError(f"unknown form {form!r}: use {' or '.join(FORMS)}")
    try:
        place = await find_instance(ctx, course, course)
    except ImportFailure:
        raise NotFound(f"there is no course instance {course!r}") from None
    stored = await assessments_of(ctx, place)
    living = (each for each in stored if each.deleted_at is None)
    assessments = [each for each in living if each.grading_type != GradingType.CALCULATED]
    points = ColumnGrade.released_points if released else ColumnGrade.points
    graded = select(ColumnGrade.assessment_id, ColumnGrade.user_id, points, ColumnGrade.is_exempt)
    rows = await ctx.db.fetch(graded.where(ColumnGrade.course_instance_id == place.id))
    grades = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    exempt = EXEMPT if form == "canvas" else None
    people = [
        (person, [_cell(grades.get((each.id, person.index)), exempt) for each in assessments])
        for person in await _people(ctx, place.id)
    ]
    headings = [_heading(form, each, stored) for each in assessments]
    if form == "canvas":
        table = canvas.canvas_table(headings, [each.max_points for each in assessments], people)
    else:
        table = (blackboard.plain_table if form == "csv" else blackboard.blackboard_table)(headings, people)
    return _encoded(table, form)


def _cell(grade: tuple[float | None, bool] | None, exempt: str | None) -> str:
    points, is_exempt = grade or (None, False)
    return exempt if is_exempt and exempt is not None else written(points)


async def _people(ctx: Context, course_instance_id: int) -> list[Row]:
    """The learners by name; `index` is the user's id."""
    names = (User.id, User.username, User.email, User.name, User.given_name, User.family_name, User.uin)
    statement = (
        select(*names, User.external_id)
        .join(Enrollment, Enrollment.user_id == User.id)
        .where(Enrollment.course_instance_id == course_instance_id, Enrollment.role == Role.STUDENT.value)
        .where(Enrollment.status != EnrollmentStatus.DROPPED.value)
        .order_by(User.family_name, User.given_name, User.username)
    )
    return [
        Row(
            row.id,
            [],
            row.email,
            row.given_name,
            row.family_name,
            row.name,
            row.username,
            row.uin or row.external_id,
            str(row.id),
        )
        for row in await ctx.db.fetch(statement)
    ]


def _heading(form: str, assessment: Any, stored: Sequence[Any]) -> str:
    """The shortest header that leads back to the assessment: with its external id, without a key, with its uuid."""
    title, maximum = assessment.title, assessment.max_points
    known = FORMS[form]
    for key in (assessment.external_id, None):
        heading: str = known.heading_of(title, key, maximum)
        if known.is_grade(heading) and matched([known.column_of(0, heading)], stored)[0] == {0: assessment.id}:
            return heading
    return str(known.heading_of(title, assessment.uuid, maximum))


def _encoded(table: Sequence[Sequence[str]], form: str) -> bytes:
    stream = io.StringIO(newline="")
    if form == "blackboard":
        csv.writer(stream, delimiter="\t", quoting=csv.QUOTE_ALL).writerows(table)
        return stream.getvalue().encode("utf-16")
    csv.writer(stream).writerows(table)
    return stream.getvalue().encode("utf-8")
