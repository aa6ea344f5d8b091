"""Calculated columns, grade schemas, notations, grading periods; more of what a column says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

HIDDEN = {"sqlite_where": sa.text("is_visible = 0"), "postgresql_where": sa.text("NOT is_visible")}
TABLES = ("calculation_terms", "calculations", "grading_periods", "grade_notations", "grade_schemas")


def columns() -> tuple[tuple[str, sa.Column[Any]], ...]:
    """New columns by table, made anew each time: a column belongs to one statement."""
    return (
        ("assessments", sa.Column("display_name", sa.String(length=255), nullable=True)),
        ("assessments", sa.Column("content_id", sa.String(length=255), nullable=True)),
        ("assessments", sa.Column("score_provider", sa.String(length=255), nullable=True)),
        ("assessments", sa.Column("external_tool_id", sa.String(length=255), nullable=True)),
        ("assessments", sa.Column("is_visible", sa.Boolean(), server_default=sa.true(), nullable=False)),
        (
            "assessments",
            sa.Column("is_included_in_calculations", sa.Boolean(), server_default=sa.true(), nullable=False),
        ),
        ("assessments", sa.Column("shows_statistics", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("assessments", sa.Column("is_external_grade", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("assessments", sa.Column("anonymous_until", Instant(), nullable=True)),
        ("column_grades", sa.Column("released_max_points", sa.Double(), nullable=True)),
        ("column_grades", sa.Column("is_corrupt", sa.Boolean(), server_default=sa.false(), nullable=False)),
    )


def upgrade() -> None:
    _make_schemas()
    _make_notations()
    _make_periods()
    _make_calculations()
    _make_terms()
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    op.execute(
        "ALTER TABLE assessments ADD COLUMN grade_schema_id INTEGER"
        " CONSTRAINT fk_assessments_grade_schema_id REFERENCES grade_schemas (id)"
    )
    op.create_index(op.f("ix_assessments_grade_schema_id"), "assessments", ["grade_schema_id"])
    op.execute(
        "ALTER TABLE assessments ADD COLUMN anonymous_grading VARCHAR(32) DEFAULT 'NONE' NOT NULL"
        " CONSTRAINT ck_assessments_anonymous_grading"
        " CHECK (anonymous_grading IN ('NONE', 'AFTER_ALL_GRADED', 'DATE'))"
    )
    for table, column in columns():
        op.add_column(table, column)
    op.create_index(op.f("ix_assessments_content_id"), "assessments", ["content_id"])
    op.create_index("ix_assessments_hidden", "assessments", ["id"], **HIDDEN)


def _of_course_instance(table: str, *names: str) -> list[Any]:
    """Key, stamps and course instance of a table's rows, of which `names` are unique there."""
    place = "course_instance_id"
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        *_stamps(),
        sa.Column(place, sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint([place], ["course_instances.id"], name=op.f(f"fk_{table}_{place}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(sa.UniqueConstraint(place, name, name=op.f(f"uq_{table}_{place}_{name}")) for name in names),
    ]


def _stamps() -> list[sa.Column[datetime]]:
    return [sa.Column("created_at", Instant(), nullable=False), sa.Column("updated_at", Instant(), nullable=False)]


def _make_schemas() -> None:
    scales = "'PERCENT', 'SCORE', 'TABULAR', 'TEXT', 'COMPLETE'"
    op.create_table(
        "grade_schemas",
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("scale_type", sa.String(length=32), server_default="SCORE", nullable=False),
        sa.Column("symbols", Json, nullable=False),
        *_of_course_instance("grade_schemas", "title"),
        sa.CheckConstraint(f"scale_type IN ({scales})", name=op.f("ck_grade_schemas_scale_type")),
    )


def _make_notations() -> None:
    op.create_table(
        "grade_notations",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        *_of_course_instance("grade_notations", "code"),
    )


def _make_periods() -> None:
    op.create_table(
        "grading_periods",
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("start_at", Instant(), nullable=True),
        sa.Column("end_at", Instant(), nullable=True),
        *_of_course_instance("grading_periods", "title"),
    )


def _make_calculations() -> None:
    op.create_table(
        "calculations",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), server_default="TOTAL", nullable=False),
        sa.Column("is_running", sa.Boolean(), nullable=False),
        sa.Column("formula", sa.String(), nullable=False),
        sa.Column("aliases", Json, nullable=False),
        *_of_course_instance("calculations"),
        sa.CheckConstraint("kind IN ('TOTAL', 'WEIGHTED_TOTAL', 'AVERAGE')", name=op.f("ck_calculations_kind")),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_calculations_assessment_id")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_calculations_assessment_id")),
    )
    op.create_index(op.f("ix_calculations_course_instance_id"), "calculations", ["course_instance_id"])


def _make_terms() -> None:
    table = "calculation_terms"
    op.create_table(
        table,
        sa.Column("calculation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("column_id", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.Column("drop_lowest", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("drop_highest", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(category_id IS NULL) <> (column_id IS NULL)", name=op.f(f"ck_{table}_one")),
        sa.ForeignKeyConstraint(["calculation_id"], ["calculations.id"], name=op.f(f"fk_{table}_calculation_id")),
        sa.ForeignKeyConstraint(["category_id"], ["assessment_categories.id"], name=op.f(f"fk_{table}_category_id")),
        sa.ForeignKeyConstraint(["column_id"], ["assessments.id"], name=op.f(f"fk_{table}_column_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("calculation_id", "number", name=op.f(f"uq_{table}_calculation_id_number")),
    )
    for name in ("category_id", "column_id"):
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def downgrade() -> None:
    op.drop_index("ix_assessments_hidden", table_name="assessments")
    op.drop_index(op.f("ix_assessments_content_id"), table_name="assessments")
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
    op.drop_column("assessments", "anonymous_grading")
    op.drop_index(op.f("ix_assessments_grade_schema_id"), table_name="assessments")
    op.drop_column("assessments", "grade_schema_id")
    for table in TABLES:
        op.drop_table(table)
