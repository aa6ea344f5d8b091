"""How a gradebook shows grades: schemas, notations, periods (contracts/blackboard.md §4.8)."""

from __future__ import annotations

from app.rest.blackboard.asking import TAKE_PART, Asked
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.gradebook import GRADE_SCHEMA, NOTATION, PERIOD
from app.rest.blackboard.parameters import LISTED
from app.rest.route import Row

GRADEBOOK = "/v1/courses/{courseId}/gradebook"
KINDS = {
    "schemas": ("GradeSchemas", GRADE_SCHEMA),
    "gradeNotations": ("GradeNotations", NOTATION),
    "periods": ("GradingPeriods", PERIOD),
}


async def by_key(asked: Asked, data: Row) -> Row:
    """The rows in the order of collections."""
    return {"sorted": sorted(data["courseInstance"]["rows"], key=lambda row: row["id"])}


ROUTES = [
    Operation(
        "GET",
        f"{GRADEBOOK}/{name}",
        operation,
        Spelled(("sorted",), thing=thing, most=100),
        needs=TAKE_PART,
        then=by_key,
        parameters=LISTED,
    )
    for name, (operation, thing) in KINDS.items()
]
