"""What goes with a grade that is set by hand: of how many points it is, why, and on whose behalf."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def columns() -> tuple[sa.Column[Any], ...]:
    """New columns, made anew each time: a column belongs to one statement."""
    return (
        sa.Column("override_max_points", sa.Double(), nullable=True),
        sa.Column("override_all_points", sa.Double(), nullable=True),
        sa.Column("override_all_max_points", sa.Double(), nullable=True),
        sa.Column("override_reason", sa.String(), nullable=True),
        sa.Column("override_source", sa.String(length=64), nullable=True),
    )


def upgrade() -> None:
    for column in columns():
        op.add_column("column_grades", column)


def downgrade() -> None:
    for column in reversed(columns()):
        op.drop_column("column_grades", column.name)
