"""GraphQL over HTTP: media types, the forms of a request, sign-in, limits, and the page for browsers."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import ExecutionResult, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from app.context import Context
from app.domain.identity.tokens import authenticate
from app.errors import DomainError, InsufficientScope, LimitExceeded, Unauthenticated
from app.principal import READ, Principal
from app.settings import Settings
from app.web import graphiql
from schema.core.errors import INTERNAL, PARSE_FAILED, VALIDATION_FAILED, formatted
from schema.core.graph import Graph, Prepared
from schema.core.limits import Limits

JSON, GRAPHQL_RESPONSE = "application/json", "application/graphql-response+json"
QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
log = logging.getLogger("campusgraph.graphql")


class Refused(Exception):
    """A request that is no executable GraphQL request: the status and the code of its answer."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers or {}


@dataclass(frozen=True, slots=True)
class Asked:
    """A GraphQL request: the document, its variables, the operation to run, whether `extensions.plan` is true."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None
    wants_plan: bool


class GraphQLView:
    """The endpoint `/graphql`, as an ASGI application."""

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self.graph, self.settings = graph, settings
        self.limits = Limits(settings.max_tokens, settings.max_depth, settings.max_aliases)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        media_type = JSON
        try:
            if self.settings.graphiql and wants_page(request):
                response: Response = HTMLResponse(graphiql.page())
            else:
                media_type = negotiate(request.headers.get("accept"))
                response = await self.answer(request, media_type)
        except ClientDisconnect:
            return
        except Refused as error:
            response = _refusal(error.status, error.code, str(error), media_type, error.headers)
        except DomainError as error:
            response = _refusal(error.status, error.code, str(error), media_type, challenge(error))
        except Exception:
            log.exception("unforeseen error")
            response = _refusal(500, INTERNAL, "Internal server error", media_type)
        await response(scope, receive, send)

    async def answer(self, request: Request, media_type: str) -> Response:
        """Sign in, read, prepare, run."""
        asked = await self.read(request)
        async with request.app.state.open_database() as db:
            principal = await sign_in(request, db)
            prepared = self.prepare(asked.query, media_type)
            if prepared.errors:
                return self.invalid(prepared, media_type)
            operation = prepared.operation(asked.operation_name)
            if operation is None:
                message = "Say which of the document's operations to run."
                raise Refused(_status(422, media_type), "OPERATION_UNDETERMINED", message)
            if request.method == "GET" and operation.operation is not OperationType.QUERY:
                raise Refused(405, "METHOD_NOT_ALLOWED", "GET runs queries only: use POST.", {"Allow": "POST"})
            ctx = Context(principal, db, request.app.state.clock)
            result = await self.graph.execute(prepared, ctx, asked.variables, asked.operation_name, as_json=True)
        return _response(result, media_type, asked.wants_plan and principal.is_admin)

    def prepare(self, text: str, media_type: str) -> Prepared:
        """The document, parsed, measured and validated. Raises Refused for one that is too large."""
        try:
            return self.graph.prepare(text, self.limits)
        except LimitExceeded as error:
            raise Refused(_status(422, media_type), error.code, str(error)) from None

    def invalid(self, prepared: Prepared, media_type: str) -> Response:
        """The answer to a document that can't be executed."""
        code, status = (VALIDATION_FAILED, 422) if prepared.is_parsed else (PARSE_FAILED, 400)
        body = {"errors": [formatted(error, code) for error in prepared.errors]}
        return _written(body, _status(status, media_type), media_type)

    async def read(self, request: Request) -> Asked:
        """The GraphQL request in an HTTP request. Raises Refused."""
        if request.method == "GET":
            parameters: Any = {name: value for name, value in request.query_params.items() if value}
            for name in ("variables", "extensions"):
                if name in parameters:
                    parameters[name] = _json(parameters[name].encode(errors="surrogatepass"), f"`{name}`")
            return _asked(parameters)
        if request.method != "POST":
            message = "Use POST, or GET for queries."
            raise Refused(405, "METHOD_NOT_ALLOWED", message, {"Allow": "GET, POST"})
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != JSON:
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"Send {JSON}.")
        return _asked(_json(await self.body(request), "The body"))

    async def body(self, request: Request) -> bytes:
        """The request's body, as long as it is not longer than the limit."""
        made = bytearray()
        async for chunk in request.stream():
            made += chunk
            if len(made) > self.settings.body_limit:
                raise Refused(413, "BODY_TOO_LARGE", f"A body has at most {self.settings.body_limit} bytes.")
        return bytes(made)


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page to look at."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def negotiate(accept: str | None) -> str:
    """The media type to answer with. Raises Refused (406) when none that the client takes can be given."""
    if not accept:
        return JSON
    qualities: dict[str, float] = {}
    for each in accept.lower().split(","):
        kind, _, parameters = each.partition(";")
        quality = next((p.strip()[2:] for p in parameters.split(";") if p.strip().startswith("q=")), "1")
        if not QUALITY.fullmatch(quality.strip()):
            raise Refused(400, "BAD_REQUEST", "The Accept header is malformed.")
        qualities[kind.strip()] = float(quality)
    known = {kind: _quality(qualities, kind) for kind in (JSON, GRAPHQL_RESPONSE)}
    best = max(known, key=lambda kind: (known[kind], kind in qualities, kind == JSON))
    if known[best] <= 0:
        raise Refused(406, "NOT_ACCEPTABLE", f"Accept {GRAPHQL_RESPONSE} or {JSON}.")
    return best


def _quality(qualities: dict[str, float], kind: str) -> float:
    for pattern in (kind, "application/*", "*/*"):
        if pattern in qualities:
            return qualities[pattern]
    return 0.0


async def sign_in(request: Request, db: Any) -> Principal:
    """Who asks, by `Authorization: Bearer …`; nobody without the header. Raises Unauthenticated."""
    header = request.headers.get("authorization")
    if header is None:
        return Principal.anonymous
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("send `Authorization: Bearer <token>`")
    principal = await authenticate(db, token.strip(), request.app.state.clock())
    if READ not in principal.scopes:
        raise InsufficientScope("the access token lacks the scope `read`")
    return principal


def challenge(error: DomainError) -> dict[str, str]:
    """The header that goes with 401."""
    return {"WWW-Authenticate": 'Bearer realm="campusgraph"'} if isinstance(error, Unauthenticated) else {}


def _refusal(status: int, code: str, message: str, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that was not executed."""
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return _written(body, status, media_type, headers)


def _written(body: dict[str, Any], status: int, media_type: str, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, f"{media_type}; charset=utf-8")


def _status(status: int, media_type: str) -> int:
    """The status of a request error; with plain JSON it can't be told from a proxy's, so there it is 200."""
    return status if media_type == GRAPHQL_RESPONSE else 200


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, "BAD_JSON", f"{what} is not JSON: {error}.") from None


def _asked(parameters: Any) -> Asked:
    if not isinstance(parameters, dict):
        raise Refused(400, "BAD_REQUEST", "Send one JSON object with the key `query`.")
    query, variables, extensions = (parameters.get(name) for name in ("query", "variables", "extensions"))
    name = parameters.get("operationName")
    if not isinstance(query, str) or not query:
        raise Refused(400, "BAD_REQUEST", "`query` must be a text.")
    if not all(each is None or isinstance(each, dict) for each in (variables, extensions)):
        raise Refused(400, "BAD_REQUEST", "`variables` and `extensions` must be objects.")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "BAD_REQUEST", "`operationName` must be a text.")
    return Asked(query, variables or {}, name or None, (extensions or {}).get("plan") is True)


def _response(result: ExecutionResult, media_type: str, shows_plan: bool) -> Response:
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
