"""Open responses: what problems ask, who marks submissions, what was said by a rubric, descriptions of files."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def columns() -> tuple[tuple[str, sa.Column[Any]], ...]:
    """New columns by table, made anew each time: a column belongs to one statement."""
    return (
        ("problems", sa.Column("open_response", Json, nullable=True)),
        ("scores", sa.Column("rubric", Json, nullable=True)),
        ("submission_files", sa.Column("description", sa.String(), nullable=True)),
        ("submissions", sa.Column("uuid", sa.String(length=36), nullable=True)),
        ("submissions", sa.Column("locked_until", Instant(), nullable=True)),
    )


def upgrade() -> None:
    for table, column in columns():
        op.add_column(table, column)
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    op.execute(
        "ALTER TABLE submissions ADD COLUMN locked_by_id INTEGER"
        " CONSTRAINT fk_submissions_locked_by_id REFERENCES users (id)"
    )
    op.create_index(op.f("ix_submissions_locked_by_id"), "submissions", ["locked_by_id"])
    op.create_index("uq_submissions_uuid", "submissions", ["uuid"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_submissions_uuid", table_name="submissions")
    op.drop_index(op.f("ix_submissions_locked_by_id"), table_name="submissions")
    op.drop_column("submissions", "locked_by_id")
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
