"""Which media type an answer has, by the header `Accept`."""

from __future__ import annotations

import re

from starlette.requests import Request

from app.graphql_view.refusal import Refused

JSON, GRAPHQL_RESPONSE = "application/json", "application/graphql-response+json"
QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


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
