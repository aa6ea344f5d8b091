"""What must be reached of one block before learners see what lies below another."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLE = "block_prerequisites"


def _to(target: str, name: str) -> list[Any]:
    """A foreign key to another table."""
    constraint = sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{TABLE}_{name}"))
    return [sa.Column(name, sa.Integer(), nullable=False), constraint]


def upgrade() -> None:
    op.create_table(
        TABLE,
        *_to("course_instances", "course_instance_id"),
        *_to("blocks", "block_id"),
        *_to("blocks", "required_block_id"),
        sa.Column("min_score", sa.Integer(), nullable=False),
        sa.Column("min_completion", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint("min_score BETWEEN 0 AND 100", name=op.f(f"ck_{TABLE}_min_score")),
        sa.CheckConstraint("min_completion BETWEEN 0 AND 100", name=op.f(f"ck_{TABLE}_min_completion")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("block_id", name=op.f(f"uq_{TABLE}_block_id")),
    )
    for name in ("course_instance_id", "required_block_id"):
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, [name])


def downgrade() -> None:
    op.drop_table(TABLE)
