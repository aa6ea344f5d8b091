"""Open edX's ways: who asks, how values are spelled, how each family refuses (contracts/edx-core.md §0)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from typing import Any

import orjson
from starlette.convertors import CONVERTOR_TYPES
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.db.session import Database
from app.errors import DomainError, NotFound
from app.principal import Principal
from app.rest.dialect import Dialect
from app.rest.endpoint import respond
from app.rest.family import PARAMETER
from app.rest.openedx.authentication import authenticate
from app.rest.openedx.paths import CONVERTORS, RESOLVED
from app.rest.openedx.refusals import PLAIN, Style, Unread
from app.rest.route import Call, Route, Schema
from app.web.session import COOKIE
from schema.core.graph import Graph

ANY: Schema = {"type": ["object", "array", "string", "null"]}
"""A body of a refusal: in the form of the family, see refusals.py; null stands for none."""
REASONS = {
    400: "The request is malformed, or a rule forbids it.",
    401: "Nobody is signed in, or the token is no good.",
    403: "The caller may not.",
    404: "Unknown, or not to be seen.",
    405: "Other methods are served there.",
    406: "Somebody who is named is not known.",
    409: "Somebody else is at it.",
    413: "The body is too long.",
    415: "The body is of a media type that is not taken there.",
    422: "A part of it could not be done.",
    429: "Too many requests.",
    500: "An error that nobody foresaw.",
    503: "The feature is switched off.",
}


class Everything(Container[str]):
    """Holds every name: no variable of a document is a parameter of a request by itself."""

    def __contains__(self, name: object) -> bool:
        return True


class OpenEdx(Dialect):
    """The dialect of `/api`; its style is that of an operation that is asked for."""

    ending = "/?"
    omits = True
    resolves = RESOLVED
    convertors = CONVERTORS
    provides = Everything()
    security: Mapping[str, Schema] = {
        "jwt": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`JWT` and a signed token."},
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Writes need `X-CSRFToken`, too."},
    }
    refusals: Mapping[int, tuple[str, Schema]] = {status: (reason, ANY) for status, reason in REASONS.items()}

    def __init__(self, style: Style = PLAIN, *, by_key: bool = False) -> None:
        self.style, self.by_key = style, by_key

    async def authenticate(self, request: Request, db: Database) -> Principal:
        return await authenticate(request, db, by_key=self.by_key)

    def render(self, body: Any, route: Route, data: Mapping[str, Any], call: Call) -> Response:
        return body if isinstance(body, Response) else written(body, route.status)

    def refuse(self, error: DomainError) -> Response:
        response = written(self.style.body(error), error.status)
        if error.status == 401 and self.style.challenge is not None:
            response.headers["WWW-Authenticate"] = self.style.challenge
        return response

    def fallback(self, graph: Graph, routes: Sequence[Route]) -> Callable[[Request], Awaitable[Response]]:
        """405 in the style of what other methods do there; 404 where none does, or the path has no key of a run."""
        known = [(re.compile(_pattern(path) + self.ending), route) for route in routes for path in route.paths]

        async def answer(request: Request) -> Response:
            path = "/" + request.path_params["path"]
            found = [route for pattern, route in known if pattern.fullmatch(path)]
            there = found[0] if found else None

            async def refuse(ctx: Context) -> Response:
                if there is None or request.method in {route.method for route in found}:
                    raise NotFound("No such path.")
                usual = (f'Method "{request.method}" not allowed.', None)
                raise Unread(405, *getattr(there, "elsewhere", {}).get(request.method, usual))

            return await respond(OpenEdx(getattr(there, "style", PLAIN)), request, refuse, Principal.anonymous)

        return answer


def _pattern(path: str) -> str:
    return PARAMETER.sub(lambda found: CONVERTOR_TYPES[CONVERTORS[found[1]]].regex, path).removesuffix("/")


def written(body: Any, status: int) -> Response:
    """A response: JSON, instants in UTC with `Z`; nothing at all for None."""
    if body is None:
        return Response(b"", status)
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status, media_type="application/json")
