"""Autolab's ways: three places for the token, one sentence for each refusal, instants with milliseconds and offset."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.db.session import Database
from app.domain.identity.tokens import authenticate
from app.errors import DomainError, InsufficientScope, TokenExpired, TokenRevoked, Unauthenticated
from app.principal import Principal
from app.rest.autolab.parameters import FORM, TOKENS, parameters, text
from app.rest.autolab.refusals import NO_PATH, NO_SCOPE, NO_TOKEN, Refused
from app.rest.dialect import Dialect
from app.rest.endpoint import respond
from app.rest.route import Call, Route, Schema, closed
from schema.core.graph import Graph

JSON = "application/json; charset=utf-8"
CHALLENGE = 'Bearer realm="Doorkeeper", error="invalid_token", error_description="The access token {}"'
INSTANT: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$",
}
TEXT: Schema = {"type": "string"}
REFUSAL: Schema = closed({"error": TEXT})


class Autolab(Dialect):
    """The dialect of `/api/v1` (contracts/autolab.md §1)."""

    ending = r"(?:\.json)?/?"
    resolves: Mapping[str, Schema] = {
        "course_name": TEXT | {"description": "Name of the course."},
        "assessment_name": TEXT | {"description": "Name of the assessment."},
        "email": TEXT | {"description": "E-mail address of the person."},
        "id": TEXT | {"description": "Key of the group."},
        "version": TEXT | {"description": "Version of the submission."},
    }
    provides = frozenset(
        {
            "assessment_id",
            "course_instance_id",
            "enrollment_id",
            "group_id",
            "group_ids",
            "group_set_id",
            "input",
            "user_ids",
        }
    )
    forms = ("application/json", FORM, "multipart/form-data")
    scalars = {"DateTime": INSTANT}
    security = {
        "header": {"type": "http", "scheme": "bearer", "description": "An access token."},
        "parameter": {"type": "apiKey", "in": "query", "name": "access_token", "description": "The same."},
    }
    refusals = {
        400: ("A parameter is missing or wrong, or a rule forbids it.", REFUSAL),
        401: ("No token, or none that is valid.", REFUSAL),
        403: ("The token or the person may not do this.", REFUSAL),
        404: ("Not found.", REFUSAL),
        500: ("An error that nobody foresaw.", REFUSAL),
    }

    async def authenticate(self, request: Request, db: Database) -> Principal:
        """By the header, else `access_token`, else `bearer_token`, in the query or in the body."""
        request.state.sent = await parameters(request)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        found = given.strip() if scheme.lower() == "bearer" else None
        for name in TOKENS:
            found = found or text(request.state.sent.get(name))
        return await authenticate(db, found or "", request.app.state.clock())

    def render(self, body: Any, route: Route, data: Mapping[str, Any], call: Call) -> Response:
        zone = ZoneInfo(data["zone"])
        return Response(orjson.dumps(body, speller(zone), OPTIONS), route.status, media_type=JSON)

    def refuse(self, error: DomainError) -> Response:
        headers = {}
        message = str(error)
        match error:
            case Unauthenticated():
                message, headers = NO_TOKEN, {"WWW-Authenticate": CHALLENGE.format(reason(error))}
            case InsufficientScope():
                message = NO_SCOPE
            case DomainError(status=500):
                message = "Internal Server Error"
        status = 400 if error.status == 422 else error.status
        return Response(orjson.dumps({"error": message}), status, headers, media_type=JSON)

    def fallback(self, graph: Graph, routes: Sequence[Route]) -> Callable[[Request], Awaitable[Response]]:
        """404 after authentication."""

        async def refuse(ctx: Context) -> Response:
            raise Refused(404, NO_PATH)

        async def answer(request: Request) -> Response:
            return await respond(self, request, refuse)

        return answer


def reason(error: Unauthenticated) -> str:
    """What is the matter with a token, as clients that look at the header expect it."""
    match error:
        case TokenRevoked():
            return "was revoked"
        case TokenExpired():
            return "expired"
    return "is invalid"


OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME


def speller(zone: ZoneInfo) -> Callable[[Any], str]:
    """What spells instants: in a time zone, with exactly three digits of a second and a numeric offset."""

    def spell(value: Any) -> str:
        if isinstance(value, datetime):
            return spelled(value, zone)
        raise TypeError(f"{type(value).__name__} has no spelling")

    return spell


def spelled(value: datetime, zone: ZoneInfo) -> str:
    """An instant in a time zone; in UTC where its offset was not yet in whole minutes or the calendar ends."""
    try:
        there = value.astimezone(zone)
    except OverflowError:
        there = value
    offset = there.utcoffset()
    whole = offset is not None and offset.seconds % 60 == 0
    return (there if whole else value).isoformat(timespec="milliseconds")
