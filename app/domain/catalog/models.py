"""Tables of what is taught: organizations, terms, courses, and the instances (offerings) of courses."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, few, one_of, reference


class Availability(StrEnum):
    """Whether learners may enter a course instance."""

    AVAILABLE = "AVAILABLE"
    UNAVAILABLE = "UNAVAILABLE"
    DISABLED = "DISABLED"


class Duration(StrEnum):
    """How long a course instance or a term may be used."""

    CONTINUOUS = "CONTINUOUS"
    DATE_RANGE = "DATE_RANGE"
    FIXED_DAYS = "FIXED_DAYS"
    TERM = "TERM"


class CourseView(StrEnum):
    """Which of Blackboard's two interfaces shows a course instance."""

    UNDECIDED = "UNDECIDED"
    CLASSIC = "CLASSIC"
    ULTRA = "ULTRA"
    ULTRA_PREVIEW = "ULTRA_PREVIEW"


class EnrollmentMethod(StrEnum):
    """How people get into a course instance."""

    INSTRUCTOR_LED = "INSTRUCTOR_LED"
    SELF_ENROLLMENT = "SELF_ENROLLMENT"
    EMAIL_ENROLLMENT = "EMAIL_ENROLLMENT"


class CatalogVisibility(StrEnum):
    """Where people who are not enrolled find a course instance (contracts/edx-core.md §1.1)."""

    BOTH = "BOTH"
    ABOUT = "ABOUT"
    NONE = "NONE"


class PenaltyUnit(StrEnum):
    """What a penalty is counted in."""

    POINTS = "POINTS"
    PERCENT = "PERCENT"


class Organization(Identified, Timestamped, Base):
    """A university, school or department that gives courses. `key` is short and unique."""

    __tablename__ = "organizations"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255), index=True)
    description: Mapped[str | None]


class Course(Identified, Timestamped, Base):
    """A course of the catalogue, given many times."""

    __tablename__ = "courses"

    organization_id: Mapped[int] = reference("organizations")
    key: Mapped[str] = mapped_column(String(150), unique=True)
    short_name: Mapped[str] = mapped_column(String(100), index=True)
    title: Mapped[str] = mapped_column(String(255), index=True)
    description: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")


class Term(Identified, Timestamped, Base):
    """A semester or another stretch of time that course instances belong to. `external_id` is its unique name."""

    __tablename__ = "terms"
    __table_args__ = (one_of("duration", Duration),)

    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    data_source_id: Mapped[int | None] = reference("data_sources")
    name: Mapped[str] = mapped_column(String(255), index=True)
    description: Mapped[str | None]
    is_available: Mapped[bool] = mapped_column(default=True, server_default=true())
    duration: Mapped[str] = enum_column(Duration, Duration.CONTINUOUS)
    start_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
    days_of_use: Mapped[int | None]


class CourseInstance(Identified, Timestamped, Base):
    """One offering of a course, and every name that a system knows it by (decision 0002).

    Pictures and the film are addresses, those of this site without its name. `catalog_visibility`,
    `days_early_for_testers`, `certificate_available_at`, `has_gradebook` and `offers_bulk_grading` are told to systems
    that know them; nothing here obeys them.
    One that is derived from another has a coach, and of the other's chapters shows those of `chapter_keys`, if not all.
    """

    __tablename__ = "course_instances"
    __table_args__ = (
        one_of("availability", Availability),
        one_of("duration", Duration),
        one_of("view", CourseView),
        one_of("enrollment_method", EnrollmentMethod),
        one_of("catalog_visibility", CatalogVisibility),
        one_of("late_penalty_unit", PenaltyUnit),
        one_of("version_penalty_unit", PenaltyUnit),
        few("ix_course_instances_deleted", "id", "deleted_at IS NOT NULL"),
    )

    course_id: Mapped[int] = reference("courses")
    parent_id: Mapped[int | None] = reference("course_instances")
    derived_from_id: Mapped[int | None] = reference("course_instances")
    coach_id: Mapped[int | None] = reference("users")
    uuid: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(150), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    key: Mapped[str | None] = mapped_column(String(255), unique=True)
    short_name: Mapped[str | None] = mapped_column(String(150))
    long_name: Mapped[str] = mapped_column(String(255), index=True)
    description: Mapped[str | None]
    term_id: Mapped[int | None] = reference("terms")
    data_source_id: Mapped[int | None] = reference("data_sources")
    time_zone: Mapped[str] = mapped_column(String(64))
    start_at: Mapped[datetime | None] = mapped_column(index=True)
    end_at: Mapped[datetime | None]
    duration: Mapped[str] = enum_column(Duration, Duration.CONTINUOUS)
    days_of_use: Mapped[int | None]
    availability: Mapped[str] = enum_column(Availability, Availability.AVAILABLE)
    follows_term: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_organization: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_self_paced: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_cohorted: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_complete: Mapped[bool] = mapped_column(default=False, server_default=false())
    allows_guests: Mapped[bool] = mapped_column(default=False, server_default=false())
    allows_observers: Mapped[bool] = mapped_column(default=False, server_default=false())
    view: Mapped[str] = enum_column(CourseView, CourseView.UNDECIDED)
    enrollment_method: Mapped[str] = enum_column(EnrollmentMethod, EnrollmentMethod.INSTRUCTOR_LED)
    enrollment_start_at: Mapped[datetime | None]
    enrollment_end_at: Mapped[datetime | None]
    closed_countries: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    closed_networks: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    enrollment_access_code: Mapped[str | None] = mapped_column(String(64))
    locale: Mapped[str | None] = mapped_column(String(32))
    is_locale_forced: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_hidden_in_enroll_page: Mapped[bool] = mapped_column(default=False)
    is_disabled_at_end: Mapped[bool] = mapped_column(default=False, server_default=false())
    late_slack_seconds: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    grace_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    max_unpenalized_submissions: Mapped[int | None]
    late_penalty: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    late_penalty_unit: Mapped[str] = enum_column(PenaltyUnit, PenaltyUnit.POINTS)
    version_penalty: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    version_penalty_unit: Mapped[str] = enum_column(PenaltyUnit, PenaltyUnit.POINTS)
    catalog_visibility: Mapped[str] = enum_column(CatalogVisibility, CatalogVisibility.BOTH)
    short_description: Mapped[str | None]
    overview: Mapped[str | None]
    effort: Mapped[str | None] = mapped_column(String(255))
    advertised_start: Mapped[str | None] = mapped_column(String(255))
    display_organization: Mapped[str | None] = mapped_column(String(255))
    display_number: Mapped[str | None] = mapped_column(String(255))
    image_url: Mapped[str | None] = mapped_column(String(2000))
    banner_url: Mapped[str | None] = mapped_column(String(2000))
    video_url: Mapped[str | None] = mapped_column(String(2000))
    license: Mapped[str | None] = mapped_column(String(255))
    max_learners: Mapped[int | None]
    days_early_for_testers: Mapped[float | None]
    certificate_available_at: Mapped[datetime | None]
    is_mobile_available: Mapped[bool] = mapped_column(default=False, server_default=false())
    has_public_outline: Mapped[bool] = mapped_column(default=False, server_default=false())
    hides_progress: Mapped[bool] = mapped_column(default=False, server_default=false())
    has_gradebook: Mapped[bool] = mapped_column(default=True, server_default=true())
    offers_bulk_grading: Mapped[bool] = mapped_column(default=False, server_default=false())
    has_certificates: Mapped[bool] = mapped_column(default=True, server_default=true())
    allows_derived: Mapped[bool] = mapped_column(default=False, server_default=false())
    chapter_keys: Mapped[list[str] | None]
    deleted_at: Mapped[datetime | None]


class CourseInstanceAccessRule(Identified, Base):
    """Who may enter a course instance, and when. Rules are numbered from 1."""

    __tablename__ = "course_instance_access_rules"

    course_instance_id: Mapped[int] = reference("course_instances")
    number: Mapped[int]
    institution: Mapped[str | None] = mapped_column(String(255))
    start_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
    uids: Mapped[list[str] | None]


class MailPreference(Identified, Timestamped, Base):
    """Whether a person takes mails of an organization; without a row they never said."""

    __tablename__ = "mail_preferences"
    __table_args__ = (UniqueConstraint("user_id", "organization_id"),)

    user_id: Mapped[int] = reference("users", index=False)
    organization_id: Mapped[int] = reference("organizations")
    receives_mail: Mapped[bool]
