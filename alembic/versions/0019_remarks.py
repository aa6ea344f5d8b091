"""Grades as texts, remarks that stand for grades, and an index of the few columns that are marked anonymously."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ANONYMOUS = sa.text("anonymous_grading <> 'NONE'")


def upgrade() -> None:
    op.add_column("column_grades", sa.Column("override_text", sa.String(length=255), nullable=True))
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    op.execute(
        "ALTER TABLE column_grades ADD COLUMN grade_notation_id INTEGER"
        " CONSTRAINT fk_column_grades_grade_notation_id REFERENCES grade_notations (id)"
    )
    op.create_index(op.f("ix_column_grades_grade_notation_id"), "column_grades", ["grade_notation_id"])
    op.create_index(
        "ix_assessments_anonymous", "assessments", ["id"], sqlite_where=ANONYMOUS, postgresql_where=ANONYMOUS
    )


def downgrade() -> None:
    op.drop_index("ix_assessments_anonymous", table_name="assessments")
    op.drop_index(op.f("ix_column_grades_grade_notation_id"), table_name="column_grades")
    op.drop_column("column_grades", "grade_notation_id")
    op.drop_column("column_grades", "override_text")
