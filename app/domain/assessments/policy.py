"""Who sees assessments: the staff all, learners those that have been released (`start_at` in the past or unset).

Learners see nothing of a column that is hidden from them (contracts/blackboard.md §7).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, not_, or_, select, union

from app.db.base import renamed
from app.domain.assessments.models import (
    Assessment,
    AssessmentAccessRule,
    AssessmentCategory,
    AssessmentExtension,
    AssessmentFile,
    Problem,
    Question,
    Zone,
)
from app.domain.blocks.closing import closed_to
from app.domain.blocks.hiding import reschedules_blocks
from app.domain.catalog.models import CourseInstance
from app.domain.catalog.policy import course_instance_exists, deleted_course_instances
from app.domain.enrollment.policy import attended, staffed, teaches
from app.policy import Viewing, existence, exists_unless, mask, visibility

exists_unless(AssessmentCategory.course_instance_id, deleted_course_instances)


@visibility(AssessmentCategory)
def category_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody in the course instance."""
    column = AssessmentCategory.course_instance_id
    return or_(column.in_(attended(viewing)), column.in_(staffed(viewing)))


@existence(Assessment)
def assessment_exists() -> ColumnElement[bool]:
    """A deleted one is kept and seen by nobody, and so is what it is made of and the work on it."""
    return and_(Assessment.deleted_at.is_(None), Assessment.course_instance_id.not_in(deleted_course_instances()))


def deleted_assessments() -> Select[Any]:
    """Ids of those that do not exist."""
    gone = or_(Assessment.deleted_at.is_not(None), Assessment.course_instance_id.in_(deleted_course_instances()))
    return select(Assessment.id).where(gone)


exists_unless(Zone.assessment_id, deleted_assessments)
exists_unless(Problem.assessment_id, deleted_assessments)
exists_unless(AssessmentAccessRule.assessment_id, deleted_assessments)
exists_unless(AssessmentExtension.assessment_id, deleted_assessments)


@visibility(Assessment)
def assessment_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Staff of the content; learners once it and its block are open, unless hidden."""
    return _released(viewing)


def _released(viewing: Viewing, *, inside: bool = False) -> ColumnElement[bool]:
    started = or_(Assessment.start_at.is_(None), Assessment.start_at < viewing.now)
    is_closed = closed_to(Assessment.block_id, viewing, inside=inside)
    released = and_(started, Assessment.is_visible, ~is_closed)
    column = Assessment.course_instance_id
    return or_(column.in_(staffed(viewing)), and_(released, column.in_(attended(viewing))))


def hidden_columns() -> Select[Any]:
    """Ids of the assessments of which learners see nothing."""
    return select(Assessment.id).where(not_(Assessment.is_visible))


def visible_assessments(viewing: Viewing) -> Select[Any]:
    """Ids of the assessments that the principal sees."""
    return select(Assessment.id).where(assessment_exists(), assessment_visible(viewing))


def documents(condition: ColumnElement[bool]) -> Select[Any]:
    """Ids of the files that are the writeup or the handout of assessments of which something holds."""
    columns = (Assessment.writeup_file_id, Assessment.handout_file_id)
    return select(union(*(select(each).where(each.is_not(None), condition) for each in columns)).subquery())


@existence(AssessmentFile)
def assessment_file_exists() -> ColumnElement[bool]:
    """With the assessment."""
    return AssessmentFile.id.in_(documents(assessment_exists()))


@visibility(AssessmentFile)
def assessment_file_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the assessment: learners once it is released (contracts/autolab.md §3)."""
    return AssessmentFile.id.in_(documents(assessment_visible(viewing)))


@visibility(Zone)
def zone_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the assessment."""
    return Zone.assessment_id.in_(visible_assessments(viewing))


@visibility(Problem)
def problem_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the assessment, where what lies in its block is open."""
    opened = select(Assessment.id).where(assessment_exists(), _released(viewing, inside=True))
    return Problem.assessment_id.in_(opened)


@visibility(Question)
def question_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Staff of an instance of the course, and whoever sees a problem made of it."""
    placed = select(Problem.question_id).where(problem_visible(viewing))
    return or_(Question.course_id.in_(staffed_courses(viewing)), Question.id.in_(placed))


def staffed_courses(viewing: Viewing) -> Select[Any]:
    """Ids of the courses of which the principal sees an instance's content as staff."""
    return select(CourseInstance.course_id).where(CourseInstance.id.in_(staffed(viewing)), course_instance_exists())


@mask(Question.correct_answer, Question.options)
def answer_for_staff(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Right answers are for the course's staff."""
    return case((Question.course_id.in_(staffed_courses(viewing)), attribute))


@visibility(AssessmentAccessRule)
def access_rule_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the assessment."""
    return AssessmentAccessRule.assessment_id.in_(visible_assessments(viewing))


@mask(AssessmentAccessRule.password, AssessmentAccessRule.uids, AssessmentAccessRule.exam_uuid)
def secrets_for_staff(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Passwords and lists of people are for the staff."""
    staff = select(Assessment.id).where(Assessment.course_instance_id.in_(staffed(viewing)))
    return case((AssessmentAccessRule.assessment_id.in_(staff), attribute))


@reschedules_blocks
def rescheduled(block_id: Any, viewing: Viewing) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """By an extension: without any date, or to one that is still to come; to one that is past."""

    def is_extended(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        own = select(extension.c.id).join(of, of.c.id == extension.c.assessment_id)
        mine = own.where(of.c.block_id == block_id, extension.c.user_id == viewing.principal.user_id, condition)
        return mine.correlate_except(extension, of).exists()

    extension, of = renamed(AssessmentExtension), renamed(Assessment)
    due_at = extension.c.due_at
    is_boundless = and_(due_at.is_(None), extension.c.end_at.is_(None))
    return is_extended(or_(is_boundless, due_at >= viewing.now)), is_extended(due_at < viewing.now)


@visibility(AssessmentExtension)
def extension_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, and everybody's where one teaches."""
    return or_(
        AssessmentExtension.user_id == viewing.principal.user_id,
        teaches(AssessmentExtension.course_instance_id, viewing),
    )
