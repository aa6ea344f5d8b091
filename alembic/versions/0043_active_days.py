"""People's time zones, and the days on which they were at work."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLE = "active_days"


def _to(target: str, name: str) -> list[Any]:
    """A foreign key to another table."""
    constraint = sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{TABLE}_{name}"))
    return [sa.Column(name, sa.Integer(), nullable=False), constraint]


def upgrade() -> None:
    op.add_column("user_profiles", sa.Column("time_zone", sa.String(length=64), nullable=True))
    op.create_table(
        TABLE,
        *_to("course_instances", "course_instance_id"),
        *_to("users", "user_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            "course_instance_id", "user_id", "day", name=op.f(f"uq_{TABLE}_course_instance_id_user_id_day")
        ),
    )
    op.create_index(op.f(f"ix_{TABLE}_user_id"), TABLE, ["user_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
    op.drop_column("user_profiles", "time_zone")
