"""The tables of app.domain.grades."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "course_grades",
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=64), nullable=False),
        sa.Column("percentage", sa.Double(), nullable=True),
        sa.Column("is_passed", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_course_grades_course_instance_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_course_grades_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_grades")),
        sa.UniqueConstraint("course_instance_id", "user_id", name=op.f("uq_course_grades_course_instance_id_user_id")),
    )
    with op.batch_alter_table("course_grades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_grades_user_id"), ["user_id"], unique=False)

    op.create_table(
        "column_grades",
        sa.Column("course_instance_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("assessment_instance_id", sa.Integer(), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("released_points", sa.Double(), nullable=True),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("score_perc", sa.Double(), nullable=True),
        sa.Column("released_score_perc", sa.Double(), nullable=True),
        sa.Column("override_points", sa.Double(), nullable=True),
        sa.Column("overridden_at", Instant(), nullable=True),
        sa.Column("overridden_by_id", sa.Integer(), nullable=True),
        sa.Column("is_exempt", sa.Boolean(), nullable=False),
        sa.Column("feedback", sa.String(), nullable=True),
        sa.Column("notes", sa.String(), nullable=True),
        sa.Column("change_index", sa.BigInteger(), nullable=False),
        sa.Column("first_relevant_at", Instant(), nullable=True),
        sa.Column("last_relevant_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_column_grades_assessment_id")),
        sa.ForeignKeyConstraint(
            ["assessment_instance_id"],
            ["assessment_instances.id"],
            name=op.f("fk_column_grades_assessment_instance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["course_instance_id"], ["course_instances.id"], name=op.f("fk_column_grades_course_instance_id")
        ),
        sa.ForeignKeyConstraint(["overridden_by_id"], ["users.id"], name=op.f("fk_column_grades_overridden_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_column_grades_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_grades")),
        sa.UniqueConstraint("assessment_id", "user_id", name=op.f("uq_column_grades_assessment_id_user_id")),
    )
    with op.batch_alter_table("column_grades", schema=None) as batch_op:
        batch_op.create_index(
            "ix_column_grades_assessment_id_change_index", ["assessment_id", "change_index"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_column_grades_assessment_instance_id"), ["assessment_instance_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_column_grades_change_index"), ["change_index"], unique=False)
        batch_op.create_index(
            "ix_column_grades_course_instance_id_user_id", ["course_instance_id", "user_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_column_grades_overridden_by_id"), ["overridden_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_column_grades_user_id"), ["user_id"], unique=False)

    op.create_table(
        "grade_changes",
        sa.Column("column_grade_id", sa.Integer(), nullable=False),
        sa.Column("change_index", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("points_before", sa.Double(), nullable=True),
        sa.Column("points_after", sa.Double(), nullable=True),
        sa.Column("before", Json, nullable=True),
        sa.Column("after", Json, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('SCORED', 'RELEASED', 'OVERRIDDEN', 'CLEARED', 'EXEMPTED', 'ANNOTATED', 'IMPORTED')",
            name=op.f("ck_grade_changes_kind"),
        ),
        sa.ForeignKeyConstraint(["changed_by_id"], ["users.id"], name=op.f("fk_grade_changes_changed_by_id")),
        sa.ForeignKeyConstraint(
            ["column_grade_id"], ["column_grades.id"], name=op.f("fk_grade_changes_column_grade_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_changes")),
        sa.UniqueConstraint("change_index", name=op.f("uq_grade_changes_change_index")),
    )
    with op.batch_alter_table("grade_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_changes_changed_by_id"), ["changed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grade_changes_column_grade_id"), ["column_grade_id"], unique=False)

    op.create_table(
        "scores",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("manual_value", sa.Double(), nullable=True),
        sa.Column("is_released", sa.Boolean(), nullable=False),
        sa.Column("feedback", sa.String(), nullable=True),
        sa.Column("feedback_data", Json, nullable=True),
        sa.Column("partial_scores", Json, nullable=True),
        sa.Column("grader_id", sa.Integer(), nullable=True),
        sa.Column("graded_at", Instant(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grader_id"], ["users.id"], name=op.f("fk_scores_grader_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], name=op.f("fk_scores_problem_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_scores_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sa.UniqueConstraint("submission_id", "problem_id", name=op.f("uq_scores_submission_id_problem_id")),
    )
    with op.batch_alter_table("scores", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scores_grader_id"), ["grader_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scores_problem_id"), ["problem_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("scores", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scores_problem_id"))
        batch_op.drop_index(batch_op.f("ix_scores_grader_id"))

    op.drop_table("scores")
    with op.batch_alter_table("grade_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grade_changes_column_grade_id"))
        batch_op.drop_index(batch_op.f("ix_grade_changes_changed_by_id"))

    op.drop_table("grade_changes")
    with op.batch_alter_table("column_grades", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_column_grades_user_id"))
        batch_op.drop_index(batch_op.f("ix_column_grades_overridden_by_id"))
        batch_op.drop_index("ix_column_grades_course_instance_id_user_id")
        batch_op.drop_index(batch_op.f("ix_column_grades_change_index"))
        batch_op.drop_index(batch_op.f("ix_column_grades_assessment_instance_id"))
        batch_op.drop_index("ix_column_grades_assessment_id_change_index")

    op.drop_table("column_grades")
    with op.batch_alter_table("course_grades", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_grades_user_id"))

    op.drop_table("course_grades")
    op.drop_table("counters")
