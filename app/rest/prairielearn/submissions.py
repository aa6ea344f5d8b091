"""Submissions, one entry for each question that they answer."""

from __future__ import annotations

from app.rest.prairielearn.course_instances import CI
from app.rest.prairielearn.dialect import LEARNER_DATA
from app.rest.prairielearn.words import OWNER, QUESTION, spell_owner, spell_question
from app.rest.route import Call, Route, Row, Schema, at, by, spells

SUBMISSIONS = CI + "/assessment_instances/{assessment_instance_id}/submissions"
SUBMISSION = CI + "/submissions/{submission_id}"
ORDER = by(
    "assessment_instance_number",
    "question_name",
    "instance_question_number",
    "variant_number",
    "date",
    "submission_id",
)
NOT_KEPT: dict[str, Schema | None] = {
    "override_score": {"type": ["number", "null"], "description": "Not kept: always null."},
    "rubric_grading_computed_points": {"type": ["number", "null"], "description": "Not kept: always null."},
    "rubric_grading_adjust_points": {"type": ["number", "null"], "description": "Not kept: always null."},
    "rubric_grading_items": {"type": ["array", "null"], "description": "Not kept: always null."},
}
ENTRY: dict[str, Schema | None] = {
    **OWNER,
    **QUESTION,
    **NOT_KEPT,
    "question_tags": {"type": "array", "items": {"type": "string"}},
    "correct": {"type": ["boolean", "null"], "description": "Whether the score is full; null while ungraded."},
    "files": None,
    "feedback_text": None,
}


@spells(**ENTRY)
def entry(row: Row, call: Call) -> Row:
    """One of a list. Files lie in the answer, what a person wrote lies in the feedback."""
    spell_owner(row)
    spell_question(row)
    score, files, text = row["score"], row.pop("files"), row.pop("feedback_text")
    row["correct"] = None if score is None else score >= 1
    row["question_tags"] = row["question_tags"] or []
    if files:
        row["submitted_answer"] = {**(row["submitted_answer"] or {}), "_files": files}
    if text is not None:
        row["feedback"] = {**(row["feedback"] or {}), "manual": text}
    return row | dict.fromkeys(NOT_KEPT)


@spells(**ENTRY)
def only_entry(row: Row, call: Call) -> Row:
    """One by itself: the last and the best of what is answered."""
    return entry.rewrite(row, call) | {"final_submission_per_variant": True, "best_submission_per_variant": True}


def is_asked(row: Row, call: Call) -> bool:
    """Whether an entry is of the submission that the path names."""
    return bool(row["submission_id"] == call.variables["submission_id"])


INSTANCE = ("submissions", "nodes", 0, "assessmentInstance")
ROUTES = [
    Route(
        "GET",
        SUBMISSIONS,
        "Submissions",
        at("assessmentInstances", "nodes", spelling=entry, order=ORDER),
        needs=LEARNER_DATA,
    ),
    Route(
        "GET",
        SUBMISSION,
        "Submission",
        at(*INSTANCE, keep=is_asked, spelling=only_entry, order=ORDER, one=True),
        needs=LEARNER_DATA,
    ),
]
