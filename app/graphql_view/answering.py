"""Answers: results of operations, and refusals, as JSON of the media type that was agreed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from graphql import GraphQLError
from orjson import Fragment
from starlette.responses import Response

from app.errors import TimedOut
from app.graphql_view.negotiation import GRAPHQL_RESPONSE
from app.graphql_view.refusal import Refused, Unexecutable
from schema.core.errors import INTERNAL, PARSE_FAILED, VALIDATION_FAILED, formatted, internal
from schema.core.graph import Prepared


def refusal(error: Refused, media_type: str) -> Response:
    """The answer to a request that was not executed."""
    extensions = internal() if error.code == INTERNAL else {"code": error.code}
    body: dict[str, Any] = {"errors": [{"message": str(error), "extensions": extensions}]}
    if error.extensions:
        body["extensions"] = error.extensions
    status = _status(error.status, media_type) if isinstance(error, Unexecutable) else error.status
    return _written(body, status, media_type, error.headers)


def invalid(prepared: Prepared, uncoercible: list[GraphQLError], media_type: str) -> Response:
    """The answer to a document that can't be executed; 400 if its variables could not be coerced either."""
    code = VALIDATION_FAILED if prepared.is_parsed else PARSE_FAILED
    errors = [formatted(error, code) for error in prepared.errors] + [formatted(error) for error in uncoercible]
    status = 422 if prepared.is_parsed and not uncoercible else 400
    return _written({"errors": errors}, _status(status, media_type), media_type)


def uncoerced(errors: Sequence[GraphQLError], media_type: str) -> Response:
    """The answer to an operation whose variables could not be coerced."""
    return _written({"errors": [formatted(error) for error in errors]}, _status(400, media_type), media_type)


def executed(data: bytes, errors: Sequence[GraphQLError], extensions: dict[str, Any], media_type: str) -> Response:
    """The answer to an operation that was executed, whose data is written already; 504 when its time was over."""
    body: dict[str, Any] = {"data": Fragment(data)}
    if errors:
        body["errors"] = [formatted(error) for error in sorted(errors, key=_is_in_time)]
    return _written(body | {"extensions": extensions}, TimedOut.status if lateness(errors) else 200, media_type)


def lateness(errors: Sequence[GraphQLError]) -> list[TimedOut]:
    """What the end of the request's time did to its fields."""
    return [error.original_error for error in errors if isinstance(error.original_error, TimedOut)]


def _is_in_time(error: GraphQLError) -> bool:
    return not isinstance(error.original_error, TimedOut)


def priced(cost: dict[str, Any], media_type: str) -> Response:
    """The answer to a request for the cost alone."""
    return _written({"extensions": {"cost": cost}}, 200, media_type)


def _written(body: dict[str, Any], status: int, media_type: str, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, f"{media_type}; charset=utf-8")


def _status(status: int, media_type: str) -> int:
    """The status of a request error; with plain JSON it can't be told from a proxy's, so there it is 200."""
    return status if media_type == GRAPHQL_RESPONSE else 200
