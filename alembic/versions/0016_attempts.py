"""Submissions as attempts: their state, what learners and graders write of them, whether they count."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATES = (
    "'NOT_ATTEMPTED', 'ABANDONED', 'IN_PROGRESS', 'SUSPENDED', 'CANCELED', 'NEEDS_GRADING', 'COMPLETED', "
    "'IN_MORE_PROGRESS', 'NEEDS_MORE_GRADING'"
)
TEXTS = ("text", "comments", "feedback", "notes")


def upgrade() -> None:
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    check = f"CONSTRAINT ck_submissions_status CHECK (status IS NULL OR status IN ({STATES}))"
    op.execute(f"ALTER TABLE submissions ADD COLUMN status VARCHAR(32) {check}")
    for name in TEXTS:
        op.add_column("submissions", sa.Column(name, sa.String(), nullable=True))
    op.add_column("submissions", sa.Column("is_exempt", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("submissions", "is_exempt")
    for name in reversed(TEXTS):
        op.drop_column("submissions", name)
    op.drop_column("submissions", "status")
