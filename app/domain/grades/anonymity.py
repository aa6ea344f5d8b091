"""Anonymous grading: as long as it lasts, who marks does not learn whose work it is (contracts: Blackboard §4.4, §4.7).

It ends at a date, or once all is graded: the due date, if there is one, is over, something is marked, and nothing that
was handed in waits for a mark. Owners see their own work as ever, administrators see all.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, literal_column, or_, select

from app.domain.assessments.models import AnonymousGrading, Assessment
from app.domain.attempts.models import WAITING, AssessmentInstance, Submission
from app.domain.attempts.policy import owned
from app.domain.grades.models import ColumnGrade, Score
from app.policy import Viewing, veil

MARKED = select(literal(1)).where(Score.submission_id == Submission.id, Score.value.is_not(None)).correlate(Submission)
EVER = Assessment.anonymous_grading != literal_column(f"'{AnonymousGrading.NONE}'")
"""As an index knows it."""


def anonymous_assessments(viewing: Viewing) -> Select[Any]:
    """Ids of the assessments whose work is anonymous at that moment."""
    own = Assessment
    handed_in = or_(Submission.status.is_(None), Submission.status.in_(WAITING))
    waits = and_(Submission.is_exempt.is_(False), handed_in, ~MARKED.exists())
    all_graded = and_(
        or_(own.due_at.is_(None), own.due_at <= viewing.now), _has_work(MARKED.exists()), ~_has_work(waits)
    )
    over = case((own.anonymous_grading == AnonymousGrading.DATE, own.anonymous_until <= viewing.now), else_=all_graded)
    return select(own.id).where(EVER, over.is_not(True))


def _has_work(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an assessment has a submission that satisfies a condition."""
    sat = AssessmentInstance
    found = select(literal(1)).select_from(Submission).join(sat, sat.id == Submission.assessment_instance_id)
    return found.where(sat.assessment_id == Assessment.id, condition).correlate(Assessment).exists()


@veil(AssessmentInstance.user_id, AssessmentInstance.group_id)
def owner_known(viewing: Viewing) -> ColumnElement[bool]:
    """Whose work it is: to the owners, and where it is not anonymous."""
    return or_(owned(viewing), AssessmentInstance.assessment_id.not_in(anonymous_assessments(viewing)))


@veil(Submission.submitted_by_id)
def sender_known(viewing: Viewing) -> ColumnElement[bool]:
    """Who handed it in: as the owner."""
    own = AssessmentInstance
    mine = select(own.id).where(owned(viewing))
    nameless = select(own.id).where(own.assessment_id.in_(anonymous_assessments(viewing)))
    sitting = Submission.assessment_instance_id
    return or_(sitting.not_in(nameless), sitting.in_(mine))


@veil(
    ColumnGrade.assessment_instance_id,
    ColumnGrade.first_relevant_at,
    ColumnGrade.last_relevant_at,
)
def work_known(viewing: Viewing) -> ColumnElement[bool]:
    """From which work a grade is, and when that was handed in: to the learner, and where it is not anonymous."""
    known = ColumnGrade.assessment_id.not_in(anonymous_assessments(viewing))
    return or_(ColumnGrade.user_id == viewing.principal.user_id, known)


def is_given_by_name(viewing: Viewing) -> ColumnElement[bool]:
    """Whether that there is a grade, and when it changed, betrays nothing: it was set by hand, or is of no work."""
    own = ColumnGrade
    return or_(own.overridden_at.is_not(None), own.assessment_instance_id.is_(None), work_known(viewing))
