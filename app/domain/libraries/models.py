"""Tables of content libraries: their blocks, who may do what in them, how far people came."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, one_of, reference


class LibraryLevel(StrEnum):
    """What a member of a library may do there; each includes those before it."""

    READ = "READ"
    AUTHOR = "AUTHOR"
    ADMIN = "ADMIN"


class Library(Identified, Timestamped, Base):
    """A collection of blocks for use in many courses, or by themselves. `key` is `lib:organization:slug`."""

    __tablename__ = "libraries"

    organization_id: Mapped[int] = reference("organizations")
    slug: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(255), unique=True)
    title: Mapped[str] = mapped_column(String(255), index=True)
    description: Mapped[str | None]
    license: Mapped[str | None] = mapped_column(String(255))
    allows_public_learning: Mapped[bool] = mapped_column(default=False, server_default=false())
    allows_public_read: Mapped[bool] = mapped_column(default=False, server_default=false())


class LibraryMember(Identified, Base):
    """A person with rights in a library."""

    __tablename__ = "library_members"
    __table_args__ = (UniqueConstraint("library_id", "user_id"), one_of("level", LibraryLevel))

    library_id: Mapped[int] = reference("libraries", index=False)
    user_id: Mapped[int] = reference("users")
    level: Mapped[str] = enum_column(LibraryLevel)


class LibraryBlock(Identified, Timestamped, Base):
    """A block of a library; a new one's `position` is after those of all others. What lies below one holds none."""

    __tablename__ = "library_blocks"
    __table_args__ = (
        Index("ix_library_blocks_library_id_position", "library_id", "position", "id"),
        Index("ix_library_blocks_parent_id_position", "parent_id", "position", "id"),
    )

    library_id: Mapped[int] = reference("libraries", index=False)
    parent_id: Mapped[int | None] = reference("library_blocks", index=False)
    usage_key: Mapped[str] = mapped_column(String(255), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(255), default="")
    content: Mapped[str | None]
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)


class LibraryProgress(Identified, Base):
    """How far a person came in a block of a library, from 0 to 1, and what its player keeps to go on."""

    __tablename__ = "library_progress"
    __table_args__ = (
        UniqueConstraint("library_block_id", "user_id"),
        CheckConstraint("completion BETWEEN 0 AND 1", name="completion"),
    )

    library_block_id: Mapped[int] = reference("library_blocks", index=False)
    user_id: Mapped[int] = reference("users")
    completion: Mapped[float]
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed_at: Mapped[datetime]
