"""Reads of results that are more than a relation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Problem, Question
from app.domain.attempts.models import InstanceQuestion, Submission, Variant
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.grades.models import ColumnGrade, Score


class QuestionSubmission(NamedTuple):
    """The part of a submission that answers one instance question; `fraction` of the problem's points."""

    submission_id: int
    instance_question_id: int
    variant_id: int | None
    score_id: int | None
    fraction: float | None
    is_final_of_variant: bool
    is_best_of_variant: bool


def counts_as_change(enrolled_only: bool = False) -> ColumnElement[bool]:
    """Whether a grade may be the one of its column that changed last: counted, and not hidden from the learner.

    Calculated grades take no index; a grade without points hides nothing (contracts: Blackboard §6). With
    `enrolled_only` those of people who have left do not count either.
    """
    own = ColumnGrade
    counts = and_(own.change_index > 0, or_(own.points.is_(None), own.released_points.is_not(None)))
    if not enrolled_only:
        return counts
    here = (Enrollment.course_instance_id == own.course_instance_id, Enrollment.user_id == own.user_id)
    has_left = exists().where(*here, Enrollment.status == EnrollmentStatus.DROPPED).correlate(own)
    return and_(counts, ~has_left)


async def question_submissions(ctx: Context, keys: Sequence[int]) -> list[list[QuestionSubmission]]:
    """For each assessment instance id its submissions question by question (decision 0001).

    Order: question name, number of the question and of the variant, time, id (contracts: PrairieLearn §3.8).
    """
    statement = _parts(ctx).where(member_of(InstanceQuestion.assessment_instance_id, keys))
    found: dict[int, list[QuestionSubmission]] = defaultdict(list)
    for row in await ctx.db.fetch(statement):
        found[row[0]].append(QuestionSubmission(*row[1:]))
    return [found[key] for key in keys]


def _parts(ctx: Context) -> Select[Any]:
    """Each visible submission with each question that it answers: the columns of QuestionSubmission, after the key."""
    question, submission = InstanceQuestion, Submission
    value = case((Problem.max_points > 0, ctx.readable(Score.value) / Problem.max_points))
    variant = (question.id, submission.variant_id)
    latest = (submission.submitted_at.desc(), submission.id.desc())
    return (
        select(
            question.assessment_instance_id,
            submission.id,
            question.id,
            submission.variant_id,
            Score.id,
            value,
            func.row_number().over(partition_by=variant, order_by=latest) == 1,
            func.row_number().over(partition_by=variant, order_by=(value.desc().nulls_last(), *latest)) == 1,
        )
        .select_from(question)
        .join(
            submission,
            and_(
                submission.assessment_instance_id == question.assessment_instance_id,
                or_(submission.instance_question_id.is_(None), submission.instance_question_id == question.id),
            ),
        )
        .join(Problem, Problem.id == question.problem_id)
        .join(Question, Question.id == Problem.question_id, isouter=True)
        .join(Variant, Variant.id == submission.variant_id, isouter=True)
        .join(Score, and_(Score.submission_id == submission.id, Score.problem_id == question.problem_id), isouter=True)
        .where(ctx.visible(question), ctx.visible(submission))
        .order_by(
            func.coalesce(Question.name, Problem.name),
            Problem.number,
            func.coalesce(Variant.number, 0),
            submission.submitted_at,
            submission.id,
        )
    )


async def percentages_of_questions(ctx: Context, keys: Sequence[int]) -> list[float | None]:
    """For each instance question id its points in percent of the problem's; None without points."""
    statement = (
        select(InstanceQuestion.id, ctx.readable(InstanceQuestion.points), Problem.max_points)
        .join(Problem, Problem.id == InstanceQuestion.problem_id)
        .where(member_of(InstanceQuestion.id, keys), ctx.visible(InstanceQuestion))
    )
    found: dict[int, float] = {
        row[0]: 100 * row[1] / row[2] for row in await ctx.db.fetch(statement) if row[1] is not None and row[2]
    }
    return [found.get(key) for key in keys]
