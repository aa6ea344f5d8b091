"""The tables of app.domain.groups."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_sets",
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("min_size", sa.Integer(), nullable=False),
        sa.Column("max_size", sa.Integer(), nullable=False),
        sa.Column("is_self_assigned", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_group_sets_course_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_sets")),
        sa.UniqueConstraint("course_instance_id", "name", name=op.f("uq_group_sets_course_instance_id_name")),
    )
    op.create_table(
        "groups",
        sa.Column("group_set_id", sa.Integer(), nullable=False),
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_groups_course_instance_id")
        ),
        sa.ForeignKeyConstraint(["group_set_id"], ["group_sets.id"], name=op.f("fk_groups_group_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
    )
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_groups_course_instance_id"), ["course_instance_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_groups_group_set_id"), ["group_set_id"], unique=False)
        batch_op.create_index("ix_groups_name_id", ["name", "id"], unique=False)

    op.create_table(
        "group_memberships",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("group_set_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_memberships_group_id")),
        sa.ForeignKeyConstraint(["group_set_id"], ["group_sets.id"], name=op.f("fk_group_memberships_group_set_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_group_memberships_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_memberships")),
    )
    with op.batch_alter_table("group_memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_memberships_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_memberships_group_set_id"), ["group_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_memberships_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_group_memberships_current",
            ["group_set_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("group_memberships", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_group_memberships_current",
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_group_memberships_user_id"))
        batch_op.drop_index(batch_op.f("ix_group_memberships_group_set_id"))
        batch_op.drop_index(batch_op.f("ix_group_memberships_group_id"))

    op.drop_table("group_memberships")
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_index("ix_groups_name_id")
        batch_op.drop_index(batch_op.f("ix_groups_group_set_id"))
        batch_op.drop_index(batch_op.f("ix_groups_course_instance_id"))

    op.drop_table("groups")
    op.drop_table("group_sets")
