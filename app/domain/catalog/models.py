"""Tables of what is taught: organizations, courses, and the instances (offerings) of courses."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, few, one_of, reference


class Availability(StrEnum):
    """Whether learners may enter a course instance."""

    AVAILABLE = "AVAILABLE"
    UNAVAILABLE = "UNAVAILABLE"
    DISABLED = "DISABLED"


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


class CourseInstance(Identified, Timestamped, Base):
    """One offering of a course, and every name that a system knows it by (decision 0002)."""

    __tablename__ = "course_instances"
    __table_args__ = (
        one_of("availability", Availability),
        one_of("late_penalty_unit", PenaltyUnit),
        one_of("version_penalty_unit", PenaltyUnit),
        few("ix_course_instances_deleted", "id", "deleted_at IS NOT NULL"),
    )

    course_id: Mapped[int] = reference("courses")
    parent_id: Mapped[int | None] = reference("course_instances")
    uuid: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(150), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    key: Mapped[str | None] = mapped_column(String(255), unique=True)
    short_name: Mapped[str | None] = mapped_column(String(150))
    long_name: Mapped[str] = mapped_column(String(255), index=True)
    term: Mapped[str | None] = mapped_column(String(64), index=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    start_at: Mapped[datetime | None] = mapped_column(index=True)
    end_at: Mapped[datetime | None]
    availability: Mapped[str] = enum_column(Availability, Availability.AVAILABLE)
    is_hidden_in_enroll_page: Mapped[bool] = mapped_column(default=False)
    is_disabled_at_end: Mapped[bool] = mapped_column(default=False, server_default=false())
    late_slack_seconds: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    grace_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    max_unpenalized_submissions: Mapped[int | None]
    late_penalty: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    late_penalty_unit: Mapped[str] = enum_column(PenaltyUnit, PenaltyUnit.POINTS)
    version_penalty: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))
    version_penalty_unit: Mapped[str] = enum_column(PenaltyUnit, PenaltyUnit.POINTS)
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
