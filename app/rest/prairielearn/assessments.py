"""Assessments and their access rules."""

from __future__ import annotations

from app.rest.prairielearn.course_instances import CI
from app.rest.prairielearn.dialect import STAFF
from app.rest.route import Call, Route, Row, at, by, spells

ASSESSMENTS = CI + "/assessments"
ASSESSMENT = ASSESSMENTS + "/{assessment_id}"
KINDS = {"HOMEWORK": "Homework", "EXAM": "Exam", "QUIZ": "Homework"}
ORDER = by("assessment_set_number", "assessment_order_by", "assessment_id")


@spells(type={"type": "string", "enum": ["Homework", "Exam"]})
def assessment(row: Row, call: Call) -> Row:
    """An assessment: PrairieLearn knows two kinds."""
    row["type"] = KINDS[row["type"]]
    return row


ROUTES = [
    Route("GET", ASSESSMENTS, "Assessments", at("assessments", "nodes", spelling=assessment, order=ORDER), needs=STAFF),
    Route("GET", ASSESSMENT, "Assessment", at("assessments", "nodes", 0, spelling=assessment), needs=STAFF),
    Route(
        "GET",
        ASSESSMENT + "/assessment_access_rules",
        "AssessmentAccessRules",
        at("assessments", "nodes"),
        needs=STAFF,
    ),
]
