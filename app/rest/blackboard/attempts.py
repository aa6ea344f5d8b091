"""Attempts: what learners handed in for a whole column (contracts/blackboard.md §4.7, §5.8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.errors import BadRequest
from app.rest.blackboard import filters, ids
from app.rest.blackboard.asking import SEE_LEARNERS, TAKE_PART, Asked
from app.rest.blackboard.columns import COLUMN_PATH
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.gradebook import ATTEMPT, ATTEMPT_STATUSES
from app.rest.blackboard.parameters import LISTED, ONE, parameter
from app.rest.route import Row

ATTEMPTS = COLUMN_PATH + "/attempts"
DATES = {"created": "submitted_at", "modified": "modified", "attemptDate": "submitted_at"}
NUMERIC = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
PARAMETERS = (
    parameter("userId", "Of this user."),
    parameter("attemptStatuses", "In one of these states, by commas."),
    *(parameter(name, f"Only with such a value of `{name}`.") for name in DATES),
    *(parameter(name + "Compare", "`greaterOrEqual`, or `lessThan`.") for name in DATES),
)


async def of_attempts(asked: Asked) -> Mapping[str, Any]:
    """Refuses columns for which nothing is handed in."""
    if asked.course["column"]["grading_type"] != "ATTEMPTS":
        raise BadRequest("The column has no attempts.")
    return {}


async def wanted(asked: Asked, data: Row) -> Row:
    """The attempts that are asked for, by entry."""
    keeps = [*_dated(asked), *_in_states(asked)]
    if asked.given("userId"):
        user_id = await asked.find_user(ids.parse(asked.given("userId") or "", ids.USER_FORMS, ids.USER_WORDS))
        keeps.append(lambda row: row["user_id"] == user_id)
    rows = [
        told(each, instance)
        for instance in data["assessmentInstances"]["nodes"]
        for each in instance["submissions"]["nodes"]
        if is_attempt(each, data["column"])
    ]
    return {"attempts": sorted((row for row in rows if all(keep(row) for keep in keeps)), key=lambda row: row["id"])}


async def the_attempt(asked: Asked, data: Row) -> Row:
    """The attempt of the path. Raises NotFound for one of another column."""
    found = data["submission"]
    require_attempt(asked, found, data["column"])
    return {"attempt": told(found, found["instance"])}


def require_attempt(asked: Asked, found: Row | None, column: Row) -> None:
    """Refuse what is no attempt at the column of the path. Raises NotFound."""
    if found is None or found["instance"]["column"]["id"] != asked.ids["column_id"] or not is_attempt(found, column):
        asked.missing()


async def new_attempt(asked: Asked) -> Mapping[str, Any]:
    """The input of a new attempt; the caller's where no user is named. Raises BadRequest."""
    await of_attempts(asked)
    made = {name: value for name, value in ATTEMPT.read(asked.sent).items() if name in ("status", "text", "comments")}
    if (sent := asked.sent.get("userId")) is not None:
        made["userId"] = str(await asked.find_user(ids.parse(str(sent), ids.USER_FORMS, ids.USER_WORDS)))
    return {"input": {"assessmentId": str(asked.ids["column_id"]), **made}}


async def marks(asked: Asked) -> Mapping[str, Any]:
    """The input that marks the attempt of the path; a score stands before a text. Raises NotFound, BadRequest."""
    await of_attempts(asked)
    key = asked.ids["attempt_id"]
    found = await asked.ask("AttemptFound", column_id=asked.ids["column_id"], attempt_id=key)
    require_attempt(asked, found["submission"], found["column"])
    made = {name: value for name, value in ATTEMPT.read(asked.sent).items() if name not in ("text", "comments")}
    if "points" not in made and "text" in asked.sent:
        made["points"] = points_of(asked.sent["text"])
    return {"input": {"submissionId": str(key), **made}}


def points_of(text: Any) -> float | None:
    """The points that a text writes; None where it clears them. Raises BadRequest."""
    if text is None or (isinstance(text, str) and text.strip() in ("", "-")):
        return None
    if not isinstance(text, str) or not NUMERIC.fullmatch(text.strip()):
        raise BadRequest("text: a number is asked for")
    return float(text)


async def as_it_is(asked: Asked, data: Row) -> Row:
    """The attempt that was written."""
    found = data["done"]["submission"]
    return {"attempt": told(found, found["instance"])}


def is_attempt(row: Row, column: Row) -> bool:
    """Whether a submission is to the whole column, and not to one of its many problems."""
    return row["part"] is None or len(column["problems"]) == 1


def told(row: Row, instance: Row) -> Row:
    """A submission and its sitting as an attempt; what graders said of its problems where they said nothing of it."""
    remarks = "\n".join(each["feedback"] for each in row["scores"] if each["feedback"])
    owner = instance["user"] or row["by"]
    return {
        "id": row["id"],
        "user_id": owner["id"] if owner else None,
        "score": row["points"],
        "max_points": instance["max_points"],
        "feedback": row["feedback"] or remarks or None,
        **{name: row[name] for name in ("status", "text", "comments", "notes", "is_exempt")},
        "submitted_at": row["submitted_at"],
        "modified": max([row["submitted_at"], *(each["graded_at"] for each in row["scores"])]),
    }


def _dated(asked: Asked) -> list[Callable[[Row], bool]]:
    made = []
    for name, field in DATES.items():
        if (text := asked.given(name)) is not None:
            made.append(_compared(field, filters.instant(text), filters.comparison(dict(asked.query), name)))
    return made


def _compared(field: str, moment: datetime, operator: str) -> Callable[[Row], bool]:
    return lambda row: (row[field] < moment) is (operator == "lt")


def _in_states(asked: Asked) -> list[Callable[[Row], bool]]:
    states = {each.strip() for each in (asked.given("attemptStatuses") or "").split(",")} - {""}
    known = ATTEMPT_STATUSES.values()
    if unknown := states - set(known):
        raise BadRequest(f"Invalid value: {min(unknown)}. Expected one of {', '.join(known)}.")
    return [lambda row: ATTEMPT_STATUSES[row["status"]] in states] if states else []


ROUTES = [
    Operation(
        "GET",
        ATTEMPTS,
        "Attempts",
        Spelled(("attempts",), thing=ATTEMPT, most=100),
        needs=TAKE_PART,
        plan=of_attempts,
        then=wanted,
        parameters=(*PARAMETERS, *LISTED),
    ),
    Operation(
        "POST",
        ATTEMPTS,
        "CreateAttempt",
        Spelled(("attempt",), thing=ATTEMPT),
        needs=TAKE_PART,
        status=201,
        plan=new_attempt,
        then=as_it_is,
        parameters=ONE,
    ),
    Operation(
        "PATCH",
        ATTEMPTS + "/{attemptId}",
        "UpdateAttempt",
        Spelled(("attempt",), thing=ATTEMPT),
        needs=SEE_LEARNERS,
        plan=marks,
        then=as_it_is,
        parameters=ONE,
    ),
    Operation(
        "GET",
        ATTEMPTS + "/{attemptId}",
        "Attempt",
        Spelled(("attempt",), thing=ATTEMPT),
        needs=TAKE_PART,
        plan=of_attempts,
        then=the_attempt,
        parameters=ONE,
    ),
]
