"""Tables of a gradebook's terms: grade schemas, notations, grading periods, and how calculated columns are computed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, one_of, reference


class ScaleType(StrEnum):
    """How a grade is shown (Blackboard's scaleType)."""

    PERCENT = "PERCENT"
    SCORE = "SCORE"
    TABULAR = "TABULAR"
    TEXT = "TEXT"
    COMPLETE = "COMPLETE"


class CalculationKind(StrEnum):
    """What a calculated column makes of other columns."""

    TOTAL = "TOTAL"
    WEIGHTED_TOTAL = "WEIGHTED_TOTAL"
    AVERAGE = "AVERAGE"


class GradeSchema(Identified, Timestamped, Base):
    """How the grades of columns are shown. `symbols` (TABULAR) are as `scales.Symbol`, the best first."""

    __tablename__ = "grade_schemas"
    __table_args__ = (UniqueConstraint("course_instance_id", "title"), one_of("scale_type", ScaleType))

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    external_id: Mapped[str | None] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None]
    scale_type: Mapped[str] = enum_column(ScaleType, ScaleType.SCORE)
    symbols: Mapped[list[Any]] = mapped_column(default=list)


class GradeNotation(Identified, Timestamped, Base):
    """A remark that stands for a grade, such as `I`, incomplete."""

    __tablename__ = "grade_notations"
    __table_args__ = (UniqueConstraint("course_instance_id", "code"),)

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    code: Mapped[str] = mapped_column(String(16))
    description: Mapped[str | None]


class GradingPeriod(Identified, Timestamped, Base):
    """A part of the course that columns may be grouped by."""

    __tablename__ = "grading_periods"
    __table_args__ = (UniqueConstraint("course_instance_id", "title"),)

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    title: Mapped[str] = mapped_column(String(64))
    description: Mapped[str | None] = mapped_column(String(1000))
    position: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    start_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]


class Calculation(Identified, Timestamped, Base):
    """How a CALCULATED assessment is computed. `is_running`: what is not graded is left out; else it counts 0.

    Without terms it is computed from all columns; `formula` and `aliases` are the same as Blackboard writes it.
    """

    __tablename__ = "calculations"
    __table_args__ = (one_of("kind", CalculationKind),)

    assessment_id: Mapped[int] = reference("assessments", index=False, unique=True)
    course_instance_id: Mapped[int] = reference("course_instances")
    kind: Mapped[str] = enum_column(CalculationKind, CalculationKind.TOTAL)
    is_running: Mapped[bool]
    formula: Mapped[str]
    aliases: Mapped[dict[str, Any]]


class CalculationTerm(Identified, Base):
    """A column, or all columns of a category, as a part of a calculation; `weight` in percent.

    A category with fewer than `min_count` columns counts as having so many, the others with 0.
    """

    __tablename__ = "calculation_terms"
    __table_args__ = (
        UniqueConstraint("calculation_id", "number"),
        CheckConstraint("(category_id IS NULL) <> (column_id IS NULL)", name="one"),
    )

    calculation_id: Mapped[int] = reference("calculations", index=False)
    number: Mapped[int]
    category_id: Mapped[int | None] = reference("assessment_categories")
    column_id: Mapped[int | None] = reference("assessments")
    weight: Mapped[float | None]
    drop_lowest: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    drop_highest: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    min_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
