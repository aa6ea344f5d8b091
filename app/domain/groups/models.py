"""Tables of learners who work together."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, few, one_of, reference
from app.db.types import utc_now
from app.domain.groups.naming import new_key


class GroupSetKind(StrEnum):
    """What a division is for: work in teams, cohorts (one set of them), parts of the content."""

    TEAMS = "TEAMS"
    COHORTS = "COHORTS"
    AUDIENCES = "AUDIENCES"


class Management(StrEnum):
    """Who sees the groups of a set beside their members and the staff, and who says who is in them."""

    UNLISTED = "UNLISTED"
    OPEN = "OPEN"
    OPEN_MANAGED = "OPEN_MANAGED"
    PUBLIC_MANAGED = "PUBLIC_MANAGED"
    PRIVATE_MANAGED = "PRIVATE_MANAGED"


class Filling(StrEnum):
    """How a cohort gets its members."""

    MANUAL = "MANUAL"
    RANDOM = "RANDOM"


class GroupSet(Identified, Timestamped, Base):
    """A division of a course instance into groups; an assessment done in groups names its set.

    `key` is its name for programs, unique in the course instance; there is one set of COHORTS at most.
    """

    __tablename__ = "group_sets"
    __table_args__ = (
        UniqueConstraint("course_instance_id", "name"),
        Index("uq_group_sets_key", "course_instance_id", "key", unique=True),
        Index(
            "uq_group_sets_cohorts",
            "course_instance_id",
            unique=True,
            sqlite_where=text("kind = 'COHORTS'"),
            postgresql_where=text("kind = 'COHORTS'"),
        ),
        few("ix_group_sets_impersonal", "id", "kind <> 'TEAMS'"),
        few("ix_group_sets_managed", "course_instance_id", "management <> 'UNLISTED'"),
        one_of("kind", GroupSetKind),
        one_of("management", Management),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    kind: Mapped[str] = enum_column(GroupSetKind, GroupSetKind.TEAMS)
    key: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(String(1000), default="", server_default=text("''"))
    management: Mapped[str] = enum_column(Management, Management.UNLISTED)
    min_size: Mapped[int] = mapped_column(default=1)
    max_size: Mapped[int]
    is_self_assigned: Mapped[bool] = mapped_column(default=False)


def _new_key(context: Any) -> str:
    return new_key(context.get_current_parameters()["name"])


class Group(Identified, Timestamped, Base):
    """Learners who work as one. A deleted group keeps its row, its members leave it.

    `key` is its lasting name for programs; it ends with 32 hexadecimal digits. `audience_id` is the group whose content
    its members see, too: of a cohort.
    """

    __tablename__ = "groups"
    __table_args__ = (
        Index("ix_groups_name_id", "name", "id"),
        Index("uq_groups_key", "key", unique=True),
        few("ix_groups_deleted", "id", "deleted_at IS NOT NULL"),
        one_of("filling", Filling),
    )

    group_set_id: Mapped[int] = reference("group_sets")
    course_instance_id: Mapped[int] = reference("course_instances")
    key: Mapped[str | None] = mapped_column(String(64), default=_new_key)
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
    country: Mapped[str] = mapped_column(String(2), default="", server_default=text("''"))
    language: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    filling: Mapped[str] = enum_column(Filling, Filling.MANUAL)
    audience_id: Mapped[int | None] = reference("groups")
    is_organization_protected: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_active_at: Mapped[datetime | None] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]


class GroupInvitation(Identified, Base):
    """That somebody of an e-mail address, in small letters, is to be in a group of a set once they are enrolled."""

    __tablename__ = "group_invitations"
    __table_args__ = (UniqueConstraint("group_set_id", "email"),)

    group_set_id: Mapped[int] = reference("group_sets", index=False)
    group_id: Mapped[int] = reference("groups")
    email: Mapped[str] = mapped_column(String(255))
    invited_at: Mapped[datetime]


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
    last_active_at: Mapped[datetime | None] = mapped_column(default=utc_now)
    left_at: Mapped[datetime | None]
