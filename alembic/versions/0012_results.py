"""What a rule made of the answers of a submission."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submissions", sa.Column("results", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("submissions", "results")
