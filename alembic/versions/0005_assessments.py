"""The tables of app.domain.assessments."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("topic", sa.String(length=150), nullable=True),
        sa.Column("tags", Json, nullable=False),
        sa.Column("kind", sa.String(length=32), server_default="EXTERNAL", nullable=False),
        sa.Column("prompt", sa.String(), nullable=True),
        sa.Column("choices", Json, nullable=False),
        sa.Column("correct_answer", Json, nullable=True),
        sa.Column("options", Json, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('SINGLE_CHOICE', 'MULTIPLE_CHOICE', 'TRUE_FALSE', 'NUMERIC', 'SHORT_TEXT', "
            "'MATCHING', 'FILES', 'EXTERNAL')",
            name=op.f("ck_questions_kind"),
        ),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_questions_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_questions_course_id_name")),
    )
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_questions_title"), ["title"], unique=False)
        batch_op.create_index(batch_op.f("ix_questions_uuid"), ["uuid"], unique=False)

    op.create_table(
        "assessment_categories",
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("abbreviation", sa.String(length=32), nullable=False),
        sa.Column("heading", sa.String(length=255), nullable=False),
        sa.Column("color", sa.String(length=32), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_assessment_categories_course_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_categories")),
        sa.UniqueConstraint(
            "course_instance_id", "name", name=op.f("uq_assessment_categories_course_instance_id_name")
        ),
    )
    op.create_table(
        "assessments",
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("group_set_id", sa.Integer(), nullable=True),
        sa.Column("uuid", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("module", sa.String(length=150), nullable=True),
        sa.Column("kind", sa.String(length=32), server_default="HOMEWORK", nullable=False),
        sa.Column("grading_type", sa.String(length=32), server_default="ATTEMPTS", nullable=False),
        sa.Column("scoring_model", sa.String(length=32), server_default="HIGHEST", nullable=False),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("max_bonus_points", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("passing_percentage", sa.Double(), nullable=True),
        sa.Column("start_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("end_at", Instant(), nullable=True),
        sa.Column("time_limit_minutes", sa.Integer(), nullable=True),
        sa.Column("max_instances", sa.Integer(), nullable=True),
        sa.Column("max_submissions", sa.Integer(), nullable=True),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "grading_type IN ('ATTEMPTS', 'MANUAL', 'CALCULATED')", name=op.f("ck_assessments_grading_type")
        ),
        sa.CheckConstraint("kind IN ('HOMEWORK', 'EXAM', 'QUIZ')", name=op.f("ck_assessments_kind")),
        sa.CheckConstraint(
            "scoring_model IN ('HIGHEST', 'LAST', 'FIRST', 'LOWEST', 'AVERAGE')",
            name=op.f("ck_assessments_scoring_model"),
        ),
        sa.ForeignKeyConstraint(["category_id"], ["assessment_categories.id"], name=op.f("fk_assessments_category_id")),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_assessments_course_instance_id")
        ),
        sa.ForeignKeyConstraint(["group_set_id"], ["group_sets.id"], name=op.f("fk_assessments_group_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
        sa.UniqueConstraint("course_instance_id", "name", name=op.f("uq_assessments_course_instance_id_name")),
    )
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.create_index("ix_assessments_category_id_position", ["category_id", "position", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessments_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessments_external_id"), ["external_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessments_group_set_id"), ["group_set_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessments_start_at"), ["start_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_assessments_title"), ["title"], unique=False)

    op.create_table(
        "assessment_access_rules",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=True),
        sa.Column("credit", sa.Integer(), nullable=True),
        sa.Column("start_at", Instant(), nullable=True),
        sa.Column("end_at", Instant(), nullable=True),
        sa.Column("time_limit_minutes", sa.Integer(), nullable=True),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("exam_uuid", sa.String(length=36), nullable=True),
        sa.Column("shows_closed_assessment", sa.Boolean(), nullable=False),
        sa.Column("shows_closed_assessment_score", sa.Boolean(), nullable=False),
        sa.Column("uids", Json, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name=op.f("fk_assessment_access_rules_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_access_rules")),
    )
    with op.batch_alter_table("assessment_access_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessment_access_rules_assessment_id"), ["assessment_id"], unique=False)

    op.create_table(
        "assessment_extensions",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("end_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name=op.f("fk_assessment_extensions_assessment_id")
        ),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_assessment_extensions_course_instance_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_assessment_extensions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_extensions")),
        sa.UniqueConstraint("assessment_id", "user_id", name=op.f("uq_assessment_extensions_assessment_id_user_id")),
    )
    with op.batch_alter_table("assessment_extensions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assessment_extensions_course_instance_id"), ["course_instance_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_assessment_extensions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "zones",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=True),
        sa.Column("max_points", sa.Double(), nullable=True),
        sa.Column("best_problems", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_zones_assessment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones")),
        sa.UniqueConstraint("assessment_id", "number", name=op.f("uq_zones_assessment_id_number")),
    )
    op.create_table(
        "problems",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("max_auto_points", sa.Double(), nullable=False),
        sa.Column("max_manual_points", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("points_by_try", Json, nullable=True),
        sa.Column("alternative_group", sa.Integer(), nullable=True),
        sa.Column("alternatives_chosen", sa.Integer(), nullable=True),
        sa.Column("is_optional", sa.Boolean(), nullable=False),
        sa.Column("is_starred", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_problems_assessment_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_problems_question_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"], name=op.f("fk_problems_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
        sa.UniqueConstraint("assessment_id", "name", name=op.f("uq_problems_assessment_id_name")),
    )
    with op.batch_alter_table("problems", schema=None) as batch_op:
        batch_op.create_index("ix_problems_assessment_id_number", ["assessment_id", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_problems_question_id"), ["question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_problems_zone_id"), ["zone_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("problems", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_problems_zone_id"))
        batch_op.drop_index(batch_op.f("ix_problems_question_id"))
        batch_op.drop_index("ix_problems_assessment_id_number")

    op.drop_table("problems")
    op.drop_table("zones")
    with op.batch_alter_table("assessment_extensions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessment_extensions_user_id"))
        batch_op.drop_index(batch_op.f("ix_assessment_extensions_course_instance_id"))

    op.drop_table("assessment_extensions")
    with op.batch_alter_table("assessment_access_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessment_access_rules_assessment_id"))

    op.drop_table("assessment_access_rules")
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessments_title"))
        batch_op.drop_index(batch_op.f("ix_assessments_start_at"))
        batch_op.drop_index(batch_op.f("ix_assessments_group_set_id"))
        batch_op.drop_index(batch_op.f("ix_assessments_external_id"))
        batch_op.drop_index(batch_op.f("ix_assessments_due_at"))
        batch_op.drop_index("ix_assessments_category_id_position")

    op.drop_table("assessments")
    op.drop_table("assessment_categories")
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_questions_uuid"))
        batch_op.drop_index(batch_op.f("ix_questions_title"))

    op.drop_table("questions")
