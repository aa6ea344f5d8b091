"""What the catalogue tells of a course instance, and to whom."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = "course_instances"
VISIBILITY = "CONSTRAINT ck_course_instances_catalog_visibility CHECK (catalog_visibility IN ('BOTH', 'ABOUT', 'NONE'))"
TEXTS = ("short_description", "overview")
NAMES = ("effort", "advertised_start", "display_organization", "display_number", "license")
ADDRESSES = ("image_url", "banner_url", "video_url")
FLAGS = ("is_mobile_available", "has_public_outline", "hides_progress")


def columns() -> list[sa.Column[Any]]:
    """New columns, made anew each time: a column belongs to one statement."""
    return [
        *(sa.Column(name, sa.String(), nullable=True) for name in TEXTS),
        *(sa.Column(name, sa.String(length=255), nullable=True) for name in NAMES),
        *(sa.Column(name, sa.String(length=2000), nullable=True) for name in ADDRESSES),
        *(sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False) for name in FLAGS),
        sa.Column("max_learners", sa.Integer(), nullable=True),
        sa.Column("days_early_for_testers", sa.Double(), nullable=True),
        sa.Column("certificate_available_at", Instant(), nullable=True),
    ]


def upgrade() -> None:
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    column = f"catalog_visibility VARCHAR(32) DEFAULT 'BOTH' NOT NULL {VISIBILITY}"
    op.execute(f"ALTER TABLE {TABLE} ADD COLUMN {column}")
    for each in columns():
        op.add_column(TABLE, each)


def downgrade() -> None:
    for each in reversed(columns()):
        op.drop_column(TABLE, each.name)
    op.drop_column(TABLE, "catalog_visibility")
