"""The person whose token it is."""

from __future__ import annotations

from app.rest.autolab.endpoint import Made, Operation
from app.rest.autolab.words import PERSON, person
from app.rest.route import closed

ROUTES = [
    Operation(
        "GET",
        "/user",
        "CurrentUser",
        Made(make=lambda data, call: person(data["viewer"]), made=closed(PERSON)),
        scopes=("user_info",),
    ),
]
