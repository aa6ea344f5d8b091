"""The tables of app.domain.enrollment."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "course_staff",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint("role IN ('PREVIEWER', 'VIEWER', 'EDITOR', 'OWNER')", name=op.f("ck_course_staff_role")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_course_staff_course_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_course_staff_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_staff")),
        sa.UniqueConstraint("course_id", "user_id", name=op.f("uq_course_staff_course_id_user_id")),
    )
    with op.batch_alter_table("course_staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_staff_user_id"), ["user_id"], unique=False)

    op.create_table(
        "enrollments",
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("child_course_instance_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=32), server_default="STUDENT", nullable=False),
        sa.Column("status", sa.String(length=32), server_default="ACTIVE", nullable=False),
        sa.Column("enrolled_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("attributes", Json, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint("role IN ('STUDENT', 'COURSE_ASSISTANT', 'INSTRUCTOR')", name=op.f("ck_enrollments_role")),
        sa.CheckConstraint("status IN ('ACTIVE', 'COMPLETED', 'DROPPED')", name=op.f("ck_enrollments_status")),
        sa.ForeignKeyConstraint(
            ["child_course_instance_id"], ["course_instances.id"], name=op.f("fk_enrollments_child_course_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_enrollments_course_instance_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_enrollments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollments")),
        sa.UniqueConstraint("course_instance_id", "user_id", name=op.f("uq_enrollments_course_instance_id_user_id")),
    )
    with op.batch_alter_table("enrollments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enrollments_child_course_instance_id"), ["child_course_instance_id"], unique=False
        )
        batch_op.create_index("ix_enrollments_enrolled_at_id", ["enrolled_at", "id"], unique=False)
        batch_op.create_index(
            "ix_enrollments_user_id_role_status", ["user_id", "role", "status", "course_instance_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("enrollments", schema=None) as batch_op:
        batch_op.drop_index("ix_enrollments_user_id_role_status")
        batch_op.drop_index("ix_enrollments_enrolled_at_id")
        batch_op.drop_index(batch_op.f("ix_enrollments_child_course_instance_id"))

    op.drop_table("enrollments")
    with op.batch_alter_table("course_staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_staff_user_id"))

    op.drop_table("course_staff")
