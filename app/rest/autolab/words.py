"""What bodies share: people, levels, dates that are never null, versions of submissions, and JSON schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.rest.autolab.dialect import INSTANT, TEXT
from app.rest.autolab.endpoint import LEVELS
from app.rest.route import Row, Schema, closed, nullable

INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
LEVEL: Schema = {"type": "string", "enum": list(LEVELS.values())}
MAYBE_TEXT = nullable(TEXT)
PERSON: Mapping[str, Schema] = {
    "first_name": TEXT,
    "last_name": TEXT,
    "email": TEXT,
    "school": MAYBE_TEXT,
    "major": MAYBE_TEXT,
    "year": MAYBE_TEXT,
}
DATES: Mapping[str, Schema] = {"start_at": INSTANT, "due_at": INSTANT, "end_at": INSTANT}
GRADES: Schema = {"type": "object", "additionalProperties": nullable(NUMBER)}
NEVER = datetime(9998, 12, 31, tzinfo=UTC)

__all__ = ["INSTANT", "TEXT", "closed", "nullable"]


def listed(item: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": item}


def parameter(name: str, schema: Schema, description: str, *, needed: bool = False) -> Schema:
    """A parameter as OpenAPI describes it; it may be in the query or in the body."""
    return {"name": name, "in": "query", "required": needed, "schema": schema, "description": description}


def email(user: Row) -> str:
    """The e-mail address, or the sign-in name of somebody who has none."""
    return str(user["email"] or user["uid"])


def person(user: Row) -> Row:
    """A user in Autolab's words: no name and no address is ever null."""
    words = (user["name"] or "").split()
    given, family = " ".join(words[:-1]) or " ".join(words), words[-1] if len(words) > 1 else ""
    return {
        "first_name": user["given_name"] or given,
        "last_name": user["family_name"] or family,
        "email": email(user),
        "school": user["school"],
        "major": user["major"],
        "year": user["year"],
    }


def dates(assessment: Row, course: Row) -> Row:
    """The three dates: a missing one is the course's, or what the others say."""
    start = assessment["start_at"] or course["start_at"] or assessment["created_at"]
    end = assessment["end_at"] or assessment["due_at"] or course["end_at"] or NEVER
    return {"start_at": start, "due_at": assessment["due_at"] or end, "end_at": end}


def versions(instances: Sequence[Row], user_id: int) -> list[tuple[int, Row]]:
    """A person's submissions to an assessment, alone and in groups, numbered from 1 in the order of handing in."""
    own = [each for each in instances if is_of(each, user_id)]
    found = [submission for each in own for submission in each["submissions"]["nodes"]]
    found.sort(key=lambda each: (each["created_at"], each["id"]))
    return list(enumerate(found, 1))


def is_of(instance: Row, user_id: int) -> bool:
    """Whether somebody works in an assessment instance."""
    return any(user_id == each["id"] for each in owners(instance))


def owners(instance: Row) -> list[Row]:
    """Whose an assessment instance is."""
    return [instance["user"]] if instance["user"] is not None else (instance["group"] or {}).get("members", [])


def grades(submission: Row) -> dict[str, Any]:
    """The scores of a submission by problem, released or not."""
    return {score["problem"]["name"]: score["value"] for score in submission["scores"]}
