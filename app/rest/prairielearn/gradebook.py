"""The gradebook."""

from __future__ import annotations

from app.rest.prairielearn.course_instances import CI
from app.rest.prairielearn.dialect import LEARNER_DATA
from app.rest.prairielearn.words import ROLE, ROLES
from app.rest.route import Call, Route, Row, at, spells


@spells(user_role=ROLE)
def entry(row: Row, call: Call) -> Row:
    """A person's line."""
    row["user_role"] = ROLES[row["user_role"]]
    return row


def has_cells(row: Row, call: Call) -> bool:
    """Whether there is anything to be graded: without assessments the gradebook is empty."""
    return bool(row["assessments"])


ROUTES = [
    Route(
        "GET",
        CI + "/gradebook",
        "Gradebook",
        at("courseInstance", "gradebook", keep=has_cells, spelling=entry),
        needs=LEARNER_DATA,
    ),
]
