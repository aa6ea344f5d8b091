"""Reads of learner records that are more than a relation."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.domain.progress.models import LearnerRecord
from app.reading.statements import ANYBODY


def is_own() -> ColumnElement[bool]:
    """Records of the person who reads."""
    mine: ColumnElement[bool] = LearnerRecord.user_id == ANYBODY
    return mine
