"""The writeup and the handout of an assessment: an address, the bytes of a file, or `none`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.files.media import type_by_name
from app.rest.autolab.assessments import ASSESSMENT
from app.rest.autolab.endpoint import Made, Operation
from app.rest.autolab.refusals import NO_ASSESSMENT, Refused
from app.rest.autolab.words import TEXT
from app.rest.route import Call, Row, closed
from app.transfer.download import Download

NONE = "none"


def place_of(document: Row) -> str | None:
    """Where a document is: its address, or the name of its file."""
    found: str | None = document["url"] if document["file"] is None else document["file"]["name"]
    return found


def said_of(kind: str) -> Callable[[Row, Call], Any]:
    """What makes the body of a document that is the assessment's `kind`. Raises Refused 404."""

    def body(data: Row, call: Call) -> Any:
        if data["assessment"] is None:
            raise Refused(404, NO_ASSESSMENT)
        document = data["assessment"]["document"]
        if (file := document["file"]) is not None:
            return Download(file["name"], type_by_name(file["name"]), file["sha256"], file["size"])
        return {kind: NONE} if document["url"] is None else {"url": document["url"]}

    return body


def route(kind: str) -> Operation:
    """The operation that answers with the assessment's `kind`."""
    schema = {"oneOf": [closed({kind: {"type": "string", "const": NONE}}), closed({"url": TEXT})]}
    answer = Made(make=said_of(kind), made=schema, may_be_file=True)
    return Operation("GET", f"{ASSESSMENT}/{kind}", kind.capitalize(), answer, scopes=("user_courses",))


ROUTES = [route("writeup"), route("handout")]
