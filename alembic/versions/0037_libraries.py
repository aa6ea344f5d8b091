"""Content libraries: their members, their blocks, how far people came in these."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

STAMPS = ("created_at", "updated_at")


def _to(table: str, target: str, name: str, *, nullable: bool = False) -> list[Any]:
    """A foreign key to another table."""
    constraint = sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))
    return [sa.Column(name, sa.Integer(), nullable=nullable), constraint]


def _own(table: str, *moments: str) -> list[Any]:
    """The key, and the moments."""
    stamps = [sa.Column(name, Instant(), nullable=False) for name in moments]
    return [*stamps, sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")]


def _flag(name: str) -> Any:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "libraries",
        *_to("libraries", "organizations", "organization_id"),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("license", sa.String(255), nullable=True),
        _flag("allows_public_learning"),
        _flag("allows_public_read"),
        *_own("libraries", *STAMPS),
        sa.UniqueConstraint("key", name=op.f("uq_libraries_key")),
    )
    op.create_index(op.f("ix_libraries_organization_id"), "libraries", ["organization_id"])
    op.create_index(op.f("ix_libraries_title"), "libraries", ["title"])
    op.create_table(
        "library_members",
        *_to("library_members", "libraries", "library_id"),
        *_to("library_members", "users", "user_id"),
        sa.Column("level", sa.String(32), nullable=False),
        *_own("library_members"),
        sa.CheckConstraint("level IN ('READ', 'AUTHOR', 'ADMIN')", name=op.f("ck_library_members_level")),
        sa.UniqueConstraint("library_id", "user_id", name=op.f("uq_library_members_library_id_user_id")),
    )
    op.create_index(op.f("ix_library_members_user_id"), "library_members", ["user_id"])
    _blocks()


def _blocks() -> None:
    op.create_table(
        "library_blocks",
        *_to("library_blocks", "libraries", "library_id"),
        *_to("library_blocks", "library_blocks", "parent_id", nullable=True),
        sa.Column("usage_key", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("content", sa.String(), nullable=True),
        sa.Column("fields", Json, nullable=False),
        *_own("library_blocks", *STAMPS),
        sa.UniqueConstraint("usage_key", name=op.f("uq_library_blocks_usage_key")),
    )
    op.create_index("ix_library_blocks_library_id_position", "library_blocks", ["library_id", "position", "id"])
    op.create_index("ix_library_blocks_parent_id_position", "library_blocks", ["parent_id", "position", "id"])
    op.create_table(
        "library_progress",
        *_to("library_progress", "library_blocks", "library_block_id"),
        *_to("library_progress", "users", "user_id"),
        sa.Column("completion", sa.Double(), nullable=False),
        sa.Column("state", Json, nullable=False),
        *_own("library_progress", "changed_at"),
        sa.CheckConstraint("completion BETWEEN 0 AND 1", name=op.f("ck_library_progress_completion")),
        sa.UniqueConstraint("library_block_id", "user_id", name=op.f("uq_library_progress_library_block_id_user_id")),
    )
    op.create_index(op.f("ix_library_progress_user_id"), "library_progress", ["user_id"])


def downgrade() -> None:
    for table in ("library_progress", "library_blocks", "library_members", "libraries"):
        op.drop_table(table)
