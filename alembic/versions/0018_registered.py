"""Registered documents, and tokens that may ask nothing else."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registered_documents",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("operations", Json, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_registered_documents_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registered_documents")),
        sa.UniqueConstraint("digest", name=op.f("uq_registered_documents_digest")),
    )
    op.create_index(op.f("ix_registered_documents_user_id"), "registered_documents", ["user_id"])
    op.add_column(
        "access_tokens", sa.Column("is_registered_only", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("access_tokens", "is_registered_only")
    op.drop_index(op.f("ix_registered_documents_user_id"), table_name="registered_documents")
    op.drop_table("registered_documents")
