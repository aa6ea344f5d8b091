"""A job may be given a file: whom to put into which cohorts."""

from __future__ import annotations

from alembic import op

revision = "0040"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLE, COLUMN = "jobs", "input_sha256"


def upgrade() -> None:
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    constraint = f"CONSTRAINT fk_{TABLE}_{COLUMN} REFERENCES files (sha256)"
    op.execute(f"ALTER TABLE {TABLE} ADD COLUMN {COLUMN} VARCHAR(64) {constraint}")
    op.create_index(op.f(f"ix_{TABLE}_{COLUMN}"), TABLE, [COLUMN])


def downgrade() -> None:
    op.drop_index(op.f(f"ix_{TABLE}_{COLUMN}"), table_name=TABLE)
    op.drop_column(TABLE, COLUMN)
