"""How the assessments API spells objects and ids (contracts/assessments.md §4). Every name that it has is here."""

from __future__ import annotations

import re
from typing import Any

from app.rest.binding import NOWHERE, bounded
from app.rest.route import Row, Schema, closed

ASSESSMENT, COURSE, USER, SUBMISSION, QUESTION, OPTION = "asmnt", "crs", "usr", "sub", "qst", "opt"
TYPES = {
    "SINGLE_CHOICE": "multiple_choice",
    "MULTIPLE_CHOICE": "multiple_choice",
    "TRUE_FALSE": "true_false",
    "SHORT_TEXT": "short_answer",
    "NUMERIC": "short_answer",
    "MATCHING": "matching",
}
CHOICE_KINDS = ("SINGLE_CHOICE", "MULTIPLE_CHOICE")
RIGHT = "RIGHT"
ANSWER_NAMES = ("answer", "selected_option", "selected_option_id", "selected_options", "value")
NAMES = {
    "assessmentId": "answers",
    "problemId": "question_id",
    "passingPercentage": "passing_score",
    "maxSubmissions": "max_attempts",
    "timeLimitMinutes": "time_limit_minutes",
    "kind": "type",
    "prompt": "text",
    "correctAnswer": "correct_answer",
    "choices": "options",
    "matches": "choices",
    "maxPoints": "points",
    "number": "position",
}
NO_OPTION = "?"
"""Stands for an option's id that is none; no choice has it."""

TEXT, NUMBER, WHOLE, FLAG = ({"type": kind} for kind in ("string", "number", "integer", "boolean"))
MAYBE_WHOLE: Schema = {"type": ["integer", "null"]}
ANY: Schema = {"type": ["string", "number", "boolean", "array", "object", "null"]}
INSTANT: Schema = {"type": "string", "format": "date-time", "pattern": "Z$"}
OPTIONS: Schema = {"type": "array", "items": closed({"id": TEXT, "text": TEXT})}


def _id(prefix: str) -> Schema:
    return {"type": "string", "pattern": f"^{prefix}_[A-Za-z0-9]+$"}


LEARNERS_QUESTION: Schema = closed(
    {
        "id": _id(QUESTION),
        "assessment_id": _id(ASSESSMENT),
        "type": {"type": "string", "enum": sorted(set(TYPES.values()))},
        "text": TEXT,
        "options": OPTIONS,
        "choices": OPTIONS,
        "points": NUMBER,
        "position": WHOLE,
    }
)
INSTRUCTORS_QUESTION: Schema = closed({**LEARNERS_QUESTION["properties"], "correct_answer": ANY})
QUESTION_SCHEMA: Schema = {"anyOf": [LEARNERS_QUESTION, INSTRUCTORS_QUESTION]}
LISTED_SCHEMA: Schema = closed(
    {
        "id": _id(ASSESSMENT),
        "course_id": _id(COURSE),
        "title": TEXT,
        "passing_score": {"type": ["number", "null"]},
        "time_limit_minutes": MAYBE_WHOLE,
        "question_count": WHOLE,
        "max_attempts": MAYBE_WHOLE,
        "created_at": INSTANT,
        "updated_at": INSTANT,
    }
)
ASSESSMENT_SCHEMA: Schema = closed(
    {**LISTED_SCHEMA["properties"], "questions": {"type": "array", "items": QUESTION_SCHEMA}}
)
ANSWER_RESULT: Schema = closed(
    {"question_id": _id(QUESTION), "answer": ANY, "correct": FLAG, "points_earned": NUMBER, "points_possible": NUMBER}
)
RESULT_SCHEMA: Schema = closed(
    {
        "id": _id(SUBMISSION),
        "assessment_id": _id(ASSESSMENT),
        "user_id": _id(USER),
        "attempt": WHOLE,
        "score": NUMBER,
        "passed": FLAG,
        "submitted_at": INSTANT,
        "results": {"type": "array", "items": ANSWER_RESULT},
    }
)


def key(prefix: str, text: Any) -> int:
    """The integer key that an id such as `asmnt_12` spells; NOWHERE for anything else."""
    found = re.fullmatch(rf"{prefix}_([0-9]{{1,10}})", text, re.ASCII) if isinstance(text, str) else None
    return bounded(found[1]) if found else NOWHERE


def listed(row: Row) -> Row:
    """An assessment as lists show it."""
    return {
        "id": f"{ASSESSMENT}_{row['databaseId']}",
        "course_id": f"{COURSE}_{row['courseInstance']['databaseId']}",
        "title": row["title"],
        "passing_score": _plain(row["passingPercentage"]),
        "time_limit_minutes": row["timeLimitMinutes"],
        "question_count": len(asked(row)),
        "max_attempts": row["maxSubmissions"],
        "created_at": row["createdAt"],
        "updated_at": row["updatedAt"],
    }


def assessment(row: Row) -> Row:
    """An assessment by itself."""
    return {**listed(row), "questions": [question(each) for each in asked(row)]}


def asked(row: Row) -> list[Row]:
    """The problems of an assessment that are questions of this API: those that a rule scores."""
    return [each for each in row["problems"] if each["question"] and each["question"]["kind"] in TYPES]


def question(row: Row) -> Row:
    """A problem as a question; the right answer is only for who instructs."""
    told = row["question"]
    kind, choices = told["kind"], told["choices"]
    made = {
        "id": f"{QUESTION}_{row['databaseId']}",
        "assessment_id": f"{ASSESSMENT}_{row['assessment']['databaseId']}",
        "type": TYPES[kind],
        "text": told["prompt"] or "",
        "options": [_option(each) for each in choices if each.get("side") != RIGHT],
        "choices": [_option(each) for each in choices if each.get("side") == RIGHT],
        "points": _plain(row["maxPoints"]),
        "position": row["number"],
    }
    if row["assessment"]["courseInstance"]["viewerAccess"]["instructs"]:
        made["correct_answer"] = spelled_answer(kind, (told["correctAnswer"] or {}).get("answer"))
    return made


def result(row: Row) -> Row:
    """A submission's result."""
    told, here = row["results"], row["assessmentInstance"]["assessment"]
    kinds = {each["databaseId"]: each["question"]["kind"] for each in asked(here)}
    return {
        "id": f"{SUBMISSION}_{row['databaseId']}",
        "assessment_id": f"{ASSESSMENT}_{here['databaseId']}",
        "user_id": f"{USER}_{row['submittedBy']['databaseId']}",
        "attempt": row["number"],
        "score": _plain(told["percentage"]),
        "passed": told["is_passed"] is not False,
        "submitted_at": row["submittedAt"],
        "results": [
            {
                "question_id": f"{QUESTION}_{each['problem_id']}",
                "answer": spelled_answer(kinds.get(each["problem_id"], ""), each["answer"]),
                "correct": each["is_correct"],
                "points_earned": _plain(each["points"]),
                "points_possible": _plain(each["max_points"]),
            }
            for each in told["answers"]
        ],
    }


def spelled_answer(kind: str, value: Any) -> Any:
    """An answer with the ids of options as this API spells them."""
    return _respelled(kind, value, lambda text: f"{OPTION}_{text}")


def parsed_answer(kind: str, value: Any) -> Any:
    """An answer with the ids of choices as they are stored."""
    prefix = f"{OPTION}_"
    return _respelled(kind, value, lambda text: text[len(prefix) :] if text.startswith(prefix) else NO_OPTION)


def _respelled(kind: str, value: Any, spell: Any) -> Any:
    def one(each: Any) -> Any:
        return spell(each) if isinstance(each, str) else each

    if kind == "MATCHING" and isinstance(value, dict):
        return {one(name): one(each) for name, each in value.items()}
    if kind not in CHOICE_KINDS:
        return value
    return [one(each) for each in value] if isinstance(value, list) else one(value)


def _option(choice: Row) -> Row:
    return {"id": f"{OPTION}_{choice['id']}", "text": choice["text"]}


def _plain(value: float | None) -> float | None:
    """A whole number without its fraction."""
    return int(value) if value is not None and value == int(value) else value
