"""Cohorts and teams: how group sets are run, what groups say of themselves, invitations to them."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from alembic import op
from app.db.types import Instant

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

CHOICES = (
    ("group_sets", "kind", "TEAMS", "'TEAMS', 'COHORTS', 'AUDIENCES'"),
    (
        "group_sets",
        "management",
        "UNLISTED",
        "'UNLISTED', 'OPEN', 'OPEN_MANAGED', 'PUBLIC_MANAGED', 'PRIVATE_MANAGED'",
    ),
    ("groups", "filling", "MANUAL", "'MANUAL', 'RANDOM'"),
)
TABLE = "group_invitations"


def columns() -> tuple[tuple[str, sa.Column[Any]], ...]:
    """New columns by table, made anew each time: a column belongs to one statement."""
    return (
        ("course_instances", sa.Column("is_cohorted", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("group_sets", sa.Column("key", sa.String(length=255), nullable=True)),
        ("group_sets", _text("description", 1000)),
        ("groups", sa.Column("key", sa.String(length=64), nullable=True)),
        ("groups", _text("description", 300)),
        ("groups", _text("country", 2)),
        ("groups", _text("language", 16)),
        ("groups", sa.Column("is_organization_protected", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("groups", sa.Column("last_active_at", Instant(), nullable=True)),
        ("group_memberships", sa.Column("last_active_at", Instant(), nullable=True)),
    )


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    for table, column in columns():
        op.add_column(table, column)
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    for table, name, default, values in CHOICES:
        constraint = f"CONSTRAINT ck_{table}_{name} CHECK ({name} IN ({values}))"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR(32) DEFAULT '{default}' NOT NULL {constraint}")
    constraint = "CONSTRAINT fk_groups_audience_id REFERENCES groups (id)"
    op.execute(f"ALTER TABLE groups ADD COLUMN audience_id INTEGER {constraint}")
    _fill()
    op.create_index(op.f("ix_groups_audience_id"), "groups", ["audience_id"])
    op.create_index("uq_groups_key", "groups", ["key"], unique=True)
    op.create_index("uq_group_sets_key", "group_sets", ["course_instance_id", "key"], unique=True)
    for name, column, condition, is_unique in few():
        where = sa.text(condition)
        op.create_index(name, "group_sets", [column], unique=is_unique, sqlite_where=where, postgresql_where=where)
    _make_invitations()


def few() -> tuple[tuple[str, str, str, bool], ...]:
    """Indexes of some rows: name, column, condition, whether unique."""
    return (
        ("uq_group_sets_cohorts", "course_instance_id", "kind = 'COHORTS'", True),
        ("ix_group_sets_impersonal", "id", "kind <> 'TEAMS'", False),
        ("ix_group_sets_managed", "course_instance_id", "management <> 'UNLISTED'", False),
    )


def _fill() -> None:
    """Groups that are there get keys; what happened in them last is that they were made, and joined."""
    connection = op.get_bind()
    for key, name in connection.execute(sa.text("SELECT id, name FROM groups")).all():
        slug = re.sub("[^a-z0-9]+", "-", name[:20].lower()).strip("-") or "group"
        made = {"key": f"{slug}-{uuid4().hex}", "id": key}
        connection.execute(sa.text("UPDATE groups SET key = :key WHERE id = :id"), made)
    op.execute("UPDATE groups SET last_active_at = created_at")
    op.execute("UPDATE group_memberships SET last_active_at = joined_at")


def _make_invitations() -> None:
    op.create_table(
        TABLE,
        sa.Column("group_set_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("invited_at", Instant(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_set_id"], ["group_sets.id"], name=op.f(f"fk_{TABLE}_group_set_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f(f"fk_{TABLE}_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("group_set_id", "email", name=op.f(f"uq_{TABLE}_group_set_id_email")),
    )
    op.create_index(op.f(f"ix_{TABLE}_group_id"), TABLE, ["group_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
    for name, *_ in few():
        op.drop_index(name, table_name="group_sets")
    op.drop_index("uq_group_sets_key", table_name="group_sets")
    op.drop_index("uq_groups_key", table_name="groups")
    op.drop_index(op.f("ix_groups_audience_id"), table_name="groups")
    op.drop_column("groups", "audience_id")
    for table, name, *_ in reversed(CHOICES):
        op.drop_column(table, name)
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
