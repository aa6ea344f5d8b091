"""Errors as GraphQL clients see them: a message, a place, and `extensions.code`; what is unforeseen is masked."""

from __future__ import annotations

import logging
from typing import Any

from graphql import GraphQLError

from app.errors import DomainError
from app.telemetry import metrics
from app.telemetry.passage import request_id

log = logging.getLogger("campusgraph.graph")

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL_ERROR"


def formatted(error: GraphQLError, code: str = BAD_USER_INPUT) -> dict[str, Any]:
    """The error for an answer; `code` is for errors that the execution itself raised.

    One that nobody thought of is in the log under the id that is told.
    """
    made = dict(error.formatted)
    extensions = dict(error.extensions or {})
    original = error.original_error
    if isinstance(original, DomainError):
        extensions["code"] = original.code
        metrics.refused(original)
    elif original is not None and not isinstance(original, GraphQLError | ValueError):
        log.error("unforeseen error at %s", error.path, exc_info=original)
        made["message"] = "Internal server error"
        extensions |= internal()
    made["extensions"] = {"code": code} | extensions
    return made


def internal() -> dict[str, Any]:
    """The extensions of an error that nobody thought of."""
    asked = request_id()
    return {"code": INTERNAL} if asked is None else {"code": INTERNAL, "requestId": asked}


def domain_error(error: GraphQLError) -> DomainError | None:
    """The domain's error behind a GraphQL error."""
    return error.original_error if isinstance(error.original_error, DomainError) else None
