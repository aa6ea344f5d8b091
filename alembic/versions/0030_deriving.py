"""Course instances derived from others: from which, whether that may be, whose they are, which chapters they show."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.base import Json

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLE = "course_instances"
REFERENCES = (("derived_from_id", "course_instances"), ("coach_id", "users"))


def columns() -> tuple[sa.Column[Any], ...]:
    """New columns, made anew each time: a column belongs to one statement."""
    return (
        sa.Column("allows_derived", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("chapter_keys", Json, nullable=True),
    )


def upgrade() -> None:
    for column in columns():
        op.add_column(TABLE, column)
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    for name, target in REFERENCES:
        constraint = f"CONSTRAINT fk_{TABLE}_{name} REFERENCES {target} (id)"
        op.execute(f"ALTER TABLE {TABLE} ADD COLUMN {name} INTEGER {constraint}")
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, [name])


def downgrade() -> None:
    for name, _ in reversed(REFERENCES):
        op.drop_index(op.f(f"ix_{TABLE}_{name}"), table_name=TABLE)
        op.drop_column(TABLE, name)
    for column in reversed(columns()):
        op.drop_column(TABLE, column.name)
