"""The tables of app.domain.attempts."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_contents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_file_contents")),
    )
    op.create_table(
        "assessment_instances",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("released_points", sa.Double(), nullable=True),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("max_bonus_points", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("score_perc", sa.Double(), nullable=True),
        sa.Column("released_score_perc", sa.Double(), nullable=True),
        sa.Column("duration_seconds", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("modified_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(user_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_assessment_instances_owner")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name=op.f("fk_assessment_instances_assessment_id")
        ),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_assessment_instances_course_instance_id")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_assessment_instances_group_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_assessment_instances_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_instances")),
        sa.UniqueConstraint(
            "assessment_id", "group_id", "number", name=op.f("uq_assessment_instances_assessment_id_group_id_number")
        ),
        sa.UniqueConstraint(
            "assessment_id", "user_id", "number", name=op.f("uq_assessment_instances_assessment_id_user_id_number")
        ),
    )
    with op.batch_alter_table("assessment_instances", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assessment_instances_course_instance_id"), ["course_instance_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_assessment_instances_group_id"), ["group_id"], unique=False)
        batch_op.create_index("ix_assessment_instances_modified_at_id", ["modified_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessment_instances_user_id"), ["user_id"], unique=False)

    op.create_table(
        "instance_questions",
        sa.Column("assessment_instance_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("released_points", sa.Double(), nullable=True),
        sa.Column("manual_points", sa.Double(), nullable=True),
        sa.Column("highest_submission_score", sa.Double(), nullable=True),
        sa.Column("last_submission_score", sa.Double(), nullable=True),
        sa.Column("number_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("duration_seconds", sa.Double(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_instance_id"],
            ["assessment_instances.id"],
            name=op.f("fk_instance_questions_assessment_instance_id"),
        ),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], name=op.f("fk_instance_questions_problem_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_questions")),
        sa.UniqueConstraint(
            "assessment_instance_id", "problem_id", name=op.f("uq_instance_questions_assessment_instance_id_problem_id")
        ),
    )
    with op.batch_alter_table("instance_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instance_questions_problem_id"), ["problem_id"], unique=False)

    op.create_table(
        "variants",
        sa.Column("instance_question_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("true_answer", Json, nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_question_id"], ["instance_questions.id"], name=op.f("fk_variants_instance_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("instance_question_id", "number", name=op.f("uq_variants_instance_question_id_number")),
    )
    op.create_table(
        "submissions",
        sa.Column("assessment_instance_id", sa.Integer(), nullable=False),
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("instance_question_id", sa.Integer(), nullable=True),
        sa.Column("variant_id", sa.Integer(), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.Column("grading_requested_at", Instant(), nullable=True),
        sa.Column("mode", sa.String(length=32), nullable=True),
        sa.Column("credit", sa.Integer(), nullable=True),
        sa.Column("answer", Json, nullable=True),
        sa.Column("raw_answer", Json, nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_banked", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_instance_id"], ["assessment_instances.id"], name=op.f("fk_submissions_assessment_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_submissions_course_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_question_id"], ["instance_questions.id"], name=op.f("fk_submissions_instance_question_id")
        ),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["users.id"], name=op.f("fk_submissions_submitted_by_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_submissions_variant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint(
            "assessment_instance_id", "number", name=op.f("uq_submissions_assessment_instance_id_number")
        ),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_submissions_course_instance_id_submitted_at", ["course_instance_id", "submitted_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_submissions_instance_question_id"), ["instance_question_id"], unique=False)
        batch_op.create_index("ix_submissions_submitted_at_id", ["submitted_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submissions_submitted_by_id"), ["submitted_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submissions_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("assessment_instance_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("happened_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("instance_question_id", sa.Integer(), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("data", Json, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('MANUAL_GRADING', 'SCORE_QUESTION', 'SCORE_ASSESSMENT', 'OPEN', 'CLOSE', "
            "'VIEW_VARIANT', 'VIEW_ASSESSMENT', 'GROUP_JOIN', 'GROUP_LEAVE')",
            name=op.f("ck_events_kind"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_events_actor_id")),
        sa.ForeignKeyConstraint(
            ["assessment_instance_id"], ["assessment_instances.id"], name=op.f("fk_events_assessment_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_question_id"], ["instance_questions.id"], name=op.f("fk_events_instance_question_id")
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_events_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_assessment_instance_id"), ["assessment_instance_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_instance_question_id"), ["instance_question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "submission_files",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=127), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_submission_files_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_files")),
        sa.UniqueConstraint("submission_id", "name", name=op.f("uq_submission_files_submission_id_name")),
    )
    with op.batch_alter_table("submission_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_files_sha256"), ["sha256"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("submission_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_files_sha256"))

    op.drop_table("submission_files")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_submission_id"))
        batch_op.drop_index(batch_op.f("ix_events_instance_question_id"))
        batch_op.drop_index(batch_op.f("ix_events_assessment_instance_id"))
        batch_op.drop_index(batch_op.f("ix_events_actor_id"))

    op.drop_table("events")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submissions_variant_id"))
        batch_op.drop_index(batch_op.f("ix_submissions_submitted_by_id"))
        batch_op.drop_index("ix_submissions_submitted_at_id")
        batch_op.drop_index(batch_op.f("ix_submissions_instance_question_id"))
        batch_op.drop_index("ix_submissions_course_instance_id_submitted_at")

    op.drop_table("submissions")
    op.drop_table("variants")
    with op.batch_alter_table("instance_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instance_questions_problem_id"))

    op.drop_table("instance_questions")
    with op.batch_alter_table("assessment_instances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessment_instances_user_id"))
        batch_op.drop_index("ix_assessment_instances_modified_at_id")
        batch_op.drop_index(batch_op.f("ix_assessment_instances_group_id"))
        batch_op.drop_index(batch_op.f("ix_assessment_instances_course_instance_id"))

    op.drop_table("assessment_instances")
    op.drop_table("file_contents")
