"""Who looks after the discussions of a course instance."""

from __future__ import annotations

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLE, COLUMN = "enrollments", "discussion_role"
ROLES = "'ADMINISTRATOR', 'MODERATOR', 'COMMUNITY_ASSISTANT'"


def upgrade() -> None:
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    check = f"CONSTRAINT ck_{TABLE}_{COLUMN} CHECK ({COLUMN} IS NULL OR {COLUMN} IN ({ROLES}))"
    op.execute(f"ALTER TABLE {TABLE} ADD COLUMN {COLUMN} VARCHAR(32) {check}")


def downgrade() -> None:
    op.drop_column(TABLE, COLUMN)
