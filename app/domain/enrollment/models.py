"""Tables of who takes part in a course instance, and as what."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, one_of, reference


class Role(StrEnum):
    """What a person is in a course instance."""

    STUDENT = "STUDENT"
    COURSE_ASSISTANT = "COURSE_ASSISTANT"
    INSTRUCTOR = "INSTRUCTOR"


class EnrollmentStatus(StrEnum):
    """The life of an enrolment. A dropped one stays: nothing of a learner's record is lost."""

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    DROPPED = "DROPPED"


class DiscussionRole(StrEnum):
    """Who looks after the discussions of a course instance, whatever they are there otherwise."""

    ADMINISTRATOR = "ADMINISTRATOR"
    MODERATOR = "MODERATOR"
    COMMUNITY_ASSISTANT = "COMMUNITY_ASSISTANT"


class CourseRole(StrEnum):
    """Rights to a course's content in all its instances; none of them shows a learner's data."""

    PREVIEWER = "PREVIEWER"
    VIEWER = "VIEWER"
    EDITOR = "EDITOR"
    OWNER = "OWNER"


class EnrollmentRole(Identified, Timestamped, Base):
    """What an institution calls those who take part in one of the three roles: Blackboard's course role.

    `key` is unique; those that are not custom are there from the start.
    """

    __tablename__ = "enrollment_roles"
    __table_args__ = (one_of("role", Role),)

    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(150))
    role: Mapped[str] = enum_column(Role)
    is_custom: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_available: Mapped[bool] = mapped_column(default=True, server_default=true())


class Enrollment(Identified, Timestamped, Base):
    """A person in a course instance. In a merged one `child_course_instance_id` says through which child."""

    __tablename__ = "enrollments"
    __table_args__ = (
        UniqueConstraint("course_instance_id", "user_id"),
        Index("ix_enrollments_enrolled_at_id", "enrolled_at", "id"),
        Index("ix_enrollments_user_id_role_status", "user_id", "role", "status", "course_instance_id"),
        one_of("role", Role),
        one_of("status", EnrollmentStatus),
        one_of("discussion_role", DiscussionRole, nullable=True),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    user_id: Mapped[int] = reference("users", index=False)
    child_course_instance_id: Mapped[int | None] = reference("course_instances")
    role: Mapped[str] = enum_column(Role, Role.STUDENT)
    enrollment_role_id: Mapped[int | None] = reference("enrollment_roles")
    discussion_role: Mapped[str | None] = enum_column(DiscussionRole)
    data_source_id: Mapped[int | None] = reference("data_sources")
    is_available: Mapped[bool] = mapped_column(default=True, server_default=true())
    display_order: Mapped[int | None]
    status: Mapped[str] = enum_column(EnrollmentStatus, EnrollmentStatus.ACTIVE)
    track: Mapped[str | None] = mapped_column(String(64))
    discount_percent: Mapped[float | None]
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lecture: Mapped[str | None] = mapped_column(String(255))
    section: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    grade_policy: Mapped[str] = mapped_column(String(255), default="", server_default=text("''"))
    nickname: Mapped[str | None] = mapped_column(String(32))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)


class EnrollmentTrack(Identified, Timestamped, Base):
    """A way to take part in a course instance: for nothing, for a certificate. Prices are whole units of `currency`.

    `is_expiry_explicit`: somebody said until when it is open, no rule did.
    """

    __tablename__ = "enrollment_tracks"
    __table_args__ = (UniqueConstraint("course_instance_id", "slug", "currency"),)

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    min_price: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    suggested_prices: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    currency: Mapped[str] = mapped_column(String(8), default="usd", server_default=text("'usd'"))
    expires_at: Mapped[datetime | None]
    is_expiry_explicit: Mapped[bool] = mapped_column(default=False, server_default=false())
    description: Mapped[str | None]
    sku: Mapped[str | None] = mapped_column(String(255))
    bulk_sku: Mapped[str | None] = mapped_column(String(255))


class EnrollmentInvitation(Identified, Timestamped, Base):
    """An e-mail address of nobody yet who may enrol in a course instance. `is_automatic`: and is, once there."""

    __tablename__ = "enrollment_invitations"
    __table_args__ = (UniqueConstraint("course_instance_id", "email"),)

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    email: Mapped[str] = mapped_column(String(255), index=True)
    is_automatic: Mapped[bool] = mapped_column(default=False, server_default=false())


class CourseStaff(Identified, Timestamped, Base):
    """A person's right to a course's content."""

    __tablename__ = "course_staff"
    __table_args__ = (UniqueConstraint("course_id", "user_id"), one_of("role", CourseRole))

    course_id: Mapped[int] = reference("courses", index=False)
    user_id: Mapped[int] = reference("users")
    role: Mapped[str] = enum_column(CourseRole)
