"""Who sees results: the staff who see learners' data all of them, learners what has been released to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, not_, or_, select

from app.db.base import renamed
from app.domain.assessments.models import Assessment, Problem
from app.domain.assessments.policy import deleted_assessments, hidden_columns
from app.domain.assessments.withholding import incomplete, withheld, withheld_columns
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.attempts.policy import WITH_SUBMISSION, submission_visible, taught_instances, withheld_instances
from app.domain.blocks.closing import WHOLE, marks_blocks
from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.policy import taught, teaches
from app.domain.grades.anonymity import is_given_by_name
from app.domain.grades.models import (
    Certificate,
    CertificateStatus,
    ColumnGrade,
    Counter,
    CourseGrade,
    GradeChange,
    Score,
)
from app.domain.identity.models import UserProfile
from app.policy import Viewing, exists_unless, exists_with, mask, visibility

RELEASED = {
    ColumnGrade.points.key: ColumnGrade.released_points,
    ColumnGrade.max_points.key: func.coalesce(ColumnGrade.released_max_points, ColumnGrade.max_points),
    ColumnGrade.score_perc.key: ColumnGrade.released_score_perc,
}


exists_with(Score, AssessmentInstance, WITH_SUBMISSION, Submission.id == Score.submission_id)
exists_unless(ColumnGrade.assessment_id, deleted_assessments)
exists_with(GradeChange, ColumnGrade, ColumnGrade.id == GradeChange.column_grade_id)
exists_unless(CourseGrade.course_instance_id, deleted_course_instances)
exists_unless(Certificate.course_instance_id, deleted_course_instances)


@visibility(Score)
def score_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the submission; that there *is* a score may be known before it is released."""
    return Score.submission_id.in_(select(Submission.id).where(submission_visible(viewing)))


@mask(
    Score.value,
    Score.manual_value,
    Score.feedback,
    Score.feedback_data,
    Score.partial_scores,
    Score.rubric,
    Score.grader_id,
)
def released_or_staff(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """The mark and what was said of it, once released and not withheld; the staff at once."""
    staff = select(Submission.id).where(Submission.course_instance_id.in_(taught(viewing)))
    kept = select(Problem.id).where(Problem.assessment_id.in_(withheld(viewing)))
    shown = and_(Score.is_released, Score.problem_id.not_in(kept))
    return case((or_(shown, Score.submission_id.in_(staff)), attribute))


@mask(InstanceQuestion.manual_points, InstanceQuestion.highest_submission_score, InstanceQuestion.last_submission_score)
def question_scores_for_learners(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Parts and extremes are shown to learners once every score of the question is released, and not withheld."""
    sitting = InstanceQuestion.assessment_instance_id
    staff = sitting.in_(taught_instances(viewing))
    hidden = exists().where(
        Submission.assessment_instance_id == InstanceQuestion.assessment_instance_id,
        Score.submission_id == Submission.id,
        Score.problem_id == InstanceQuestion.problem_id,
        Score.is_released.is_(False),
    )
    return case((or_(staff, and_(not_(hidden), sitting.not_in(withheld_instances(viewing)))), attribute))


@mask(Submission.notes)
def attempt_notes_for_staff(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Notes are the graders' own."""
    return case((Submission.course_instance_id.in_(taught(viewing)), attribute))


@mask(Submission.results, Submission.feedback)
def results_released(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Learners see what a rule or a grader made of their work as long as none of the scores is hidden or withheld."""
    hidden = exists().where(Score.submission_id == Submission.id, Score.is_released.is_(False))
    kept = Submission.assessment_instance_id.in_(withheld_instances(viewing))
    return case((or_(Submission.course_instance_id.in_(taught(viewing)), not_(or_(hidden, kept))), attribute))


@visibility(ColumnGrade)
def grade_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, not of hidden or withheld columns; where one teaches, everybody's that betray no anonymous work."""
    column = ColumnGrade.assessment_id
    shown = (column.not_in(hidden_columns()), column.not_in(withheld_columns(viewing)))
    return or_(and_(ColumnGrade.user_id == viewing.principal.user_id, *shown), _taught_and_known(viewing))


def _taught_and_known(viewing: Viewing) -> ColumnElement[bool]:
    return and_(teaches(ColumnGrade.course_instance_id, viewing), is_given_by_name(viewing))


@mask(ColumnGrade.points, ColumnGrade.score_perc, ColumnGrade.max_points)
def grade_released(viewing: Viewing, attribute: Any) -> ColumnElement[Any]:
    """Learners see what follows from released scores."""
    return case((ColumnGrade.course_instance_id.in_(taught(viewing)), attribute), else_=RELEASED[attribute.key])


@mask(ColumnGrade.notes)
def notes_for_staff(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Notes are the graders' own."""
    return case((ColumnGrade.course_instance_id.in_(taught(viewing)), attribute))


@marks_blocks
def released_mark(block_id: ColumnElement[int], viewing: Viewing) -> ColumnElement[Any]:
    """What the principal got for a graded block, in percent, as far as it has been released; overrides count."""
    own, of = renamed(ColumnGrade), renamed(Assessment)
    most = func.coalesce(own.c.released_max_points, own.c.max_points)
    return (
        select(WHOLE * own.c.released_points / func.nullif(most, 0.0))
        .join(of, of.c.id == own.c.assessment_id)
        .where(of.c.block_id == block_id, own.c.user_id == viewing.principal.user_id)
        .correlate_except(own, of)
        .scalar_subquery()
    )


@visibility(GradeChange)
def change_visible(viewing: Viewing) -> ColumnElement[bool]:
    """The staff, with the grade."""
    taught_grades = select(ColumnGrade.id).where(_taught_and_known(viewing))
    return GradeChange.column_grade_id.in_(taught_grades)


@visibility(CourseGrade)
def course_grade_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, unless some of what it is made of is withheld; where one teaches, everybody's."""
    place = CourseGrade.course_instance_id
    mine = and_(CourseGrade.user_id == viewing.principal.user_id, place.not_in(incomplete(viewing)))
    return or_(mine, teaches(place, viewing))


@visibility(Certificate)
def certificate_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own; everybody's where one teaches; and such as may be shown, of people who show theirs to everybody."""
    shown = select(UserProfile.user_id).where(UserProfile.shows_certificates)
    return or_(
        Certificate.user_id == viewing.principal.user_id,
        teaches(Certificate.course_instance_id, viewing),
        and_(Certificate.status == CertificateStatus.DOWNLOADABLE, Certificate.user_id.in_(shown)),
    )


@visibility(Counter)
def counter_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Nobody: counters are the machine's."""
    return false()
