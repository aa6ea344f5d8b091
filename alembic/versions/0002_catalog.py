"""The tables of app.domain.catalog."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organizations",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("key", name=op.f("uq_organizations_key")),
    )
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organizations_name"), ["name"], unique=False)

    op.create_table(
        "courses",
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=150), nullable=False),
        sa.Column("short_name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_courses_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("key", name=op.f("uq_courses_key")),
    )
    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_courses_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_courses_short_name"), ["short_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_courses_title"), ["title"], unique=False)

    op.create_table(
        "course_instances",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("short_name", sa.String(length=150), nullable=True),
        sa.Column("long_name", sa.String(length=255), nullable=False),
        sa.Column("term", sa.String(length=64), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("start_at", Instant(), nullable=True),
        sa.Column("end_at", Instant(), nullable=True),
        sa.Column("availability", sa.String(length=32), server_default="AVAILABLE", nullable=False),
        sa.Column("is_hidden_in_enroll_page", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "availability IN ('AVAILABLE', 'UNAVAILABLE', 'DISABLED')", name=op.f("ck_course_instances_availability")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_course_instances_course_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["course_instances.id"], name=op.f("fk_course_instances_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_instances")),
        sa.UniqueConstraint("external_id", name=op.f("uq_course_instances_external_id")),
        sa.UniqueConstraint("key", name=op.f("uq_course_instances_key")),
        sa.UniqueConstraint("name", name=op.f("uq_course_instances_name")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_instances_uuid")),
    )
    with op.batch_alter_table("course_instances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_instances_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_instances_long_name"), ["long_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_instances_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_instances_start_at"), ["start_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_instances_term"), ["term"], unique=False)

    op.create_table(
        "course_instance_access_rules",
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("institution", sa.String(length=255), nullable=True),
        sa.Column("start_at", Instant(), nullable=True),
        sa.Column("end_at", Instant(), nullable=True),
        sa.Column("uids", Json, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_instance_id"],
            ["course_instances.id"],
            name=op.f("fk_course_instance_access_rules_course_instance_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_instance_access_rules")),
    )
    with op.batch_alter_table("course_instance_access_rules", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_course_instance_access_rules_course_instance_id"), ["course_instance_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("course_instance_access_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_instance_access_rules_course_instance_id"))

    op.drop_table("course_instance_access_rules")
    with op.batch_alter_table("course_instances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_instances_term"))
        batch_op.drop_index(batch_op.f("ix_course_instances_start_at"))
        batch_op.drop_index(batch_op.f("ix_course_instances_parent_id"))
        batch_op.drop_index(batch_op.f("ix_course_instances_long_name"))
        batch_op.drop_index(batch_op.f("ix_course_instances_course_id"))

    op.drop_table("course_instances")
    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_courses_title"))
        batch_op.drop_index(batch_op.f("ix_courses_short_name"))
        batch_op.drop_index(batch_op.f("ix_courses_organization_id"))

    op.drop_table("courses")
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organizations_name"))

    op.drop_table("organizations")
