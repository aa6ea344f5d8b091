"""What bodies share: PrairieLearn's words for roles, owners and questions, and the JSON schemas of these."""

from __future__ import annotations

from app.rest.route import Row, Schema

ROLES = {"STUDENT": "Student", "STAFF": "Staff", "NONE": "None"}
ROLE: Schema = {"type": "string", "enum": list(ROLES.values())}
OWNER: dict[str, Schema | None] = {
    "user_role": ROLE,
    "group_uids": {
        "type": ["array", "null"],
        "items": {"type": "string"},
        "description": "The members' sign-in names.",
    },
}
QUESTION: dict[str, Schema | None] = {
    "question_id": {"type": "integer"},
    "question_name": {"type": "string"},
    "problem_id": None,
    "problem_name": None,
}
UNBANKED = 2**31
"""Added to the id of a problem that is in no question bank to make its `question_id`: keys are below it."""


def spell_owner(row: Row) -> None:
    """Put the owner of an assessment instance or of a submission into PrairieLearn's words."""
    row["user_role"] = ROLES[row["user_role"]]
    if row["group_uids"] is not None:
        row["group_uids"] = [member["uid"] for member in row["group_uids"]]


def spell_question(row: Row) -> None:
    """Give a question an id and a name, also a problem that is in no question bank."""
    problem_id, problem_name = row.pop("problem_id"), row.pop("problem_name")
    if row["question_id"] is None and problem_id is not None:
        row |= {"question_id": UNBANKED + problem_id, "question_name": problem_name}
