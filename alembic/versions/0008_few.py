"""Indexes of what is deleted and of what has no score yet: few rows, for which every statement looks."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = [
    ("ix_assessments_deleted", "assessments", "id", "deleted_at IS NOT NULL"),
    ("ix_groups_deleted", "groups", "id", "deleted_at IS NOT NULL"),
    ("ix_course_instances_deleted", "course_instances", "id", "deleted_at IS NOT NULL"),
    ("ix_assessment_instances_without_score", "assessment_instances", "course_instance_id", "points IS NULL"),
]


def upgrade() -> None:
    for name, table, column, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, *_ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
