"""PrairieLearn's ways: two places for the token, 403 for what may not be known, local times, pretty-printed bodies."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.db.session import Database
from app.domain.identity.tokens import authenticate
from app.errors import DomainError, Forbidden, InsufficientScope, NotFound, Unauthenticated
from app.principal import READ, Principal
from app.rest.binding import bounded
from app.rest.dialect import Dialect
from app.rest.document import load
from app.rest.endpoint import respond, run
from app.rest.prairielearn.spelling import SCALARS, speller, with_string_ids, with_string_ids_described
from app.rest.route import Call, Route, Schema, closed
from app.settings import Settings
from schema.core.graph import Graph

STAFF, LEARNER_DATA = "staff", "learner data"
NO_TOKEN = "An authentication token must be provided"
BAD_TOKEN = "The provided authentication token was invalid"
HEADERS = {
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate",
    "Access-Control-Allow-Origin": "*",
    "Content-Type": "application/json; charset=utf-8",
}
PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
COURSE_INSTANCE = re.compile(r"/course_instances/([0-9]+)(/.*)?", re.IGNORECASE | re.ASCII | re.DOTALL)


def _refusal(status: int | None, *messages: str) -> Schema:
    message: Schema = {"message": {"type": "string", "enum": list(messages)}}
    return closed(message if status is None else message | {"status": {"type": "integer", "const": status}})


class PrairieLearn(Dialect):
    """The dialect of `/pl/api/v1` (contracts/prairielearn.md §1)."""

    caseless = True
    ending = "/?"
    scalars = SCALARS
    security = {
        "header": {
            "type": "apiKey",
            "in": "header",
            "name": "Private-Token",
            "description": "A personal access token.",
        },
        "query": {
            "type": "apiKey",
            "in": "query",
            "name": "private_token",
            "description": "The same; beats the header.",
        },
    }
    parameters = (
        {
            "name": "private_token",
            "in": "query",
            "description": "A personal access token, unless the header has it.",
            "schema": {"type": "string"},
        },
    )
    refusals = {
        401: ("No token, or none that is known.", _refusal(None, NO_TOKEN, BAD_TOKEN)),
        403: ("No such course instance, or no right to what is asked of it.", _refusal(403, "Forbidden")),
        404: ("Not found in this course instance, or an id that is no number.", _refusal(None, "Not Found")),
        500: ("An error that nobody foresaw.", _refusal(500, "Internal Server Error")),
    }

    async def authenticate(self, request: Request, db: Database) -> Principal:
        """By `private_token` in the query or, when there is none, the header `Private-Token`."""
        given = request.query_params.getlist("private_token") or request.headers.getlist("private-token")
        if not given:
            raise Unauthenticated(NO_TOKEN)
        try:
            if len(given) > 1:
                raise Unauthenticated("given twice")
            principal = await authenticate(db, given[0], request.app.state.clock())
        except Unauthenticated:
            raise Unauthenticated(BAD_TOKEN) from None
        if READ not in principal.scopes:
            raise InsufficientScope("the token lacks the scope `read`")
        return principal

    def check(self, route: Route, data: dict[str, Any]) -> None:
        """An unknown course instance and one without the needed role are the same 403."""
        guard(data, route.needs)

    def render(self, body: Any, route: Route, data: Mapping[str, Any], call: Call) -> Response:
        zone = ZoneInfo(data["guard"]["timeZone"])
        if call.settings.prairielearn_string_ids:
            body = with_string_ids(body)
        return Response(orjson.dumps(body, speller(zone), PRETTY), route.status, HEADERS)

    def refuse(self, error: DomainError) -> Response:
        options = PRETTY
        match error:
            case Unauthenticated():
                body: dict[str, Any] = {"message": str(error)}
                options = 0
            case NotFound():
                body = {"message": "Not Found"}
            case Forbidden():
                body = {"message": "Forbidden", "status": 403}
            case DomainError(status=500):
                body = {"message": "Internal Server Error", "status": 500}
            case _:
                body = {"message": str(error), "status": error.status}
        return Response(orjson.dumps(body, option=options), error.status, HEADERS)

    def fallback(self, graph: Graph, routes: Sequence[Route]) -> Callable[[Request], Awaitable[Response]]:
        """404 after authentication and, below a course instance, after its authorization; OPTIONS is open."""
        document = load(graph, Path(__file__).with_name("fallback.graphql"))["Fallback"]

        async def answer(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(b"{}", 200, HEADERS)
            path = "/" + request.path_params["path"]

            async def refuse(ctx: Context) -> Response:
                if found := COURSE_INSTANCE.fullmatch(path):
                    variables = {"course_instance_id": bounded(found[1])}
                    guard(await run(graph, document, ctx, variables), needed(path, routes))
                raise NotFound("no such path")

            return await respond(self, request, refuse)

        return answer

    def describe(self, schema: Schema, settings: Settings) -> Schema:
        return with_string_ids_described(schema) if settings.prairielearn_string_ids else schema


def guard(data: Mapping[str, Any], needs: str | None) -> None:
    """Raise Forbidden unless the data shows a course instance and the needed access to it."""
    course_instance = data["guard"]
    if course_instance is None:
        raise Forbidden("no such course instance")
    access = course_instance["viewerAccess"]
    if not access["seesLearners" if needs == LEARNER_DATA else "seesContent"]:
        raise Forbidden("the role is not enough")


def needed(path: str, routes: Sequence[Route]) -> str | None:
    """The permission that a path needs when the method is none of its: its route's, or the staff's for no route."""
    for route in routes:
        if re.fullmatch(re.sub(r"{\w+}", "[0-9]+", route.path) + "/?", path, re.IGNORECASE | re.ASCII):
            return route.needs
    return STAFF
