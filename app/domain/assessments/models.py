"""Tables of what is assessed: categories, assessments, their zones and problems, the question bank, access rules."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, few, one_of, reference
from app.domain.catalog.models import PenaltyUnit


class AssessmentKind(StrEnum):
    """What an assessment is to its course. EXAM and HOMEWORK differ in how retries count (decision 0001)."""

    HOMEWORK = "HOMEWORK"
    EXAM = "EXAM"
    QUIZ = "QUIZ"


class GradingType(StrEnum):
    """Where the grades of an assessment's column come from (Blackboard's grading.type)."""

    ATTEMPTS = "ATTEMPTS"
    MANUAL = "MANUAL"
    CALCULATED = "CALCULATED"


class ScoringModel(StrEnum):
    """Which of several submissions, and of several instances, counts."""

    HIGHEST = "HIGHEST"
    LAST = "LAST"
    FIRST = "FIRST"
    LOWEST = "LOWEST"
    AVERAGE = "AVERAGE"


class AnonymousGrading(StrEnum):
    """Until when graders do not learn whose work they mark (Blackboard's anonymousGrading.type)."""

    NONE = "NONE"
    AFTER_ALL_GRADED = "AFTER_ALL_GRADED"
    DATE = "DATE"


class QuestionKind(StrEnum):
    """How a question is answered. EXTERNAL ones are scored by somebody else and only stored here."""

    SINGLE_CHOICE = "SINGLE_CHOICE"
    MULTIPLE_CHOICE = "MULTIPLE_CHOICE"
    TRUE_FALSE = "TRUE_FALSE"
    NUMERIC = "NUMERIC"
    SHORT_TEXT = "SHORT_TEXT"
    MATCHING = "MATCHING"
    FILES = "FILES"
    EXTERNAL = "EXTERNAL"


class AssessmentCategory(Identified, Timestamped, Base):
    """A family of assessments in a course instance: PrairieLearn's assessment set, edX's assignment type."""

    __tablename__ = "assessment_categories"
    __table_args__ = (UniqueConstraint("course_instance_id", "name"),)

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(150))
    abbreviation: Mapped[str] = mapped_column(String(32))
    heading: Mapped[str] = mapped_column(String(255))
    color: Mapped[str] = mapped_column(String(32), default="gray1")


class AssessmentFile(Identified, Base):
    """A writeup or a handout: a name for content that `app.domain.files` knows. One assessment refers to it."""

    __tablename__ = "assessment_files"

    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(127))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), index=True)


class Assessment(Identified, Timestamped, Base):
    """Whatever has a column in the gradebook of a course instance (decision 0001).

    Its writeup and its handout are each an address, a file, or neither. `is_visible` is about its column: learners see
    nothing of a hidden one. `is_external_grade` marks the one column whose grades leave for the registrar.
    """

    __tablename__ = "assessments"
    __table_args__ = (
        CheckConstraint("writeup_url IS NULL OR writeup_file_id IS NULL", name="writeup"),
        CheckConstraint("handout_url IS NULL OR handout_file_id IS NULL", name="handout"),
        UniqueConstraint("course_instance_id", "name"),
        Index("ix_assessments_category_id_position", "category_id", "position", "id"),
        Index("uq_assessments_block_id", "block_id", unique=True),
        few("ix_assessments_deleted", "id", "deleted_at IS NOT NULL"),
        few("ix_assessments_anonymous", "id", "anonymous_grading <> 'NONE'"),
        Index(
            "ix_assessments_hidden", "id", sqlite_where=text("is_visible = 0"), postgresql_where=text("NOT is_visible")
        ),
        one_of("kind", AssessmentKind),
        one_of("grading_type", GradingType),
        one_of("scoring_model", ScoringModel),
        one_of("late_penalty_unit", PenaltyUnit, nullable=True),
        one_of("version_penalty_unit", PenaltyUnit, nullable=True),
        one_of("anonymous_grading", AnonymousGrading),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    category_id: Mapped[int] = reference("assessment_categories", index=False)
    group_set_id: Mapped[int | None] = reference("group_sets")
    block_id: Mapped[int | None] = reference("blocks", index=False)
    uuid: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str | None] = mapped_column(String(255), index=True)
    name: Mapped[str] = mapped_column(String(255))
    number: Mapped[str] = mapped_column(String(32))
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(255), index=True)
    description: Mapped[str | None]
    module: Mapped[str | None] = mapped_column(String(150))
    kind: Mapped[str] = enum_column(AssessmentKind, AssessmentKind.HOMEWORK)
    grading_type: Mapped[str] = enum_column(GradingType, GradingType.ATTEMPTS)
    scoring_model: Mapped[str] = enum_column(ScoringModel, ScoringModel.HIGHEST)
    weight: Mapped[float | None]
    max_points: Mapped[float]
    max_bonus_points: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    passing_percentage: Mapped[float | None]
    start_at: Mapped[datetime | None] = mapped_column(index=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    end_at: Mapped[datetime | None]
    time_limit_minutes: Mapped[int | None]
    max_instances: Mapped[int | None]
    max_submissions: Mapped[int | None]
    max_unpenalized_submissions: Mapped[int | None]
    max_grace_days: Mapped[int | None]
    late_penalty: Mapped[float | None]
    late_penalty_unit: Mapped[str | None] = enum_column(PenaltyUnit)
    version_penalty: Mapped[float | None]
    version_penalty_unit: Mapped[str | None] = enum_column(PenaltyUnit)
    are_handins_disabled: Mapped[bool] = mapped_column(default=False, server_default=false())
    max_size_mb: Mapped[int] = mapped_column(default=2, server_default=text("2"))
    has_group_sittings: Mapped[bool] = mapped_column(default=True, server_default=true())
    handin_filename: Mapped[str | None] = mapped_column(String(200))
    writeup_url: Mapped[str | None] = mapped_column(String(2000))
    writeup_file_id: Mapped[int | None] = reference("assessment_files")
    handout_url: Mapped[str | None] = mapped_column(String(2000))
    handout_file_id: Mapped[int | None] = reference("assessment_files")
    has_scoreboard: Mapped[bool] = mapped_column(default=False, server_default=false())
    has_autograder: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_embedded_quiz: Mapped[bool] = mapped_column(default=False, server_default=false())
    display_name: Mapped[str | None] = mapped_column(String(255))
    content_id: Mapped[str | None] = mapped_column(String(255), index=True)
    score_provider: Mapped[str | None] = mapped_column(String(255))
    external_tool_id: Mapped[str | None] = mapped_column(String(255))
    grade_schema_id: Mapped[int | None] = reference("grade_schemas")
    is_visible: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_included_in_calculations: Mapped[bool] = mapped_column(default=True, server_default=true())
    shows_statistics: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_external_grade: Mapped[bool] = mapped_column(default=False, server_default=false())
    anonymous_grading: Mapped[str] = enum_column(AnonymousGrading, AnonymousGrading.NONE)
    anonymous_until: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class Zone(Identified, Base):
    """A part of an assessment. At most `best_problems` of its problems and `max_points` of its points count."""

    __tablename__ = "zones"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    assessment_id: Mapped[int] = reference("assessments", index=False)
    number: Mapped[int]
    title: Mapped[str | None] = mapped_column(String(255))
    max_points: Mapped[float | None]
    best_problems: Mapped[int | None]


class Question(Identified, Timestamped, Base):
    """An entry of a course's question bank; assessments place it as problems. `name` may contain slashes."""

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("course_id", "name"), one_of("kind", QuestionKind))

    course_id: Mapped[int] = reference("courses", index=False)
    uuid: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255), index=True)
    topic: Mapped[str | None] = mapped_column(String(150))
    tags: Mapped[list[str]] = mapped_column(default=list)
    kind: Mapped[str] = enum_column(QuestionKind, QuestionKind.EXTERNAL)
    prompt: Mapped[str | None]
    choices: Mapped[list[Any]] = mapped_column(default=list)
    correct_answer: Mapped[dict[str, Any] | None]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Problem(Identified, Timestamped, Base):
    """A gradable part of an assessment; a question of the bank placed in it, or just a named mark.

    `open_response` is what it asks people to write and by what it is marked (open_responses.py); null: nothing of that.
    """

    __tablename__ = "problems"
    __table_args__ = (
        UniqueConstraint("assessment_id", "name"),
        Index("uq_problems_block_id", "block_id", unique=True),
        Index("ix_problems_assessment_id_number", "assessment_id", "number"),
    )

    assessment_id: Mapped[int] = reference("assessments", index=False)
    zone_id: Mapped[int | None] = reference("zones")
    question_id: Mapped[int | None] = reference("questions")
    block_id: Mapped[int | None] = reference("blocks", index=False)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(default="")
    max_points: Mapped[float]
    max_auto_points: Mapped[float]
    max_manual_points: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    points_by_try: Mapped[list[Any] | None]
    open_response: Mapped[dict[str, Any] | None]
    alternative_group: Mapped[int | None]
    alternatives_chosen: Mapped[int | None]
    is_optional: Mapped[bool] = mapped_column(default=False)
    is_starred: Mapped[bool] = mapped_column(default=False)


class AssessmentAccessRule(Identified, Base):
    """When an assessment may be worked on, by whom, and for how many percent of the credit."""

    __tablename__ = "assessment_access_rules"

    assessment_id: Mapped[int] = reference("assessments")
    number: Mapped[int]
    mode: Mapped[str | None] = mapped_column(String(32))
    credit: Mapped[int | None]
    start_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
    time_limit_minutes: Mapped[int | None]
    password: Mapped[str | None] = mapped_column(String(255))
    exam_uuid: Mapped[str | None] = mapped_column(String(36))
    shows_closed_assessment: Mapped[bool] = mapped_column(default=True)
    shows_closed_assessment_score: Mapped[bool] = mapped_column(default=True)
    uids: Mapped[list[str] | None]


class AssessmentExtension(Identified, Timestamped, Base):
    """More time for one learner: a later due date and end. Null in both means without end."""

    __tablename__ = "assessment_extensions"
    __table_args__ = (UniqueConstraint("assessment_id", "user_id"),)

    assessment_id: Mapped[int] = reference("assessments", index=False)
    course_instance_id: Mapped[int] = reference("course_instances")
    user_id: Mapped[int] = reference("users")
    due_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
