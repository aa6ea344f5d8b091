"""A job may be given a file, such as of people and cohorts; who looks after the discussions of a course instance."""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ROLES = "'ADMINISTRATOR', 'MODERATOR', 'COMMUNITY_ASSISTANT'"
COLUMNS = (
    ("jobs", "input_sha256", "VARCHAR(64)", "CONSTRAINT fk_jobs_input_sha256 REFERENCES files (sha256)"),
    (
        "enrollments",
        "discussion_role",
        "VARCHAR(32)",
        f"CONSTRAINT ck_enrollments_discussion_role CHECK (discussion_role IS NULL OR discussion_role IN ({ROLES}))",
    ),
)


def upgrade() -> None:
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    for table, name, kind, constraint in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} {constraint}")
    op.create_index(op.f("ix_jobs_input_sha256"), "jobs", ["input_sha256"])


def downgrade() -> None:
    op.drop_index(op.f("ix_jobs_input_sha256"), table_name="jobs")
    for table, name, *_ in reversed(COLUMNS):
        op.drop_column(table, name)
