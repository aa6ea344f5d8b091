"""What several families say of a course run in the same words."""

from __future__ import annotations

from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.kinds import FLAG, TEXT
from app.rest.route import Row, closed, nullable

DATES_BANNER = closed(
    {
        "missed_deadlines": FLAG,
        "content_type_gating_enabled": FLAG,
        "missed_gated_content": FLAG,
        "verified_upgrade_link": nullable(TEXT),
    }
)


def dates_banner(has_missed_deadlines: Any) -> Row:
    """Whether the caller is behind (contracts/edx-core.md §4.2); nothing is kept for those who pay."""
    return {
        "missed_deadlines": bool(has_missed_deadlines),
        "content_type_gating_enabled": False,
        "missed_gated_content": False,
        "verified_upgrade_link": None,
    }


def has_ended(asked: Asked) -> bool:
    """Whether the course run is over."""
    end_at = asked.run["end_at"]
    return end_at is not None and end_at < asked.ctx.now


def is_active(enrollment: Row | None) -> bool:
    """Whether somebody takes part in a run at present, as whatever."""
    return enrollment is not None and bool(enrollment["status"] == "ACTIVE")


def is_learner(enrollment: Row | None) -> bool:
    """Whether an enrolment is one in Open edX's sense: present, and a learner's, or of the staff with a track."""
    if enrollment is None or not is_active(enrollment):
        return False
    return enrollment["role"] == "STUDENT" or enrollment.get("track") is not None
