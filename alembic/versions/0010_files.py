"""The bytes of files move from the database into the object store of the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa

from alembic import op
from app.db.engine import FILES
from app.db.types import Instant
from app.files.store import FileStore, Stored

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CONTENTS = sa.table(
    "file_contents", sa.column("sha256", sa.String), sa.column("size", sa.Integer), sa.column("content", sa.LargeBinary)
)
METADATA = sa.table(
    "files", sa.column("sha256", sa.String), sa.column("size", sa.Integer), sa.column("created_at", Instant())
)


def store() -> FileStore:
    found: FileStore = op.get_bind().get_execution_options()[FILES]
    return found


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_files")),
    )
    op.create_table(
        "uploads",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=127), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name=op.f("fk_uploads_sha256")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_uploads_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_user_id_sha256", "uploads", ["user_id", "sha256"])
    op.create_index(op.f("ix_uploads_sha256"), "uploads", ["sha256"])
    connection, now = op.get_bind(), datetime.now(UTC)
    for digest in list(connection.scalars(sa.select(CONTENTS.c.sha256))):
        content = connection.scalar(sa.select(CONTENTS.c.content).where(CONTENTS.c.sha256 == digest))
        if sha256(content).hexdigest() != digest:
            raise ValueError(f"the content of {digest} has another SHA-256")
        store().put_now(Stored(digest, len(content)), content)
        op.execute(sa.insert(METADATA).values(sha256=digest, size=len(content), created_at=now))
    op.drop_table("file_contents")


def downgrade() -> None:
    op.create_table(
        "file_contents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_file_contents")),
    )
    for digest, size in list(op.get_bind().execute(sa.select(METADATA.c.sha256, METADATA.c.size))):
        op.execute(sa.insert(CONTENTS).values(sha256=digest, size=size, content=store().read_now(digest)))
    op.drop_index(op.f("ix_uploads_sha256"), table_name="uploads")
    op.drop_index("ix_uploads_user_id_sha256", table_name="uploads")
    op.drop_table("uploads")
    op.drop_table("files")
