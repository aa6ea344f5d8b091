"""As whom people look at course instances, kept in their browsers' sessions."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("browser_sessions", sa.Column("masks", Json, server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("browser_sessions", "masks")
