"""The tracks of course instances, and who is in which."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLE = "enrollment_tracks"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("min_price", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("suggested_prices", Json, server_default="[]", nullable=False),
        sa.Column("currency", sa.String(length=8), server_default=sa.text("'usd'"), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("is_expiry_explicit", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("sku", sa.String(length=255), nullable=True),
        sa.Column("bulk_sku", sa.String(length=255), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f(f"fk_{TABLE}_course_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            "course_instance_id", "slug", "currency", name=op.f(f"uq_{TABLE}_course_instance_id_slug_currency")
        ),
    )
    op.add_column("enrollments", sa.Column("track", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("enrollments", "track")
    op.drop_table(TABLE)
