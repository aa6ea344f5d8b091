"""Jobs: what is done in the background for a course instance."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STATES = "state IN ('SCHEDULED', 'PROGRESS', 'SUCCESS', 'FAILURE', 'REVOKED')"
OPEN = "state IN ('SCHEDULED', 'PROGRESS')"
REFERENCES = (
    ("course_instance_id", "course_instances.id", False),
    ("requester_id", "users.id", True),
    ("block_id", "blocks.id", True),
    ("learner_id", "users.id", True),
)


def upgrade() -> None:
    op.create_table(
        "jobs",
        *(sa.Column(name, sa.Integer(), nullable=is_nullable) for name, _, is_nullable in REFERENCES),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), server_default="SCHEDULED", nullable=False),
        sa.Column("is_administrative", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("input", Json, nullable=False),
        sa.Column("output", Json, nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("progress", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=True),
        sa.Column("file_size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        *(sa.ForeignKeyConstraint([name], [to], name=op.f(f"fk_jobs_{name}")) for name, to, _ in REFERENCES),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name=op.f("fk_jobs_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("uuid", name=op.f("uq_jobs_uuid")),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_jobs_progress")),
        sa.CheckConstraint(STATES, name=op.f("ck_jobs_state")),
    )
    op.create_index("ix_jobs_course_instance_id_created_at", "jobs", ["course_instance_id", "created_at", "id"])
    op.create_index("ix_jobs_open", "jobs", ["due_at"], sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN))
    for name in ("requester_id", "block_id", "learner_id", "sha256"):
        op.create_index(op.f(f"ix_jobs_{name}"), "jobs", [name])


def downgrade() -> None:
    op.drop_table("jobs")
