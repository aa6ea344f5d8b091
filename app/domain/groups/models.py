"""Tables of learners who work together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, few, reference


class GroupSet(Identified, Timestamped, Base):
    """A division of a course instance into groups; an assessment done in groups names its set."""

    __tablename__ = "group_sets"
    __table_args__ = (UniqueConstraint("course_instance_id", "name"),)

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    name: Mapped[str] = mapped_column(String(255))
    min_size: Mapped[int] = mapped_column(default=1)
    max_size: Mapped[int]
    is_self_assigned: Mapped[bool] = mapped_column(default=False)


class Group(Identified, Timestamped, Base):
    """Learners who work as one. A deleted group keeps its row, its members leave it."""

    __tablename__ = "groups"
    __table_args__ = (
        Index("ix_groups_name_id", "name", "id"),
        few("ix_groups_deleted", "id", "deleted_at IS NOT NULL"),
    )

    group_set_id: Mapped[int] = reference("group_sets")
    course_instance_id: Mapped[int] = reference("course_instances")
    name: Mapped[str] = mapped_column(String(255))
    deleted_at: Mapped[datetime | None]


class GroupMembership(Identified, Base):
    """A person's time in a group: at most one group of a set at a time."""

    __tablename__ = "group_memberships"
    __table_args__ = (
        Index(
            "uq_group_memberships_current",
            "group_set_id",
            "user_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    group_id: Mapped[int] = reference("groups")
    group_set_id: Mapped[int] = reference("group_sets")
    user_id: Mapped[int] = reference("users")
    is_confirmed: Mapped[bool] = mapped_column(default=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
