"""Clients that may send people's passwords, and the secret that this installation signs with."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oauth_clients", sa.Column("is_trusted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "signing_keys",
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("purpose", name=op.f("uq_signing_keys_purpose")),
    )


def downgrade() -> None:
    op.drop_table("signing_keys")
    op.drop_column("oauth_clients", "is_trusted")
