"""Writeups and handouts of assessments that are files."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = ("writeup", "handout")


def upgrade() -> None:
    op.create_table(
        "assessment_files",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=127), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["files.sha256"], name=op.f("fk_assessment_files_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_files")),
    )
    op.create_index(op.f("ix_assessment_files_sha256"), "assessment_files", ["sha256"])
    for kind in KINDS:
        column = f"{kind}_file_id"
        op.execute(
            f"ALTER TABLE assessments ADD COLUMN {column} INTEGER"
            f" CONSTRAINT ck_assessments_{kind} CHECK ({kind}_url IS NULL OR {column} IS NULL)"
            f" CONSTRAINT fk_assessments_{column} REFERENCES assessment_files (id)"
        )
        op.create_index(op.f(f"ix_assessments_{column}"), "assessments", [column])


def downgrade() -> None:
    for kind in reversed(KINDS):
        op.drop_index(op.f(f"ix_assessments_{kind}_file_id"), table_name="assessments")
        op.drop_column("assessments", f"{kind}_file_id")
    op.drop_table("assessment_files")
