"""What handing in files needs: grace days, penalties, limits, and lectures and sections of enrolments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAMES = "'POINTS', 'PERCENT'"


def count(name: str, default: int | None = None) -> sa.Column[Any]:
    """A whole number; required with a default."""
    if default is None:
        return sa.Column(name, sa.Integer(), nullable=True)
    return sa.Column(name, sa.Integer(), server_default=sa.text(str(default)), nullable=False)


def flag(name: str) -> sa.Column[Any]:
    """False until somebody says otherwise."""
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def text(name: str, length: int, default: str | None = None) -> sa.Column[Any]:
    """A text; required with a default."""
    empty = None if default is None else sa.text(f"'{default}'")
    return sa.Column(name, sa.String(length), server_default=empty, nullable=default is None)


def penalty(table: str, name: str, *, required: bool) -> Iterator[sa.Column[Any]]:
    """A penalty and its unit."""
    unit = f"{name}_unit"
    allowed = f"{unit} IN ({NAMES})" if required else f"{unit} IS NULL OR {unit} IN ({NAMES})"
    check = sa.CheckConstraint(allowed, name=op.f(f"ck_{table}_{unit}"))
    zero, points = (sa.text("0"), "POINTS") if required else (None, None)
    yield sa.Column(name, sa.Double(), server_default=zero, nullable=not required)
    yield sa.Column(unit, sa.String(32), check, server_default=points, nullable=not required)


def columns() -> dict[str, list[sa.Column[Any]]]:
    """The new columns by table."""
    return {
        "course_instances": [
            flag("is_disabled_at_end"),
            count("late_slack_seconds", 0),
            count("grace_days", 0),
            count("max_unpenalized_submissions"),
            *penalty("course_instances", "late_penalty", required=True),
            *penalty("course_instances", "version_penalty", required=True),
        ],
        "assessments": [
            count("max_unpenalized_submissions"),
            count("max_grace_days"),
            *penalty("assessments", "late_penalty", required=False),
            *penalty("assessments", "version_penalty", required=False),
            flag("are_handins_disabled"),
            count("max_size_mb", 2),
            text("handin_filename", 200),
            text("writeup_url", 2000),
            text("handout_url", 2000),
            flag("has_scoreboard"),
            flag("has_autograder"),
            flag("is_embedded_quiz"),
        ],
        "enrollments": [
            text("lecture", 255),
            text("section", 255, ""),
            text("grade_policy", 255, ""),
            text("nickname", 32),
        ],
    }


def upgrade() -> None:
    for table, added in columns().items():
        for column in added:
            op.add_column(table, column)


def downgrade() -> None:
    for table, added in columns().items():
        for column in reversed(added):
            op.drop_column(table, column.name)
