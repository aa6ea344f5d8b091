"""Bookmarks of blocks, and when people were at blocks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = {"block_visits": "visited_at", "bookmarks": "created_at"}


def _to(table: str, target: str, name: str) -> list[Any]:
    """A foreign key to another table."""
    constraint = sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))
    return [sa.Column(name, sa.Integer(), nullable=False), constraint]


def upgrade() -> None:
    for table, moment in TABLES.items():
        op.create_table(
            table,
            *_to(table, "course_instances", "course_instance_id"),
            *_to(table, "blocks", "block_id"),
            *_to(table, "users", "user_id"),
            sa.Column(moment, Instant(), nullable=False),
            sa.Column("id", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("block_id", "user_id", name=op.f(f"uq_{table}_block_id_user_id")),
        )
    visits, bookmarks = ("course_instance_id", "user_id"), ("user_id", "course_instance_id")
    op.create_index("ix_block_visits_course_instance_id_user_id", "block_visits", [*visits, "visited_at"])
    op.create_index(op.f("ix_block_visits_user_id"), "block_visits", ["user_id"])
    op.create_index("ix_bookmarks_user_id_course_instance_id", "bookmarks", [*bookmarks, "created_at"])
    op.create_index(op.f("ix_bookmarks_course_instance_id"), "bookmarks", ["course_instance_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
