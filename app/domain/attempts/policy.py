"""Who sees learners' work: its owners (the learner, or the group's members) and the staff who see learners' data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select

from app.context import Context
from app.domain.assessments.policy import deleted_assessments
from app.domain.assessments.withholding import withheld
from app.domain.attempts.models import (
    AssessmentInstance,
    Event,
    InstanceQuestion,
    Submission,
    SubmissionFile,
    Variant,
)
from app.domain.enrollment.policy import taught, teaches
from app.domain.groups.policy import deleted_groups, my_groups
from app.domain.identity.policy import may_write
from app.errors import Forbidden
from app.policy import Viewing, existence, exists_with, mask, visibility

RELEASED = {
    AssessmentInstance.points.key: AssessmentInstance.released_points,
    AssessmentInstance.score_perc.key: AssessmentInstance.released_score_perc,
}


def owned(viewing: Viewing) -> ColumnElement[bool]:
    """The principal's own assessment instances, and their groups'."""
    return or_(
        AssessmentInstance.user_id == viewing.principal.user_id,
        AssessmentInstance.group_id.in_(my_groups(viewing)),
    )


@existence(AssessmentInstance)
def instance_exists() -> ColumnElement[bool]:
    """With its assessment and its group."""
    own = AssessmentInstance
    return and_(
        own.assessment_id.not_in(deleted_assessments()),
        or_(own.group_id.is_(None), own.group_id.not_in(deleted_groups())),
    )


WITH_QUESTION = AssessmentInstance.id == InstanceQuestion.assessment_instance_id
WITH_SUBMISSION = AssessmentInstance.id == Submission.assessment_instance_id

exists_with(InstanceQuestion, AssessmentInstance, WITH_QUESTION)
exists_with(Variant, AssessmentInstance, WITH_QUESTION, InstanceQuestion.id == Variant.instance_question_id)
exists_with(Submission, AssessmentInstance, WITH_SUBMISSION)
exists_with(SubmissionFile, AssessmentInstance, WITH_SUBMISSION, Submission.id == SubmissionFile.submission_id)


@visibility(AssessmentInstance)
def instance_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own and, where one teaches, everybody's."""
    return or_(teaches(AssessmentInstance.course_instance_id, viewing), owned(viewing))


def visible_instances(viewing: Viewing) -> Select[Any]:
    """Ids of the assessment instances that the principal sees."""
    return select(AssessmentInstance.id).where(instance_exists(), instance_visible(viewing))


def taught_instances(viewing: Viewing) -> Select[Any]:
    """Ids of the assessment instances that the principal sees as staff."""
    return select(AssessmentInstance.id).where(teaches(AssessmentInstance.course_instance_id, viewing))


@mask(AssessmentInstance.points, AssessmentInstance.score_perc)
def released_only(viewing: Viewing, attribute: Any) -> ColumnElement[Any]:
    """Learners see what follows from released scores, once it is not withheld any more."""
    own = AssessmentInstance
    shown = (own.assessment_id.not_in(withheld(viewing)), RELEASED[attribute.key])
    return case((own.course_instance_id.in_(taught(viewing)), attribute), shown)


def withheld_instances(viewing: Viewing) -> Select[Any]:
    """Ids of the assessment instances whose marks are kept back from the principal."""
    return select(AssessmentInstance.id).where(AssessmentInstance.assessment_id.in_(withheld(viewing)))


@visibility(InstanceQuestion)
def instance_question_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the instance."""
    return InstanceQuestion.assessment_instance_id.in_(visible_instances(viewing))


@mask(InstanceQuestion.points)
def question_points_released(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Learners see what follows from released scores, once it is not withheld any more."""
    sitting = InstanceQuestion.assessment_instance_id
    shown = (sitting.not_in(withheld_instances(viewing)), InstanceQuestion.released_points)
    return case((sitting.in_(taught_instances(viewing)), attribute), shown)


@visibility(Variant)
def variant_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the instance question."""
    questions = select(InstanceQuestion.id).where(instance_question_visible(viewing))
    return Variant.instance_question_id.in_(questions)


@mask(Variant.true_answer, Variant.seed)
def true_answer_for_staff(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Right answers (and what they could be computed from) are for the staff."""
    staff = select(InstanceQuestion.id).where(InstanceQuestion.assessment_instance_id.in_(taught_instances(viewing)))
    return case((Variant.instance_question_id.in_(staff), attribute))


@visibility(Submission)
def submission_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the instance."""
    mine = select(AssessmentInstance.id).where(owned(viewing))
    return or_(teaches(Submission.course_instance_id, viewing), Submission.assessment_instance_id.in_(mine))


@mask(Submission.locked_by_id, Submission.locked_until)
def lock_for_staff(viewing: Viewing, attribute: ColumnElement[Any]) -> ColumnElement[Any]:
    """Who marks it now is for the staff, and over when its time is over."""
    holds = Submission.locked_until > viewing.now
    return case((and_(holds, Submission.course_instance_id.in_(taught(viewing))), attribute))


@visibility(SubmissionFile)
def file_visible(viewing: Viewing) -> ColumnElement[bool]:
    """With the submission."""
    return SubmissionFile.submission_id.in_(select(Submission.id).where(submission_visible(viewing)))


@visibility(Event)
def event_visible(viewing: Viewing) -> ColumnElement[bool]:
    """The staff: the log betrays scores."""
    return Event.assessment_instance_id.in_(taught_instances(viewing))


async def may_work_for(ctx: Context, course_instance_id: int, user_id: int) -> bool:
    """Whether the caller works as staff, free of dates and limits (contracts/autolab.md §3).

    Raises Forbidden for a learner who would work in another's name.
    """
    may_write(ctx)
    if ctx.principal.is_admin:
        return True
    if await ctx.db.scalar(select(literal(course_instance_id).in_(taught(ctx.viewing)))):
        return True
    if ctx.user_id != user_id:
        raise Forbidden("only the staff of this course instance may do this for somebody else")
    return False
