"""Mails to the people of a course instance, and to whom they were sent."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MESSAGES, DELIVERIES = "course_messages", "message_deliveries"


def upgrade() -> None:
    op.create_table(
        MESSAGES,
        *_to(MESSAGES, course_instance_id="course_instances", job_id="jobs", sender_id="users"),
        sa.Column("targets", Json, nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{MESSAGES}")),
        sa.UniqueConstraint("job_id", name=op.f(f"uq_{MESSAGES}_job_id")),
    )
    for name in ("course_instance_id", "sender_id"):
        op.create_index(op.f(f"ix_{MESSAGES}_{name}"), MESSAGES, [name])
    op.create_table(
        DELIVERIES,
        *_to(DELIVERIES, course_message_id=MESSAGES, user_id="users"),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("refusal", sa.String(length=255), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{DELIVERIES}")),
        sa.UniqueConstraint("course_message_id", "user_id", name=op.f(f"uq_{DELIVERIES}_course_message_id_user_id")),
    )
    op.create_index(op.f(f"ix_{DELIVERIES}_user_id"), DELIVERIES, ["user_id"])


def _to(table: str, **targets: str) -> list[sa.schema.SchemaItem]:
    """Foreign keys to other tables."""
    columns: list[sa.schema.SchemaItem] = [sa.Column(name, sa.Integer(), nullable=False) for name in targets]
    for name, target in targets.items():
        columns.append(sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}")))
    return columns


def downgrade() -> None:
    op.drop_table(DELIVERIES)
    op.drop_table(MESSAGES)
