"""Certificates, and whether people show theirs to everybody."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
TABLE = "certificates"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("track", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint("status IN ('DOWNLOADABLE', 'NOT_PASSING')", name=op.f(f"ck_{TABLE}_status")),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f(f"fk_{TABLE}_course_instance_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{TABLE}_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("course_instance_id", "user_id", name=op.f(f"uq_{TABLE}_course_instance_id_user_id")),
        sa.UniqueConstraint("uuid", name=op.f(f"uq_{TABLE}_uuid")),
    )
    op.create_index(op.f(f"ix_{TABLE}_user_id"), TABLE, ["user_id"])
    op.add_column(
        "user_profiles",
        sa.Column("shows_certificates", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("user_profiles", "shows_certificates")
    op.drop_table(TABLE)
