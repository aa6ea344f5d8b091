"""AssessmentInstance, InstanceQuestion, Variant, Submission and its files."""

from __future__ import annotations

from app.domain.assessments.models import Problem as ProblemRow
from app.domain.attempts.locking import LockStatus, lock_statuses
from app.domain.attempts.models import AssessmentInstance as InstanceRow
from app.domain.attempts.models import AttemptStatus
from app.domain.attempts.models import InstanceQuestion as InstanceQuestionRow
from app.domain.attempts.models import Submission as SubmissionRow
from app.domain.attempts.models import SubmissionFile as FileRow
from app.domain.attempts.models import Variant as VariantRow
from app.domain.attempts.queries import (
    Standing,
    best_of_owner,
    contents_of,
    remaining_seconds,
    responses_to,
    standings_of_owners,
)
from app.domain.attempts.responding import response_texts
from app.reading.relations import Order
from schema.assessments.types import Assessment, Problem
from schema.core.declare import batch, column, computed, expecting
from schema.core.enums import describe_enum
from schema.core.node import extend, node
from schema.core.relate import many, one, page
from schema.core.scalars import Base64, Json
from schema.groups.types import Group
from schema.identity.types import User

LATEST_FIRST = Order(("started_at", "id"), frozenset({"started_at", "id"}))

describe_enum(
    Standing,
    "What a person is to a course instance, seen from a gradebook.",
    STUDENT="Enrolled to learn.",
    STAFF="Teaches, assists, or works on the content.",
    NONE="Neither: has left, or works as a group.",
)


describe_enum(
    AttemptStatus,
    "How far a submission has come.",
    NOT_ATTEMPTED="Nothing is done yet.",
    ABANDONED="Nothing more will come.",
    IN_PROGRESS="It is being worked on.",
    SUSPENDED="It was interrupted.",
    CANCELED="It was called off.",
    NEEDS_GRADING="It waits for a mark.",
    COMPLETED="It is marked.",
    IN_MORE_PROGRESS="It is being worked on again.",
    NEEDS_MORE_GRADING="It waits for another mark.",
)


describe_enum(
    LockStatus,
    "Who may mark a submission now.",
    UNLOCKED="Whoever locks it first.",
    LOCKED="Somebody else, who has locked it.",
    OWN="You, who have locked it.",
)


def percentage(part: float | None, whole: float | None) -> float | None:
    """100 × part ÷ whole; None where either is missing or the whole is 0."""
    return None if part is None or not whole else 100 * part / whole


def difference(whole: float | None, part: float | None) -> float | None:
    """What is left of the whole; None where there is no whole, and all of it where there is no part."""
    return None if whole is None else whole - (part or 0.0)


@node(InstanceRow, "One learner's or one group's sitting of an assessment.")
class AssessmentInstance:
    """Learners see points that follow from released scores."""

    assessment = one(InstanceRow.assessment_id, "What is sat.")
    course_instance = one(InstanceRow.course_instance_id, "Where.")
    user = one(InstanceRow.user_id, "Whose it is; null for a group's.")
    group = one(InstanceRow.group_id, "The group whose it is; null for one person's.")
    standing = batch(standings_of_owners, InstanceRow.id, Standing, "What its owner is; NONE for a group's.")
    number = column(InstanceRow.number, "Ordinal among its owner's instances of the assessment, from 1.")
    is_open = column(InstanceRow.is_open, "Whether work may be handed in.")
    is_best = batch(
        best_of_owner, InstanceRow.id, bool, "Whether it is the best (then latest) of its owner's that you may see."
    )
    mode = column(InstanceRow.mode, "`Public` or `Exam`.")
    points = column(InstanceRow.points, "Points so far, after `penalties`; a group's before them.")
    max_points = column(InstanceRow.max_points, "Points that are 100 %.")
    max_bonus_points = column(InstanceRow.max_bonus_points, "Points that may be had beyond 100 %.")
    score_perc = column(InstanceRow.score_perc, "Points in percent of `maxPoints`; a bonus may lead beyond 100.")
    duration_seconds = column(InstanceRow.duration_seconds, "Seconds worked.")
    started_at = column(InstanceRow.started_at, "When it was started.")
    modified_at = column(InstanceRow.modified_at, "When its state or its scores last changed.")
    closes_at = column(InstanceRow.closes_at, "When its time runs out; null: no limit.")
    closed_at = column(InstanceRow.closed_at, "When it was closed.")
    remaining_seconds = batch(
        remaining_seconds, InstanceRow.closes_at, lambda: float | None, "Seconds until `closesAt`, at least 0."
    )
    instance_questions = many(InstanceQuestionRow.assessment_instance_id, "Its questions.")
    submissions = page(SubmissionRow.assessment_instance_id, "What was handed in, by number.", order=Order(("number",)))


@node(InstanceQuestionRow, "A problem in one assessment instance, and where the learner stands with it.")
class InstanceQuestion:
    """Learners see points that follow from released scores."""

    assessment_instance = one(InstanceQuestionRow.assessment_instance_id, "The instance it is in.")
    problem = one(InstanceQuestionRow.problem_id, "The problem.")
    number = column(InstanceQuestionRow.number, "Position in the instance where it differs from the problem's.")
    points = column(InstanceQuestionRow.points, "Points so far.")
    manual_points = column(InstanceQuestionRow.manual_points, "The part that a person awarded.")
    auto_points = computed(
        difference,
        InstanceQuestionRow.points,
        InstanceQuestionRow.manual_points,
        returns=float | None,
        description="The part that a program awarded.",
    )
    highest_submission_score = column(
        InstanceQuestionRow.highest_submission_score, "Best score of a submission, as a fraction of 1."
    )
    last_submission_score = column(
        InstanceQuestionRow.last_submission_score, "Last score of a submission, as a fraction of 1."
    )
    number_attempts = column(InstanceQuestionRow.number_attempts, "How many submissions were scored.")
    duration_seconds = column(InstanceQuestionRow.duration_seconds, "Seconds worked.")
    variants = many(VariantRow.instance_question_id, "As it was drawn.", order=Order(("number",)))
    submissions = page(SubmissionRow.instance_question_id, "Answers to it alone, by number.", order=Order(("number",)))


@node(VariantRow, "A question as drawn for one instance question.")
class Variant:
    """The right answer is null to learners."""

    instance_question = one(VariantRow.instance_question_id, "What it is drawn for.")
    number = column(VariantRow.number, "Ordinal, from 1.")
    seed = column(VariantRow.seed, "What it was drawn from. For the staff.")
    params = column(VariantRow.params, "Its parameters.", returns=Json)
    true_answer = column(VariantRow.true_answer, "The right answer. For the staff.", returns=Json)
    options = column(VariantRow.options, "Its options.", returns=Json)
    created_at = column(VariantRow.created_at, "When it was drawn.")


@node(SubmissionRow, "What was handed in: the answer to one instance question, or to the whole assessment.")
class Submission:
    """Autolab's version, Blackboard's attempt."""

    assessment_instance = one(SubmissionRow.assessment_instance_id, "The instance it is of.")
    course_instance = one(SubmissionRow.course_instance_id, "Where.")
    instance_question = one(SubmissionRow.instance_question_id, "What it answers; null: the whole assessment.")
    variant = one(SubmissionRow.variant_id, "The variant it answers.")
    submitted_by = one(SubmissionRow.submitted_by_id, "Who handed it in; in group work, which member.")
    uuid = column(SubmissionRow.uuid, "Unique, with dashes; null for what was taken from elsewhere.")
    number = column(SubmissionRow.number, "Ordinal in its instance, from 1.")
    submitted_at = column(SubmissionRow.submitted_at, "When.")
    grading_requested_at = column(SubmissionRow.grading_requested_at, "When a program was asked to score it.")
    mode = column(SubmissionRow.mode, "`Public` or `Exam`.")
    credit = column(SubmissionRow.credit, "Percent of the points it could earn, by the access rules.")
    answer = column(SubmissionRow.answer, "The answer, as it is scored.", returns=Json)
    raw_answer = column(SubmissionRow.raw_answer, "The answer, as it was sent.", returns=Json)
    results = column(
        SubmissionRow.results,
        "What a rule made of it at once: `percentage`, `is_passed`, and `answers` in order of the problems, each with "
        "`problem_id`, `answer`, `is_correct`, `points`, `max_points`. Null where no rule did, and to learners while a "
        "score of it is hidden. It never changes.",
        returns=Json,
    )
    is_late = column(SubmissionRow.is_late, "Whether it came after its owner's due date.")
    is_banked = column(SubmissionRow.is_banked, "Whether the result was carried over from an earlier course instance.")
    text = column(SubmissionRow.text, "What the learner wrote.")
    comments = column(SubmissionRow.comments, "What the learner says of it.")
    feedback = column(SubmissionRow.feedback, "To the learner; null to them while a score of it is hidden.")
    notes = column(SubmissionRow.notes, "Among graders. For the staff.")
    is_exempt = column(SubmissionRow.is_exempt, "Whether it does not count.")
    response_texts = computed(
        response_texts,
        SubmissionRow.answer,
        returns=list[str],
        description="Of an open response what was written to each prompt; else empty.",
    )
    lock_status = batch(
        lock_statuses,
        SubmissionRow.id,
        lambda: LockStatus | None,
        "Who may mark it as an open response. For the staff.",
    )
    locked_by = one(SubmissionRow.locked_by_id, "Who has locked it to mark it. For the staff.")
    locked_until = column(SubmissionRow.locked_until, "Until when. For the staff.")
    files = many(FileRow.submission_id, "The files handed in.", order=Order(("name",)))


@node(FileRow, "A file that was handed in.")
class SubmissionFile:
    """Visible with the submission."""

    submission = one(FileRow.submission_id, "What it is a part of.")
    name = column(FileRow.name, "Name.")
    content_type = column(FileRow.content_type, "Media type.")
    size = column(FileRow.size, "Bytes.")
    sha256 = column(FileRow.sha256, "SHA-256 of the content, in hexadecimal.")
    description = column(FileRow.description, "What its owner says of it.")
    contents = batch(contents_of, FileRow.id, lambda: Base64 | None, "The content; null above 1 MiB: download it.")


@extend(Assessment)
class AssessmentInstances:
    """Who sat it."""

    assessment_instances = page(InstanceRow.assessment_id, "Its instances that you may see, by entry.")


@extend(Problem)
class ProblemResponses:
    """What was handed in."""

    responses = batch(
        responses_to,
        ProblemRow.id,
        lambda: list[Submission],
        "What was handed in to it alone and you may see, by time.",
        narrows=True,
        metadata=expecting(100),
    )


@extend(User)
class UserAssessmentInstances:
    """What a person sat."""

    assessment_instances = page(
        InstanceRow.user_id, "Their instances that you may see, the latest first.", order=LATEST_FIRST
    )


@extend(Group)
class GroupAssessmentInstances:
    """What a group sat."""

    assessment_instances = page(InstanceRow.group_id, "Its instances, the latest first.", order=LATEST_FIRST)
