"""Whether a course instance has a gradebook page, with many grades at once, and certificates."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
TABLE = "course_instances"
FLAGS = {"has_gradebook": sa.true, "offers_bulk_grading": sa.false, "has_certificates": sa.true}


def upgrade() -> None:
    for name, default in FLAGS.items():
        op.add_column(TABLE, sa.Column(name, sa.Boolean(), server_default=default(), nullable=False))


def downgrade() -> None:
    for name in reversed(FLAGS):
        op.drop_column(TABLE, name)
