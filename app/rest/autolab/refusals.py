"""What Autolab says when it refuses (contracts/autolab.md §1.4)."""

from __future__ import annotations

from app.errors import DomainError

NO_TOKEN = "OAuth2 authorization failed"
NO_SCOPE = "Your client does not have the required scope for this action"
NO_PATH = "Invalid request path"
NO_COURSE = "Course does not exist"
NOT_IN_COURSE = "User is not in this course"
COURSE_DISABLED = (
    "Your course has been disabled by your instructor. Please contact them directly if you have any questions"
)
NOT_INSTRUCTOR = "User does not have instructor privileges for this course"
NO_ASSESSMENT = "Assessment does not exist"
NOT_RELEASED = "Assessment not released yet"


class Refused(DomainError):
    """A refusal with its status and its sentence."""

    code = "REFUSED"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
