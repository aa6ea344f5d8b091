"""Whether somebody may enter a course run, as Open edX tells it (contracts/edx-core.md §4.1)."""

from __future__ import annotations

from app.rest.route import Row, closed, nullable

MAYBE = nullable({"type": "string"})
TOLD = ("error_code", "developer_message", "user_message", "additional_context_user_message", "user_fragment")
COURSE_ACCESS = closed({"has_access": {"type": "boolean"}, **dict.fromkeys(TOLD, MAYBE)})
REASONS = {
    "authentication_required": "Sign in to see this course.",
    "enrollment_required": "Enroll in the course to see its contents.",
    "course_not_started": "The course has not started yet.",
    "not_visible_to_user": "The course is not open to you.",
    "mobile_unavailable": "The course is not available on mobile devices.",
}


def course_access(reason: str | None = None) -> Row:
    """That one may enter, or why not: one of `REASONS`."""
    made: Row = {"has_access": reason is None, **dict.fromkeys(TOLD)}
    if reason is not None:
        made |= {"error_code": reason, "developer_message": REASONS[reason], "user_message": REASONS[reason]}
    return made
