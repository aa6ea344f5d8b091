"""Assessment instances and their questions."""

from __future__ import annotations

from typing import Any

from app.rest.prairielearn.course_instances import CI
from app.rest.prairielearn.dialect import LEARNER_DATA
from app.rest.prairielearn.words import OWNER, QUESTION, ROLES, spell_owner, spell_question
from app.rest.route import Call, Route, Row, at, by, spells

INSTANCES = CI + "/assessments/{assessment_id}/assessment_instances"
INSTANCE = CI + "/assessment_instances/{assessment_instance_id}"
FALLING = list(ROLES.values())
SAME_ROLE = by("user_uid", "user_id", "assessment_instance_number", "assessment_instance_id")
REMAINING = {"type": "string", "pattern": "^(Open|Closed|[0-9]+ min)$", "description": "Time left, in whole minutes."}


@spells(**OWNER, time_remaining=REMAINING)
def instance(row: Row, call: Call) -> Row:
    """One of a list."""
    left = row["time_remaining"]
    row["time_remaining"] = "Closed" if not row["open"] else "Open" if left is None else f"{int(left // 60)} min"
    spell_owner(row)
    return row


@spells(**instance.changes, highest_score={"type": "boolean", "description": "Always true: of one, it is the best."})
def only_instance(row: Row, call: Call) -> Row:
    """One by itself: the best of what is answered."""
    return {**instance.rewrite(row, call), "highest_score": True}


def place(row: Row) -> Any:
    """Roles falling as text, then uid, user, number, id."""
    return FALLING.index(row["user_role"]), SAME_ROLE(row)


@spells(**QUESTION, zone_number={"type": "integer"})
def question(row: Row, call: Call) -> Row:
    """A question; one outside of all zones is in the first."""
    spell_question(row)
    row["zone_number"] = 1 if row["zone_number"] is None else row["zone_number"]
    return row


NODES = ("assessmentInstances", "nodes")
ROUTES = [
    Route("GET", INSTANCES, "AssessmentInstances", at(*NODES, spelling=instance, order=place), needs=LEARNER_DATA),
    Route("GET", INSTANCE, "AssessmentInstance", at(*NODES, 0, spelling=only_instance), needs=LEARNER_DATA),
    Route(
        "GET",
        INSTANCE + "/instance_questions",
        "InstanceQuestions",
        at(*NODES, spelling=question, order=by("instance_question_id")),
        needs=LEARNER_DATA,
    ),
]
