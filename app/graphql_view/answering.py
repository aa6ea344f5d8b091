"""Answers: results of operations, and refusals, as JSON of the media type that was agreed on."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError
from starlette.responses import Response

from app.graphql_view.negotiation import GRAPHQL_RESPONSE
from app.graphql_view.refusal import Refused, Unexecutable
from schema.core.errors import INTERNAL, PARSE_FAILED, VALIDATION_FAILED, formatted, internal
from schema.core.graph import Prepared


def refusal(error: Refused, media_type: str) -> Response:
    """The answer to a request that was not executed."""
    extensions = internal() if error.code == INTERNAL else {"code": error.code}
    body = {"errors": [{"message": str(error), "extensions": extensions}]}
    status = _status(error.status, media_type) if isinstance(error, Unexecutable) else error.status
    return _written(body, status, media_type, error.headers)


def invalid(prepared: Prepared, uncoercible: list[GraphQLError], media_type: str) -> Response:
    """The answer to a document that can't be executed; 400 if its variables could not be coerced either."""
    code = VALIDATION_FAILED if prepared.is_parsed else PARSE_FAILED
    errors = [formatted(error, code) for error in prepared.errors] + [formatted(error) for error in uncoercible]
    status = 422 if prepared.is_parsed and not uncoercible else 400
    return _written({"errors": errors}, _status(status, media_type), media_type)


def executed(result: ExecutionResult, media_type: str, shows_plan: bool) -> Response:
    """The answer to an operation that was executed, or whose variables could not be coerced."""
    body: dict[str, Any] = {}
    errors = [formatted(error) for error in result.errors or ()]
    is_request_error = result.data is None and all(error.path is None for error in result.errors or ())
    if not (errors and is_request_error):
        body["data"] = result.data
    if errors:
        body["errors"] = errors
    if shows_plan and result.extensions:
        body["extensions"] = {"plan": result.extensions["plan"].told()}
    return _written(body, _status(400, media_type) if errors and is_request_error else 200, media_type)


def _written(body: dict[str, Any], status: int, media_type: str, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, f"{media_type}; charset=utf-8")


def _status(status: int, media_type: str) -> int:
    """The status of a request error; with plain JSON it can't be told from a proxy's, so there it is 200."""
    return status if media_type == GRAPHQL_RESPONSE else 200
