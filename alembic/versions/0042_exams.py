"""What blocks hide once they have been due, and which of them are exams: as columns, no more among other fields."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from alembic import op
from app.db.base import Json

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

FLAGS = {
    "hides_after_due": "hide_after_due",
    "is_time_limited": "is_time_limited",
    "is_practice_exam": "is_practice_exam",
    "is_proctored": "is_proctored_enabled",
}
MINUTES, SAID_MINUTES = "time_limit_minutes", "default_time_limit_minutes"
BLOCKS = sa.table(
    "blocks", sa.column("id"), sa.column("fields", Json), *(sa.column(name) for name in (*FLAGS, MINUTES))
)


def upgrade() -> None:
    for name in FLAGS:
        op.add_column("blocks", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("blocks", sa.Column(MINUTES, sa.Integer(), nullable=True))
    _move(_columns)


def downgrade() -> None:
    _move(_fields)
    for name in (*FLAGS, MINUTES):
        op.drop_column("blocks", name)


def _move(changed: Any) -> None:
    """Write what a row says in the other way, where it says anything."""
    database = op.get_bind()
    for row in database.execute(sa.select(BLOCKS)).all():
        values = changed(row)
        if values:
            database.execute(sa.update(BLOCKS).where(BLOCKS.c.id == row.id).values(**values))


def _columns(row: Any) -> dict[str, Any]:
    said = dict(row.fields)
    flags = {name: str(said.pop(field)).lower() == "true" for name, field in FLAGS.items() if field in said}
    minutes = _whole(said.pop(SAID_MINUTES, None))
    return {} if said == row.fields else {**flags, MINUTES: minutes, "fields": said}


def _whole(said: Any) -> int | None:
    """A number of minutes that fits into the column."""
    text = str(said).strip()
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 8 and int(text) else None


def _fields(row: Any) -> dict[str, Any]:
    said = {field: True for name, field in FLAGS.items() if getattr(row, name)}
    if row.time_limit_minutes is not None:
        said[SAID_MINUTES] = row.time_limit_minutes
    return {"fields": {**row.fields, **said}} if said else {}
