"""Tables of results: scores of submissions, column grades with their history, course grades, the change counter."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, one_of, reference


class ChangeKind(StrEnum):
    """Why a grade changed."""

    SCORED = "SCORED"
    RELEASED = "RELEASED"
    OVERRIDDEN = "OVERRIDDEN"
    CLEARED = "CLEARED"
    EXEMPTED = "EXEMPTED"
    ANNOTATED = "ANNOTATED"
    IMPORTED = "IMPORTED"


class Score(Identified, Base):
    """The mark of one problem in one submission, in points. Null means released without a value.

    `manual_value` is the part of `value` that a person awarded; `partial_scores` and `feedback_data` are free-form.
    """

    __tablename__ = "scores"
    __table_args__ = (UniqueConstraint("submission_id", "problem_id"),)

    submission_id: Mapped[int] = reference("submissions", index=False)
    problem_id: Mapped[int] = reference("problems")
    value: Mapped[float | None]
    manual_value: Mapped[float | None]
    is_released: Mapped[bool] = mapped_column(default=False)
    feedback: Mapped[str | None]
    feedback_data: Mapped[dict[str, Any] | None]
    partial_scores: Mapped[dict[str, Any] | None]
    rubric: Mapped[dict[str, Any] | None]
    grader_id: Mapped[int | None] = reference("users")
    graded_at: Mapped[datetime]


class ColumnGrade(Identified, Base):
    """A learner's grade of one assessment: what the gradebook shows.

    `points` is effective: the override when there is one, which may be a text without points, else the points of
    `assessment_instance_id`, the instance that counts; of a group's after the member's own penalties (decision 0009).
    An override may say of how many points it is (`override_max_points`), what it comes to with what is not graded
    (`override_all_…`), why, and on whose behalf, such as PROCTORING (contracts/edx-core.md §9.4).
    `released_points` is what the learner may see of it. `change_index` grows with every change; of calculated columns
    it is 0. Of these `released_max_points` is what `released_points` are of, and `is_corrupt` says that they could not
    be computed.
    """

    __tablename__ = "column_grades"
    __table_args__ = (
        UniqueConstraint("assessment_id", "user_id"),
        Index("ix_column_grades_course_instance_id_user_id", "course_instance_id", "user_id"),
        Index("ix_column_grades_assessment_id_change_index", "assessment_id", "change_index"),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    assessment_id: Mapped[int] = reference("assessments", index=False)
    user_id: Mapped[int] = reference("users")
    assessment_instance_id: Mapped[int | None] = reference("assessment_instances")
    points: Mapped[float | None]
    released_points: Mapped[float | None]
    max_points: Mapped[float]
    released_max_points: Mapped[float | None]
    score_perc: Mapped[float | None]
    released_score_perc: Mapped[float | None]
    is_corrupt: Mapped[bool] = mapped_column(default=False, server_default=false())
    override_points: Mapped[float | None]
    override_text: Mapped[str | None] = mapped_column(String(255))
    override_max_points: Mapped[float | None]
    override_all_points: Mapped[float | None]
    override_all_max_points: Mapped[float | None]
    override_reason: Mapped[str | None]
    override_source: Mapped[str | None] = mapped_column(String(64))
    grade_notation_id: Mapped[int | None] = reference("grade_notations")
    overridden_at: Mapped[datetime | None]
    overridden_by_id: Mapped[int | None] = reference("users")
    is_exempt: Mapped[bool] = mapped_column(default=False)
    feedback: Mapped[str | None]
    notes: Mapped[str | None]
    change_index: Mapped[int] = mapped_column(BigInteger, index=True)
    first_relevant_at: Mapped[datetime | None]
    last_relevant_at: Mapped[datetime | None]


class GradeChange(Identified, Base):
    """A line of the append-only history: who changed which grade, when, from what, to what."""

    __tablename__ = "grade_changes"
    __table_args__ = (one_of("kind", ChangeKind),)

    column_grade_id: Mapped[int] = reference("column_grades")
    change_index: Mapped[int] = mapped_column(BigInteger, unique=True)
    kind: Mapped[str] = enum_column(ChangeKind)
    changed_by_id: Mapped[int | None] = reference("users")
    changed_at: Mapped[datetime]
    points_before: Mapped[float | None]
    points_after: Mapped[float | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class CourseGrade(Identified, Timestamped, Base):
    """A learner's result of a whole course instance: a letter or a word, and a percentage where there is one."""

    __tablename__ = "course_grades"
    __table_args__ = (UniqueConstraint("course_instance_id", "user_id"),)

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    user_id: Mapped[int] = reference("users")
    result: Mapped[str] = mapped_column(String(64))
    percentage: Mapped[float | None]
    is_passed: Mapped[bool | None]


class CertificateStatus(StrEnum):
    """Whether a certificate may be shown (contracts/edx-core.md §14)."""

    DOWNLOADABLE = "DOWNLOADABLE"
    NOT_PASSING = "NOT_PASSING"


class Certificate(Identified, Timestamped, Base):
    """That a person has passed a course instance, in a track that promises it.

    It follows the course grade, and stays when that is no pass any more. `grade` is the fraction of the whole as text.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        UniqueConstraint("course_instance_id", "user_id"),
        one_of("status", CertificateStatus),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    user_id: Mapped[int] = reference("users")
    uuid: Mapped[str] = mapped_column(String(32), unique=True)
    status: Mapped[str] = enum_column(CertificateStatus)
    track: Mapped[str] = mapped_column(String(64))
    grade: Mapped[str] = mapped_column(String(32))


class Counter(Base):
    """A named number that only grows. `change_index` is the one behind ColumnGrade.change_index."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
