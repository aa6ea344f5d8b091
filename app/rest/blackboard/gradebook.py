"""The objects of a gradebook: categories, columns, grades, attempts (contracts/blackboard.md §4.4 to §4.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.rest.blackboard.spelling import (
    BIG,
    FLAG,
    ID,
    INSTANT,
    NUMBER,
    OBJECT,
    TEXT,
    WHOLE,
    Key,
    Kind,
    Thing,
    enum,
    made,
    plain,
    words,
)
from app.rest.blackboard.things import YES_NO
from app.rest.route import Row, Schema

LIMIT = Kind(WHOLE.schema, read=lambda value: WHOLE.read(value) or None)
"""How many; 0 for any number."""


GRADING_TYPES = {"ATTEMPTS": "Attempts", "CALCULATED": "Calculated", "MANUAL": "Manual"}
SCORING_MODELS = {"LAST": "Last", "HIGHEST": "Highest", "LOWEST": "Lowest", "FIRST": "First", "AVERAGE": "Average"}
MODELS = words(SCORING_MODELS)
SCALES = words({"PERCENT": "Percent", "SCORE": "Score", "TABULAR": "Tabular", "TEXT": "Text", "COMPLETE": "Complete"})
ANONYMITY = words({"NONE": "None", "AFTER_ALL_GRADED": "AfterAllGraded", "DATE": "Date"})
STATUSES = words({"GRADED": "Graded", "NEEDS_GRADING": "NeedsGrading"})
ONLY_TRUE = made(FLAG.schema, lambda yes: yes or None, FLAG)
ALIASES = made({"type": "object", "additionalProperties": {"type": "string"}}, dict, OBJECT)
SCORED = "ATTEMPTS"


def _attempts_only(value: Any) -> Any:
    """A function of a column that has no value where nothing is handed in."""
    return lambda row: value(row) if row["grading_type"] == SCORED else None


def _possible(of: str) -> Callable[[Row], Any]:
    """The points that are all, where there are some."""
    return lambda row: None if None in (row[of], row["max_points"]) else plain(row["max_points"])


CATEGORY = Thing((Key("id", ID), Key("title", TEXT, "name")))
COLUMN = Thing(
    (
        Key("id", ID),
        Key("externalId", TEXT, "external_id", write="externalId", staff=True),
        Key("name", TEXT, "title", write="title"),
        Key("displayName", TEXT, "display_name", write="displayName"),
        Key("description", TEXT, write="description"),
        Key("externalGrade", ONLY_TRUE, "is_external_grade", write="isExternalGrade"),
        Key("externalToolId", TEXT, "external_tool_id", write="externalToolId", staff=True),
        Key("contentId", TEXT, "content_id"),
        Key("created", INSTANT, staff=True),
        Key("modified", INSTANT, staff=True),
        Key("score.possible", NUMBER, "max_points", write="maxPoints"),
        Key(
            "availability.available",
            made(enum("Yes", "No"), lambda yes: "Yes" if yes else "No", YES_NO),
            "is_visible",
            write="isVisible",
        ),
        Key("grading.type", words(GRADING_TYPES), "grading_type"),
        Key("grading.due", INSTANT, "due_at", write="dueAt"),
        Key(
            "grading.attemptsAllowed",
            made(WHOLE.schema, _attempts_only(lambda row: row["max_submissions"] or 0), LIMIT),
            ".",
            write="maxSubmissions",
        ),
        Key(
            "grading.scoringModel",
            made(MODELS.schema, _attempts_only(lambda row: SCORING_MODELS[row["scoring_model"]]), MODELS),
            ".",
            write="scoringModel",
        ),
        Key("grading.schemaId", ID, "schema.id", write="gradeSchemaId", staff=True),
        Key(
            "grading.anonymousGrading.type",
            made(ANONYMITY.schema, lambda kind: None if kind == "NONE" else ANONYMITY.spell(kind), ANONYMITY),
            "anonymous_grading",
            write="anonymousGrading",
            staff=True,
        ),
        Key("grading.anonymousGrading.releaseAfter", INSTANT, "anonymous_until", write="anonymousUntil", staff=True),
        Key("gradebookCategoryId", ID, "category.id", write="categoryId", staff=True),
        Key("formula.formula", TEXT, "calculation.formula", write="formula"),
        Key("formula.aliases", ALIASES, "calculation.aliases", write="aliases"),
        Key("includeInCalculations", FLAG, "is_included", write="isIncludedInCalculations", staff=True),
        Key("showStatisticsToStudents", FLAG, "shows_statistics", write="showsStatistics", staff=True),
        Key("scoreProviderHandle", TEXT, "score_provider"),
    )
)
GRADE = Thing(
    (
        Key("userId", ID, "user.id"),
        Key("columnId", ID, "column.id"),
        Key("status", STATUSES),
        Key("displayGrade.scaleType", SCALES, "display.scale"),
        Key("displayGrade.score", NUMBER, "display.score"),
        Key("displayGrade.possible", NUMBER, "display.possible"),
        Key("displayGrade.text", TEXT, "display.text"),
        Key("score", NUMBER, "override_points", write="points", staff=True),
        Key("text", TEXT, "override_text", write="text", staff=True),
        Key("overridden", INSTANT, "overridden_at", staff=True),
        Key("notes", TEXT, write="notes", staff=True),
        Key("feedback", TEXT, write="feedback"),
        Key("exempt", FLAG, "is_exempt", write="isExempt"),
        Key("gradeNotationId", ID, "notation.id", write="gradeNotationId", staff=True),
        Key("corrupt", ONLY_TRUE, "is_corrupt", staff=True),
        Key("changeIndex", BIG, "change_index"),
        Key("firstRelevantDate", INSTANT, "first_relevant_at", staff=True),
        Key("lastRelevantDate", INSTANT, "last_relevant_at", staff=True),
    )
)
ATTEMPT_STATUSES = {
    "NOT_ATTEMPTED": "NotAttempted",
    "ABANDONED": "Abandoned",
    "IN_PROGRESS": "InProgress",
    "SUSPENDED": "Suspended",
    "CANCELED": "Canceled",
    "NEEDS_GRADING": "NeedsGrading",
    "COMPLETED": "Completed",
    "IN_MORE_PROGRESS": "InMoreProgress",
    "NEEDS_MORE_GRADING": "NeedsMoreGrading",
}
ATTEMPT = Thing(
    (
        Key("id", ID),
        Key("userId", ID, "user_id"),
        Key("status", words(ATTEMPT_STATUSES), write="status"),
        Key("displayGrade.scaleType", made(SCALES.schema, lambda score: "Score"), "score"),
        Key("displayGrade.score", NUMBER, "score"),
        Key("displayGrade.possible", made(NUMBER.schema, _possible("score")), "."),
        Key("score", NUMBER, write="points"),
        Key("notes", TEXT, write="notes", staff=True),
        Key("feedback", TEXT, write="feedback"),
        Key("studentComments", TEXT, "comments", write="comments"),
        Key("studentSubmission", TEXT, "text", write="text"),
        Key("exempt", FLAG, "is_exempt", write="isExempt"),
        Key("created", INSTANT, "submitted_at"),
        Key("attemptDate", INSTANT, "submitted_at"),
        Key("modified", INSTANT),
    )
)
SYMBOL: Schema = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        **{name: {"type": "number"} for name in ("absoluteValue", "lowerBound", "upperBound")},
    },
    "required": ["text", "absoluteValue", "lowerBound", "upperBound"],
    "additionalProperties": False,
}
GRADE_SCHEMA = Thing(
    (
        Key("id", ID),
        Key("externalId", TEXT, "external_id"),
        Key("title", TEXT),
        Key("description", TEXT),
        Key("scaleType", SCALES, "scale"),
        Key("symbols", made({"type": "array", "items": SYMBOL}, lambda found: found or None)),
    )
)
NOTATION = Thing((Key("id", ID), Key("code", TEXT), Key("description", TEXT)))
DATED = made(
    enum("DoNotUseDates", "UseDates"), lambda row: "UseDates" if row["start"] or row["end"] else "DoNotUseDates"
)
PERIOD = Thing(
    (
        Key("id", ID),
        Key("title", TEXT),
        Key("description", TEXT),
        Key("position", WHOLE),
        Key("dateMode", DATED, "."),
        Key("start", INSTANT),
        Key("end", INSTANT),
    )
)
