"""Mails about enrolments, and which of them are sent."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLE = "enrollment_notices"
TIDINGS = "'ENROLLED', 'INVITED', 'AWAITED', 'DROPPED', 'WITHDRAWN'"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("tidings", sa.String(length=32), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("refusal", sa.String(length=255), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f(f"fk_{TABLE}_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("job_id", "email", name=op.f(f"uq_{TABLE}_job_id_email")),
        sa.CheckConstraint(f"tidings IN ({TIDINGS})", name=op.f(f"ck_{TABLE}_tidings")),
    )


def downgrade() -> None:
    op.drop_table(TABLE)
