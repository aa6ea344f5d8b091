"""What Blackboard Learn's API says when it refuses (contracts/blackboard.md §1.7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.errors import BadRequest, DomainError, NotFound

NO_TOKEN = "API request is not authenticated."
BAD_TOKEN = "Bearer token is invalid"
CONFLICTS = frozenset({"TAKEN", "ALREADY_ENROLLED", "IN_USE"})
UNPROCESSABLE = {"LIMIT_REACHED", "GROUP_LIMIT_REACHED", "PAST_DEADLINE", "NOT_OPEN", "NOT_RELEASED"}


class Conflict(DomainError):
    """Something else has the key already, or depends on what was to go."""

    code = "CONFLICT"
    status = 409


class WrongMedia(DomainError):
    """The body is not said to be JSON."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


class WrongMethod(DomainError):
    """The path is there, for other methods."""

    code = "METHOD_NOT_ALLOWED"
    status = 405


class Unprocessable(DomainError):
    """The rules of attempts forbid it."""

    code = "UNPROCESSABLE"
    status = 422


class QuotaExhausted(DomainError):
    """More requests than a client may send in a day."""

    code = "QUOTA_EXHAUSTED"
    status = 429


def unknown(sent: str) -> NotFound:
    """The refusal of an id that nothing has; `sent` as it was sent."""
    return NotFound(f"Could not find object with ID: {sent}")


def require_done(errors: Sequence[Mapping[str, Any]], conflicts: Collection[str] = CONFLICTS) -> None:
    """Raise what the first of a mutation's `userErrors` means to this API, if there is one."""
    for error in errors:
        message = ": ".join(filter(None, (".".join(error["field"]), error["message"])))
        if error["code"] in conflicts:
            raise Conflict(message)
        if error["code"] in UNPROCESSABLE:
            raise Unprocessable(message)
        if error["code"] == "NOT_ENROLLED":
            raise NotFound(message)
        raise BadRequest(message)


def required(made: dict[str, Any], *names: str) -> dict[str, Any]:
    """The input, if it has the first of the names, which is sent as the last. Raises BadRequest."""
    if made.get(names[0]) is None:
        raise BadRequest(f"{names[-1]} is required")
    return made
