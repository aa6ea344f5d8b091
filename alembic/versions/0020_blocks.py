"""Blocks: the tree of a course instance, for which groups its parts are, who has completed what of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ROOTS = {"sqlite_where": sa.text("parent_id IS NULL"), "postgresql_where": sa.text("parent_id IS NULL")}
TABLES = ("block_completions", "block_groups", "block_paths", "blocks")
REFERRING = ("assessments", "problems")


def columns() -> tuple[tuple[str, sa.Column[Any]], ...]:
    """New columns by table, made anew each time: a column belongs to one statement."""
    return (
        ("course_instances", sa.Column("is_self_paced", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("calculation_terms", sa.Column("min_count", sa.Integer(), server_default=sa.text("0"), nullable=False)),
    )


def upgrade() -> None:
    _make_blocks()
    _make_paths()
    _make_groups()
    _make_completions()
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    for table in REFERRING:
        constraint = f"CONSTRAINT fk_{table}_block_id REFERENCES blocks (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN block_id INTEGER {constraint}")
        op.create_index(f"uq_{table}_block_id", table, ["block_id"], unique=True)
    for table, column in columns():
        op.add_column(table, column)


def _key(table: str) -> list[Any]:
    return [sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _to(table: str, target: str, name: str, *, nullable: bool = False) -> list[Any]:
    """A foreign key to another table."""
    constraint = sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))
    return [sa.Column(name, sa.Integer(), nullable=nullable), constraint]


def _stamps() -> list[sa.Column[datetime]]:
    return [sa.Column("created_at", Instant(), nullable=False), sa.Column("updated_at", Instant(), nullable=False)]


def _make_blocks() -> None:
    op.create_table(
        "blocks",
        *_to("blocks", "course_instances", "course_instance_id"),
        *_to("blocks", "blocks", "parent_id", nullable=True),
        sa.Column("usage_key", sa.String(length=255), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("format", sa.String(length=150), nullable=True),
        sa.Column("is_graded", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("start_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("weeks_due", sa.Integer(), nullable=True),
        sa.Column("is_staff_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_hidden_from_toc", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("show_correctness", sa.String(length=32), server_default="ALWAYS", nullable=False),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.Column("content", sa.String(), nullable=True),
        sa.Column("fields", Json, nullable=False),
        *_key("blocks"),
        *_stamps(),
        sa.CheckConstraint(
            "show_correctness IN ('ALWAYS', 'NEVER', 'PAST_DUE')", name=op.f("ck_blocks_show_correctness")
        ),
        sa.UniqueConstraint("usage_key", name=op.f("uq_blocks_usage_key")),
    )
    op.create_index("ix_blocks_course_instance_id_position", "blocks", ["course_instance_id", "position", "id"])
    op.create_index("ix_blocks_parent_id_position", "blocks", ["parent_id", "position", "id"])
    op.create_index("uq_blocks_root", "blocks", ["course_instance_id"], unique=True, **ROOTS)


def _make_paths() -> None:
    table = "block_paths"
    op.create_table(
        table,
        *_to(table, "blocks", "block_id"),
        *_to(table, "blocks", "ancestor_id"),
        sa.Column("distance", sa.Integer(), nullable=False),
        *_key(table),
        sa.UniqueConstraint("block_id", "ancestor_id", name=op.f(f"uq_{table}_block_id_ancestor_id")),
    )
    op.create_index(op.f(f"ix_{table}_ancestor_id"), table, ["ancestor_id"])


def _make_groups() -> None:
    table = "block_groups"
    op.create_table(
        table,
        *_to(table, "blocks", "block_id"),
        *_to(table, "group_sets", "group_set_id"),
        *_to(table, "groups", "group_id"),
        *_key(table),
        sa.UniqueConstraint("block_id", "group_id", name=op.f(f"uq_{table}_block_id_group_id")),
    )
    for name in ("group_set_id", "group_id"):
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def _make_completions() -> None:
    table = "block_completions"
    op.create_table(
        table,
        *_to(table, "course_instances", "course_instance_id"),
        *_to(table, "blocks", "block_id"),
        *_to(table, "users", "user_id"),
        sa.Column("completion", sa.Double(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=False),
        *_key(table),
        sa.CheckConstraint("completion BETWEEN 0 AND 1", name=op.f(f"ck_{table}_completion")),
        sa.UniqueConstraint("block_id", "user_id", name=op.f(f"uq_{table}_block_id_user_id")),
    )
    op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])
    op.create_index(
        op.f(f"ix_{table}_course_instance_id_user_id"), table, ["course_instance_id", "user_id", "completed_at"]
    )


def downgrade() -> None:
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
    for table in REFERRING:
        op.drop_index(f"uq_{table}_block_id", table_name=table)
        op.drop_column(table, "block_id")
    for table in TABLES:
        op.drop_table(table)
