"""Gradesheets: for each learner of one assessment the latest submission with its marks, or a word in their place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.context import Context
from app.domain.assessments.models import Assessment, Problem
from app.domain.enrollment.models import Enrollment
from app.domain.identity.models import User
from app.importers.autolab.times import parse_instant
from app.importers.columns import decimal
from app.importers.failure import ImportFailure
from app.importers.places import Place
from app.importers.tables import Table

FIRST = ["Submission Time", "Email", "Total"]
LAST = ["First name", "Last name", "Section", "Lecture"]
NOTHING = ("not_submitted", "not_yet_submitted")
EXCUSED, ZEROED = "excused", "zeroed"
LIMIT = 10**9
POINTS = decimal(-LIMIT, LIMIT)
SUFFIX = "-gradesheet"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A learner's row. `scores` are points by problem id, None where nothing is marked; `word` excused or zeroed."""

    user_id: int
    submitted_at: datetime | None
    is_late: bool
    word: str | None
    total: float | None
    scores: dict[int, float | None]

    @property
    def differs(self) -> bool:
        """Whether the total is not the sum of the marks: penalties, or a correction by hand."""
        marked = math.fsum(value for value in self.scores.values() if value is not None)
        return self.total is not None and not math.isclose(marked, self.total, abs_tol=1e-6)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A gradesheet in the terms of the model. `problems` are the ids and numbers of all of the assessment."""

    file: str
    course_instance_id: int
    assessment_id: int
    max_points: float
    has_autograder: bool
    problems: dict[int, int]
    rows: list[SheetRow]


def is_gradesheet(table: Table) -> bool:
    """Whether the first row is a gradesheet's header."""
    return table.rows[0][:2] == FIRST[:2]


async def read_gradesheet(ctx: Context, table: Table, place: Place, option: str | None) -> Sheet:
    """Read a gradesheet against what is stored. Raises ImportFailure: nobody and nothing may be unknown."""
    assessment = await _assessment(ctx, table.file, place, option)
    where = Problem.assessment_id == assessment.id
    stored = await ctx.db.fetch(select(Problem.name, Problem.id, Problem.number).where(where).order_by(Problem.number))
    columns = _header(table, assessment.name, {name: id_ for name, id_, _ in stored})
    people = select(func.lower(User.email), User.id).join(Enrollment, Enrollment.user_id == User.id)
    found = await ctx.db.fetch(people.where(Enrollment.course_instance_id == place.id, User.email.is_not(None)))
    learners = {row[0]: row[1] for row in found}
    slack = timedelta(seconds=place.late_slack_seconds)
    due_at = None if assessment.due_at is None else assessment.due_at + slack
    seen: dict[int, int] = {}
    rows = []
    for index in table.filled(1):
        email = table.email(index, 1)
        if email not in learners:
            table.fail(index, f"{email} does not take part in {place.name}")
        if (earlier := seen.setdefault(learners[email], index)) != index:
            table.fail(index, f"repeats email {email} of row {earlier + 1}")
        rows.append(_row(table, index, learners[email], columns, due_at))
    problems = {id_: number for _, id_, number in stored}
    facts = (assessment.id, assessment.max_points, assessment.has_autograder)
    return Sheet(table.file, place.id, *facts, problems, rows)


async def _assessment(ctx: Context, file: str, place: Place, option: str | None) -> Any:
    """The assessment that the option or the file's name names."""
    name, stem = option, file.rpartition(".")[0]
    if name is None and stem.startswith(f"{place.name}-") and stem.endswith(SUFFIX):
        name = stem[len(place.name) + 1 : -len(SUFFIX)]
    if not name:
        expected = f"{place.name}-<assessment>{SUFFIX}.csv"
        raise ImportFailure(file, f"is not called {expected}: name the assessment with --assessment NAME")
    columns = (Assessment.id, Assessment.name, Assessment.due_at, Assessment.max_points, Assessment.has_autograder)
    here = (Assessment.course_instance_id == place.id, Assessment.name == name, Assessment.deleted_at.is_(None))
    rows = await ctx.db.fetch(select(*columns).where(*here))
    if not rows:
        raise ImportFailure(file, f"there is no assessment {name!r} in {place.name}")
    return rows[0]


def _header(table: Table, assessment: str, problems: dict[str, int]) -> dict[int, int]:
    """The problem of each column with marks."""
    header = table.rows[0]
    if len(header) < len(FIRST) + len(LAST) or header[:3] != FIRST or header[-4:] != LAST:
        table.fail(0, f"does not begin with {', '.join(FIRST)} and end with {', '.join(LAST)}")
    columns: dict[int, int] = {}
    for column in range(len(FIRST), len(header) - len(LAST)):
        if header[column] not in problems:
            table.fail(0, f"{assessment} has no problem {header[column]!r}")
        if problems[header[column]] in columns.values():
            table.fail(0, f"has the column {header[column]!r} twice")
        columns[column] = problems[header[column]]
    return columns


def _row(table: Table, index: int, user_id: int, columns: dict[int, int], due_at: datetime | None) -> SheetRow:
    header = table.rows[0]
    submitted_at = table.parsed(index, FIRST[0], 0, lambda text: parse_instant(text) if text else None)
    total = table.parsed(index, FIRST[2], 2, _total)
    scores = {
        problem_id: table.parsed(index, header[column], column, lambda text: POINTS(text) if text else None)
        for column, problem_id in columns.items()
    }
    if submitted_at is None and (isinstance(total, float) or any(each is not None for each in scores.values())):
        table.fail(index, "has marks and no Submission Time")
    if submitted_at is not None and total in NOTHING:
        table.fail(index, f"has a Submission Time and the Total {total}")
    word = total if total in (EXCUSED, ZEROED) else None
    is_late = submitted_at is not None and due_at is not None and submitted_at > due_at
    return SheetRow(user_id, submitted_at, is_late, word, total if isinstance(total, float) else None, scores)


def _total(text: str) -> float | str | None:
    if text in (*NOTHING, EXCUSED, ZEROED):
        return text
    points: float | None = POINTS(text) if text else None
    return points
