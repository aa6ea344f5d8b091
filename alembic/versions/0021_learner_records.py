"""Learner records: what people choose, are shown and agree to in a course instance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TABLE = "learner_records"


def _to(target: str, name: str) -> list[Any]:
    """A foreign key to another table."""
    constraint = sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{TABLE}_{name}"))
    return [sa.Column(name, sa.Integer(), nullable=False), constraint]


def _at(name: str, *, nullable: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, Instant(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        TABLE,
        *_to("course_instances", "course_instance_id"),
        *_to("users", "user_id"),
        sa.Column("goal_days_per_week", sa.Integer(), nullable=True),
        sa.Column("has_goal_reminders", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reminder_token", sa.String(length=32), nullable=True),
        sa.Column("celebrates_first_section", sa.Boolean(), nullable=True),
        sa.Column("celebrates_weekly_goal", sa.Boolean(), nullable=True),
        sa.Column("dismissed_update", sa.String(length=64), nullable=True),
        *(_at("signed_at"), _at("schedule_start_at"), _at("last_active_at")),
        sa.Column("receives_email", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *(_at("created_at", nullable=False), _at("updated_at", nullable=False)),
        sa.CheckConstraint("goal_days_per_week BETWEEN 0 AND 7", name=op.f(f"ck_{TABLE}_goal_days_per_week")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("reminder_token", name=op.f(f"uq_{TABLE}_reminder_token")),
        sa.UniqueConstraint("course_instance_id", "user_id", name=op.f(f"uq_{TABLE}_course_instance_id_user_id")),
    )
    op.create_index(op.f(f"ix_{TABLE}_user_id"), TABLE, ["user_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
