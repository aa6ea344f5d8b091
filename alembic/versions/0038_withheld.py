"""An index of the blocks whose marks are kept back."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
NAME, TABLE = "ix_blocks_withheld", "blocks"
FEW = sa.text("show_correctness <> 'ALWAYS'")


def upgrade() -> None:
    op.create_index(NAME, TABLE, ["course_instance_id"], sqlite_where=FEW, postgresql_where=FEW)


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
