"""The GraphQL request in an HTTP request: by GET in the URL, by POST in a body of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from app.graphql_view.negotiation import JSON
from app.graphql_view.refusal import Refused


@dataclass(frozen=True, slots=True)
class Asked:
    """A GraphQL request: the document, its variables, the operation to run, whether `extensions.plan` is true."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None
    wants_plan: bool


async def read(request: Request, body_limit: int) -> Asked:
    """The GraphQL request in an HTTP request. Raises Refused."""
    if request.method == "GET":
        parameters: Any = {name: value for name, value in request.query_params.items() if value}
        for name in ("variables", "extensions"):
            if name in parameters:
                parameters[name] = _json(parameters[name].encode(errors="surrogatepass"), f"`{name}`")
        return _asked(parameters)
    if request.method != "POST":
        raise Refused(405, "METHOD_NOT_ALLOWED", "Use POST, or GET for queries.", {"Allow": "GET, POST"})
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != JSON:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"Send {JSON}.")
    return _asked(_json(await _body(request, body_limit), "The body"))


async def _body(request: Request, limit: int) -> bytes:
    """The request's body, as long as it is not longer than the limit."""
    made = bytearray()
    async for chunk in request.stream():
        made += chunk
        if len(made) > limit:
            raise Refused(413, "BODY_TOO_LARGE", f"A body has at most {limit} bytes.")
    return bytes(made)


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
