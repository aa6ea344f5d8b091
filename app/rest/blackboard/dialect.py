"""Blackboard Learn's ways: bearer tokens, `{"status", "message", "extraInfo"}`, a quota for each application."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson
from limits import RateLimitItemPerDay
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.db.session import Database
from app.domain.identity.tokens import authenticate
from app.errors import DomainError, NotFound, Unauthenticated
from app.principal import Principal
from app.rest.blackboard.refusals import BAD_TOKEN, NO_TOKEN, QuotaExhausted, WrongMethod
from app.rest.dialect import Dialect
from app.rest.endpoint import respond
from app.rest.family import PARAMETER
from app.rest.route import Call, Route, Schema
from app.settings import Settings
from app.telemetry.passage import request_id
from schema.core.graph import Graph

TEXT: Schema = {"type": "string"}
ERROR: Schema = {
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        "message": TEXT,
        "extraInfo": TEXT | {"pattern": "^[A-Za-z0-9._-]{8,64}$"},
    },
    "required": ["status", "message", "extraInfo"],
    "additionalProperties": False,
}
OPEN = "open"
"""What a route needs that answers anybody."""
BASE = "/learn/api/public"
REQUESTS = "requests to Blackboard Learn's API"


def _slot(what: str, forms: str) -> Schema:
    return TEXT | {"description": f"The {what}: {forms}."}


class Blackboard(Dialect):
    """The dialect of `/learn/api/public` (contracts/blackboard.md §1)."""

    ending = "/?"
    omits = True
    resolves: Mapping[str, Schema] = {
        "courseId": _slot("course", "`_12_1`, `courseId:…`, `externalId:…` or `uuid:…`"),
        "childCourseId": _slot("child course", "`_12_1`, `courseId:…`, `externalId:…` or `uuid:…`"),
        "userId": _slot("user", "`_12_1`, `userName:…`, `externalId:…`, `uuid:…`, `studentId:…`, `email:…` or `me`"),
        "columnId": _slot("column", "`_12_1`, `externalId:…` or `finalGrade`"),
        "categoryId": _slot("category", "`_12_1`"),
        "attemptId": _slot("attempt", "`_12_1`"),
        "dataSourceId": _slot("data source", "`_12_1` or `externalId:…`"),
        "termId": _slot("term", "`_12_1` or `externalId:…`"),
    }
    provides = frozenset(
        {
            "attempt_id",
            "category_id",
            "child_course_id",
            "column_id",
            "course_id",
            "data_source_id",
            "enrolled_only",
            "first",
            "input",
            "order",
            "parent_id",
            "term_id",
            "unposted",
            "user_id",
            "where",
            "with_course",
            "with_user",
        }
    )
    security = {
        "token": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {"tokenUrl": BASE + "/v1/oauth2/token", "scopes": {}},
                "authorizationCode": {
                    "authorizationUrl": BASE + "/v1/oauth2/authorizationcode",
                    "tokenUrl": BASE + "/v1/oauth2/token",
                    "scopes": {"read": "Read.", "write": "Write.", "delete": "Delete.", "offline": "Refresh."},
                },
            },
        }
    }
    refusals = {
        400: ("A malformed id, filter, number or body.", ERROR),
        401: ("No token, or none that is valid.", ERROR),
        403: ("The scope or the role is not enough.", ERROR),
        404: ("Unknown, or not to be seen.", ERROR),
        405: ("Other methods are served there.", ERROR),
        409: ("The key is taken, or something depends on the object.", ERROR),
        413: ("The body is too long.", ERROR),
        415: ("The body is not JSON.", ERROR),
        422: ("The rules of attempts forbid it.", ERROR),
        429: ("The application's requests of a day are used up.", ERROR),
        500: ("An error that nobody foresaw.", ERROR),
    }

    async def authenticate(self, request: Request, db: Database) -> Principal:
        """By the header `Authorization: Bearer …`; nobody where anybody may ask.

        Raises Unauthenticated, QuotaExhausted.
        """
        if getattr(request.state, "is_open", False):
            return Principal.anonymous
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            raise Unauthenticated(NO_TOKEN)
        try:
            if scheme.lower() != "bearer":
                raise Unauthenticated("another scheme")
            principal = await authenticate(db, text.strip(), request.app.state.clock())
        except Unauthenticated:
            raise Unauthenticated(BAD_TOKEN) from None
        client_id = principal.client_id
        who = f"user {principal.user_id}" if client_id is None else f"client {client_id}"
        request.state.limited_by = who
        if not await request.app.state.rates.hit(quota(request), REQUESTS, who):
            raise QuotaExhausted("The request quota of 24 hours is used up.")
        return principal

    async def limited(self, request: Request, response: Response) -> Response:
        """The response with the headers of the quota; who is not known has used nothing of it."""
        limit, who = quota(request), getattr(request.state, "limited_by", "")
        stats = await request.app.state.rates.stats(limit, REQUESTS, who)
        seconds = max(0, math.ceil(stats.reset_time - time.time()))
        response.headers["X-Rate-Limit-Limit"] = str(limit.amount)
        response.headers["X-Rate-Limit-Remaining"] = str(stats.remaining)
        response.headers["X-Rate-Limit-Reset"] = str(seconds)
        if response.status_code == QuotaExhausted.status:
            response.headers["Retry-After"] = str(seconds)
        return response

    def render(self, body: Any, route: Route, data: Mapping[str, Any], call: Call) -> Response:
        if body is None:
            return Response(b"", route.empty or route.status)
        return Response(orjson.dumps(body), route.status, media_type="application/json")

    def refuse(self, error: DomainError) -> Response:
        body = {"status": error.status, "message": str(error), "extraInfo": request_id() or uuid4().hex}
        return Response(orjson.dumps(body), error.status, media_type="application/json")

    def fallback(self, graph: Graph, routes: Sequence[Route]) -> Callable[[Request], Awaitable[Response]]:
        """404 after authentication, 405 where other methods are served."""
        known = [re.compile(PARAMETER.sub("[^/]+", route.path) + self.ending) for route in routes]

        async def answer(request: Request) -> Response:
            async def refuse(ctx: Context) -> Response:
                path = "/" + request.path_params["path"]
                if any(each.fullmatch(path) for each in known):
                    raise WrongMethod("The method is not served here.")
                raise NotFound("No such path.")

            return await self.limited(request, await respond(self, request, refuse))

        return answer

    def describe(self, schema: Schema, settings: Settings) -> Schema:
        return schema


def quota(request: Request) -> RateLimitItemPerDay:
    """How many requests an application may send in 24 hours."""
    return RateLimitItemPerDay(request.app.state.settings.blackboard_quota)
