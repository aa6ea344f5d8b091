"""Tables of what is done in the background for a course instance."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, few, one_of, reference
from app.domain.enrollment.following import Tidings


class JobKind(StrEnum):
    """What a job does. A new one is a member here, and its function is listed in `running.py`."""

    PROBLEM_RESPONSES = "PROBLEM_RESPONSES"
    GRADES = "GRADES"
    COURSE_MESSAGE = "COURSE_MESSAGE"
    COHORT_PLACEMENT = "COHORT_PLACEMENT"
    ENROLLMENT_NOTICES = "ENROLLMENT_NOTICES"


class JobState(StrEnum):
    """The life of a job: from SCHEDULED to PROGRESS, and to one of the other three (contracts/edx-core.md §25)."""

    SCHEDULED = "SCHEDULED"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REVOKED = "REVOKED"


OPEN = (JobState.SCHEDULED, JobState.PROGRESS)
"""States of what is not over."""


class Job(Identified, Timestamped, Base):
    """Something to do once `due_at` has come, in the background (decision 0013).

    `input` is what is asked for, `output` numbers of what came of it, `message` a sentence about it; `progress` is from
    0 to 1. `block_id` and `learner_id` are what it is about where that is one thing. Its `worker` holds it until
    `leased_until`; `attempts` counts how often somebody began. The file that it wrote, and the one that it was given
    (`input_sha256`), are contents that `app.domain.files` knows. `is_administrative`: who asked for it did so with an
    administrator's rights.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_course_instance_id_created_at", "course_instance_id", "created_at", "id"),
        few("ix_jobs_open", "due_at", "state IN ('SCHEDULED', 'PROGRESS')"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        one_of("state", JobState),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = enum_column(JobKind)
    state: Mapped[str] = enum_column(JobState, JobState.SCHEDULED)
    requester_id: Mapped[int | None] = reference("users")
    is_administrative: Mapped[bool] = mapped_column(default=False, server_default=false())
    block_id: Mapped[int | None] = reference("blocks")
    learner_id: Mapped[int | None] = reference("users")
    input: Mapped[dict[str, Any]] = mapped_column(default=dict)
    input_sha256: Mapped[str | None] = mapped_column(ForeignKey("files.sha256"), index=True)
    output: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message: Mapped[str | None]
    progress: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    due_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    worker: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
    file_name: Mapped[str | None] = mapped_column(String(255))
    file_size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("files.sha256"), index=True)


class CourseMessage(Identified, Timestamped, Base):
    """A mail to people of a course instance, which its job sends (contracts/edx-core.md §17).

    `targets` are `myself`, `staff`, `learners`, `cohort-{name}` and `track-{slug}`.
    """

    __tablename__ = "course_messages"

    course_instance_id: Mapped[int] = reference("course_instances")
    job_id: Mapped[int] = reference("jobs", index=False, unique=True)
    sender_id: Mapped[int] = reference("users")
    targets: Mapped[list[str]]
    subject: Mapped[str] = mapped_column(String(128))
    html: Mapped[str]
    text: Mapped[str] = mapped_column(default="")


class MessageDelivery(Identified, Base):
    """That a mail was sent to a person; `refusal` says why the mail server did not take it."""

    __tablename__ = "message_deliveries"
    __table_args__ = (UniqueConstraint("course_message_id", "user_id"),)

    course_message_id: Mapped[int] = reference("course_messages", index=False)
    user_id: Mapped[int] = reference("users")
    sent_at: Mapped[datetime]
    refusal: Mapped[str | None] = mapped_column(String(255))


class EnrollmentNotice(Identified, Base):
    """A mail to an address about its owner's enrolment in the job's course instance; `sent_at` null: not sent yet.

    `refusal` says why the mail server did not take it.
    """

    __tablename__ = "enrollment_notices"
    __table_args__ = (UniqueConstraint("job_id", "email"), one_of("tidings", Tidings))

    job_id: Mapped[int] = reference("jobs", index=False)
    email: Mapped[str] = mapped_column(String(255))
    tidings: Mapped[str] = enum_column(Tidings)
    sent_at: Mapped[datetime | None]
    refusal: Mapped[str | None] = mapped_column(String(255))
