"""What Open edX says when it refuses: the forms of error bodies (contracts/edx-core.md §0.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.errors import DomainError, Forbidden, NotFound, Unauthenticated

NO_CREDENTIALS = "Authentication credentials were not provided."
BAD_CREDENTIALS = "Incorrect authentication credentials."
NOT_ALLOWED = "You do not have permission to perform this action."
NOT_FOUND = "Not found."
JWT_CHALLENGE, BEARER_CHALLENGE = 'JWT realm="api"', 'Bearer realm="api"'
UNSAID = object()
"""Stands for a body that the style makes."""


class Form(StrEnum):
    """The forms that a body of a refusal has."""

    PLAIN = "plain"
    DEVELOPER = "developer"
    USER = "developer and user"
    MESSAGE = "message"
    CODE = "code"
    ERROR = "error"
    ERRORS = "errors"
    EMPTY = "empty"


class Refused(DomainError):
    """A refusal in Open edX's words: `code` is its `error_code`, `user` what people are told, `more` further keys.

    `fields` has what is wrong with each field. A `body` is sent as it is, None as no body at all.
    """

    code = "REFUSED"

    def __init__(
        self,
        status: int,
        message: str = "",
        code: str | None = None,
        *,
        user: str | None = None,
        fields: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        body: Any = UNSAID,
    ) -> None:
        super().__init__(message)
        self.status, self.error_code, self.user = status, code, user
        self.fields, self.more, self.body = fields or {}, more or {}, body


class Unread(Refused):
    """The refusal of what no operation looks at: another method or media type, a body that is none."""


class BadToken(Unauthenticated):
    """A token that is no good: `error_code` says why (contracts/edx-core.md §0.2)."""

    def __init__(self, error_code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code


OWN_WORDS = (Form.MESSAGE, Form.CODE, Form.ERROR, Form.ERRORS, Form.EMPTY)
"""Forms of what operations refuse themselves; what is refused before is told in the plain form."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the operations of a family refuse: the form of the body, and what they say to strangers."""

    form: Form
    stranger: str = NO_CREDENTIALS
    challenge: str | None = None

    def body(self, error: DomainError) -> Any:
        """The body of a refusal; None for none at all."""
        if isinstance(error, Refused) and error.body is not UNSAID:
            return error.body
        known = Style(Form.PLAIN) if self.form in OWN_WORDS else self
        if isinstance(error, Refused):
            return (known if isinstance(error, Unread) else self)._told(error)
        if isinstance(error, BadToken):
            told = {"error_code": error.error_code, "developer_message": str(error)}
            return {"developer_message": told} if self.form is Form.DEVELOPER else told
        if isinstance(error, Unauthenticated):
            return known._told(Refused(401, self.stranger, user=self.stranger))
        words = NOT_ALLOWED if isinstance(error, Forbidden) else NOT_FOUND if isinstance(error, NotFound) else ""
        return known._told(Refused(error.status, words or str(error)))

    def _told(self, error: Refused) -> Any:
        if error.fields:
            return self._fields(error)
        text = str(error)
        match self.form:
            case Form.EMPTY:
                return None
            case Form.PLAIN:
                made: dict[str, Any] = {"detail": text}
            case Form.MESSAGE:
                made = {"message": text}
            case Form.CODE:
                return {"error_code": error.error_code or text, **error.more}
            case Form.ERROR:
                return {"error": error.error_code or text, **error.more}
            case Form.ERRORS:
                return {"errors": [{"code": error.error_code or "error", "message": text}]}
            case _:
                made = {"developer_message": text}
        if self.form is Form.USER:
            made["user_message"] = text if error.user is None else error.user
        elif error.error_code is not None:
            made["error_code"] = error.error_code
        return {**made, **error.more}

    def _fields(self, error: Refused) -> Any:
        match self.form:
            case Form.DEVELOPER:
                told: dict[str, Any] = {name: {"developer_message": text} for name, text in error.fields.items()}
            case Form.USER:
                told = {n: {"developer_message": text, "user_message": text} for n, text in error.fields.items()}
            case Form.CODE:
                told = {name: {"error_code": text} for name, text in error.fields.items()}
            case _:
                return {name: [text] for name, text in error.fields.items()}
        return {"field_errors": told, **error.more}


PLAIN = Style(Form.PLAIN, challenge=JWT_CHALLENGE)
DEVELOPER = Style(Form.DEVELOPER)
GRADES = Style(Form.DEVELOPER, stranger=BAD_CREDENTIALS)
"""Developer form, for those operations whose words to strangers are others."""
USER = Style(Form.USER, challenge=BEARER_CHALLENGE)
MESSAGE = Style(Form.MESSAGE, challenge=JWT_CHALLENGE)
CODE = Style(Form.CODE, challenge=JWT_CHALLENGE)
ERROR = Style(Form.ERROR, challenge=JWT_CHALLENGE)
ERRORS = Style(Form.ERRORS, challenge=JWT_CHALLENGE)
EMPTY = Style(Form.EMPTY, challenge=JWT_CHALLENGE)
