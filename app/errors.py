"""What can go wrong, in the words of the domain: each error has a code, and a status for the HTTP dialects."""

from __future__ import annotations

from enum import StrEnum


class ConfigurationError(ValueError):
    """A setting or a command-line argument is unusable; said in one line, exit status 2."""


class DomainError(Exception):
    """Base of all refusals. `code` is stable and machine-readable, `str(error)` is for people."""

    code = "INTERNAL_ERROR"
    status = 500


class Unauthenticated(DomainError):
    """Nobody is signed in, or the token is unknown, expired or revoked."""

    code = "UNAUTHENTICATED"
    status = 401


class TokenExpired(Unauthenticated):
    """The token's time is over."""


class TokenRevoked(Unauthenticated):
    """Somebody ended the token."""


class PersonInactive(Unauthenticated):
    """The token is good, and whose it is may do nothing any more."""


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    code = "FORBIDDEN"
    status = 403


class InsufficientScope(Forbidden):
    """The caller may, the token they used may not."""

    code = "INSUFFICIENT_SCOPE"


class ForeignOrigin(Forbidden):
    """A page of another site asks with the session of the person who looks at it."""

    code = "FOREIGN_ORIGIN"


class NotFound(DomainError):
    """No such object, or none that the caller may see: the two are the same answer."""

    code = "NOT_FOUND"
    status = 404


class BadRequest(DomainError):
    """The request itself is malformed."""

    code = "BAD_REQUEST"
    status = 400


class LimitExceeded(BadRequest):
    """A page, a document or a body is larger than allowed. `limit` is the word by which that is counted."""

    code = "LIMIT_EXCEEDED"

    def __init__(self, message: str, limit: str = "other") -> None:
        super().__init__(message)
        self.limit = limit


class TimedOut(DomainError):
    """The request took longer than it may."""

    code = "TIMEOUT"
    status = 504


class RuleBroken(DomainError):
    """A business rule forbids the write. `reason` is one of UserErrorCode's names, `field` the path in the input."""

    code = "RULE_BROKEN"
    status = 422

    def __init__(self, reason: str, message: str, *field: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.field = list(field)


class UserErrorCode(StrEnum):
    """Why a business rule forbids a write: the reason of a RuleBroken. Each has a description for people."""

    description: str

    def __new__(cls, value: str, description: str) -> UserErrorCode:
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member

    REQUIRED = "REQUIRED", "A value must be given."
    INVALID = "INVALID", "The value is not of the form that is asked for, or contradicts another one."
    TOO_LONG = "TOO_LONG", "The text, the list or the file is longer than allowed."
    OUT_OF_RANGE = "OUT_OF_RANGE", "The number or the date is below or above what is allowed."
    TAKEN = "TAKEN", "Something else has this name or key already."
    NOT_FOUND = "NOT_FOUND", "The value refers to something that does not exist or that the caller may not see."
    IN_USE = "IN_USE", "Something else depends on it, so it cannot be changed like this."
    ALREADY_ENROLLED = (
        "ALREADY_ENROLLED",
        "The person is enrolled already, here or in a merged course instance.",
    )
    CLOSED = "CLOSED", "The course instance takes nobody in at present, or not this person."
    NOT_ENROLLED = "NOT_ENROLLED", "The person is not enrolled in the course instance."
    DROPPED = "DROPPED", "The person has dropped the course instance."
    IS_STAFF = "IS_STAFF", "Instructors and course assistants cannot be dropped."
    GROUP_FULL = "GROUP_FULL", "The group would have more members than its group set allows."
    IN_GROUP = "IN_GROUP", "The person is in a group of the set already."
    NOT_IN_GROUP = "NOT_IN_GROUP", "The person is in no group, or not in this one."
    NOT_CONFIRMED = "NOT_CONFIRMED", "Not all members of the group have confirmed that they are in it."
    NOT_RELEASED = "NOT_RELEASED", "The assessment does not accept work yet."
    NOT_OPEN = "NOT_OPEN", "The assessment, or this sitting of it, is not open for work."
    PAST_DEADLINE = "PAST_DEADLINE", "The last moment for handing in has passed."
    LIMIT_REACHED = "LIMIT_REACHED", "There are as many submissions, sittings or files as allowed."
    FROZEN = "FROZEN", "The course instance ended so long ago that its grades are final."
    LOCKED = "LOCKED", "Somebody else marks it, or the caller has not claimed it."
    GROUP_LIMIT_REACHED = "GROUP_LIMIT_REACHED", "A member of the group has handed in as often as allowed."
