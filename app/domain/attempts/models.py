"""Tables of what learners do: assessment instances, instance questions, variants, submissions, files, the event log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, enum_column, few, one_of, reference


class EventKind(StrEnum):
    """What the event log stores beside what follows from the other tables, in the order of simultaneous events."""

    MANUAL_GRADING = "MANUAL_GRADING"
    SCORE_QUESTION = "SCORE_QUESTION"
    SCORE_ASSESSMENT = "SCORE_ASSESSMENT"
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    VIEW_VARIANT = "VIEW_VARIANT"
    VIEW_ASSESSMENT = "VIEW_ASSESSMENT"
    GROUP_JOIN = "GROUP_JOIN"
    GROUP_LEAVE = "GROUP_LEAVE"


class AttemptStatus(StrEnum):
    """How far a submission has come (Blackboard's attempt status)."""

    NOT_ATTEMPTED = "NOT_ATTEMPTED"
    ABANDONED = "ABANDONED"
    IN_PROGRESS = "IN_PROGRESS"
    SUSPENDED = "SUSPENDED"
    CANCELED = "CANCELED"
    NEEDS_GRADING = "NEEDS_GRADING"
    COMPLETED = "COMPLETED"
    IN_MORE_PROGRESS = "IN_MORE_PROGRESS"
    NEEDS_MORE_GRADING = "NEEDS_MORE_GRADING"


WAITING = (AttemptStatus.NEEDS_GRADING, AttemptStatus.NEEDS_MORE_GRADING)
"""States of what waits for a mark."""


class AssessmentInstance(Identified, Base):
    """One learner's or one group's sitting of an assessment.

    `points` counts every score, `released_points` those that the learner may see, both after penalties where it is one
    learner's (decision 0009); percentages are of `max_points`.
    """

    __tablename__ = "assessment_instances"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (group_id IS NULL)", name="owner"),
        Index("ix_assessment_instances_modified_at_id", "modified_at", "id"),
        few("ix_assessment_instances_without_score", "course_instance_id", "points IS NULL"),
        UniqueConstraint("assessment_id", "user_id", "number"),
        UniqueConstraint("assessment_id", "group_id", "number"),
    )

    assessment_id: Mapped[int] = reference("assessments", index=False)
    course_instance_id: Mapped[int] = reference("course_instances")
    user_id: Mapped[int | None] = reference("users")
    group_id: Mapped[int | None] = reference("groups")
    number: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    is_open: Mapped[bool] = mapped_column(default=True)
    mode: Mapped[str | None] = mapped_column(String(32))
    points: Mapped[float | None]
    released_points: Mapped[float | None]
    max_points: Mapped[float]
    max_bonus_points: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    score_perc: Mapped[float | None]
    released_score_perc: Mapped[float | None]
    duration_seconds: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    started_at: Mapped[datetime | None]
    modified_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class InstanceQuestion(Identified, Base):
    """A problem in one assessment instance, and where the learner stands with it. Scores are fractions of 1."""

    __tablename__ = "instance_questions"
    __table_args__ = (UniqueConstraint("assessment_instance_id", "problem_id"),)

    assessment_instance_id: Mapped[int] = reference("assessment_instances", index=False)
    problem_id: Mapped[int] = reference("problems")
    number: Mapped[int | None]
    points: Mapped[float | None]
    released_points: Mapped[float | None]
    manual_points: Mapped[float | None]
    highest_submission_score: Mapped[float | None]
    last_submission_score: Mapped[float | None]
    number_attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    duration_seconds: Mapped[float | None]


class Variant(Identified, Base):
    """A question as drawn for one instance question."""

    __tablename__ = "variants"
    __table_args__ = (UniqueConstraint("instance_question_id", "number"),)

    instance_question_id: Mapped[int] = reference("instance_questions", index=False)
    number: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    true_answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class Submission(Identified, Base):
    """What was handed in: the answer to one instance question, or (when it names none) to the whole assessment.

    `results` is what a rule made of it at once, for good: `percentage`, `is_passed`, and `answers` in order of the
    problems, each with `problem_id`, `answer`, `is_correct`, `points`, `max_points`. `text` and `comments` are the
    learner's, `feedback` and `notes` the graders'. An exempt one does not count. `status` is what somebody said of it;
    where nobody did it follows from the scores. Until `locked_until` nobody but `locked_by_id` marks it as an open
    response.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("assessment_instance_id", "number"),
        one_of("status", AttemptStatus, nullable=True),
        Index("uq_submissions_uuid", "uuid", unique=True),
        Index("ix_submissions_submitted_at_id", "submitted_at", "id"),
        Index("ix_submissions_course_instance_id_submitted_at", "course_instance_id", "submitted_at", "id"),
    )

    assessment_instance_id: Mapped[int] = reference("assessment_instances", index=False)
    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    instance_question_id: Mapped[int | None] = reference("instance_questions")
    variant_id: Mapped[int | None] = reference("variants")
    submitted_by_id: Mapped[int | None] = reference("users")
    uuid: Mapped[str | None] = mapped_column(String(36))
    number: Mapped[int]
    submitted_at: Mapped[datetime]
    grading_requested_at: Mapped[datetime | None]
    mode: Mapped[str | None] = mapped_column(String(32))
    credit: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None]
    raw_answer: Mapped[dict[str, Any] | None]
    results: Mapped[dict[str, Any] | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    is_banked: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str | None] = enum_column(AttemptStatus)
    text: Mapped[str | None]
    comments: Mapped[str | None]
    feedback: Mapped[str | None]
    notes: Mapped[str | None]
    is_exempt: Mapped[bool] = mapped_column(default=False, server_default=false())
    locked_by_id: Mapped[int | None] = reference("users")
    locked_until: Mapped[datetime | None]


class SubmissionFile(Identified, Base):
    """A file of a submission: a name for content that `app.domain.files` knows."""

    __tablename__ = "submission_files"
    __table_args__ = (UniqueConstraint("submission_id", "name"),)

    submission_id: Mapped[int] = reference("submissions", index=False)
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(127))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    description: Mapped[str | None]


class Event(Identified, Base):
    """An entry of the event log of an assessment instance that no other table tells."""

    __tablename__ = "events"
    __table_args__ = (one_of("kind", EventKind),)

    assessment_instance_id: Mapped[int] = reference("assessment_instances")
    kind: Mapped[str] = enum_column(EventKind)
    happened_at: Mapped[datetime]
    actor_id: Mapped[int | None] = reference("users")
    instance_question_id: Mapped[int | None] = reference("instance_questions")
    submission_id: Mapped[int | None] = reference("submissions")
    data: Mapped[dict[str, Any] | None]
