"""Invitations by e-mail, discounts, whom a course instance is closed to, people who asked to be forgotten."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE = "enrollment_invitations"


def columns() -> tuple[tuple[str, sa.Column[Any]], ...]:
    """New columns by table, made anew each time: a column belongs to one statement."""
    return (
        ("enrollments", sa.Column("discount_percent", sa.Double(), nullable=True)),
        ("course_instances", sa.Column("closed_countries", Json, server_default="[]", nullable=False)),
        ("course_instances", sa.Column("closed_networks", Json, server_default="[]", nullable=False)),
        ("users", sa.Column("retirement_requested_at", Instant(), nullable=True)),
    )


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f(f"fk_{TABLE}_course_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("course_instance_id", "email", name=op.f(f"uq_{TABLE}_course_instance_id_email")),
    )
    op.create_index(op.f(f"ix_{TABLE}_email"), TABLE, ["email"])
    for table, column in columns():
        op.add_column(table, column)


def downgrade() -> None:
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
    op.drop_table(TABLE)
