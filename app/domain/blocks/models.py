"""Tables of what a course instance consists of: a tree of blocks, for which groups they are, who has done what."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, few, one_of, reference

NEVER_COUNTED = ("discussion", "course_info")
"""Kinds that nobody needs to complete (contracts/edx-core.md §1.5)."""
STRUCTURE = ("course", "chapter", "sequential", "vertical", "split_test", "library_content")
"""Kinds that are complete with what lies below them, be that nothing."""


class ShowCorrectness(StrEnum):
    """When learners see whether their answers were right, and what they got for them."""

    ALWAYS = "ALWAYS"
    NEVER = "NEVER"
    PAST_DUE = "PAST_DUE"


class Block(Identified, Timestamped, Base):
    """A part of a course instance: the course itself, a chapter, a unit, a problem, a text (decision 0012).

    `position` counts the blocks of the course instance from 0, each before its children; `depth` is 0 for the root.
    Where learners go at their own pace it is due `weeks_due` weeks after each one's start. One that `hides_after_due`
    closes what lies below it to learners once it has been due. An exam is `is_time_limited`, to `time_limit_minutes`
    where it says so, and may be watched (`is_proctored`), be it to practise that.
    `kind` is any word, `fields` what else the block says of itself, by the names of the system it comes from.
    """

    __tablename__ = "blocks"
    __table_args__ = (
        Index("ix_blocks_course_instance_id_position", "course_instance_id", "position", "id"),
        Index("ix_blocks_parent_id_position", "parent_id", "position", "id"),
        Index(
            "uq_blocks_root",
            "course_instance_id",
            unique=True,
            sqlite_where=text("parent_id IS NULL"),
            postgresql_where=text("parent_id IS NULL"),
        ),
        few("ix_blocks_withheld", "course_instance_id", "show_correctness <> 'ALWAYS'"),
        one_of("show_correctness", ShowCorrectness),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    parent_id: Mapped[int | None] = reference("blocks", index=False)
    usage_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    depth: Mapped[int]
    name: Mapped[str] = mapped_column(String(255), default="")
    format: Mapped[str | None] = mapped_column(String(150))
    is_graded: Mapped[bool] = mapped_column(default=False, server_default=false())
    start_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    weeks_due: Mapped[int | None]
    is_staff_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_hidden_from_toc: Mapped[bool] = mapped_column(default=False, server_default=false())
    show_correctness: Mapped[str] = enum_column(ShowCorrectness, ShowCorrectness.ALWAYS)
    weight: Mapped[float | None]
    hides_after_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_time_limited: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_practice_exam: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_proctored: Mapped[bool] = mapped_column(default=False, server_default=false())
    time_limit_minutes: Mapped[int | None]
    content: Mapped[str | None]
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)


class BlockPath(Identified, Base):
    """That a block lies below another, or is it: `distance` is 0 for itself, 1 for its parent."""

    __tablename__ = "block_paths"
    __table_args__ = (UniqueConstraint("block_id", "ancestor_id"),)

    block_id: Mapped[int] = reference("blocks", index=False)
    ancestor_id: Mapped[int] = reference("blocks")
    distance: Mapped[int]


class BlockGroup(Identified, Base):
    """A group for whose members a block is. Of a set that is not named everybody sees it."""

    __tablename__ = "block_groups"
    __table_args__ = (UniqueConstraint("block_id", "group_id"),)

    block_id: Mapped[int] = reference("blocks", index=False)
    group_set_id: Mapped[int] = reference("group_sets")
    group_id: Mapped[int] = reference("groups")


class BlockPrerequisite(Identified, Timestamped, Base):
    """A gate: what must be reached of another block before learners see what lies below this one, in percent.

    Both must be: `min_score` of the points of the required block, `min_completion` of the blocks in it.
    """

    __tablename__ = "block_prerequisites"
    __table_args__ = (
        CheckConstraint("min_score BETWEEN 0 AND 100", name="min_score"),
        CheckConstraint("min_completion BETWEEN 0 AND 100", name="min_completion"),
    )

    course_instance_id: Mapped[int] = reference("course_instances")
    block_id: Mapped[int] = reference("blocks", index=False, unique=True)
    required_block_id: Mapped[int] = reference("blocks")
    min_score: Mapped[int]
    min_completion: Mapped[int]


class BlockCompletion(Identified, Base):
    """How much of a block a person has done, from 0 to 1, and when they last said so."""

    __tablename__ = "block_completions"
    __table_args__ = (
        UniqueConstraint("block_id", "user_id"),
        Index("ix_block_completions_course_instance_id_user_id", "course_instance_id", "user_id", "completed_at"),
        CheckConstraint("completion BETWEEN 0 AND 1", name="completion"),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    block_id: Mapped[int] = reference("blocks", index=False)
    user_id: Mapped[int] = reference("users")
    completion: Mapped[float]
    completed_at: Mapped[datetime]


class BlockVisit(Identified, Base):
    """When a person was last at a block of a course instance."""

    __tablename__ = "block_visits"
    __table_args__ = (
        UniqueConstraint("block_id", "user_id"),
        Index("ix_block_visits_course_instance_id_user_id", "course_instance_id", "user_id", "visited_at"),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    block_id: Mapped[int] = reference("blocks", index=False)
    user_id: Mapped[int] = reference("users")
    visited_at: Mapped[datetime]


class ActiveDay(Identified, Base):
    """A day, in a person's own time zone, on which they were at work in a course instance."""

    __tablename__ = "active_days"
    __table_args__ = (UniqueConstraint("course_instance_id", "user_id", "day"),)

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    user_id: Mapped[int] = reference("users")
    day: Mapped[date] = mapped_column(Date())


class Bookmark(Identified, Base):
    """A block that a person wants to find again."""

    __tablename__ = "bookmarks"
    __table_args__ = (
        UniqueConstraint("block_id", "user_id"),
        Index("ix_bookmarks_user_id_course_instance_id", "user_id", "course_instance_id", "created_at"),
    )

    course_instance_id: Mapped[int] = reference("course_instances")
    block_id: Mapped[int] = reference("blocks", index=False)
    user_id: Mapped[int] = reference("users", index=False)
    created_at: Mapped[datetime]
