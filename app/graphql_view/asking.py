"""The GraphQL request in an HTTP request: by GET in the URL, by POST in a body of JSON."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.requests import Request

from app.domain.identity.tokens import digest
from app.graphql_view.negotiation import JSON, UTF_8, charset
from app.graphql_view.refusal import Refused
from app.telemetry import metrics

PREFIX = "sha256:"
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A GraphQL request: the document, its variables, the operation to run, whether `extensions.plan` is true.

    The document is a text, or known by the SHA-256 of it; `is_automatic`: it is the client who makes it known.
    """

    query: str | None
    variables: dict[str, Any]
    operation_name: str | None
    wants_plan: bool
    digest: str | None = None
    is_automatic: bool = False


async def read(request: Request, body_limit: int) -> Asked:
    """The GraphQL request in an HTTP request. Raises Refused."""
    if request.method == "GET":
        return asked(_parameters(request.query_params.multi_items()))
    if request.method != "POST":
        raise Refused(405, "METHOD_NOT_ALLOWED", "Use POST, or GET for queries.", {"Allow": "GET, POST"})
    _check_content(request.headers)
    return asked(_json(await _body(request, body_limit), "The body"))


def _parameters(items: list[tuple[str, str]]) -> dict[str, Any]:
    """The parameters of a URL; those without a value count as absent."""
    for name, times in Counter(name for name, _ in items).most_common(1):
        if times > 1:
            raise Refused(400, "BAD_REQUEST", f"The parameter `{name[:20]}` is given twice.")
    parameters: dict[str, Any] = {name: value for name, value in items if value}
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = _json(parameters[name].encode(errors="surrogatepass"), f"`{name}`")
    return parameters


def _check_content(headers: Headers) -> None:
    """Raise Refused unless a body is JSON in UTF-8, as it is."""
    kind, parameters = parse_options_header(headers.get("content-type"))
    if kind.decode("latin-1") != JSON or charset(parameters) not in UTF_8:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"Send {JSON} in UTF-8.")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send the body as it is, not encoded.", {"Accept-Encoding": "identity"}
        )


async def _body(request: Request, limit: int) -> bytes:
    """The request's body, as long as it is not longer than the limit."""
    made = bytearray()
    async for chunk in request.stream():
        made += chunk
        if len(made) > limit:
            metrics.limit_hit("body")
            raise Refused(413, "BODY_TOO_LARGE", f"A body has at most {limit} bytes.")
    return bytes(made)


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, "BAD_JSON", f"{what} is not JSON: {error}.") from None


def asked(parameters: Any) -> Asked:
    """The request that a JSON object makes. Raises Refused."""
    if isinstance(parameters, list):
        raise Refused(400, "BAD_REQUEST", "Send requests one at a time: batches are not served.")
    if not isinstance(parameters, dict):
        raise Refused(400, "BAD_REQUEST", "Send a JSON object with the key `query`.")
    query, variables, extensions = (parameters.get(name) for name in ("query", "variables", "extensions"))
    name = parameters.get("operationName")
    if not all(each is None or isinstance(each, dict) for each in (variables, extensions)):
        raise Refused(400, "BAD_REQUEST", "`variables` and `extensions` must be objects.")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "BAD_REQUEST", "`operationName` must be a text.")
    extensions = extensions or {}
    known_by, is_automatic = _digest(parameters, extensions.get("persistedQuery"))
    if (query is not None or known_by is None) and (not isinstance(query, str) or not query):
        raise Refused(400, "BAD_REQUEST", "`query` must be a text.")
    return Asked(query, variables or {}, name or None, extensions.get("plan") is True, known_by, is_automatic)


def _digest(parameters: dict[str, Any], persisted: Any) -> tuple[str | None, bool]:
    """(what the document is known by, whether the client makes it known)."""
    given, query = parameters.get("documentId"), parameters.get("query")
    if given is None:
        return (None, False) if persisted is None else (_automatic(persisted, query), True)
    if query is not None or persisted is not None:
        raise Refused(400, "BAD_REQUEST", "Send `documentId` without `query` and `persistedQuery`.")
    if not isinstance(given, str) or not given.startswith(PREFIX) or not DIGEST.fullmatch(given[len(PREFIX) :]):
        raise Refused(400, "BAD_REQUEST", f"`documentId` must be `{PREFIX}` and 64 hexadecimal digits.")
    return given[len(PREFIX) :], False


def _automatic(persisted: Any, query: Any) -> str:
    """The digest in `extensions.persistedQuery`; the text comes with it or came before (Apollo's protocol)."""
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise Refused(400, "BAD_REQUEST", "Unsupported persisted query version")
    found = persisted.get("sha256Hash")
    if not isinstance(found, str) or not DIGEST.fullmatch(found):
        raise Refused(400, "BAD_REQUEST", "`sha256Hash` must be 64 hexadecimal digits.")
    if isinstance(query, str) and digest(query) != found:
        raise Refused(400, "PERSISTED_QUERY_HASH_MISMATCH", "provided sha does not match query")
    return found
