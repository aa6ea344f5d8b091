"""What an institution knows: data sources, terms, enrolment roles, profiles; more of offerings and enrolments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.base import Json
from app.db.types import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ENTERED = datetime(2026, 1, 1, tzinfo=UTC)
ROLES = (
    ("Instructor", "Instructor", "INSTRUCTOR"),
    ("BbFacilitator", "Facilitator", "COURSE_ASSISTANT"),
    ("TeachingAssistant", "Teaching assistant", "COURSE_ASSISTANT"),
    ("CourseBuilder", "Course builder", "STUDENT"),
    ("Grader", "Grader", "COURSE_ASSISTANT"),
    ("Student", "Student", "STUDENT"),
    ("Guest", "Guest", "STUDENT"),
)
DURATIONS = "'CONTINUOUS', 'DATE_RANGE', 'FIXED_DAYS', 'TERM'"
VIEWS = "'UNDECIDED', 'CLASSIC', 'ULTRA', 'ULTRA_PREVIEW'"
METHODS = "'INSTRUCTOR_LED', 'SELF_ENROLLMENT', 'EMAIL_ENROLLMENT'"
LEVELS = (
    "'K8', 'HIGH_SCHOOL', 'FRESHMAN', 'SOPHOMORE', 'JUNIOR', 'SENIOR', 'GRADUATE_SCHOOL', 'POST_GRADUATE_SCHOOL', "
    "'UNKNOWN'"
)
REFERENCES = (
    ("users", "data_source_id", "data_sources"),
    ("course_instances", "data_source_id", "data_sources"),
    ("course_instances", "term_id", "terms"),
    ("enrollments", "data_source_id", "data_sources"),
    ("enrollments", "enrollment_role_id", "enrollment_roles"),
)
CHOICES = (("duration", "CONTINUOUS", DURATIONS), ("view", "UNDECIDED", VIEWS))
CHOICES += (("enrollment_method", "INSTRUCTOR_LED", METHODS),)
PROFILE = {
    **dict.fromkeys(("middle_name", "other_name", "job_title", "job_department", "job_company"), 150),
    **dict.fromkeys(("city", "state", "country"), 150),
    **dict.fromkeys(("suffix", "title", "preferred_name", "pronouns"), 64),
    **dict.fromkeys(("home_phone", "mobile_phone", "business_phone", "business_fax"), 64),
    **dict.fromkeys(("zip_code", "locale", "calendar", "first_day_of_week"), 32),
    **dict.fromkeys(("pronunciation", "institution_email", "street", "street_more"), 255),
    "web_page": 2000,
}


def columns() -> tuple[tuple[str, sa.Column[Any]], ...]:
    """New columns by table, made anew each time: a column belongs to one statement."""
    return (
        ("users", sa.Column("is_disabled", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("course_instances", sa.Column("description", sa.String(), nullable=True)),
        ("course_instances", sa.Column("days_of_use", sa.Integer(), nullable=True)),
        ("course_instances", sa.Column("follows_term", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("course_instances", sa.Column("is_organization", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("course_instances", sa.Column("is_complete", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("course_instances", sa.Column("allows_guests", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("course_instances", sa.Column("allows_observers", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("course_instances", sa.Column("enrollment_start_at", Instant(), nullable=True)),
        ("course_instances", sa.Column("enrollment_end_at", Instant(), nullable=True)),
        ("course_instances", sa.Column("enrollment_access_code", sa.String(length=64), nullable=True)),
        ("course_instances", sa.Column("locale", sa.String(length=32), nullable=True)),
        ("course_instances", sa.Column("is_locale_forced", sa.Boolean(), server_default=sa.false(), nullable=False)),
        ("enrollments", sa.Column("is_available", sa.Boolean(), server_default=sa.true(), nullable=False)),
        ("enrollments", sa.Column("display_order", sa.Integer(), nullable=True)),
    )


def upgrade() -> None:
    _make_data_sources()
    _make_roles()
    _make_terms()
    _make_profiles()
    # Both databases take the constraint with the column: SQLite could not add it later without copying the table.
    for table, name, target in REFERENCES:
        constraint = f"CONSTRAINT fk_{table}_{name} REFERENCES {target} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} INTEGER {constraint}")
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
    for name, default, values in CHOICES:
        constraint = f"CONSTRAINT ck_course_instances_{name} CHECK ({name} IN ({values}))"
        column = f"{name} VARCHAR(32) DEFAULT '{default}' NOT NULL {constraint}"
        op.execute(f"ALTER TABLE course_instances ADD COLUMN {column}")
    for table, column in columns():
        op.add_column(table, column)
    _move_terms()


def _stamps() -> list[sa.Column[datetime]]:
    return [sa.Column("created_at", Instant(), nullable=False), sa.Column("updated_at", Instant(), nullable=False)]


def _make_data_sources() -> None:
    op.create_table(
        "data_sources",
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_sources")),
        sa.UniqueConstraint("external_id", name=op.f("uq_data_sources_external_id")),
    )


def _make_roles() -> None:
    made = op.create_table(
        "enrollment_roles",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("is_custom", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("is_available", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *_stamps(),
        sa.CheckConstraint(
            "role IN ('STUDENT', 'COURSE_ASSISTANT', 'INSTRUCTOR')", name=op.f("ck_enrollment_roles_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_roles")),
        sa.UniqueConstraint("key", name=op.f("uq_enrollment_roles_key")),
    )
    stamps = {"is_custom": False, "created_at": ENTERED, "updated_at": ENTERED}
    op.bulk_insert(made, [{"key": key, "name": name, "role": role, **stamps} for key, name, role in ROLES])


def _make_terms() -> None:
    op.create_table(
        "terms",
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("data_source_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("is_available", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("duration", sa.String(length=32), server_default="CONTINUOUS", nullable=False),
        sa.Column("start_at", Instant(), nullable=True),
        sa.Column("end_at", Instant(), nullable=True),
        sa.Column("days_of_use", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        *_stamps(),
        sa.CheckConstraint(f"duration IN ({DURATIONS})", name=op.f("ck_terms_duration")),
        sa.ForeignKeyConstraint(["data_source_id"], ["data_sources.id"], name=op.f("fk_terms_data_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("external_id", name=op.f("uq_terms_external_id")),
    )
    op.create_index(op.f("ix_terms_data_source_id"), "terms", ["data_source_id"])
    op.create_index(op.f("ix_terms_name"), "terms", ["name"])


def _make_profiles() -> None:
    op.create_table(
        "user_profiles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(length=length), nullable=True) for name, length in PROFILE.items()),
        sa.Column("gender", sa.String(length=32), server_default="UNKNOWN", nullable=False),
        sa.Column("education_level", sa.String(length=32), server_default="UNKNOWN", nullable=False),
        sa.Column("birth_date", Instant(), nullable=True),
        sa.Column("institution_roles", Json, server_default="[]", nullable=False),
        sa.Column("system_roles", Json, server_default="[]", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *_stamps(),
        sa.CheckConstraint(f"education_level IN ({LEVELS})", name=op.f("ck_user_profiles_education_level")),
        sa.CheckConstraint("gender IN ('FEMALE', 'MALE', 'OTHER', 'UNKNOWN')", name=op.f("ck_user_profiles_gender")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_profiles_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_profiles")),
        sa.UniqueConstraint("user_id", name=op.f("uq_user_profiles_user_id")),
    )
    op.create_index(op.f("ix_user_profiles_institution_email"), "user_profiles", ["institution_email"])


def _move_terms() -> None:
    """Each text that named a term becomes a term of that name."""
    op.execute(
        sa.text(
            "INSERT INTO terms (external_id, name, created_at, updated_at) "
            "SELECT term, term, min(created_at), min(created_at) FROM course_instances "
            "WHERE term IS NOT NULL GROUP BY term"
        )
    )
    op.execute("UPDATE course_instances SET term_id = (SELECT id FROM terms WHERE external_id = course_instances.term)")
    op.drop_index(op.f("ix_course_instances_term"), table_name="course_instances")
    op.drop_column("course_instances", "term")


def downgrade() -> None:
    op.add_column("course_instances", sa.Column("term", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_course_instances_term"), "course_instances", ["term"])
    op.execute(
        "UPDATE course_instances SET term = (SELECT substr(name, 1, 64) FROM terms WHERE id = course_instances.term_id)"
    )
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
    for name, *_ in reversed(CHOICES):
        op.drop_column("course_instances", name)
    for table, name, _ in reversed(REFERENCES):
        op.drop_index(op.f(f"ix_{table}_{name}"), table_name=table)
        op.drop_column(table, name)
    for table in ("user_profiles", "terms", "enrollment_roles", "data_sources"):
        op.drop_table(table)
