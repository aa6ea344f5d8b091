"""The assessments API's ways: bearer tokens, one envelope for everything, 100 requests a minute for each token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from limits import RateLimitItemPerMinute
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.db.session import Database
from app.domain.identity.tokens import authenticate
from app.errors import BadRequest, DomainError, Forbidden, InsufficientScope, NotFound, Unauthenticated
from app.principal import READ, Principal
from app.rest.assessments.refusals import Invalid, RateLimited
from app.rest.dialect import Dialect
from app.rest.endpoint import respond
from app.rest.route import Call, Route, Schema, closed
from app.settings import Settings
from schema.core.graph import Graph

A_MINUTE = RateLimitItemPerMinute(100)
REQUESTS = "requests to the assessments API"
META: Schema = closed({name: {"type": "integer"} for name in ("total", "page", "per_page")})
NULL: Schema = {"type": "null"}
TEXT: Schema = {"type": "string"}


def _refusal(*codes: str, **more: Schema) -> Schema:
    error = closed({"code": {"type": "string", "enum": list(codes)}, "message": TEXT, **more})
    return closed({"data": NULL, "meta": NULL, "error": error})


class AssessmentsDialect(Dialect):
    """The dialect of `/api/v1/assessments` (contracts/assessments.md §1)."""

    resolves = {
        "id": {**TEXT, "description": "The assessment, such as `asmnt_12`."},
        "submission_id": {**TEXT, "description": "The submission, such as `sub_12`."},
    }
    provides = frozenset({"id", "submission_id", "input", "where", "first"})
    security = {"bearer": {"type": "http", "scheme": "bearer", "description": "An access token."}}
    refusals = {
        400: ("The body is not a JSON object.", _refusal("BAD_REQUEST")),
        401: ("No token, or none that is known.", _refusal("UNAUTHORIZED")),
        403: ("The role is not enough, or no attempt is left.", _refusal("FORBIDDEN", "ATTEMPT_LIMIT_REACHED")),
        404: ("No such assessment, submission or course.", _refusal("NOT_FOUND")),
        422: (
            "Fields break their rules.",
            _refusal("VALIDATION_ERROR", details={"type": "array", "items": closed({"field": TEXT, "issue": TEXT})}),
        ),
        429: (
            "More than 100 requests in a minute with one token, or too many tries.",
            _refusal("RATE_LIMITED"),
        ),
        500: ("An error that nobody foresaw.", _refusal("INTERNAL_ERROR")),
    }

    async def authenticate(self, request: Request, db: Database) -> Principal:
        """By the header `Authorization: Bearer …`. Raises Unauthenticated, RateLimited, InsufficientScope."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("an access token is needed")
        principal = await authenticate(db, text.strip(), request.app.state.clock())
        request.state.token = text.strip()
        if not await request.app.state.rates.hit(A_MINUTE, REQUESTS, text.strip()):
            raise RateLimited("more than 100 requests in a minute")
        if READ not in principal.scopes:
            raise InsufficientScope("the token lacks the scope `read`")
        return principal

    async def limited(self, request: Request, response: Response) -> Response:
        """The response with the headers of the rate limit; requests without a known token are not counted."""
        who = getattr(request.state, "token", "")
        stats = await request.app.state.rates.stats(A_MINUTE, REQUESTS, who)
        response.headers["X-RateLimit-Limit"] = str(A_MINUTE.amount)
        response.headers["X-RateLimit-Remaining"] = str(stats.remaining)
        response.headers["X-RateLimit-Reset"] = str(int(stats.reset_time))
        return response

    def render(self, body: Any, route: Route, data: Mapping[str, Any], call: Call) -> Response:
        return enveloped(route.status, data=body, meta=data.get("meta"))

    def refuse(self, error: DomainError) -> Response:
        match error:
            case Unauthenticated():
                code = "UNAUTHORIZED"
            case InsufficientScope():
                code = "FORBIDDEN"
            case Forbidden() | NotFound() | Invalid() | RateLimited() | DomainError(status=500):
                code = error.code
            case _:
                code = BadRequest.code
        made: dict[str, Any] = {"code": code, "message": str(error)}
        if isinstance(error, Invalid):
            made["details"] = [{"field": field, "issue": issue} for field, issue in error.details]
        return enveloped(400 if code == BadRequest.code else error.status, error=made)

    def fallback(self, graph: Graph, routes: Sequence[Route]) -> Callable[[Request], Awaitable[Response]]:
        """404 after authentication."""

        async def answer(request: Request) -> Response:
            async def refuse(ctx: Context) -> Response:
                raise NotFound("no such path")

            return await self.limited(request, await respond(self, request, refuse))

        return answer

    def describe(self, schema: Schema, settings: Settings) -> Schema:
        meta = META if schema["type"] == "array" else NULL
        return closed({"data": schema, "meta": meta, "error": NULL})


def enveloped(status: int, *, data: Any = None, meta: Any = None, error: Any = None) -> Response:
    """The one form of all answers."""
    body = orjson.dumps({"data": data, "meta": meta, "error": error}, option=orjson.OPT_UTC_Z)
    return Response(body, status, media_type="application/json")
