"""Which media type an answer has, by the header `Accept` (RFC 9110 §12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from python_multipart.multipart import parse_options_header

from app.graphql_view.refusal import Refused

JSON, GRAPHQL_RESPONSE, PAGE = "application/json", "application/graphql-response+json", "text/html"
UTF_8 = ("utf-8", "utf8")
QUALITY = re.compile(r"0?\.[0-9]{1,3}|0\.?|1(\.0{0,3})?")


def negotiate(accept: Sequence[str], *, offers_page: bool) -> str:
    """The media type to answer with; the page only to who names it and prefers it to JSON.

    Raises Refused: 406 when the client takes none that can be given, 400 for a quality that is none.
    """
    qualities = accepted(accept)
    if not qualities and not any(each.strip() for each in accept):
        return JSON
    offered = (JSON, GRAPHQL_RESPONSE, *([PAGE] if offers_page else []))
    known = {kind: _quality(qualities, kind) for kind in offered}
    best = max(known, key=lambda kind: (known[kind], kind in qualities, kind == JSON))
    if known[best] <= 0:
        raise Refused(406, "NOT_ACCEPTABLE", f"Accept {GRAPHQL_RESPONSE} or {JSON}, in UTF-8.")
    return best


def accepted(accept: Sequence[str]) -> dict[str, float]:
    """The quality of each media range of the headers, without those in another charset than UTF-8. Raises Refused."""
    found: dict[str, float] = {}
    for kind, quality in _ranges(accept):
        found[kind] = max(quality, found.get(kind, 0.0))
    return found


def charset(parameters: dict[bytes, bytes]) -> str:
    """The charset that a media type's parameters name; UTF-8 when they name none."""
    return parameters.get(b"charset", b"utf-8").decode("latin-1").lower()


def _ranges(accept: Sequence[str]) -> Iterator[tuple[str, float]]:
    for each in ",".join(accept).split(","):
        kind, parameters = parse_options_header(each)
        quality = parameters.get(b"q", b"1").decode("latin-1")
        if not QUALITY.fullmatch(quality):
            raise Refused(400, "BAD_REQUEST", "The Accept header is malformed.")
        if kind and charset(parameters) in UTF_8:
            yield kind.decode("latin-1"), float(quality)


def _quality(qualities: dict[str, float], kind: str) -> float:
    anything = () if kind == PAGE else ("*/*",)
    for pattern in (kind, f"{kind.partition('/')[0]}/*", *anything):
        if pattern in qualities:
            return qualities[pattern]
    return 0.0
