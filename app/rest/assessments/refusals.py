"""What the assessments API refuses beside what the domain does: each becomes one `error` of the envelope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.errors import DomainError, Forbidden
from app.rest.assessments.spelling import NAMES

FORBIDDEN = {"NOT_RELEASED", "PAST_DEADLINE", "NOT_OPEN", "DROPPED", "NOT_ENROLLED", "NOT_IN_GROUP"}


class Invalid(DomainError):
    """Fields break their rules: (field, issue) of each."""

    code = "VALIDATION_ERROR"
    status = 422

    def __init__(self, *details: tuple[str, str]) -> None:
        super().__init__("some fields are not valid")
        self.details = details


class AttemptLimitReached(Forbidden):
    """As many submissions as allowed."""

    code = "ATTEMPT_LIMIT_REACHED"


class RateLimited(DomainError):
    """Too many requests in a minute."""

    code = "RATE_LIMITED"
    status = 429


def require_done(errors: Sequence[Mapping[str, Any]]) -> None:
    """Raise what the `userErrors` of a mutation mean to this API, if there are any."""
    for error in errors:
        if error["code"] == "LIMIT_REACHED":
            raise AttemptLimitReached(error["message"])
        if error["code"] in FORBIDDEN:
            raise Forbidden(error["message"])
    if errors:
        raise Invalid(*((_path(each["field"]), each["message"]) for each in errors))


def _path(field: Sequence[str]) -> str:
    names = ("answer" if len(field) == 3 and name == "answer" else NAMES.get(name, name) for name in field)
    return ".".join(names)
