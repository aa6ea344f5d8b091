"""Which marks a course instance keeps back from learners, always or until they are due (contracts/edx-core.md §4.4).

A graded block says so of what it is assessed by, and a total that such marks go into would betray them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, literal_column, or_, select, true, union
from sqlalchemy.orm import aliased

from app.db.spans import weeks_between
from app.domain.assessments.models import Assessment, AssessmentExtension, GradingType
from app.domain.blocks.models import Block, BlockPath, ShowCorrectness
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.policy import attended, taught
from app.domain.progress.models import LearnerRecord
from app.policy import Viewing

EVER = Block.show_correctness != literal_column(f"'{ShowCorrectness.ALWAYS}'")
"""As an index knows it."""


def withheld(viewing: Viewing) -> Select[Any]:
    """Ids of the assessments whose marks the principal, who learns there and does not teach, may not see now."""
    return _withheld(viewing, Assessment.id)


def incomplete(viewing: Viewing) -> Select[Any]:
    """Ids of the course instances whose totals the principal may not see now: marks in them are withheld."""
    return _withheld(viewing, Assessment.course_instance_id)


def withheld_columns(viewing: Viewing) -> Select[Any]:
    """Ids of the assessments of whose grades the principal sees nothing now: withheld ones, and totals of such."""
    total = select(Assessment.id).where(
        Assessment.grading_type == GradingType.CALCULATED, Assessment.course_instance_id.in_(incomplete(viewing))
    )
    return select(union(withheld(viewing), total).subquery())


def _withheld(viewing: Viewing, column: Any) -> Select[Any]:
    shown = and_(Block.show_correctness == ShowCorrectness.PAST_DUE, _is_past_due(viewing))
    return (
        select(column)
        .select_from(Block)
        .join(Assessment, Assessment.block_id == Block.id)
        .where(EVER, Block.course_instance_id.in_(attended(viewing)), Block.course_instance_id.not_in(taught(viewing)))
        .where(~shown, Assessment.deleted_at.is_(None))
    )


def _is_past_due(viewing: Viewing) -> ColumnElement[bool]:
    """Whether a block is due for the principal no more, or never was: as `pacing.effective_due_dates` says it."""
    return func.coalesce(_said(viewing), true())


def _said(viewing: Viewing) -> ScalarSelect[Any]:
    """The same by the nearest block, from itself upwards, that says anything of a due date."""
    person, path, above, own = viewing.principal.user_id, BlockPath, aliased(Block), aliased(Assessment)
    place, extension, record = CourseInstance, AssessmentExtension, LearnerRecord
    later = case((place.start_at > Enrollment.enrolled_at, place.start_at), else_=Enrollment.enrolled_at)
    begun: ColumnElement[Any] = func.coalesce(record.schedule_start_at, later, type_=later.type)
    is_paced = and_(place.is_self_paced, above.weeks_due.is_not(None), begun.is_not(None))
    is_free = and_(extension.id.is_not(None), extension.due_at.is_(None), extension.end_at.is_(None))
    is_past = case(
        (is_free, true()),
        (extension.due_at.is_not(None), extension.due_at < viewing.now),
        (is_paced, weeks_between(begun, viewing.now) > above.weeks_due),
        else_=above.due_at < viewing.now,
    )
    return (
        select(is_past)
        .select_from(path)
        .join(above, above.id == path.ancestor_id)
        .join(place, place.id == above.course_instance_id)
        .join(Enrollment, and_(Enrollment.course_instance_id == place.id, Enrollment.user_id == person), isouter=True)
        .join(record, and_(record.course_instance_id == place.id, record.user_id == person), isouter=True)
        .join(own, own.block_id == above.id, isouter=True)
        .join(extension, and_(extension.assessment_id == own.id, extension.user_id == person), isouter=True)
        .where(path.block_id == Block.id)
        .where(or_(above.due_at.is_not(None), above.weeks_due.is_not(None), extension.id.is_not(None)))
        .order_by(path.distance)
        .limit(1)
        .correlate(Block)
        .scalar_subquery()
    )
