"""Who takes mails of which organizations; OAuth clients that are limited to some of them."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLE = "mail_preferences"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("receives_mail", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{TABLE}_user_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f(f"fk_{TABLE}_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("user_id", "organization_id", name=op.f(f"uq_{TABLE}_user_id_organization_id")),
    )
    op.create_index(op.f(f"ix_{TABLE}_organization_id"), TABLE, ["organization_id"])
    op.add_column("oauth_clients", sa.Column("organizations", Json, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("oauth_clients", "organizations")
    op.drop_table(TABLE)
