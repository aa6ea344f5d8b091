"""The cohorts of a course run as its gradebook's page asks for them, beside the API."""

from __future__ import annotations

from app.rest.openedx.cohorts import COHORT, cohort
from app.rest.openedx.endpoint import STAFF, Made, Operation
from app.rest.openedx.refusals import PLAIN
from app.rest.route import Call, Row, closed


def listed(data: Row, call: Call) -> Row:
    """All of them, by name."""
    return {"cohorts": [cohort(row) for row in data["courseInstance"]["cohorts"]]}


ROUTES = [
    Operation(
        "GET",
        "/{course_key_string}/cohorts/",
        "CohortList",
        Made(make=listed, made=closed({"cohorts": {"type": "array", "items": COHORT}})),
        run="course_key_string",
        needs=STAFF,
        style=PLAIN,
    ),
]
